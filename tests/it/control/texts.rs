//! Risk: the text of a message is not on the phone that shows it, or is anywhere else, or stays when no phone can show it
//! any more (R6).

use serde_json::{Value, json};

use super::hand::{Hand, TOKEN};
use crate::fixtures::caller::{Reply, Served};
use crate::fixtures::program::get;

/// Phones of the edition of 2025, one for each form; one that shows nothing, one without a connection, and one that is
/// enrolled within the catch-up window of a message at time zero. Without randomness.
pub(crate) const FORMS: &str = r#"
schema = 1
name = "forms"
start = 2026-01-05T06:00:00Z
duration = "60d"
profile = "intune-2025"

[delivery.apns]
latency = "2s"
loss = 0
[delivery.fcm]
latency = "2s"
loss = 0
priority = "high"
[directory]
lag = "0s"
catch_up = "15m"

[[user]]
name = "ann"
[[device]]
name = "banner"
user = "ann"
platform = "ios"
[[device]]
name = "full"
user = "ann"
platform = "ios"
locked = true
lock_screen = "full"
[[device]]
name = "hidden"
user = "ann"
platform = "ios"
locked = true
lock_screen = "hidden"
[[device]]
name = "centre"
user = "ann"
platform = "ios"
locked = true
lock_screen = "off"
[[device]]
name = "used"
user = "ann"
platform = "ios"
foreground = true
[[device]]
name = "outdated"
user = "ann"
platform = "android"
app_outdated = true
[[device]]
name = "mute"
user = "ann"
platform = "android"
push_permission = false
[[device]]
name = "late"
user = "ann"
platform = "ios"
enrolled = false
[[change]]
name = "enrolled late"
kind = "enroll"
at = "10m"
devices = ["late"]
[[account]]
name = "intern"
[[send]]
name = "never sent here"
at = "0s"
to = { groups = ["All users"] }
title = "t"
body = "b"
"#;

pub(crate) const TITLE: &str = "Quetzalcoatl";
pub(crate) const BODY: &str = "Popocatepetl, Tlahuizcalpantecuhtli";
pub(crate) const KEPT: &str = "reveille_texts_kept";

fn stopped(name: &str, more: &[&str]) -> Hand {
    Hand::of(Served::start(name, Some(FORMS), &[&["--paused", "--control-token", TOKEN], more].concat()))
}

/// Sends the marked text to one device.
pub(crate) fn to_device(hand: &Hand, device: &str) {
    let id = hand.served.id(&hand.admin, "deviceManagement/managedDevices", "deviceName", device);
    let path = format!("/beta/deviceManagement/managedDevices/{id}/sendCustomNotificationToCompanyPortal");
    hand.served.post(&hand.admin, &path, &json!({ "notificationTitle": TITLE, "notificationBody": BODY })).is(204);
}

/// Sends the marked text to everyone.
pub(crate) fn to_all(hand: &Hand) {
    let group = hand.served.id(&hand.admin, "groups", "displayName", "All users");
    let body = json!({ "notificationTitle": TITLE, "notificationBody": BODY, "groupsToNotify": [group] });
    let path = "/beta/deviceManagement/sendCustomNotificationToCompanyPortal";
    hand.served.post(&hand.admin, path, &body).is(204);
}

/// Form, title and body of each notification of a phone.
#[track_caller]
pub(crate) fn screen(hand: &Hand, device: &str) -> Vec<(Value, Value, Value)> {
    let centre = hand.get(&format!("/devices/{device}/notifications")).is(200).json();
    let items = centre["items"].as_array().expect("a list").clone();
    let mut items = items.into_iter().map(|mut item| {
        let mut part = |name: &str| item[name].take();
        (part("form"), part("title"), part("body"))
    });
    items.by_ref().collect()
}

#[track_caller]
pub(crate) fn dismiss(hand: &Hand, device: &str, message: u32) -> Reply {
    hand.post(&format!("/devices/{device}/notifications/{message}/dismiss"), &Value::Null)
}

