//! An account with its password, and again with its refresh token.

use serde_json::Value;

use super::place::{PASSWORD, Place, SECRET, claims, refused, with};
use crate::fixtures::caller::{Reply, TENANT};

const GOOD: [(&str, &str); 5] = [
    ("grant_type", "password"),
    ("client_id", "public"),
    ("username", "desk"),
    ("password", PASSWORD),
    ("scope", "openid profile offline_access User.Read.All"),
];

#[test]
fn an_account_signs_in_by_its_password_and_by_no_other() {
    let place = Place::start("sign_in_password", &["--tenant-domain", "contoso.example"]);
    for username in ["desk", "Desk@Reveille.example", "desk@contoso.example"] {
        let tokens = place.token(&with(&GOOD, &[("username", username)])).is(200).json();
        place.reads(&tokens);
        assert_eq!(claims(&tokens["id_token"])["preferred_username"], "desk@reveille.example");
    }
    place.token(&with(&GOOD, &[("client_id", "web"), ("client_secret", SECRET)])).is(200);
    let of = |changes: &[(&str, &str)]| place.token(&with(&GOOD, changes));
    let wrong = of(&[("password", "wrong")]);
    refused(&wrong, 400, "invalid_grant", 50_126);
    // The answer does not reveal whether the account exists, or whether it has a password.
    for changes in [[("username", "intern"), ("x", "1")], [("username", "administrator"), ("x", "1")]] {
        let reply = of(&changes);
        refused(&reply, 400, "invalid_grant", 50_126);
        assert_eq!(words(&reply), words(&wrong));
    }
    refused(&of(&[("username", "")]), 400, "invalid_request", 900_144);
    refused(&of(&[("password", "")]), 400, "invalid_request", 900_144);
    refused(&of(&[("client_id", "web")]), 401, "invalid_client", 7_000_218);
    refused(&of(&[("client_id", "narrow"), ("scope", "Group.Read.All")]), 400, "invalid_grant", 65_001);
}

fn words(reply: &Reply) -> String {
    let told = reply.json();
    told["error_description"].as_str().and_then(|text| text.split(" Trace ID").next()).expect("words").to_owned()
}

#[test]
fn a_refresh_token_is_for_its_client_and_its_tenant() {
    let place = Place::serving(
        "sign_in_refresh",
        &[("small.toml", TENANT), ("large.toml", &TENANT.replace("\"small\"", "\"large\""))],
        &[],
    );
    let tokens = place.token(&GOOD).is(200).json();
    let refresh = tokens["refresh_token"].as_str().expect("offline_access was asked for");
    let of = |tenant: &str, changes: &[(&str, &str)]| {
        let fields = [("grant_type", "refresh_token"), ("client_id", "public"), ("refresh_token", refresh)];
        place.post_to(&format!("/{tenant}/oauth2/v2.0/token"), &with(&fields, changes))
    };
    let again = of("small", &[]).is(200).json();
    place.reads(&again);
    assert!(again["refresh_token"].is_string() && again["refresh_token"] != tokens["refresh_token"]);
    assert_eq!(claims(&again["access_token"])["preferred_username"], "desk");
    let narrower = of("small", &[("scope", "00000003-0000-0000-c000-000000000000/User.Read")]).is(200).json();
    let said = claims(&narrower["access_token"]);
    assert_eq!(
        (said["aud"].as_str(), said["scp"].as_str()),
        (Some("00000003-0000-0000-c000-000000000000"), Some("User.Read"))
    );
    refused(&of("large", &[]), 400, "invalid_grant", 70_000);
    refused(&of("small", &[("client_id", "narrow")]), 400, "invalid_grant", 70_000);
    refused(&of("small", &[("client_id", "web"), ("client_secret", SECRET)]), 400, "invalid_grant", 70_000);
    for name in ["access_token", "id_token"] {
        let token = tokens[name].as_str().expect("a token");
        refused(&of("small", &[("refresh_token", token)]), 400, "invalid_grant", 70_000);
    }
    let changed: Value = format!("{}x", &refresh[..refresh.len() - 1]).into();
    refused(&of("small", &[("refresh_token", changed.as_str().expect("a text"))]), 400, "invalid_grant", 70_000);
    refused(&of("small", &[("refresh_token", "")]), 400, "invalid_request", 900_144);
}
