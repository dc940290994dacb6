//! Risk: a person with a token of the control API does what the token's role does not permit, or a token is guessed.

use serde_json::{Value, json};

use super::secured::{control, private};
use crate::fixtures::caller::{Served, TENANT};
use crate::fixtures::program::Folder;

const ANN: &str = "token-of-ann-0123456789";
const BOB: &str = "token-of-bob-0123456789";

/// Both tokens, in a file that only its owner reads.
fn tokens(folder: &Folder) -> String {
    let list = json!([
        { "name": "ann", "role": "operate", "token": ANN },
        { "name": "bob", "role": "read", "token": BOB },
    ]);
    private(folder, "tokens.json", &list.to_string())
}

#[test]
fn a_token_that_reads_changes_nothing() {
    let source = Folder::new("security_roles_source");
    let file = tokens(&source);
    let served = Served::start("security_roles", Some(TENANT), &["--speed", "0.001", "--control-token-file", &file]);
    let document = control(&served, BOB, "GET", "/_reveille/openapi.json", &Value::Null).is(200).json();
    let mut counts = (0, 0);
    for (path, methods) in document["paths"].as_object().expect("paths") {
        let path = path.replace("{message}", "0").replace("{device}", "x").replace("{fault}", "x");
        for method in methods.as_object().expect("methods").keys().map(|method| method.to_uppercase()) {
            // It follows until it is closed.
            if path.ends_with("/events") {
                continue;
            }
            let reply = control(&served, BOB, &method, &path, &json!({}));
            // A forecast has a body, and changes nothing.
            if method == "GET" || path.ends_with("/preview") {
                assert!(reply.status != 401 && reply.status != 403, "{method} {path}: {}", reply.text);
                counts.0 += 1;
            } else {
                assert_eq!(reply.clone().is(403).json()["code"], "forbidden", "{method} {path}");
                assert!(reply.header("request-id").is_some());
                counts.1 += 1;
            }
        }
    }
    assert!(counts.0 >= 12 && counts.1 >= 8, "{counts:?}");
    // Methods and spellings that the document does not have.
    for (method, path, statuses) in [
        ("PATCH", "/_reveille/clock", &[403, 405][..]),
        ("DELETE", "/_reveille/state", &[403, 405]),
        ("POST", "/_reveille//reset", &[404]),
        ("POST", "/_reveille/%72eset", &[404, 403]),
        ("post", "/_reveille/reset", &[400, 403, 405]),
    ] {
        let reply = control(&served, BOB, method, path, &Value::Null);
        assert!(statuses.contains(&reply.status), "{method} {path}: {} {}", reply.status, reply.text);
    }
    control(&served, BOB, "PUT", "/_reveille/clock", &json!({ "speed": 60 })).is(403);
    let speed =
        |token| control(&served, token, "GET", "/_reveille/clock", &Value::Null).is(200).json()["speed"].clone();
    assert_eq!(speed(BOB), 0.001);
    control(&served, ANN, "PUT", "/_reveille/clock", &json!({ "speed": 2 })).is(200);
    assert_eq!(speed(BOB), 2.0);
    control(&served, "token-of-eve-0123456789", "GET", "/_reveille/clock", &Value::Null).is(401);
}
