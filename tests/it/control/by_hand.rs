//! Risk: a fault that is started or stopped by hand differs from the requested one, or affects messages that were sent
//! before.

use reveille::server::identity::Issuer;
use serde_json::{Value, json};

use crate::fixtures::caller::Served;

use super::hand::{Hand, TENANT, TOKEN};

fn outage(name: &str) -> Value {
    json!({ "name": name, "kind": "outage", "scope": { "gateway": "apns" } })
}

#[test]
fn an_outage_by_hand_holds_what_is_sent_until_it_is_stopped() {
    let hand = Hand::start("control_by_hand");
    hand.to_groups("before").is(204);
    hand.advance("1m");
    let before = hand.get("/messages/0").json();
    let started = hand.fault(&outage("pulled plug")).is(201).json();
    assert_eq!((&started["active"], &started["by_hand"], &started["touched"]), (&json!(true), &json!(true), &json!(0)));
    assert_eq!(hand.get("/messages/0").json(), before, "what was, is");
    hand.to_groups("into it").is(204);
    hand.advance("30m");
    let waits = hand.get("/messages?client-request-id=into-it").json()["items"][0].clone();
    assert_eq!((&waits["id"], &waits["stations"]["waiting"]), (&json!(1), &json!(2)), "{waits}");
    assert!(waits["causes"].as_array().expect("a list").iter().any(|cause| cause["cause"] == "outage"), "{waits}");
    let told = hand.get("/devices/lonely/messages/1/explain").is(200).text;
    assert!(told.contains("pulled plug"), "{told}");
    let touched = "reveille_fault_touched_total{fault=\"by_hand\"}";
    let active = "reveille_fault_active{fault=\"by_hand\"}";
    let open = "reveille_journeys_open{station=\"outage\"}";
    assert_eq!((hand.figure(touched), hand.figure(active), hand.figure(open)), (2, 1, 2));
    let shown = "reveille_journeys_settled_total{platform=\"ios\",station=\"shown\",cause=\"none\"}";
    assert_eq!(hand.figure(shown), 2);
    let stopped = hand.post("/faults/pulled%20plug/stop", &Value::Null).is(200).json();
    assert_eq!((&stopped["active"], &stopped["touched"]), (&json!(false), &json!(2)), "{stopped}");
    hand.advance("2m");
    let arrived = hand.get("/messages/1").json();
    assert_eq!((&arrived["settled"], &arrived["stations"]["shown"]), (&json!(true), &json!(2)), "{arrived}");
    assert_eq!((hand.figure(touched), hand.figure(active), hand.figure(open), hand.figure(shown)), (2, 0, 0, 4));
    assert_eq!(hand.figure("reveille_messages_accepted_total{kind=\"group\"}"), 2);
    let journeys = hand.get("/messages/1/journeys").json();
    let shown = journeys["items"].as_array().expect("a list").iter().filter(|line| line["station"] == "shown");
    let stopped_at = stopped["stopped_at_ms"].as_u64().expect("a time");
    assert_eq!(shown.filter(|line| line["at_ms"].as_u64() >= Some(stopped_at)).count(), 2, "{journeys}");
    let events = hand.events("?after=0", &[], 7);
    let said = |name: &str| {
        events.iter().filter(|(_, what, _)| what == name).map(|(.., data)| data.clone()).collect::<Vec<_>>()
    };
    assert_eq!((said("accepted").len(), said("reset").len()), (2, 0), "{events:?}");
    let switched: Vec<Value> = said("fault").iter().map(|data| serde_json::from_str(data).expect("JSON")).collect();
    let told = |at: usize| (switched[at]["fault"].clone(), switched[at]["active"].clone());
    assert_eq!((told(0), told(1)), ((json!("pulled plug"), json!(true)), (json!("pulled plug"), json!(false))));
}

