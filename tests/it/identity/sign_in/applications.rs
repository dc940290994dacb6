//! An application by itself: with its secret, in the form or in a header, or with an assertion of its certificate.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::place::{Place, SCOPE, SECRET, claims, query, refused, with};
use super::signer;

const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const GOOD: [(&str, &str); 4] =
    [("grant_type", "client_credentials"), ("client_id", "nightly"), ("client_secret", SECRET), ("scope", SCOPE)];

#[test]
fn a_secret_is_good_in_the_form_and_in_a_header() {
    let place = Place::start("sign_in_secret", &[]);
    let answer = place.token(&GOOD).is(200).json();
    place.reads(&answer);
    assert!(answer["refresh_token"].is_null() && answer["id_token"].is_null());
    let said = claims(&answer["access_token"]);
    assert_eq!(
        (&said["roles"], &said["idtyp"], &said["aud"]),
        (&json!(["User.Read.All"]), &json!("app"), &json!("https://graph.microsoft.com"))
    );
    assert_eq!(
        (&said["tid"], &said["appid"], &said["azp"], &said["sub"]),
        (&json!(place.tenant), &json!("nightly"), &json!("nightly"), &said["oid"])
    );
    assert!(said["scp"].is_null() && said["upn"].is_null());
    let basic = |both: &str| format!("Basic {}", STANDARD.encode(both));
    let ask = |authorization: &str, form: &str| {
        let headers = [("Authorization", authorization), ("Content-Type", "application/x-www-form-urlencoded")];
        place.served.send("POST", "/small/oauth2/v2.0/token", &headers, form.as_bytes())
    };
    let form = query(&with(&GOOD, &[("client_id", ""), ("client_secret", "")]));
    let right = basic(&format!("nightly:{SECRET}"));
    place.reads(&ask(&right, &form).is(200).json());
    place.reads(&ask(&right, &format!("{form}&client_id=nightly")).is(200).json());
    refused(&ask(&right, &format!("{form}&client_id=web")), 400, "invalid_request", 9_002_313);
    refused(&ask(&right, &query(&GOOD)), 400, "invalid_request", 9_002_313);
    refused(&ask(&basic("nightly:wrong"), &form), 401, "invalid_client", 7_000_215);
    refused(&ask("Basic !", &form), 400, "invalid_request", 9_002_313);
}

#[test]
fn a_wrong_request_is_told_what_is_wrong() {
    let place = Place::start("sign_in_wrong", &[]);
    for (changes, status, error, code) in [
        (&[("client_secret", "wrong")][..], 401, "invalid_client", 7_000_215),
        (&[("client_secret", "")], 401, "invalid_client", 7_000_218),
        (&[("client_id", "intern")], 400, "unauthorized_client", 700_016),
        (&[("client_id", "")], 400, "invalid_request", 900_144),
        (&[("client_id", "public")], 401, "invalid_client", 700_025),
        (&[("client_id", "public"), ("client_secret", "")], 401, "invalid_client", 7_000_216),
        (&[("grant_type", "")], 400, "invalid_request", 900_144),
        (&[("grant_type", "implicit")], 400, "unsupported_grant_type", 70_003),
        (&[("scope", "")], 400, "invalid_request", 900_144),
        (&[("scope", "User.Read")], 400, "invalid_scope", 1_002_012),
        (&[("scope", "openid")], 400, "invalid_scope", 1_002_012),
        (&[("scope", "https://vault.azure.net/.default")], 400, "invalid_resource", 500_011),
        (&[("resource", "https://graph.microsoft.com")], 400, "invalid_request", 901_002),
        (&[("client_assertion", "x")], 400, "invalid_request", 9_002_313),
    ] {
        refused(&place.token(&with(&GOOD, changes)), status, error, code);
    }
    refused(&place.token(&[&GOOD[..], &[("client_id", "web")]].concat()), 400, "invalid_request", 9_000_411);
    let many: Vec<(String, &str)> = (0..100).map(|at| (at.to_string(), "x")).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    refused(&place.token(&many), 400, "invalid_request", 9_002_313);
    refused(&place.served.send("GET", "/small/oauth2/v2.0/token", &[], b""), 405, "invalid_request", 900_561);
    refused(
        &place.served.send("POST", "/small/oauth2/v2.0/token", &[], b"{\"grant_type\":1}"),
        400,
        "invalid_request",
        900_144,
    );
}

