//! Risk: something that was answered is gone after a kill, is there twice, or comes to something else.
//!
//! `KILLS=200 cargo test --release --locked --test it store::killed -- --nocapture` kills a server under load at 200 moments;
//! `KILLS_SEED=N` repeats the moments of a run.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::control::hand::{Hand, TENANT, TOKEN};
use crate::fixtures::caller::Served;
use crate::process::stops::told;
use crate::store::client::{Client, send};

/// Moments at which a server is killed, unless `KILLS` says otherwise.
const KILLS: u64 = 3;
/// Clients that send at the same time.
const CLIENTS: u64 = 4;
/// The longest time before a kill, in ms.
const LOAD_MS_MAX: u64 = 600;

/// A server with a store, whose clock stands still.
fn stored(name: &str) -> Hand {
    let more = ["--paused", "--control-token", TOKEN, "--store", "store"];
    Hand::of(Served::start(name, Some(TENANT), &more))
}

/// What a server says of itself, except for the numbers of its events.
pub(super) fn said(hand: &Hand) -> BTreeMap<String, Value> {
    let mut all = BTreeMap::new();
    let devices = ["attended", "lonely", "mute", "mac"];
    let pages = ["", "/notifications"].map(|page| devices.map(|device| format!("/devices/{device}{page}")));
    let pages = pages.into_iter().flatten();
    let fixed = ["/state", "/snapshot", "/clock", "/messages?limit=1000", "/faults"].map(str::to_owned);
    for page in pages.chain(fixed) {
        let mut answer = hand.get(&page).is(200).json();
        if let Some(snapshot) = answer.as_object_mut() {
            snapshot.remove("last_event");
        }
        all.insert(page, answer);
    }
    all
}

/// The same without the texts on its phones, which an import does not have.
pub(super) fn said_without_texts(hand: &Hand) -> BTreeMap<String, Value> {
    let mut all = said(hand);
    let items = all.values_mut().filter_map(|answer| answer.get_mut("items").and_then(Value::as_array_mut));
    for notification in items.flatten().filter_map(Value::as_object_mut) {
        notification.remove("title");
        notification.remove("body");
    }
    all
}

#[test]
fn everything_that_was_done_by_hand_is_there_after_a_kill_and_after_a_stop() {
    let hand = stored("store_by_hand");
    hand.to_groups("to all").is(204);
    hand.advance("5s");
    for number in 0..10 {
        hand.to_device("lonely", &format!("single {number}")).is(204);
    }
    hand.to_device("lonely", "one too many").is(429);
    hand.advance("10s");
    hand.post("/devices/lonely/notifications/0/dismiss", &Value::Null).is(200);
    hand.fault(&json!({ "name": "lost", "kind": "loss", "rate": 1.0, "scope": { "platform": "ios" } })).is(201);
    hand.advance("1s");
    hand.to_groups("into the fault").is(204);
    hand.phone("mute", &json!({ "locked": true })).is(200);
    hand.advance("30m");
    hand.put("/clock", &json!({ "speed": 0 })).is(200);
    let before = said(&hand);
    assert_eq!(before["/messages?limit=1000"]["items"].as_array().map(Vec::len), Some(12));
    assert_eq!(before["/devices/lonely/notifications"]["items"][1]["title"], "t", "{before:#?}");

    let hand = Hand::of(hand.served.killed_and_again());
    assert_eq!(said(&hand), before, "after a kill");
    let hand = Hand::of(hand.served.stopped_and_again());
    assert_eq!(said(&hand), before, "after a stop");

    // It goes on as if it had never ended: quotas count what was sent before.
    hand.to_device("lonely", "still too many").is(429);
    hand.served.get(&hand.admin, "/v1.0/users").is(200);
    hand.advance("1h");
    hand.to_device("lonely", "an hour later").is(204);
    let before = said(&hand);
    let hand = Hand::of(hand.served.killed_and_again());
    assert_eq!(said(&hand), before, "after a second kill");

    // A reset is one too, and nothing from before comes back.
    hand.post("/reset", &Value::Null).is(204);
    hand.to_groups("after the reset").is(204);
    let before = said(&hand);
    let hand = Hand::of(hand.served.killed_and_again());
    assert_eq!(said(&hand), before, "after a reset");
    assert_eq!(before["/messages?limit=1000"]["items"].as_array().map(Vec::len), Some(1));

    // So is an imported state.
    let state = hand.get("/state").is(200).json();
    hand.advance("1h");
    hand.put("/state", &state).is(204);
    let before = said(&hand);
    let hand = Hand::of(hand.served.killed_and_again());
    assert_eq!(said(&hand), before, "after an import");
}

