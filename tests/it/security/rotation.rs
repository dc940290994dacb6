//! Risk: what was taken away still opens the server, or a server must be stopped to change who may do what.
#![cfg(unix)]

use serde_json::{Value, json};

use super::secured::{control, private};
use crate::fixtures::caller::{Reply, Served, TENANT, answer, parsed, request};
use crate::fixtures::program::Folder;

const SECRET: &str = "0123456789012345678901234567890123456789";
/// printf %s … | sha256sum
const HASH: &str = "fb526cd4ad0ec978c1a9e78f7c0728711139978424d618eb228be59e21188970";

fn client(id: &str) -> Value {
    json!({ "client_id": id, "secret_sha256": HASH, "permissions": ["User.Read.All"] })
}

fn token(served: &Served, client: &str) -> Reply {
    let form = format!(
        "grant_type=client_credentials&client_id={client}&client_secret={SECRET}&scope=https://graph.microsoft.com/.default"
    );
    let headers = [("Content-Type", "application/x-www-form-urlencoded")];
    served.send("POST", "/small/oauth2/v2.0/token", &headers, form.as_bytes())
}

fn access_token(served: &Served, client: &str) -> String {
    token(served, client).is(200).json()["access_token"].as_str().expect("a token").to_owned()
}

#[test]
fn tokens_of_a_removed_client_end_with_a_signal() {
    let source = Folder::new("security_removed_source");
    source.write("clients.json", &json!([client("kept"), client("removed")]).to_string());
    let path = source.path().join("clients.json");
    let mut served = Served::start("security_removed", Some(TENANT), &["--clients", path.to_str().expect("a path")]);
    let (kept, removed) = (access_token(&served, "kept"), access_token(&served, "removed"));
    let by_hand = served.token(&["--app", "removed"]);
    for token in [&kept, &removed, &by_hand] {
        served.get(token, "/v1.0/users").is(200);
    }
    // A list that is wrong changes nothing.
    source.write("clients.json", "[{}]");
    served.running.hang_up();
    served.running.wait_for("nothing is changed");
    served.get(&removed, "/v1.0/users").is(200);
    source.write("clients.json", &json!([client("kept"), client("added")]).to_string());
    served.running.hang_up();
    served.running.wait_for("read anew");
    assert_eq!(served.get(&removed, "/v1.0/users").is(401).code(), "InvalidAuthenticationToken");
    assert_eq!(token(&served, "removed").is(400).json()["error"], "unauthorized_client");
    for token in [&kept, &access_token(&served, "kept"), &access_token(&served, "added"), &by_hand] {
        served.get(token, "/v1.0/users").is(200);
    }
}

#[test]
fn tokens_of_a_removed_client_are_not_good_after_a_restart() {
    let source = Folder::new("security_restarted_source");
    source.write("clients.json", &json!([client("kept"), client("removed")]).to_string());
    let path = source.path().join("clients.json");
    let clients = ["--clients", path.to_str().expect("a path")];
    let served = Served::start("security_restarted", Some(TENANT), &clients);
    let tokens = ["kept", "removed"].map(|client| access_token(&served, client));
    served.running.terminate();
    served.running.end().exits(0);
    source.write("clients.json", &json!([client("kept")]).to_string());
    let fixed = ["serve", "--state", "state", "--listen", "127.0.0.1:0", "--scenario", "scenario.toml"];
    let mut running = served.folder.start(&[&fixed[..], &clients].concat());
    let line = running.wait_for("Graph at http://");
    let address = line.split("http://").nth(1).and_then(|rest| rest.split('/').next()).expect("an address");
    for (token, status) in tokens.iter().zip([200, 401]) {
        let authorization = format!("Bearer {token}");
        let bytes = request(address, "GET", "/v1.0/users", &[("Authorization", &authorization)], b"");
        parsed(&answer(address, &bytes)).is(status);
    }
}

#[test]
fn keys_and_control_tokens_rotate_by_a_request() {
    let source = Folder::new("security_rotated_source");
    let list = |token: &str| json!([{ "name": "ann", "role": "operate", "token": token }]).to_string();
    let (first, second) = ("first-token-0123456789", "second-token-0123456789");
    let file = private(&source, "tokens.json", &list(first));
    let served = Served::start("security_rotated", Some(TENANT), &["--control-token-file", &file]);
    let before = served.account("administrator");
    let reload = |token: &str| control(&served, token, "POST", "/_reveille/reload", &Value::Null);
    assert_eq!(reload(first).is(200).json(), json!({ "new_key": false }));
    let key = served.folder.path().join("state/signing-key.pem");
    std::fs::rename(&key, served.folder.path().join("former.pem")).expect("it is ours");
    private(&source, "tokens.json", &list(second));
    assert_eq!(reload(first).is(200).json(), json!({ "new_key": true }));
    assert!(key.is_file(), "a new one is made");
    reload(first).is(401);
    private(&source, "tokens.json", &list("short"));
    let refused = reload(second).is(409).json();
    assert_eq!(refused["code"], "reload_failed");
    let message = refused["message"].as_str().expect("a message");
    assert!(message.contains("at least 16 characters") && !message.contains("short"), "{message}");
    private(&source, "tokens.json", &list(second));
    assert_eq!(reload(second).is(200).json(), json!({ "new_key": false }));
    let after = served.account("administrator");
    for token in [&before, &after] {
        served.get(token, "/v1.0/users").is(200);
    }
    let keys = served.send("GET", "/small/discovery/v2.0/keys", &[], b"").is(200).json();
    assert_eq!(keys["keys"].as_array().map(Vec::len), Some(2), "{keys}");
}