#[test]
fn the_scenarios_own_fault_ends_when_it_is_stopped_and_comes_back_with_a_reset() {
    let hand = Hand::start("control_stop_own");
    let stop = "/faults/apns%20down/stop";
    assert_eq!(hand.post(stop, &Value::Null).is(409).json()["code"], "fault_has_not_begun");
    hand.advance("1h");
    hand.to_groups("into it").is(204);
    let stopped = hand.post(stop, &Value::Null).is(200).json();
    assert_eq!((&stopped["by_hand"], &stopped["active"]), (&json!(false), &json!(false)), "{stopped}");
    assert_eq!(hand.post(stop, &Value::Null).is(409).json()["code"], "fault_is_over");
    hand.advance("2m");
    assert_eq!(hand.get("/messages/0").json()["stations"]["shown"], 2, "20 minutes have not gone by");
    hand.fault(&outage("by hand")).is(201);
    hand.post("/reset", &Value::Null).is(204);
    let faults = hand.get("/faults").json()["items"].clone();
    assert_eq!((faults.as_array().map(Vec::len), &faults[0]["stopped_at_ms"]), (Some(1), &Value::Null), "{faults}");
    assert_eq!(hand.figure("reveille_fault_active{fault=\"by_hand\"}"), 0);
}

#[test]
fn a_fault_name_follows_the_scenario_rules_and_is_free_again_after_its_fault() {
    let hand = Hand::start("control_names");
    for (name, path) in [
        ("a/b", "a%2Fb"),
        ("Störung 🔥", "St%C3%B6rung%20%F0%9F%94%A5"),
        ("50% \"off\"?", "50%25%20%22off%22%3F"),
        ("line\nbreak", "line%0Abreak"),
        ("..", "%2E%2E"),
        ("by_hand", "by_hand"),
    ] {
        for _ in 0..2 {
            let started = hand.fault(&outage(name)).is(201).json();
            assert_eq!(started["name"], name);
            let refused = hand.fault(&outage(name)).is(409).json();
            assert_eq!(refused["code"], "name_is_taken");
            assert!(refused["message"].as_str().is_some_and(|text| text.contains("its own name")), "{refused}");
            hand.post(&format!("/faults/{path}/stop"), &Value::Null).is(200);
        }
        assert_eq!(hand.post(&format!("/faults/{path}/stop"), &Value::Null).is(409).json()["code"], "fault_is_over");
    }
    hand.post("/faults/intern/stop", &Value::Null).is(404);
    assert_eq!(hand.fault(&outage("apns down")).is(409).json()["code"], "name_is_taken", "it is still to come");
}

#[test]
fn an_invalid_fault_is_refused_with_place_and_remedy() {
    let hand = Hand::start("control_no_fault");
    for (table, words) in [
        (json!({ "name": "x", "kind": "loss" }), "S004 at line 1, column 1: a fault of kind `loss` needs `rate`"),
        (json!({ "kind": "offline" }), "a fault needs `name`"),
        (json!({ "name": "x", "kind": "outge" }), "did you mean \"outage\"?"),
        (json!({ "name": "x", "kind": "loss", "raet": 1, "rate": 1 }), "did you mean `rate`?"),
        (json!({ "name": "x", "kind": "loss", "rate": 2 }), "S005"),
        (json!({ "name": "x", "kind": "offline", "at": "1m" }), "the fault begins now"),
        (json!({ "name": "x", "kind": "offline", "scope": { "cohort": "named!" } }), "did you mean `named`?"),
        (json!({ "name": "x", "kind": "offline", "scope": { "devices": ["lonley"] } }), "did you mean `lonely`?"),
        (json!({ "name": "x", "kind": "offline", "scope": { "platform": "windows" } }), "covers no device"),
        (json!({ "name": "x", "kind": "offline", "for": "2m", "every": "1m" }), "`every` must be longer than `for`"),
        (json!({ "name": "x", "kind": "stall", "rate": 1, "delay": "2m" }), "more than a minute"),
        (json!([1]), "expected a table"),
    ] {
        let refused = hand.fault(&table).is(400).json();
        let told = refused["message"].as_str().expect("a message");
        assert!(told.contains(words), "{table}: {told}");
    }
    assert_eq!(hand.get("/faults").json()["items"].as_array().map(Vec::len), Some(1));
}

