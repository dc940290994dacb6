//! Risk: a request of the control API with one extreme value ends the server, or a tenant of it. A generator made from
//! the `OpenAPI` document puts such values into paths, queries and bodies; each is answered, and the tenant accepts
//! requests afterwards.
//!
//! A soak: `REVEILLE_CONTROL_EXTREMES_REQUESTS=100000 cargo test --test it control::extremes`; requests go in sessions
//! of 25, each of which begins with a reset and is numbered from 0, or from `REVEILLE_CONTROL_EXTREMES_FROM`.

use std::fmt::Write as _;

use rand::RngExt;
use reveille::rules::base::chance::{Chance, Purpose, Stream};
use reveille::rules::base::ids::Key;
use serde_json::{Value, json};

use super::hand::{Hand, TOKEN};
use crate::fixtures::caller::Reply;
use crate::fixtures::numbers::number_of;
use crate::scenario::extremes::grammar::{Kind, Step, places, put};
use crate::scenario::extremes::values::values;

/// Requests in one run of the tests.
const REQUESTS: u64 = 2_000;
/// Requests of one session.
const SESSION: u64 = 25;

/// Values for a name or an id in a path or a query.
const NAMES: [&str; 9] =
    ["lonely", "mute", "mac", "attended", "intern", "", "00000000-0000-0000-0000-000000000000", "%ff", "apns%20down"];

/// A fault of each kind, to be changed.
const FAULTS: [&str; 12] = [
    r#"{ "kind": "outage", "for": "1m", "every": "2m", "mode": "hold", "scope": { "gateway": "apns" } }"#,
    r#"{ "kind": "loss", "rate": 0.5, "for": "1m", "every": "2m", "ramp": "1s", "correlation": "10s" }"#,
    r#"{ "kind": "delay", "delay": { "median": "1s", "p95": "9s" }, "scope": { "pick": 0.5 } }"#,
    r#"{ "kind": "duplicate", "rate": 0.5, "ramp": "1m" }"#,
    r#"{ "kind": "throttle", "rate": "10/s", "for": "1m", "every": "2m" }"#,
    r#"{ "kind": "offline", "for": "1m", "every": "1m1ms" }"#,
    r#"{ "kind": "play_services_down", "for": "1m" }"#,
    r#"{ "kind": "permission_revoked", "for": "1m", "every": "1h" }"#,
    r#"{ "kind": "app_removed" }"#,
    r#"{ "kind": "directory_lag", "delay": "1m", "for": "1m" }"#,
    r#"{ "kind": "crash", "rate": 0.01, "for": "1m", "every": "2m", "ramp": "1s" }"#,
    r#"{ "kind": "stall", "rate": 0.01, "delay": "1ms", "for": "1m" }"#,
];

/// A request to send.
struct Request {
    method: String,
    path: String,
    body: String,
}

struct Generator {
    document: Value,
    /// Method, path and description of each operation.
    operations: Vec<(String, String, Value)>,
}

struct Dice(Stream);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0.random_range(0..n as u32) as usize
    }

    fn one<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    /// A value that JSON can express.
    fn value(&mut self, kind: Kind) -> String {
        let all = values(kind);
        let written = all.iter().filter(|text| serde_json::from_str::<Value>(text).is_ok());
        (*self.one(&written.collect::<Vec<_>>())).clone()
    }

    fn whole(&mut self) -> String {
        self.value(Kind::Whole { least: 0, most: 1_000 })
    }
}

impl Generator {
    fn new() -> Self {
        let document = reveille::server::control::document();
        let mut operations = Vec::new();
        for (path, item) in document["paths"].as_object().expect("paths") {
            // A stream of events has no end.
            for (method, operation) in
                item.as_object().expect("operations").iter().filter(|_| !path.ends_with("/events"))
            {
                operations.push((method.to_uppercase(), path.clone(), operation.clone()));
            }
        }
        assert!(operations.len() > 15, "{} operations", operations.len());
        Self { document, operations }
    }

