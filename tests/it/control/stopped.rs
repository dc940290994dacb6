//! Risk: under a stopped clock a test sees times that it did not set, or the same test sees something else when it is run again.

use serde_json::{Value, json};

use super::hand::{Hand, TENANT, TOKEN};
use crate::fixtures::caller::{Reply, Served, answer, parsed, request};

/// A hundred generated people, with all the chance that a scenario has by default, and a fault that comes by itself.
const CHANCE: &str = r#"
schema = 1
name = "chance"
start = 2026-01-05T06:00:00Z
duration = "90d"

[fleet]
users = 100

[[fault]]
name = "bad road"
kind = "loss"
rate = "20%"
at = "0s"
for = "10m"
"#;

/// Two hundred resets, as a suite of two hundred tests makes them.
const RESETS: usize = 200;

fn stopped(name: &str, scenario: &str, more: &[&str]) -> Hand {
    Hand::of(Served::start(name, Some(scenario), &[&["--paused", "--control-token", TOKEN], more].concat()))
}

/// Jumps, and returns the clock.
#[track_caller]
fn jump(hand: &Hand, how: &Value) -> Value {
    hand.post("/clock/advance", how).is(200).json()
}

#[track_caller]
fn accepted_at(hand: &Hand, request: &str) -> Value {
    hand.get(&format!("/messages?client-request-id={request}")).is(200).json()["items"][0]["accepted_at_ms"].clone()
}

#[test]
fn a_message_is_accepted_at_exactly_the_stopped_moment() {
    let hand = stopped("control_stopped", TENANT, &[]);
    let clock = hand.get("/clock").is(200).json();
    assert_eq!(
        (&clock["now_ms"], &clock["speed"], &clock["now"]),
        (&json!(0), &json!(0.0), &json!("2026-01-05T06:00:00Z"))
    );
    hand.to_groups("first").is(204);
    assert_eq!(accepted_at(&hand, "first"), 0);
    for (how, at) in [
        (json!({ "by": "1m30s" }), 90_000),
        (json!({ "by": "7ms" }), 90_007),
        (json!({ "to": "2026-01-05T06:10:00Z" }), 600_000),
        (json!({ "to": "2026-01-05T08:10:00.250+02:00" }), 600_250),
        (json!({ "to": "06:11" }), 660_000),
        (json!({ "to": "06:11:01" }), 661_000),
        (json!({ "to": "2026-01-05T06:11:01Z" }), 661_000),
    ] {
        assert_eq!(jump(&hand, &how)["now_ms"], at, "{how}");
        let request = format!("at-{at}");
        hand.to_groups(&request).is(204);
        assert_eq!(accepted_at(&hand, &request), at, "{how}");
    }
    let to_past = hand.post("/clock/advance", &json!({ "to": "2026-01-05T06:00:00Z" })).is(400).json();
    assert!(to_past["message"].as_str().is_some_and(|text| text.contains("2026-01-05T06:11:01Z")), "{to_past}");
    let to_end = json!({ "to": "2030-01-05T06:00:00Z" });
    assert_eq!(hand.post("/clock/advance", &to_end).is(409).json()["code"], "time_is_over");
    for wrong in [
        json!({}),
        json!({ "by": "1s", "to": "21:30" }),
        json!({ "by": "1s", "until": "settled" }),
        json!({ "until": "shown" }),
        json!({ "to": "half past nine" }),
        json!({ "to": "2026-01-05T06:10:00" }),
        json!({ "to": "24:00" }),
        json!({ "to": null }),
    ] {
        hand.post("/clock/advance", &wrong).is(400);
    }
    for wrong in [json!(-1), json!(0.0001), json!(1e7), json!(null)] {
        hand.put("/clock", &json!({ "speed": wrong })).is(400);
    }
    assert_eq!(hand.get("/clock").json()["now_ms"], 661_000, "nothing of this moved the clock");
    // The wait for a slot is in model seconds: by so much the clock has to be advanced.
    for number in 8..25 {
        hand.to_groups(&format!("n{number}")).is(204);
    }
    let refused = hand.to_groups("one too many").is(429);
    assert_eq!(refused.header("Retry-After"), Some("2939"), "the first of 06:00:00 is an hour old in 2,939 s");
    assert_eq!(jump(&hand, &json!({ "to": "06:11:01" }))["now"], "2026-01-06T06:11:01Z", "the next one is tomorrow's");
    hand.put("/clock", &json!({ "speed": 1 })).is(200);
    hand.put("/clock", &json!({ "speed": 0 })).is(200);
    let now = || hand.get("/clock").is(200).json()["now_ms"].clone();
    assert_eq!(now(), now(), "it is stopped again");
}