#[test]
fn at_most_128_faults_are_started_until_a_reset() {
    let hand = Hand::start("control_room");
    for number in 1..128 {
        let mut table = outage(&format!("f{number}"));
        table["for"] = json!("1ms");
        hand.fault(&table).is(201);
    }
    assert_eq!(hand.fault(&outage("one more")).is(409).json()["code"], "too_many_faults");
    hand.post("/reset", &Value::Null).is(204);
    hand.fault(&outage("one more")).is(201);
}

#[test]
fn an_exported_state_contains_the_switched_faults() {
    let hand = Hand::start("control_switched_state");
    hand.fault(&outage("plug")).is(201);
    hand.to_groups("into it").is(204);
    hand.fault(&json!({ "name": "crashes", "kind": "crash", "rate": "50%", "for": "1m" })).is(201);
    hand.advance("10m");
    hand.post("/faults/plug/stop", &Value::Null).is(200);
    hand.advance("2m");
    let seen = || {
        ["/messages", "/messages/0/journeys", "/snapshot"].map(|path| {
            let mut seen = hand.get(path).is(200).json();
            for key in ["now_ms", "last_event", "group_quota_next_slot_ms"] {
                seen.as_object_mut().expect("it is an object").remove(key);
            }
            seen
        })
    };
    let (before, state) = (seen(), hand.get("/state").is(200).json());
    assert_eq!(state["inputs"][0]["deed"]["fault_started"]["fault"], outage("plug"));
    assert_eq!(state["inputs"][3]["deed"], json!({ "fault_stopped": { "fault": 1 } }));
    hand.post("/reset", &Value::Null).is(204);
    hand.put("/state", &state).is(204);
    assert_eq!(seen(), before);
    let names: Vec<Value> = hand.get("/faults").json()["items"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|fault| fault["name"].clone())
        .collect();
    assert_eq!(names, ["apns down", "plug", "crashes"]);
    let wrong = |place: usize, operation: Value| {
        let mut wrong = state.clone();
        wrong["inputs"][place]["deed"] = operation;
        hand.put("/state", &wrong).is(400).json()["message"].as_str().expect("a message").to_owned()
    };
    assert_eq!(
        wrong(3, json!({ "fault_stopped": { "fault": 9 } })),
        "input 3: it names what this tenant does not have"
    );
    assert_eq!(
        wrong(3, json!({ "fault_stopped": { "fault": 0 } })),
        "input 3: it switches a fault that cannot be switched then"
    );
    let unreadable = wrong(0, json!({ "fault_started": { "fault": { "name": "x", "kind": "loss" } } }));
    assert!(unreadable.starts_with("input 0: S004"), "{unreadable}");
    assert_eq!(seen(), before, "what is refused changes nothing");
}

#[test]
fn a_fault_by_hand_belongs_to_one_tenant() {
    let neighbour = TENANT.replace("name = \"hand\"", "name = \"foot\"");
    let files = [("hand.toml", TENANT), ("foot.toml", neighbour.as_str())];
    let arguments = ["--speed", "0.001", "--control-token", TOKEN];
    let hand = Hand::of(Served::several("control_two", &files, &arguments));
    hand.get("/faults").is(400);
    let problem = hand.fault(&outage("plug")).is(400).json()["message"].clone();
    assert!(problem.as_str().is_some_and(|text| text.contains("?tenant=")), "{problem}");
    let tenants = ["hand", "foot"].map(|name| Issuer::tenant_id(name).to_string());
    hand.post(&format!("/faults?tenant={}", tenants[1]), &outage("plug")).is(201);
    let active = |tenant: &str| {
        let faults = hand.get(&format!("/faults?tenant={tenant}")).is(200).json()["items"].clone();
        faults.as_array().expect("a list").iter().filter(|fault| fault["active"] == true).count()
    };
    assert_eq!((active(&tenants[0]), active(&tenants[1])), (0, 1));
    hand.post(&format!("/faults/plug/stop?tenant={}", tenants[0]), &Value::Null).is(404);
    hand.post(&format!("/faults/plug/stop?tenant={}", tenants[1]), &Value::Null).is(200);
    assert_eq!(hand.figure("reveille_fault_active{fault=\"by_hand\",tenant=\"hand\"}"), 0);
}
