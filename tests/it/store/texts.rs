//! Risk: the text of a message is gone after a restart although a phone shows it, or something on disk still has it when no
//! phone can show it any more (R6).

use std::fs;

use reveille::store::{ClockMark, Store, StoredTenant, TextChanges};
use serde_json::{Value, json};

use super::keys::key_slots;
use super::lock::unlocked;
use crate::control::hand::{Hand, TOKEN};
use crate::control::texts::{BODY, FORMS, KEPT, TITLE, dismiss, screen, to_all, to_device};
use crate::fixtures::caller::Served;
use crate::fixtures::program::{Folder, get};

/// The phones of the scenario that are enrolled from the beginning.
const PHONES: [&str; 7] = ["banner", "full", "hidden", "centre", "used", "outdated", "mute"];
/// Those that show something.
const SHOWING: [&str; 6] = ["banner", "full", "hidden", "centre", "used", "outdated"];

fn stored(name: &str, more: &[&str]) -> Hand {
    let arguments = [&["--paused", "--control-token", TOKEN, "--store", "store"], more].concat();
    Hand::of(Served::start(name, Some(FORMS), &arguments))
}

fn screens(hand: &Hand) -> Vec<Vec<(Value, Value, Value)>> {
    PHONES.iter().map(|phone| screen(hand, phone)).collect()
}

/// The keys that are on disk.
fn keys(folder: &Folder) -> Vec<Vec<u8>> {
    key_slots(&folder.path().join("store")).into_values().collect()
}

#[test]
fn a_text_is_on_the_phones_after_a_kill_and_after_a_stop() {
    let hand = stored("store_texts", &[]);
    to_all(&hand);
    to_device(&hand, "banner");
    hand.advance("3s");
    let before = screens(&hand);
    let whole = (json!("banner"), json!(TITLE), json!(BODY));
    assert_eq!(before[0], [whole.clone(), whole.clone()]);
    assert_eq!(before[2], [(json!("lock_hidden"), json!("Company Portal"), Value::Null)]);
    let hand = Hand::of(hand.served.killed_and_again());
    assert_eq!(screens(&hand), before, "after a kill");
    let hand = Hand::of(hand.served.stopped_and_again());
    assert_eq!(screens(&hand), before, "after a stop");
    assert_eq!((hand.figure(KEPT), keys(&hand.served.folder).len()), (2, 2));

    // A phone that is enrolled within the window has the text of before the restart.
    hand.advance("10m");
    assert_eq!(screen(&hand, "late"), [whole]);
    let hand = Hand::of(hand.served.killed_and_again());
    for phone in SHOWING {
        dismiss(&hand, phone, 0).is(200);
    }
    dismiss(&hand, "late", 0).is(200);
    assert_eq!(hand.figure(KEPT), 2, "a device may join");
    let hand = Hand::of(hand.served.killed_and_again());
    hand.advance("10m");
    assert_eq!((hand.figure(KEPT), keys(&hand.served.folder).len()), (1, 1), "the window is over");
    dismiss(&hand, "banner", 1).is(200);
    assert_eq!((hand.figure(KEPT), keys(&hand.served.folder)), (0, vec![]));
    let hand = Hand::of(hand.served.killed_and_again());
    assert_eq!((hand.figure(KEPT), keys(&hand.served.folder)), (0, vec![]), "what is over does not come back");
    let said = hand.served.running.said();
    assert!(!said.contains("gone"), "nothing was lost: {said}");
}

#[test]
fn a_text_that_was_over_before_the_store_was_told_is_erased_at_the_start() {
    let hand = stored("store_texts_late", &[]);
    to_device(&hand, "mute");
    to_device(&hand, "banner");
    let Served { folder, running, .. } = hand.served;
    running.terminate();
    running.end().exits(0);
    // As if the clock had been stored a minute later, and the server was killed before it told what is over since then.
    let path = folder.path().join("store");
    let tenant = unlocked(|| StoredTenant::of(&path, None)).expect("it is whole");
    let (identity, clock) = (tenant.identity().clone(), tenant.clock());
    drop(tenant);
    let (store, tenants) = unlocked(|| Store::open(&path, std::slice::from_ref(&identity), None)).expect("it opens");
    let clock = ClockMark { now_ms: clock.now_ms + 60_000, ..clock };
    tenants[0].append(Vec::new(), TextChanges::default(), clock, |stored| stored.expect("it is stored"));
    store.close().expect("it is whole");
    assert_eq!(keys(&folder).len(), 2);
    let arguments = ["serve", "--state", "state", "--listen", "127.0.0.1:0", "--scenario", "scenario.toml"];
    let arguments = [&arguments[..], &["--paused", "--control-token", TOKEN, "--store", "store"]].concat();
    let running = folder.start(&arguments);
    let hand = Hand::of(Served::of(folder, running, Some("scenario.toml".to_owned()), Vec::new()));
    assert_eq!(hand.figure(KEPT), 1, "one is on the screen, and one was blocked");
    // What is answered after it is written after it.
    hand.put("/clock", &json!({ "speed": 0 })).is(200);
    assert_eq!(keys(&hand.served.folder).len(), 1);
    assert_eq!(screen(&hand, "banner"), [(json!("banner"), json!(TITLE), json!(BODY))]);
}