#[test]
fn the_clock_goes_on_until_no_pair_waits() {
    let hand = stopped("control_until_settled", TENANT, &["--set", "duration=4h"]);
    let until_settled = json!({ "until": "settled" });
    assert_eq!(jump(&hand, &until_settled)["now_ms"], 0, "nothing waits");
    hand.to_groups("a").is(204);
    // Each road takes two seconds, and what is due at a moment has happened one millisecond later.
    assert_eq!(jump(&hand, &until_settled)["now_ms"], 2_001);
    assert_eq!(hand.get("/messages/0").json()["settled"], true);
    jump(&hand, &json!({ "to": "07:10" }));
    hand.to_groups("into the outage").is(204);
    let settled = jump(&hand, &until_settled)["now_ms"].as_u64().expect("a time");
    let over = 80 * 60_000;
    assert!((over..over + 63_000).contains(&settled), "the outage ends, copies leave within a minute: {settled}");
    assert_eq!(hand.get("/messages/1").json()["settled"], true);
    let last = jump(&hand, &until_settled)["now_ms"].as_u64();
    assert_eq!(last, Some(settled));
    hand.fault(&json!({ "name": "for good", "kind": "outage", "mode": "hold", "scope": { "gateway": "apns" } }))
        .is(201);
    hand.to_device("lonely", "held").is(204);
    let held = hand.post("/clock/advance", &until_settled).is(409).json();
    assert_eq!(held["code"], "not_settled", "{held}");
    let told = held["message"].as_str().expect("a message");
    assert!(told.contains("1 pairs still wait") && told.contains("stop the fault"), "{told}");
    assert_eq!(hand.get("/clock").json()["now_ms"], 4 * 3_600_000 - 1, "it is at the end, and not beyond it");
    hand.send("GET", "/_reveille/ready", &[], b"").is(200);
}

#[test]
fn a_stall_does_not_hold_a_stopped_clock() {
    let hand = stopped("control_stopped_stall", TENANT, &[]);
    hand.fault(&json!({ "name": "asleep", "kind": "stall", "actors": "shard", "rate": 1, "delay": "1m" })).is(201);
    hand.to_groups("a").is(204);
    jump(&hand, &json!({ "until": "settled" }));
    assert_eq!(hand.get("/messages/0").json()["stations"]["shown"], 2);
}

#[test]
fn a_sure_tenant_shows_every_message_at_once() {
    let served = Served::start("control_sure", None, &["--sure", "--paused", "--control-token", TOKEN]);
    let admin = served.token(&["--as", "administrator", "--scenario", "example:sure"]);
    let control = served.running.said.split("control at http://").nth(1).and_then(|rest| rest.split('/').next());
    let control = control.expect("it says where it is").to_owned();
    let authorization = format!("Bearer {TOKEN}");
    let headers = [("Authorization", authorization.as_str()), ("Content-Type", "application/json")];
    let ask = |method: &str, path: &str, body: &Value| {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let request = request(&control, method, &format!("/_reveille{path}"), &headers, body.as_bytes());
        parsed(&answer(&control, &request)).is(200).json()
    };
    let group = served.id(&admin, "groups", "displayName", "All users");
    let body = json!({ "notificationTitle": "t", "notificationBody": "b", "groupsToNotify": [group] });
    for (message, at) in [10_000, 20_001].into_iter().enumerate() {
        ask("POST", "/clock/advance", &json!({ "by": "10s" }));
        served.post(&admin, "/beta/deviceManagement/sendCustomNotificationToCompanyPortal", &body).is(204);
        let settled = ask("POST", "/clock/advance", &json!({ "until": "settled" }));
        assert_eq!(settled["now_ms"], at + 1, "the millisecond of its acceptance is over");
        let told = ask("GET", &format!("/messages/{message}"), &Value::Null);
        assert_eq!((&told["settled"], &told["stations"]["shown"]), (&json!(true), &json!(5)), "{told}");
    }
    let devices = ask("GET", "/devices", &Value::Null)["items"].as_array().expect("a list").clone();
    assert_eq!(devices.len(), 5);
    for device in devices {
        let name = device["name"].as_str().expect("a name");
        let shown = ask("GET", &format!("/devices/{name}/notifications"), &Value::Null)["items"].clone();
        let shown: Vec<(&Value, &Value)> =
            shown.as_array().expect("a list").iter().map(|shown| (&shown["shown_at_ms"], &shown["form"])).collect();
        let banner = json!("banner");
        assert_eq!(shown, [(&json!(10_000), &banner), (&json!(20_001), &banner)], "{name}");
    }
}

/// What a client can compare: the status, and the text without the date and the id of the request itself.
fn comparable(reply: &Reply) -> String {
    let mut text = reply.text.clone();
    if let Ok(mut json) = serde_json::from_str::<Value>(&reply.text)
        && let Some(inner) = json.pointer_mut("/error/innerError").and_then(Value::as_object_mut)
    {
        let own = inner["request-id"].as_str().expect("an id").to_owned();
        text = text.replace(&own, "ID").replace(inner["date"].as_str().expect("a date"), "DATE");
    }
    format!("{} {:?} {text}", reply.status, reply.header("Retry-After"))
}