#[test]
fn a_phone_shows_what_the_form_lets_one_see_r63_r32() {
    let hand = stopped("texts_forms", &[]);
    to_all(&hand);
    hand.advance("3s");
    let (title, body) = (json!(TITLE), json!(BODY));
    let update = json!("Update the app to see this message.");
    for (device, form, title, body) in [
        ("banner", "banner", &title, &body),
        ("full", "lock_full", &title, &body),
        ("centre", "notification_centre", &title, &body),
        ("used", "in_app", &title, &body),
        ("hidden", "lock_hidden", &json!("Company Portal"), &Value::Null),
        ("outdated", "stub", &json!("Company Portal"), &update),
    ] {
        assert_eq!(screen(&hand, device), [(json!(form), title.clone(), body.clone())], "{device}");
    }
    assert_eq!(screen(&hand, "mute"), [], "it may not notify");
    assert_eq!(hand.figure(KEPT), 1, "once for all phones");
    for device in ["banner", "hidden", "outdated"] {
        dismiss(&hand, device, 0).is(200);
        let (_, title, body) = screen(&hand, device).remove(0);
        assert_eq!((title, body), (Value::Null, Value::Null), "{device}: it is not on the screen");
    }
}

#[test]
fn a_text_to_one_phone_goes_with_its_last_use_r6() {
    let hand = stopped("texts_single", &[]);
    // One that the phone does not show: there is no text from the moment of the answer that says so.
    to_device(&hand, "mute");
    assert_eq!(hand.figure(KEPT), 1);
    hand.advance("3s");
    assert_eq!(hand.figure(KEPT), 0, "it is blocked");
    // One that is dismissed.
    to_device(&hand, "banner");
    hand.advance("3s");
    assert_eq!(screen(&hand, "banner"), [(json!("banner"), json!(TITLE), json!(BODY))]);
    hand.advance("30d");
    assert_eq!(hand.figure(KEPT), 1, "it is on the screen");
    dismiss(&hand, "banner", 1).is(200);
    assert_eq!(hand.figure(KEPT), 0);
    // One that waits for a phone without a connection until it expires.
    hand.phone("banner", &json!({ "online": false })).is(200);
    to_device(&hand, "banner");
    hand.advance("1h");
    assert_eq!(hand.figure(KEPT), 1, "it waits");
    hand.advance("28d");
    let journeys = hand.get("/devices/banner/journeys").is(200).json();
    assert_eq!(journeys["items"][1]["station"], "expired", "{journeys}");
    assert_eq!((hand.figure(KEPT), hand.figure("reveille_texts_dropped_total")), (0, 0));
}

#[test]
fn a_text_to_groups_stays_for_those_who_join_within_the_window_r37() {
    let hand = stopped("texts_window", &[]);
    to_all(&hand);
    hand.advance("3s");
    for device in ["banner", "full", "hidden", "centre", "used", "outdated"] {
        dismiss(&hand, device, 0).is(200);
    }
    assert_eq!(hand.get("/messages/0").json()["settled"], true);
    assert_eq!(hand.figure(KEPT), 1, "a device may join");
    hand.advance("10m");
    assert_eq!(screen(&hand, "late"), [(json!("banner"), json!(TITLE), json!(BODY))], "it was enrolled meanwhile");
    dismiss(&hand, "late", 0).is(200);
    hand.post("/clock/advance", &json!({ "to": "2026-01-05T06:15:00Z" })).is(200);
    assert_eq!(hand.figure(KEPT), 1, "15 minutes after the send a device may still join");
    hand.advance("1ms");
    assert_eq!(hand.figure(KEPT), 0, "the window is over");
    // The next one is on screens when its window ends.
    to_all(&hand);
    hand.advance("1h");
    assert_eq!(hand.figure(KEPT), 1);
    for device in ["banner", "full", "hidden", "centre", "used", "outdated", "late"] {
        assert_eq!(hand.figure(KEPT), 1, "{device} has it");
        dismiss(&hand, device, 1).is(200);
    }
    assert_eq!(hand.figure(KEPT), 0);
}

#[test]
fn changes_by_hand_keep_a_text_and_a_reset_and_an_import_have_none() {
    let hand = stopped("texts_revised", &[]);
    let whole = [(json!("banner"), json!(TITLE), json!(BODY))];
    to_device(&hand, "banner");
    hand.advance("3s");
    hand.fault(&json!({ "name": "no push", "kind": "outage", "scope": { "gateway": "apns" } })).is(201);
    assert_eq!(screen(&hand, "banner"), whole);
    hand.phone("banner", &json!({ "locked": true })).is(200);
    hand.post("/faults/no%20push/stop", &Value::Null).is(200);
    assert_eq!(screen(&hand, "banner"), whole);
    assert_eq!(hand.figure(KEPT), 1);
    let state = hand.get("/state").is(200).json();
    hand.put("/state", &state).is(204);
    assert_eq!(screen(&hand, "banner"), [(json!("banner"), Value::Null, Value::Null)], "a state has no text");
    assert_eq!(hand.figure(KEPT), 0);
    to_device(&hand, "hidden");
    hand.advance("3s");
    assert_eq!(hand.figure(KEPT), 1);
    hand.post("/reset", &Value::Null).is(204);
    assert_eq!(hand.figure(KEPT), 0);
    to_device(&hand, "banner");
    hand.advance("3s");
    assert_eq!(screen(&hand, "banner"), whole, "numbers begin anew, and texts with them");
}