#[test]
fn a_reset_and_an_import_end_all_texts_on_disk() {
    let hand = stored("store_texts_reset", &[]);
    to_all(&hand);
    to_device(&hand, "full");
    hand.advance("3s");
    let state = hand.get("/state").is(200).json();
    let before = keys(&hand.served.folder);
    assert_eq!(before.len(), 2);
    hand.post("/reset", &Value::Null).is(204);
    assert!(keys(&hand.served.folder).is_empty());
    to_device(&hand, "banner");
    hand.advance("3s");
    let hand = Hand::of(hand.served.killed_and_again());
    assert_eq!(screen(&hand, "banner"), [(json!("banner"), json!(TITLE), json!(BODY))], "numbers begin anew");
    assert_eq!(keys(&hand.served.folder).len(), 1);
    hand.put("/state", &state).is(204);
    assert!(keys(&hand.served.folder).is_empty());
    let hand = Hand::of(hand.served.killed_and_again());
    assert_eq!(screen(&hand, "full")[0], (json!("lock_full"), Value::Null, Value::Null), "a state has no text");
}

/// Everything that could have a secret: the files of the store, the files that the server has open, its metrics.
#[cfg(target_os = "linux")]
fn places(hand: &Hand) -> Vec<(String, Vec<u8>)> {
    let mut places = hand.served.running.in_open_files();
    let open: Vec<&String> = places.iter().map(|(name, _)| name).collect();
    for file in ["store.db", "store.db-wal", "store.db-shm", "head", "keys", "lock"] {
        assert!(open.iter().any(|name| name.ends_with(&format!("/{file}\")"))), "{file} is open: {open:?}");
    }
    places.extend(in_folder(&hand.served.folder));
    places.push(("metrics".to_owned(), get(&hand.served.metrics, "/metrics").into_bytes()));
    places.push(("said".to_owned(), hand.served.running.said().to_owned().into_bytes()));
    places
}

/// What is in the files of a store.
#[cfg(target_os = "linux")]
fn in_folder(folder: &Folder) -> Vec<(String, Vec<u8>)> {
    let files = fs::read_dir(folder.path().join("store")).expect("it is there");
    let files = files.map(|entry| entry.expect("an entry").path());
    files.map(|path| (path.display().to_string(), fs::read(&path).expect("it can be read"))).collect()
}

#[cfg(target_os = "linux")]
#[track_caller]
fn assert_nowhere(places: &[(String, Vec<u8>)], secrets: &[&[u8]], when: &str) {
    assert!(!secrets.is_empty() && !places.is_empty());
    for (place, bytes) in places {
        for secret in secrets {
            let found = bytes.windows(secret.len()).any(|part| part == *secret);
            assert!(!found, "{when}: {} is in {place}", String::from_utf8_lossy(secret));
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn no_text_and_no_key_is_left_on_disk_r6() {
    let hand = stored("store_texts_nowhere", &["-vv"]);
    to_all(&hand);
    to_device(&hand, "mute");
    let markers: Vec<&[u8]> = TITLE.split(' ').chain(BODY.split(", ")).map(str::as_bytes).collect();
    assert_nowhere(&places(&hand), &markers, "before any phone has it");
    let keys_then = keys(&hand.served.folder);
    assert_eq!(keys_then.len(), 2);
    let secrets: Vec<&[u8]> = keys_then.iter().map(Vec::as_slice).collect();
    let but_keys: Vec<_> = places(&hand).into_iter().filter(|(name, _)| !name.contains("/keys")).collect();
    assert_nowhere(&but_keys, &secrets, "a key is in its file alone");

    // One message is never shown; the other is shown and dismissed, and expires on its way to the last phone.
    hand.advance("3s");
    assert_eq!(screen(&hand, "banner"), [(json!("banner"), json!(TITLE), json!(BODY))]);
    let hand = Hand::of(hand.served.killed_and_again());
    assert_nowhere(&places(&hand), &markers, "after a kill");
    hand.phone("late", &json!({ "online": false })).is(200);
    for phone in SHOWING {
        dismiss(&hand, phone, 0).is(200);
    }
    hand.advance("30d");
    let journeys = hand.get("/devices/late/journeys").is(200).json();
    assert_eq!(journeys["items"][0]["station"], "expired", "{journeys}");
    let all: Vec<&[u8]> = markers.iter().chain(&secrets).copied().collect();
    assert_nowhere(&places(&hand), &all, "afterwards");

    let Served { folder, running, .. } = hand.served;
    running.terminate();
    let said = running.end().exits(0);
    let export = folder.run(&["store", "export", "store"]).exits(0);
    folder.run(&["replay", "store", "--report", "out.json", "--report", "out.html"]).exits(0);
    let check = folder.run(&["store", "check", "store"]).exits(0);
    assert!(check.err.contains("forms: 9 inputs, 0 texts, model time "), "{}", check.err);
    let mut left = in_folder(&folder);
    for (place, text) in [
        ("log", said.err),
        ("export", export.out),
        ("report", folder.read("out.json")),
        ("page", folder.read("out.html")),
        ("check", check.err),
    ] {
        left.push((place.to_owned(), text.into_bytes()));
    }
    assert_nowhere(&left, &all, "after the end");
}
