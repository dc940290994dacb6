//! Risk: a later version of the program cannot read the store of an earlier one.
//!
//! `tests/it/store/format-1` and its sister have a store that a program of that format made, and what it then said of itself. They are
//! never made anew: a later format gets a folder of its own. `REVEILLE_WRITE_STORE=format-3 cargo test --locked --test it
//! store::formats` makes one.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::killed::{said, said_without_texts};
use crate::control::hand::{Hand, TENANT, TOKEN};
use crate::fixtures::caller::Served;
use crate::fixtures::program::Folder;

const MORE: [&str; 5] = ["--paused", "--control-token", TOKEN, "--store", "store"];

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/store").join(name)
}

/// A folder of this name with a copy of a kept store and its scenario.
fn copied(format: &str, name: &str) -> Folder {
    let kept = fixture(format);
    let folder = Folder::new(name);
    let scenario = fs::read_to_string(kept.join("scenario.toml")).expect("it is kept");
    folder.write("scenario.toml", &scenario);
    let store = folder.path().join("store");
    fs::create_dir(&store).expect("it is new");
    private(&store, 0o700);
    for file in ["store.db", "keys"] {
        // Format 1 has no keys.
        if kept.join(file).exists() {
            fs::copy(kept.join(file), store.join(file)).expect("it is kept");
            private(&store.join(file), 0o600);
        }
    }
    folder
}

#[cfg(unix)]
fn private(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("it is ours");
}

#[cfg(not(unix))]
fn private(_: &Path, _: u32) {}

/// Serves a copied store.
fn served(folder: Folder) -> Hand {
    let arguments = ["serve", "--state", "state", "--listen", "127.0.0.1:0", "--scenario", "scenario.toml"];
    let arguments = [&arguments[..], &MORE].concat();
    let running = folder.start(&arguments);
    let arguments = arguments.into_iter().map(str::to_owned).collect();
    Hand::of(Served::of(folder, running, Some("scenario.toml".to_owned()), arguments))
}

/// What a kept store said of itself.
fn then(format: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(fixture(format).join("said.json")).expect("it is kept"))
        .expect("it is JSON")
}

/// The format that a database says that it has.
fn format_of(folder: &Folder) -> u32 {
    let database = fs::read(folder.path().join("store/store.db")).expect("it is there");
    // `user_version` of the header, which SQLite documents.
    u32::from_be_bytes(database[60..64].try_into().expect("four bytes"))
}

#[test]
fn a_store_of_format_1_is_what_it_was_and_has_texts_from_now_on() {
    let hand = served(copied("format-1", "store_of_a_format_1"));
    assert_eq!(json!(said_without_texts(&hand)), then("format-1"));
    assert!(!hand.served.running.said().contains("gone"), "it had no texts: {}", hand.served.running.said());
    hand.advance("1h");
    hand.to_device("lonely", "a later one").is(204);
    hand.advance("5s");
    let hand = Hand::of(hand.served.killed_and_again());
    let centre = hand.get("/devices/lonely/notifications").is(200).json();
    let last = centre["items"].as_array().and_then(|items| items.last()).expect("it is shown");
    assert_eq!((&last["title"], &last["body"]), (&json!("t"), &json!("b")), "{centre}");
    let (folder, running) = (hand.served.folder, hand.served.running);
    running.terminate();
    running.end().exits(0);
    assert_eq!(format_of(&folder), 2);
}

#[test]
fn a_store_of_format_2_is_what_it_was_with_its_texts() {
    let hand = served(copied("format-2", "store_of_a_format_2"));
    assert_eq!(json!(said(&hand)), then("format-2"));
}

#[test]
fn a_store_that_is_only_read_keeps_its_format() {
    for (format, number) in [("format-1", 1), ("format-2", 2)] {
        let folder = copied(format, "store_of_a_format_3");
        let bytes = |file: &str| fs::read(folder.path().join("store").join(file)).ok();
        let before = ["store.db", "keys"].map(bytes);
        let commands: [&[&str]; 4] = [
            &["store", "check", "store"],
            &["store", "export", "store"],
            &["replay", "store", "--report", "out.json"],
            &["explain", "--store", "store", "--device", "lonely", "--message", "1"],
        ];
        for command in commands {
            folder.run(command).exits(0);
        }
        assert!(before == ["store.db", "keys"].map(bytes), "{format}: a byte was changed");
        folder.run(&["store", "vacuum", "store"]).exits(0);
        assert_eq!(format_of(&folder), number);
        assert_eq!(bytes("keys").is_some(), number > 1);
    }
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
        fs::copy(folder.path().join("store/keys"), kept.join("keys")).expect("it can be written");
        fs::write(kept.join("scenario.toml"), TENANT).expect("it can be written");
        fs::write(kept.join("said.json"), format!("{said:#}\n")).expect("it can be written");
    }
}