#[test]
fn a_text_is_kept_and_erased_while_the_clock_runs() {
    let hand = Hand::of(Served::start("texts_running", Some(FORMS), &["--speed", "60", "--control-token", TOKEN]));
    to_all(&hand);
    to_device(&hand, "mute");
    hand.get("/messages/0?wait=settled&timeout=30s").is(200);
    hand.get("/messages/1?wait=settled&timeout=30s").is(200);
    let shown = screen(&hand, "full");
    assert_eq!(shown, [(json!("lock_full"), json!(TITLE), json!(BODY))]);
    for device in ["banner", "full", "hidden", "centre", "used", "outdated"] {
        dismiss(&hand, device, 0).is(200);
    }
    // The joiner comes within the hour, and its user leaves the notification there.
    hand.advance("1h");
    dismiss(&hand, "late", 0).is(200);
    hand.advance("1s");
    assert_eq!(hand.figure(KEPT), 0);
}

/// Everything that can be read of the tenant, except for what is on a phone.
#[track_caller]
fn assert_nowhere(hand: &Hand, when: &str) {
    let mut read = vec![("metrics".to_owned(), get(&hand.served.metrics, "/metrics"))];
    let mut paths =
        ["/tenants", "/messages", "/faults", "/clock", "/snapshot", "/state", "/devices"].map(str::to_owned).to_vec();
    for message in 0..2 {
        paths.push(format!("/messages/{message}"));
        paths.push(format!("/messages/{message}/journeys"));
    }
    for device in ["banner", "mute", "hidden", "outdated", "late"] {
        paths.push(format!("/devices/{device}"));
        paths.push(format!("/devices/{device}/journeys"));
        for message in 0..2 {
            paths.push(format!("/devices/{device}/messages/{message}/explain"));
        }
        if ["mute", "hidden", "outdated"].contains(&device) {
            paths.push(format!("/devices/{device}/notifications"));
        }
    }
    for path in paths {
        let text = hand.get(&path).is(200).text;
        read.push((path, text));
    }
    read.push(("events".to_owned(), format!("{:?}", hand.events("?after=0", &[], 2))));
    for (place, text) in read {
        for marker in TITLE.split(' ').chain(BODY.split(", ")) {
            assert!(!text.contains(marker), "{when}: `{marker}` is in {place}: {text}");
        }
    }
}

#[cfg(unix)]
#[test]
fn no_text_is_left_anywhere_r6() {
    for (form, name) in [("text", "texts_nowhere_text"), ("json", "texts_nowhere_json")] {
        let hand = stopped(name, &["-vv", "--log-format", form, "--audit-log", "audit.log"]);
        // Two that no phone shows, in the end; and two that are shown and dismissed.
        to_all(&hand);
        to_device(&hand, "mute");
        assert_nowhere(&hand, "under way");
        hand.advance("3s");
        assert_eq!(screen(&hand, "banner"), [(json!("banner"), json!(TITLE), json!(BODY))]);
        assert_nowhere(&hand, "shown");
        hand.phone("late", &json!({ "online": false })).is(200);
        for device in ["banner", "full", "hidden", "centre", "used", "outdated"] {
            dismiss(&hand, device, 0).is(200);
        }
        hand.advance("30d");
        let journeys = hand.get("/devices/late/journeys").is(200).json();
        assert_eq!(journeys["items"][0]["station"], "expired", "{journeys}");
        assert_eq!(hand.figure(KEPT), 0);
        assert_nowhere(&hand, "afterwards");
        for device in ["banner", "full", "centre", "used"] {
            let (_, title, body) = screen(&hand, device).remove(0);
            assert_eq!((title, body), (Value::Null, Value::Null), "{device}");
        }
        let Hand { served, .. } = hand;
        served.running.interrupt();
        let said = served.running.end().exits(0);
        let audit = served.folder.read("audit.log");
        assert!(said.err.contains("request answered") && audit.contains("\"send\""), "{} {audit}", said.err);
        for (place, text) in [("log", &said.err), ("console", &said.out), ("audit", &audit)] {
            for marker in TITLE.split(' ').chain(BODY.split(", ")) {
                assert!(!text.contains(marker), "`{marker}` is in the {place}: {text}");
            }
        }
    }
}
