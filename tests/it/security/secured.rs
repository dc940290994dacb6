//! What the tests of this folder share: files that only their owner reads, requests to the control API, lines of an audit
//! log. Must not judge answers.

use serde_json::Value;

use crate::fixtures::caller::{Reply, Served, answer, parsed, request};
use crate::fixtures::program::Folder;

/// Writes a file that only its owner reads. Its path.
pub(super) fn private(folder: &Folder, name: &str, text: &str) -> String {
    folder.write(name, text);
    let path = folder.path().join(name);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("it is ours");
    }
    path.to_str().expect("a path").to_owned()
}

/// Sends a request to the control API.
pub(super) fn control(served: &Served, token: &str, method: &str, path: &str, body: &Value) -> Reply {
    let told = served.running.said.split("control at http://").nth(1).expect("it says where it is");
    let address = told.split('/').next().expect("a path follows").to_owned();
    let authorization = format!("Bearer {token}");
    let headers = [("Authorization", authorization.as_str()), ("Content-Type", "application/json")];
    let body = if body.is_null() { String::new() } else { body.to_string() };
    parsed(&answer(&address, &request(&address, method, path, &headers, body.as_bytes())))
}

/// The lines of an audit log.
#[track_caller]
pub(super) fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}
