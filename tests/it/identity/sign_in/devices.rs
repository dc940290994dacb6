//! A program without a browser: it waits until a person has entered its code and picked an account.

use std::collections::BTreeSet;

use serde_json::Value;

use super::place::{Place, claims, refused, with};
use crate::fixtures::caller::Reply;

const DEVICE_CODE: &str = "oauth2/v2.0/devicecode";
const PAGE: &str = "/common/oauth2/deviceauth";
const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

fn begin(place: &Place) -> Value {
    place.post(DEVICE_CODE, &[("client_id", "public"), ("scope", "openid profile User.Read.All")]).is(200).json()
}

fn poll(place: &Place, told: &Value, changes: &[(&str, &str)]) -> Reply {
    let code = told["device_code"].as_str().expect("a code");
    place.token(&with(&[("grant_type", GRANT), ("client_id", "public"), ("device_code", code)], changes))
}

fn confirm(place: &Place, told: &Value, field: (&str, &str)) -> Reply {
    place.post_to(PAGE, &[("user_code", told["user_code"].as_str().expect("a code")), field])
}

#[test]
fn a_device_signs_in_when_a_person_has_confirmed_its_code() {
    let place = Place::start("sign_in_device", &[]);
    let told = begin(&place);
    assert_eq!((told["expires_in"].as_u64(), told["interval"].as_u64()), (Some(900), Some(5)));
    assert_eq!(told["verification_uri"], format!("http://{}{PAGE}", place.served.address));
    refused(&poll(&place, &told, &[]), 400, "authorization_pending", 70_016);
    let user_code = told["user_code"].as_str().expect("a code");
    assert!(told["message"].as_str().is_some_and(|message| message.contains(user_code)));
    for path in [PAGE.to_owned(), "/devicelogin".to_owned(), format!("{PAGE}?user_code=WRONG")] {
        let page = place.served.send("GET", &path, &[], b"").is(200);
        assert!(page.text.contains("name=\"user_code\"") && !page.text.contains("<script"), "{}", page.text);
    }
    let page = place.served.send("GET", &format!("{PAGE}?user_code={}", user_code.to_lowercase()), &[], b"").is(200);
    assert!(page.text.contains("value=\"administrator\""), "{}", page.text);
    confirm(&place, &told, ("account", "intern")).is(400);
    confirm(&place, &told, ("user", "administrator")).is(400);
    place.post_to(PAGE, &[("user_code", "WRONG"), ("account", "administrator")]).is(400);
    refused(&poll(&place, &told, &[]), 400, "authorization_pending", 70_016);
    confirm(&place, &told, ("account", "administrator")).is(200);
    refused(&poll(&place, &told, &[("client_id", "narrow")]), 400, "bad_verification_code", 70_018);
    refused(&poll(&place, &told, &[("device_code", "unknown")]), 400, "bad_verification_code", 70_018);
    refused(&poll(&place, &told, &[("device_code", "")]), 400, "invalid_request", 900_144);
    let tokens = poll(&place, &told, &[]).is(200).json();
    place.reads(&tokens);
    assert_eq!(claims(&tokens["id_token"])["name"], "administrator");
    assert!(tokens["refresh_token"].is_null(), "offline_access was not asked for");
    refused(&poll(&place, &told, &[]), 400, "invalid_grant", 54_005);
    confirm(&place, &told, ("account", "administrator")).is(400);

    let other = begin(&place);
    confirm(&place, &other, ("decline", "1")).is(200);
    refused(&poll(&place, &other, &[]), 400, "authorization_declined", 65_004);
    let codes: BTreeSet<String> = (0..20).map(|_| begin(&place)["user_code"].to_string()).collect();
    assert_eq!(codes.len(), 20);
    for (changes, error, code) in [
        (&[("client_id", "intern")][..], "unauthorized_client", 700_016),
        (&[("scope", "")], "invalid_request", 900_144),
        (&[("scope", "https://vault.azure.net/.default")], "invalid_resource", 500_011),
        (&[("client_id", "narrow"), ("scope", "Group.Read.All")], "invalid_grant", 65_001),
    ] {
        let fields = with(&[("client_id", "public"), ("scope", "User.Read")], changes);
        refused(&place.post(DEVICE_CODE, &fields), 400, error, code);
    }
}

#[test]
fn auto_consent_confirms_the_code_of_a_device_at_once() {
    let place = Place::start("sign_in_device_auto", &["--auto-consent"]);
    let told = begin(&place);
    let tokens = poll(&place, &told, &[("grant_type", "device_code")]).is(200).json();
    assert_eq!(claims(&tokens["access_token"])["preferred_username"], "administrator");
    let first = [("client_id", "public"), ("resource", "https://graph.microsoft.com")];
    let told = place.post("oauth2/devicecode", &first).is(200).json();
    assert!(told["verification_url"].is_string() && told["expires_in"] == "900", "{told}");
    let code = told["device_code"].as_str().expect("a code");
    let fields = [
        ("grant_type", "device_code"),
        ("client_id", "public"),
        ("code", code),
        ("resource", "https://graph.microsoft.com"),
    ];
    let tokens = place.post("oauth2/token", &fields).is(200).json();
    place.reads(&tokens);
    assert!(tokens["refresh_token"].is_string() && tokens["id_token"].is_string(), "{tokens}");
}
