//! Risk: a phone that is set by hand behaves otherwise than it was set, or its past changes.

use serde_json::{Value, json};

use super::hand::Hand;

/// The journey of a message on a device.
fn journey(hand: &Hand, device: &str, message: u64) -> Value {
    let journeys = hand.get(&format!("/devices/{device}/journeys")).is(200).json();
    let items = journeys["items"].as_array().expect("a list").clone();
    items.into_iter().find(|line| line["message"] == message).expect("it is in the audience")
}

fn explained(hand: &Hand, device: &str, message: u64) -> String {
    hand.get(&format!("/devices/{device}/messages/{message}/explain")).is(200).text
}

#[test]
fn a_phone_that_is_set_offline_waits_until_it_is_set_online() {
    let hand = Hand::start("control_phone_offline");
    hand.to_device("lonely", "before").is(204);
    hand.advance("1m");
    let before = journey(&hand, "lonely", 0);
    let set = hand.phone("lonely", &json!({ "online": false, "locked": true })).is(200).json();
    assert_eq!(set["at_ms"], 60_001, "{set}");
    assert_eq!(set["by_hand"], hand.get("/devices/lonely").json()["by_hand"]);
    assert_eq!((&set["by_hand"]["online"], &set["by_hand"]["foreground"]), (&json!(false), &Value::Null));
    hand.to_device("lonely", "into it").is(204);
    hand.advance("30m");
    let waits = journey(&hand, "lonely", 1);
    assert_eq!((&waits["station"], &waits["cause"]), (&json!("waiting"), &json!("offline")), "{waits}");
    assert_eq!(journey(&hand, "lonely", 0), before, "what was, is");
    let told = explained(&hand, "lonely", 1);
    assert!(told.contains("the phone is set by hand since 0:01:00.001: offline, locked"), "{told}");
    assert!(told.contains("finds the phone offline, as it is set"), "{told}");
    hand.phone("lonely", &json!({ "online": true })).is(200);
    hand.advance("1m");
    let shown = journey(&hand, "lonely", 1);
    assert_eq!((&shown["station"], &shown["form"]), (&json!("shown"), &json!("lock_full")), "{shown}");
    assert!(explained(&hand, "lonely", 1).contains("locked as it is set, open"), "{}", explained(&hand, "lonely", 1));
    let events = hand.events("?after=0", &[], 6);
    assert_eq!(events.iter().filter(|(_, what, _)| what == "phone_set").count(), 2, "{events:?}");
}

#[test]
fn app_permission_and_play_services_are_set_by_hand() {
    let hand = Hand::start("control_phone_parts");
    let mut message = 0;
    let mut sent = |settings: Value| {
        hand.phone("mute", &settings).is(200);
        hand.to_device("mute", &format!("m{message}")).is(204);
        hand.advance("1m");
        message += 1;
        let line = journey(&hand, "mute", message - 1);
        let what = if line["cause"].is_null() { &line["form"] } else { &line["cause"] };
        format!("{} {}", line["station"].as_str().unwrap_or_default(), what.as_str().unwrap_or_default())
    };
    assert_eq!(sent(json!({ "permission": true, "locked": false, "foreground": false })), "shown banner");
    assert_eq!(sent(json!({ "permission": false })), "blocked permission");
    assert_eq!(sent(json!({ "permission": true, "play_services": false })), "blocked play_services");
    assert_eq!(sent(json!({ "play_services": null, "app": false })), "skipped app_missing");
    assert_eq!(sent(json!({ "app": true, "permission": true, "locked": true })), "shown lock_full");
}

#[test]
fn what_cannot_have_an_effect_is_refused_and_changes_nothing() {
    let hand = Hand::start("control_phone_refused");
    let before = hand.get("/clock").json();
    for (device, settings, words) in [
        ("lonely", json!({}), "nothing is set"),
        ("lonely", json!({ "onlin": true }), "no member `onlin`"),
        ("lonely", json!({ "online": "no" }), "the body"),
        ("lonely", json!([true]), "the body"),
        ("lonely", json!({ "play_services": true }), "only Android has `play_services`"),
        ("mute", json!({ "battery_restricted": true }), "only in the profile intune-2025"),
        ("mute", json!({ "app": null }), "`app` is true or false"),
        ("mac", json!({ "online": true }), "no custom notification reaches a macos device"),
    ] {
        let refused = hand.phone(device, &settings).is(400).json();
        let told = refused["message"].as_str().expect("a message");
        assert!(told.contains(words), "{settings}: {told}");
    }
    hand.phone("absent", &json!({ "online": true })).is(404);
    let after = hand.get("/clock").json();
    assert_eq!(after["now_ms"], before["now_ms"]);
    assert_eq!(hand.get("/state").json()["inputs"], json!([]));
}

#[test]
fn an_exported_state_contains_the_set_phones_and_a_reset_forgets_them() {
    let hand = Hand::start("control_phone_state");
    hand.phone("lonely", &json!({ "online": false })).is(200);
    hand.to_groups("into it").is(204);
    hand.advance("10m");
    hand.phone("mute", &json!({ "permission": true, "locked": null })).is(200);
    hand.to_groups("again").is(204);
    hand.advance("10m");
    let seen = || {
        ["/messages", "/messages/0/journeys", "/messages/1/journeys", "/devices/lonely", "/snapshot"]
            .map(|path| hand.get(path).is(200).json()["items"].clone())
    };
    let (before, state) = (seen(), hand.get("/state").is(200).json());
    assert_eq!(state["inputs"][0]["deed"]["phone_set"]["set"], json!({ "online": false }), "{state}");
    hand.post("/reset", &Value::Null).is(204);
    assert_eq!(hand.get("/devices/lonely").json()["by_hand"]["online"], Value::Null);
    hand.put("/state", &state).is(204);
    assert_eq!(seen(), before);
    assert_eq!(hand.get("/state").is(200).json(), state);
    let mut wrong = state.clone();
    wrong["inputs"][0]["deed"]["phone_set"]["device"] = json!(99);
    let refused = hand.put("/state", &wrong).is(400).json();
    assert!(refused["message"].as_str().is_some_and(|text| text.contains("input 0")), "{refused}");
    wrong["inputs"][0]["deed"]["phone_set"] = json!({ "device": 3, "set": { "online": false } });
    let refused = hand.put("/state", &wrong).is(400).json();
    assert!(refused["message"].as_str().is_some_and(|text| text.contains("macos")), "{refused}");
}