    fn request(&self, dice: &mut Dice, state: &Value) -> Request {
        let (method, path, operation) = dice.one(&self.operations);
        let mut path = path.clone();
        let mut query = String::new();
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let name = parameter["name"].as_str().expect("a parameter has a name");
            let is_number = parameter["schema"].to_string().contains("integer");
            // A test must not wait.
            let value = match name {
                "timeout" => (*dice.one(&["0s", "1ms", "10m1ms", "36525d", "99999999999999999999d", "-1s"])).to_owned(),
                "wait" => (*dice.one(&["", "settled&timeout=0s"])).to_owned(),
                _ if is_number => dice.whole(),
                _ => (*dice.one(&NAMES)).to_owned(),
            };
            if parameter["in"] == "path" {
                path = path.replace(&format!("{{{name}}}"), &value);
            } else if dice.below(2) == 0 && name != "tenant" && !query.contains("timeout") {
                let _ = write!(query, "{}{name}={value}", if query.is_empty() { "?" } else { "&" });
            }
        }
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
        let body = match schema["$ref"].as_str().and_then(|text| text.rsplit('/').next()) {
            Some("Fault") => self.fault(dice),
            Some("StateFile") => self.state(dice, state),
            Some("Jump") => format!("{{\"by\":{}}}", dice.value(Kind::Duration)),
            Some("Speed") => format!("{{\"speed\":{}}}", dice.value(Kind::Speed)),
            Some("PhoneChanges") => {
                let key =
                    *dice.one(&["online", "locked", "foreground", "play_services", "app", "permission", "absent"]);
                format!("{{\"{key}\":{}}}", dice.one(&["true", "false", "null", "1", "\"yes\"", "[]"]))
            }
            Some("PreviewedMessage") => {
                let title = *dice.one(&["\"t\"", "\"\"", "7", "null", "\"\\u0000\"", "\"\\ud83e\\udd80\""]);
                let groups = *dice.one(&[
                    "",
                    ",\"groupsToNotify\":[]",
                    ",\"groupsToNotify\":[\"intern\"]",
                    ",\"groupsToNotify\":7",
                ]);
                format!("{{\"notificationTitle\":{title},\"notificationBody\":\"b\"{groups}}}")
            }
            Some(other) => panic!("the document has a body `{other}`. Remedy: give it extreme values here"),
            None => String::new(),
        };
        Request { method: method.clone(), path: format!("{path}{query}"), body }
    }

    /// A fault with one or two changed values.
    fn fault(&self, dice: &mut Dice) -> String {
        let table: toml::Value = serde_json::from_str(dice.one::<&str>(&FAULTS)).expect("it is JSON");
        let (mut fault, mut written) = (table, Vec::new());
        let name = toml::Value::String(format!("f{}", dice.below(1_000)));
        put(&mut fault, &[Step::Key("name".to_owned())], "", name);
        let places = places(&self.document["components"]["schemas"]["Fault"], &fault);
        for _ in 0..=dice.below(2) {
            let place = dice.one(&places);
            let kind = *dice.one(&place.kinds);
            put(&mut fault, &place.way, "0.5", toml::Value::String(format!("@{}@", written.len())));
            written.push(dice.value(kind));
        }
        let mut text = serde_json::to_string(&fault).expect("it is JSON");
        for (nth, value) in written.iter().enumerate() {
            text = text.replace(&format!("\"@{nth}@\""), value);
        }
        text
    }

    /// An exported state with one changed number, or a fault that was started.
    fn state(&self, dice: &mut Dice, state: &Value) -> String {
        let mut state = state.clone();
        if dice.below(2) == 0 {
            let at = dice.below(3) as u64 * 7_000_000;
            let started = json!({ "at": at, "deed": { "fault_started": { "fault": "@fault@" } } });
            state["inputs"].as_array_mut().expect("a list").push(started);
            state["now_ms"] = json!(at.max(state["now_ms"].as_u64().unwrap_or(0)));
            return state.to_string().replace("\"@fault@\"", &self.fault(dice));
        }
        let mut numbers = 0;
        replace_number(&mut state, &mut numbers, usize::MAX);
        replace_number(&mut state, &mut 0, dice.below(numbers));
        state.to_string().replace("\"@number@\"", &dice.whole())
    }
}

/// Counts the numbers of a value, and replaces the one at `wanted`.
fn replace_number(value: &mut Value, seen: &mut usize, wanted: usize) {
    match value {
        Value::Number(_) => {
            if *seen == wanted {
                *value = json!("@number@");
            }
            *seen += 1;
        }
        Value::Array(items) => items.iter_mut().for_each(|item| replace_number(item, seen, wanted)),
        Value::Object(members) => members.values_mut().for_each(|member| replace_number(member, seen, wanted)),
        _ => {}
    }
}

fn send(hand: &Hand, request: &Request) -> Reply {
    let authorization = format!("Bearer {TOKEN}");
    let headers = [("Authorization", authorization.as_str()), ("Content-Type", "application/json")];
    let headers = if request.body.is_empty() { &headers[..1] } else { &headers[..] };
    hand.send(&request.method, &request.path, headers, request.body.as_bytes())
}

#[test]
fn every_request_with_an_extreme_value_is_answered_and_the_tenant_keeps_running() {
    let sessions = number_of("REVEILLE_CONTROL_EXTREMES_REQUESTS", REQUESTS).div_ceil(SESSION);
    let from = number_of("REVEILLE_CONTROL_EXTREMES_FROM", 0);
    let (generator, hand) = (Generator::new(), Hand::start("control_extremes"));
    let under_way = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("control-extremes-session");
    let (mut done, mut refused) = (0, 0);
    for number in from..from + sessions {
        std::fs::write(&under_way, number.to_string()).expect("the number of a session can be written");
        let mut dice = Dice(Chance::new(number).stream(Purpose::Plan, Key(3)));
        hand.post("/reset", &Value::Null).is(204);
        hand.to_groups("a").is(204);
        hand.advance("3s");
        hand.fault(&json!({ "name": "f", "kind": "delay", "delay": "1m" })).is(201);
        hand.to_device("lonely", "b").is(204);
        let state = hand.get("/state").is(200).json();
        for _ in 0..SESSION {
            let request = generator.request(&mut dice, &state);
            let reply = send(&hand, &request);
            let Request { method, path, body } = request;
            let replay = format!(
                "session {number}, which `REVEILLE_CONTROL_EXTREMES_FROM={number} REVEILLE_CONTROL_EXTREMES_REQUESTS=1 \
                 cargo test --test it control::extremes` does again: {method} {path} {body}"
            );
            // A server whose model time has ended reports that in its health, with 503.
            let is_answer = (200..500).contains(&reply.status) || reply.text.contains("come to its end");
            assert!(is_answer, "{} {}\nof {replay}", reply.status, reply.text);
            if reply.status < 300 { done += 1 } else { refused += 1 }
        }
        let ready = hand.get("/ready");
        assert!(ready.status == 200 || ready.text.contains("come to its end"), "{} in session {number}", ready.text);
    }
    let all = sessions * SESSION;
    assert!(
        all < REQUESTS || done > all / 5 && refused > all / 5,
        "{done} are done and {refused} refused: both are tried"
    );
}
