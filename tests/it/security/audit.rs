//! Risk: what was done cannot be found afterwards, or the record has what must be nowhere: a secret, a token, the text of
//! a message.
#![cfg(unix)]

use serde_json::{Value, json};

use super::secured::{control, lines, private};
use crate::fixtures::caller::{Served, TENANT};
use crate::fixtures::program::Folder;

const SECRET: &str = "0123456789012345678901234567890123456789";
const HASH: &str = "fb526cd4ad0ec978c1a9e78f7c0728711139978424d618eb228be59e21188970";
const PASSWORD: &str = "correct horse battery staple";
const PASSWORD_HASH: &str = "c4bbcb1fbec99d65bf59d85c8cb62ee2db963f0fe106f483d9afa73bd4e39a8a";
const OPERATOR: &str = "token-of-ann-0123456789";
const READER: &str = "token-of-bob-0123456789";
const TITLE: &str = "title-that-is-nowhere";
const BODY: &str = "body-that-is-nowhere";
const TYPED: &str = "typed-into-the-wrong-field";

/// A server that records, with a client, an account with a password and two control tokens.
fn served(name: &str, more: &[&str]) -> Served {
    let source = Folder::new(&format!("{name}_source"));
    let clients = json!({
        "clients": [
            { "client_id": "nightly", "secret_sha256": HASH, "permissions": ["User.Read.All"] },
            { "client_id": "public", "public": true, "redirect_uris": ["http://localhost/cb"] },
        ],
        "accounts": [{ "name": "desk", "password_sha256": PASSWORD_HASH }],
    });
    source.write("clients.json", &clients.to_string());
    let tokens = json!([
        { "name": "ann", "role": "operate", "token": OPERATOR },
        { "name": "bob", "role": "read", "token": READER },
    ]);
    let tokens = private(&source, "tokens.json", &tokens.to_string());
    let clients = source.path().join("clients.json");
    let fixed = ["--clients", clients.to_str().expect("a path"), "--control-token-file", &tokens, "-vv"];
    Served::start(name, Some(TENANT), &[&fixed[..], more].concat())
}

fn sign_in(served: &Served, fields: &[(&str, &str)], status: u16) -> Value {
    let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let headers = [("Content-Type", "application/x-www-form-urlencoded"), ("client-request-id", "my-sign-in")];
    served.send("POST", "/small/oauth2/v2.0/token", &headers, form.as_bytes()).is(status).json()
}

/// Does something of every kind; what it was given that must be nowhere.
fn everything(served: &Served) -> Vec<String> {
    let scope = ("scope", "https://graph.microsoft.com/.default");
    let by_secret =
        |id, secret| [("grant_type", "client_credentials"), ("client_id", id), ("client_secret", secret), scope];
    let by_password = |name, password| {
        let who = [("grant_type", "password"), ("client_id", "public"), ("username", name), ("password", password)];
        [&who[..], &[("scope", "User.Read offline_access")]].concat()
    };
    let token = sign_in(served, &by_secret("nightly", SECRET), 200)["access_token"].clone();
    sign_in(served, &by_secret("nightly", TYPED), 401);
    sign_in(served, &by_secret(TYPED, SECRET), 400);
    let tokens = sign_in(served, &by_password("desk", PASSWORD), 200);
    sign_in(served, &by_password("desk", TYPED), 400);
    sign_in(served, &by_password(TYPED, PASSWORD), 400);
    let admin = served.account("administrator");
    let phone = served.id(&admin, "deviceManagement/managedDevices", "deviceName", "ann-phone");
    let group = served.id(&admin, "groups", "displayName", "north");
    let action = "sendCustomNotificationToCompanyPortal";
    let devices = "/beta/deviceManagement/managedDevices";
    let text = json!({ "notificationTitle": TITLE, "notificationBody": BODY });
    let with = |name: &str, value: Value| {
        let mut text = text.clone();
        text[name] = value;
        text
    };
    served.post(&admin, &format!("{devices}/{phone}/{action}"), &text).is(204);
    served.post(&admin, &format!("/beta/deviceManagement/{action}"), &with("groupsToNotify", json!([group]))).is(204);
    let mut many = with("actionName", json!("customTextNotification"));
    many["deviceIds"] = json!([phone, phone]);
    served.post(&admin, &format!("{devices}/executeAction"), &many).is(200);
    let part = json!({ "id": "1", "method": "POST", "url": format!("/deviceManagement/managedDevices/{phone}/{action}"),
        "headers": { "Content-Type": "application/json" }, "body": text });
    served.post(&admin, "/beta/$batch", &json!({ "requests": [part] })).is(200);
    served.post(&served.account("publisher"), &format!("{devices}/{phone}/{action}"), &text).is(403);
    served.post(&admin, &format!("{devices}/{phone}/{action}"), &json!({ "notificationTitle": TITLE })).is(400);
    served.ask(&admin, "POST", &format!("{devices}/{phone}/syncDevice"), None).is(204);
    served.get("x.y.z", "/v1.0/users").is(401);
    control(served, OPERATOR, "POST", "/_reveille/clock/advance", &json!({ "by": "1s" })).is(200);
    control(served, OPERATOR, "POST", "/_reveille/clock/advance", &json!({ "by": "x" })).is(400);
    control(served, READER, "POST", "/_reveille/reset", &Value::Null).is(403);
    control(served, TYPED, "POST", "/_reveille/reset?token=secret", &Value::Null).is(401);
    control(served, READER, "GET", "/_reveille/clock", &Value::Null).is(200);
    let mut hidden =
        [SECRET, PASSWORD, OPERATOR, READER, TITLE, BODY, TYPED, HASH, PASSWORD_HASH].map(str::to_owned).to_vec();
    hidden.extend(
        [&token, &tokens["access_token"], &tokens["refresh_token"]]
            .map(|token| token.as_str().expect("a token").to_owned()),
    );
    hidden.push(admin);
    hidden
}