/// A test's requests after a reset, and all their answers.
fn a_test(hand: &Hand, phone: &str) -> Vec<String> {
    let mut told = Vec::new();
    let mut note = |reply: Reply| told.push(comparable(&reply));
    note(hand.get("/clock"));
    note(hand.get("/snapshot"));
    note(hand.to_groups("one"));
    note(hand.get("/snapshot"));
    note(hand.get("/messages/0/journeys"));
    note(hand.post("/clock/advance", &json!({ "by": "2s" })));
    note(hand.fault(
        &json!({ "name": "no push", "kind": "outage", "mode": "hold", "for": "5m", "scope": { "gateway": "fcm" } }),
    ));
    for number in 0..3 {
        note(hand.to_device(phone, &format!("to one {number}")));
    }
    note(hand.get(&format!("/devices/{phone}")));
    note(hand.post("/clock/advance", &json!({ "until": "settled" })));
    for path in ["/messages", "/messages/0/journeys", "/faults", "/snapshot", "/state"] {
        note(hand.get(path));
    }
    note(hand.get(&format!("/devices/{phone}/notifications")));
    for number in 0..11 {
        note(hand.to_device(phone, &format!("too many {number}")));
    }
    note(hand.get(&format!("/devices/{phone}/messages/0/explain")));
    told
}

#[test]
fn two_hundred_resets_give_the_same_bytes() {
    let hand = stopped("control_two_hundred", CHANCE, &[]);
    let devices = hand.get("/devices").is(200).json();
    let phone = devices["items"].as_array().expect("a list").iter().find(|device| device["platform"] == "ios");
    let phone = phone.and_then(|phone| phone["name"].as_str()).expect("there is an iPhone");
    hand.post("/reset", &Value::Null).is(204);
    let first = a_test(&hand, phone);
    assert!(first.iter().any(|told| told.starts_with("429")), "a refusal is compared too");
    for number in 1..RESETS {
        // What the test before left: another speed, which a reset undoes.
        hand.put("/clock", &json!({ "speed": number })).is(200);
        hand.post("/reset", &Value::Null).is(204);
        let again = a_test(&hand, phone);
        for (place, (first, again)) in first.iter().zip(&again).enumerate() {
            assert_eq!(first, again, "answer {place} after reset {number}");
        }
        assert_eq!(again.len(), first.len());
    }
    let events = |query: &str| hand.events(query, &[], 5);
    hand.post("/reset", &Value::Null).is(204);
    a_test(&hand, phone);
    let once = events("?after=0");
    assert_eq!((once[0].0.as_str(), once[0].1.as_str()), ("1", "reset"));
    hand.post("/reset", &Value::Null).is(204);
    a_test(&hand, phone);
    assert_eq!(events("?after=0"), once);
    assert_eq!(events("?after=4000000"), once, "a number from before a reset is none of these");
}

#[test]
fn a_reset_keeps_what_it_is_asked_to_keep() {
    let hand = stopped("control_reset_keep", TENANT, &[]);
    let speed = || hand.get("/clock").is(200).json()["speed"].clone();
    let last = || hand.get("/snapshot").is(200).json()["last_event"].as_u64().expect("a number");
    hand.to_groups("a").is(204);
    let before = last();
    hand.put("/clock", &json!({ "speed": 0.002 })).is(200);
    hand.post("/reset?keep=speed,events", &Value::Null).is(204);
    assert_eq!(speed(), 0.002);
    assert!(last() > before, "numbers go on");
    hand.post("/reset?keep=speed", &Value::Null).is(204);
    assert_eq!((speed(), last()), (json!(0.002), 1));
    hand.post("/reset", &Value::Null).is(204);
    assert_eq!((speed(), last()), (json!(0.0), 1));
    let wrong = hand.post("/reset?keep=clock", &Value::Null).is(400).json();
    assert!(
        wrong["message"].as_str().is_some_and(|text| text.contains("`clock`") && text.contains("`speed`")),
        "{wrong}"
    );
}

#[test]
fn an_open_stream_of_events_goes_on_with_a_reset() {
    let hand = stopped("control_reset_stream", TENANT, &[]);
    hand.to_groups("a").is(204);
    std::thread::scope(|scope| {
        let stream = scope.spawn(|| hand.events("", &[], 1));
        // The stream may open after one of them; the next one has the same number, and is an event all the same.
        while !stream.is_finished() {
            hand.post("/reset", &Value::Null).is(204);
        }
        let told = stream.join().expect("it is answered");
        assert_eq!((told[0].0.as_str(), told[0].1.as_str()), ("1", "reset"), "{told:?}");
    });
}
