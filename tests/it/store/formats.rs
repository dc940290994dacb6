//! Risk: a later version of the program cannot read the store of an earlier one.
//!
//! `tests/it/store/format-1` has a store that a program of format 1 made, and what it then said of itself. It is never made anew: a later
//! format gets a folder of its own. `REVEILLE_WRITE_STORE=format-2 cargo test --locked --test it store::formats` makes one.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::killed::said;
use crate::control::hand::{Hand, TENANT, TOKEN};
use crate::fixtures::caller::Served;
use crate::fixtures::program::Folder;

const MORE: [&str; 5] = ["--paused", "--control-token", TOKEN, "--store", "store"];

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/store").join(name)
}

#[test]
fn a_store_of_format_1_is_what_it_was() {
    let kept = fixture("format-1");
    let folder = Folder::new("store_format_1");
    let scenario = fs::read_to_string(kept.join("scenario.toml")).expect("it is kept");
    folder.write("scenario.toml", &scenario);
    let store = folder.path().join("store");
    fs::create_dir(&store).expect("it is new");
    fs::copy(kept.join("store.db"), store.join("store.db")).expect("it is kept");
    #[cfg(unix)]
    for (path, mode) in [(&store, 0o700), (&store.join("store.db"), 0o600)] {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("it is ours");
    }
    let arguments = ["serve", "--state", "state", "--listen", "127.0.0.1:0", "--scenario", "scenario.toml"];
    let arguments = [&arguments[..], &MORE].concat();
    let running = folder.start(&arguments);
    let arguments = arguments.into_iter().map(str::to_owned).collect();
    let hand = Hand::of(Served::of(folder, running, Some("scenario.toml".to_owned()), arguments));
    let then: Value =
        serde_json::from_str(&fs::read_to_string(kept.join("said.json")).expect("it is kept")).expect("it is JSON");
    assert_eq!(json!(said(&hand)), then);
}

#[test]
fn a_store_can_be_kept_for_later_versions() {
    let hand = Hand::of(Served::start("store_kept", Some(TENANT), &MORE));
    hand.to_groups("to all").is(204);
    hand.advance("5s");
    for number in 0..11 {
        hand.to_device("lonely", &format!("single {number}"));
    }
    hand.advance("10s");
    hand.post("/devices/lonely/notifications/0/dismiss", &Value::Null).is(200);
    hand.fault(&json!({ "name": "lost", "kind": "loss", "rate": 0.5, "scope": { "platform": "ios" } })).is(201);
    hand.phone("mute", &json!({ "locked": true, "permission": true })).is(200);
    hand.to_groups("into the fault").is(204);
    hand.post("/faults/lost/stop", &Value::Null).is(200);
    hand.advance("30m");
    let said = json!(said(&hand));
    let (folder, running) = (hand.served.folder, hand.served.running);
    running.terminate();
    running.end().exits(0);
    let database = fs::read(folder.path().join("store/store.db")).expect("the log is in it");
    assert!(database.len() > 10_000, "all of it");
    if let Ok(name) = std::env::var("REVEILLE_WRITE_STORE") {
        let kept = fixture(&name);
        fs::create_dir(&kept).expect("a format is kept once");
        fs::write(kept.join("store.db"), database).expect("it can be written");
        fs::write(kept.join("scenario.toml"), TENANT).expect("it can be written");
        fs::write(kept.join("said.json"), format!("{said:#}\n")).expect("it can be written");
    }
}