/// The value of some members of each line.
fn members(lines: &[Value], names: &[&str]) -> Vec<String> {
    let word = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    lines.iter().map(|line| names.iter().map(|name| word(&line[*name])).collect::<Vec<_>>().join(" ")).collect()
}

fn of<'l>(lines: &'l [Value], event: &str) -> Vec<&'l Value> {
    lines.iter().filter(|line| line["event"] == event).collect()
}

#[test]
fn who_did_what_is_a_line_with_its_ids() {
    let served = served("security_audit", &["--audit-log", "audit.log"]);
    everything(&served);
    let tenant = reveille::server::identity::Issuer::tenant_id("small").to_string();
    served.running.terminate();
    served.running.end().exits(0);
    let lines = lines(&served.folder.read("audit.log"));
    insta::assert_snapshot!(members(&lines, &["event", "outcome", "reason", "client", "account", "grant"]).join("\n"));
    let numbers: Vec<_> = lines.iter().filter_map(|line| line["number"].as_u64()).collect();
    assert!(numbers.iter().copied().eq(1..=lines.len() as u64), "{numbers:?}");
    let requests = ["sign_in", "send", "check_in", "control"].into_iter().flat_map(|event| of(&lines, event));
    assert!(requests.clone().count() > 4 && requests.clone().all(|line| line["peer"] == "127.0.0.1"), "{lines:?}");
    for line in of(&lines, "sign_in").into_iter().chain(of(&lines, "send")) {
        assert!(line["request_id"].as_str().is_some_and(|id| id.len() == 36), "{line}");
        assert_eq!(line["tenant"], tenant.as_str(), "{line}");
    }
    assert!(of(&lines, "sign_in").iter().all(|line| line["client_request_id"] == "my-sign-in"));
    let sends: Vec<Value> = of(&lines, "send").into_iter().cloned().collect();
    insta::assert_snapshot!(
        members(&sends, &["to", "targets_count", "messages", "messages_count", "outcome"]).join("\n")
    );
    assert!(sends[0]["targets"][0].as_str().is_some_and(|id| id.len() == 36));
    let actions: Vec<Value> = of(&lines, "control").into_iter().cloned().collect();
    insta::assert_snapshot!(members(&actions, &["operator", "role", "method", "path", "status", "outcome"]).join("\n"));
}

#[test]
fn no_secret_and_no_text_is_in_any_log() {
    for (name, more) in [
        ("security_silent_file", &["--audit-log", "audit.log", "--log-format", "json"][..]),
        ("security_silent_log", &["--audit-log", "-"]),
        ("security_silent_json", &["--audit-log", "-", "--log-format", "json"]),
    ] {
        let served = served(name, more);
        let hidden = everything(&served);
        served.running.terminate();
        let said = served.running.end().exits(0).err;
        let file = if more[1] == "-" { String::new() } else { served.folder.read("audit.log") };
        let recorded = if more[1] == "-" { &said } else { &file };
        for event in ["sign_in", "send", "check_in", "control", "token_refused", "start", "stop"] {
            assert!(recorded.contains(event), "{name}: `{event}` is recorded: {recorded}");
        }
        for secret in &hidden {
            assert!(!said.contains(secret) && !file.contains(secret), "{name}: `{secret}` is in a log");
        }
    }
}