#[test]
fn a_speed_that_was_set_and_the_time_that_had_come_are_there_after_a_kill() {
    let hand = stored("store_clock");
    hand.put("/clock", &json!({ "speed": 1_000 })).is(200);
    let hand = Hand::of(hand.served.killed_and_again());
    let clock = hand.get("/clock").is(200).json();
    assert_eq!(clock["speed"], 1_000.0);
    hand.put("/clock", &json!({ "speed": 0 })).is(200);
    let now = hand.get("/clock").is(200).json()["now_ms"].as_u64().expect("a number");
    let hand = Hand::of(hand.served.killed_and_again());
    assert_eq!(hand.get("/clock").is(200).json()["now_ms"], now);
}

#[test]
fn every_204_is_there_once_after_a_kill_at_any_moment() {
    let (kills, seed) = (told("KILLS").unwrap_or(KILLS), told("KILLS_SEED").unwrap_or(1));
    let text = TENANT.replace("[[user]]\nname = \"ann\"", "[fleet]\nusers = 2_000\n[[user]]\nname = \"ann\"");
    let more = ["--control-token", TOKEN, "--store", "store", "--lenient-queries"];
    let mut hand = Hand::of(Served::start("store_killed", Some(&text), &more));
    let client = Client::of(&hand.served);
    let (next, answered) = (AtomicU64::new(0), Mutex::new(Vec::<String>::new()));
    for kill in 0..kills {
        let wait = moment(seed, kill);
        let address = hand.served.address.clone();
        hand = thread::scope(|scope| {
            for _ in 0..CLIENTS {
                scope.spawn(|| {
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        let name = format!("r{number}");
                        match send(&address, &client, number, &name) {
                            Some(204) => answered.lock().expect("no panic").push(name),
                            Some(_) => {}
                            None => return,
                        }
                    }
                });
            }
            thread::sleep(Duration::from_millis(wait));
            Hand::of(hand.served.killed_and_again())
        });
        let found = requests(&hand);
        for request in answered.lock().expect("no panic").iter() {
            assert_eq!(
                found.get(request),
                Some(&1),
                "{request} after kill {kill}: KILLS_SEED={seed} KILLS={}",
                kill + 1
            );
        }
        assert!(found.values().all(|times| *times == 1), "nothing twice: {found:?}");
    }
    let sent = answered.lock().expect("no panic").len();
    println!("{sent} answers before {kills} kills");
    assert!(sent > 0, "the load was one");
    // A server that repeats the same inputs without a store comes to the same.
    hand.put("/clock", &json!({ "speed": 0 })).is(200);
    let state = hand.get("/state").is(200).json();
    let other = Hand::of(Served::start(
        "store_uninterrupted",
        Some(&text),
        &["--paused", "--control-token", TOKEN, "--lenient-queries"],
    ));
    other.put("/state", &state).is(204);
    assert_eq!(said_without_texts(&hand), said_without_texts(&other));
}

/// When a server is killed, in ms after its start.
const fn moment(seed: u64, kill: u64) -> u64 {
    let mixed = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ (kill + 1).wrapping_mul(0xD1B5_4A32_D192_ED03);
    (mixed.wrapping_mul(mixed | 1) >> 32) % LOAD_MS_MAX
}

/// How many messages each request has.
fn requests(hand: &Hand) -> BTreeMap<String, u64> {
    let state = hand.get("/state").is(200).json();
    let mut found = BTreeMap::new();
    for request in state["requests"].as_array().expect("a list") {
        *found.entry(request.as_str().expect("a text").to_owned()).or_default() += 1;
    }
    found
}