#[test]
fn the_first_edition_takes_a_resource_and_answers_numbers_as_strings() {
    let place = Place::start("sign_in_v1", &[]);
    let asks = |resource: &str| place.post("oauth2/token", &with(&GOOD, &[("scope", ""), ("resource", resource)]));
    for resource in
        ["https://graph.microsoft.com", "https://graph.microsoft.com/", "00000003-0000-0000-c000-000000000000"]
    {
        let answer = asks(resource).is(200).json();
        place.reads(&answer);
        assert_eq!((&answer["expires_in"], &answer["token_type"]), (&json!("3599"), &json!("Bearer")));
        assert_eq!(answer["resource"], claims(&answer["access_token"])["aud"]);
    }
    refused(&asks("https://vault.azure.net"), 400, "invalid_resource", 500_011);
    refused(&asks(""), 400, "invalid_request", 900_144);
}

#[test]
fn an_assertion_is_as_good_as_a_secret_and_good_once() {
    let place = Place::start("sign_in_assertion", &["-v"]);
    let by = |assertion: &str, changes: &[(&str, &str)]| {
        let fields = [("client_secret", ""), ("client_assertion_type", ASSERTION), ("client_assertion", assertion)];
        place.token(&with(&with(&GOOD, &fields), changes))
    };
    let endpoint = place.address("oauth2/v2.0/token");
    for audience in [
        endpoint.clone(),
        place.address("oauth2/token"),
        place.address("v2.0"),
        place.address(""),
        place.address("v2.0").replace("small", &place.tenant),
    ] {
        place.reads(&by(&place.signer.assertion("nightly", &audience), &[]).is(200).json());
    }
    let once = place.signer.assertion("nightly", &endpoint);
    by(&once, &[]).is(200);
    refused(&by(&once, &[]), 401, "invalid_client", 50_027);
    // The libraries reuse an assertion for another request.
    by(&once, &[("scope", "00000003-0000-0000-c000-000000000000/.default")]).is(200);
    let mut twin = signer::claims("nightly", &endpoint);
    let good = place.signer.sign(&place.signer.header(jsonwebtoken::Algorithm::RS256), &twin);
    by(&good, &[]).is(200);
    twin["nbf"] = json!(1);
    let other = place.signer.sign(&place.signer.header(jsonwebtoken::Algorithm::RS256), &twin);
    refused(&by(&other, &[("scope", "00000003-0000-0000-c000-000000000000/.default")]), 401, "invalid_client", 50_027);

    let fresh = || place.signer.assertion("nightly", &endpoint);
    refused(&by(&place.signer.assertion("web", &endpoint), &[]), 401, "invalid_client", 700_021);
    refused(&by(&place.signer.assertion("nightly", "https://else.example"), &[]), 401, "invalid_client", 700_023);
    refused(&by(&fresh(), &[("client_id", "web")]), 401, "invalid_client", 700_027);
    refused(&by(&fresh(), &[("client_id", "public")]), 401, "invalid_client", 700_025);
    refused(&by(&fresh(), &[("client_assertion_type", "other")]), 400, "invalid_request", 9_002_313);
    refused(&by(&fresh(), &[("client_assertion_type", "")]), 400, "invalid_request", 900_144);
    refused(&by("", &[]), 400, "invalid_request", 900_144);
    refused(&by("x.y.z", &[]), 401, "invalid_client", 50_027);
    let mut running = place.served.running;
    let said = running.wait_for("sign-in refused");
    assert!(
        said.contains("aadsts") && !running.said.contains(&once) && !running.said.contains(SECRET),
        "{}",
        running.said
    );
}
