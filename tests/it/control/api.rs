//! Risk: a test that uses the control API gets wrong answers, or cannot find what it sent.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::hand::{Hand, TOKEN};
use crate::graph::bodies::with_arrays_for_objects;

#[test]
fn what_was_sent_is_found_by_the_callers_own_id_and_waited_for() {
    let hand = Hand::start("control_messages");
    hand.to_groups("my-request").is(204);
    hand.to_device("lonely", "another").is(204);
    hand.advance("1s");
    let found = hand.get("/messages?client-request-id=my-request").is(200).json();
    let [message] = found["items"].as_array().expect("a list").as_slice() else { panic!("one: {found}") };
    assert_eq!((&message["client_request_id"], &message["kind"]), (&json!("my-request"), &json!("group")));
    assert_eq!((&message["settled"], &message["pairs"]), (&json!(false), &json!(4)));
    assert_eq!(message["stations"]["waiting"], 3, "three phones can be reached: {message}");
    let id = message["id"].as_u64().expect("a number");
    let nothing = hand.get(&format!("/messages/{id}?wait=settled&timeout=100ms")).is(200).json();
    assert_eq!(nothing["settled"], false, "what has become of it by then is the answer");
    thread::scope(|scope| {
        let waiting = scope.spawn(|| hand.get(&format!("/messages/{id}?wait=settled&timeout=50s")).is(200).json());
        hand.advance("3s");
        let settled = waiting.join().expect("it is answered");
        assert_eq!(settled["settled"], true, "{settled}");
        let stations = &settled["stations"];
        assert_eq!((&stations["shown"], &stations["waiting"]), (&json!(2), &json!(0)), "{settled}");
        assert_eq!((&stations["blocked"], &stations["skipped"]), (&json!(1), &json!(1)), "{settled}");
        let causes = settled["causes"].as_array().expect("a list");
        let blocked = json!({ "station": "blocked", "cause": "permission", "form": null, "pairs": 1 });
        assert!(causes.contains(&blocked), "{settled}");
    });
    assert_eq!(hand.get("/messages?client-request-id=intern").json()["items"], json!([]));
    let page = hand.get("/messages?limit=1").json();
    assert_eq!((&page["items"][0]["id"], &page["next"]), (&json!(0), &json!(0)));
    let page = hand.get("/messages?limit=1&after=0").json();
    assert_eq!((&page["items"][0]["client_request_id"], &page["next"]), (&json!("another"), &Value::Null));
}

#[test]
fn an_array_never_passes_for_an_object() {
    let hand = Hand::start("control_arrays");
    hand.to_groups("a").is(204);
    hand.advance("3s");
    hand.post("/devices/lonely/notifications/0/dismiss", &Value::Null).is(200);
    hand.fault(&json!({ "name": "late", "kind": "loss", "rate": 0.5 })).is(201);
    let before = hand.get("/snapshot").json();
    let state = hand.get("/state").is(200).json();
    let fault = json!({ "name": "more", "kind": "outage", "mode": "hold", "scope": { "gateway": "apns" } });
    for (method, path, body) in [
        ("PUT", "/clock", json!({ "speed": 2.0 })),
        ("POST", "/clock/advance", json!({ "by": "1h" })),
        ("POST", "/faults", fault),
        ("PUT", "/state", state.clone()),
    ] {
        for wrong in with_arrays_for_objects(&body) {
            let reply = if method == "PUT" { hand.put(path, &wrong) } else { hand.post(path, &wrong) }.is(400);
            assert!(reply.json()["message"].is_string(), "{wrong}: {}", reply.text);
        }
    }
    assert_eq!(hand.get("/snapshot").json(), before, "nothing has changed");
    hand.put("/state", &state).is(204);
}

#[test]
fn an_hour_of_a_quota_takes_no_hour_r40_r45() {
    let hand = Hand::start("control_clock");
    for number in 0..25 {
        hand.to_groups(&format!("r{number}")).is(204);
    }
    hand.to_groups("one too many").is(429);
    let clock = hand.advance("59m");
    assert!(clock["now_ms"].as_u64() >= Some(3_540_000), "{clock}");
    hand.to_groups("still too many").is(429);
    hand.advance("1m");
    hand.to_groups("the first of the next hour").is(204);
    hand.advance("3s");
    let snapshot = hand.get("/snapshot").json();
    assert_eq!((&snapshot["messages"], &snapshot["stations"]["shown"]), (&json!(26), &json!(50)), "{snapshot}");
    assert_eq!(
        (&snapshot["stations"]["waiting"], &snapshot["waiting"]["outage"]),
        (&json!(2), &json!(2)),
        "{snapshot}"
    );
    let fast = hand.put("/clock", &json!({ "speed": 2.5 })).is(200).json();
    assert_eq!(fast["speed"], 2.5);
    assert_eq!(hand.post("/clock/advance", &json!({ "by": "400d" })).is(409).json()["code"], "time_is_over");
}

#[test]
fn a_notification_stays_until_it_is_dismissed_by_hand_or_by_its_user_r65() {
    let hand = Hand::start("control_notifications");
    hand.to_groups("r").is(204);
    hand.advance("1s");
    assert_eq!(hand.get("/devices/lonely").json()["waiting"], json!([{ "message": 0, "cause": "in_transit" }]));
    hand.advance("3s");
    let shown = |device: &str| hand.get(&format!("/devices/{device}/notifications")).is(200).json()["items"].clone();
    let (lonely, mute) = (shown("lonely"), shown("mute"));
    assert_eq!((&lonely[0]["form"], &lonely[0]["dismissed_at_ms"]), (&json!("banner"), &Value::Null), "{lonely}");
    assert_eq!(mute, json!([]), "it may not notify");
    hand.post("/devices/mute/notifications/0/dismiss", &Value::Null).is(404);
    let dismissed = hand.post("/devices/lonely/notifications/0/dismiss", &Value::Null).is(200).json();
    let at = dismissed["dismissed_at_ms"].as_u64().expect("a time");
    assert!(at >= 3_000, "{at}");
    hand.post("/devices/lonely/notifications/0/dismiss", &Value::Null).is(404);
    assert_eq!(shown("lonely")[0]["dismissed_at_ms"], at, "it is gone, and known");
    assert_eq!(hand.get("/devices/lonely").json()["notifications"], 0);
    hand.advance("10m");
    let attended = shown("attended");
    let shown_at = attended[0]["shown_at_ms"].as_u64().expect("a time");
    assert_eq!(attended[0]["dismissed_at_ms"], shown_at + 600_000, "its user did: {attended}");
    assert_eq!(hand.get("/messages/0").json()["dismissed"], 2);
}

#[test]
fn journeys_and_explanations_tell_what_the_actors_have_counted() {
    let hand = Hand::start("control_journeys");
    hand.to_groups("a").is(204);
    hand.to_device("lonely", "b").is(204);
    hand.advance("3s");
    hand.post("/devices/lonely/notifications/1/dismiss", &Value::Null).is(200);
    hand.advance("1h");
    hand.to_groups("into the outage").is(204);
    hand.advance("3m");
    for message in 0..3 {
        let counted = hand.get(&format!("/messages/{message}")).json();
        let journeys = hand.get(&format!("/messages/{message}/journeys")).is(200).json();
        let items = journeys["items"].as_array().expect("a list");
        for (station, pairs) in counted["stations"].as_object().expect("stations") {
            let there = items.iter().filter(|journey| journey["station"] == *station).count() as u64;
            assert_eq!(pairs, there, "{station} of {message}: {journeys} {counted}");
        }
        let dismissed = items.iter().filter(|journey| !journey["dismissed_at_ms"].is_null()).count();
        assert_eq!(counted["dismissed"], dismissed, "{journeys}");
    }
    let paged = hand.get("/messages/0/journeys?limit=3").json();
    let after = paged["next"].as_str().expect("there is a fourth");
    let rest = hand.get(&format!("/messages/0/journeys?limit=3&after={after}")).json();
    assert_eq!((rest["items"].as_array().map(Vec::len), &rest["next"]), (Some(1), &Value::Null));
    let of_device = hand.get("/devices/lonely/journeys").is(200).json();
    assert_eq!(of_device["items"].as_array().map(Vec::len), Some(3), "{of_device}");
    assert_eq!(of_device["items"][2]["cause"], "outage", "{of_device}");
    let told = hand.get("/devices/mute/messages/0/explain").is(200).json();
    assert_eq!((&told["pair"]["station"], &told["pair"]["cause"]), (&json!("blocked"), &json!("permission")), "{told}");
    assert!(told["steps"].as_array().is_some_and(|steps| steps.len() >= 4), "{told}");
    let absent = hand.get("/devices/mute/messages/1/explain").is(200).json();
    assert_eq!(absent["steps"][0]["what"], "not_in_audience", "{absent}");
    let faults = hand.get("/faults").is(200).json();
    let fault = &faults["items"][0];
    assert_eq!((&fault["name"], &fault["active"], &fault["touched"]), (&json!("apns down"), &json!(true), &json!(2)));
}

#[test]
fn a_state_goes_out_and_comes_in_again_as_it_was() {
    let hand = Hand::start("control_state");
    hand.to_groups("a").is(204);
    hand.advance("3s");
    hand.to_device("lonely", "b").is(204);
    hand.post("/devices/lonely/notifications/0/dismiss", &Value::Null).is(200);
    hand.advance("20m");
    let seen = || {
        let paths =
            ["/messages", "/messages/0/journeys", "/devices/lonely/notifications", "/devices/attended/notifications"];
        paths.map(|path| {
            let mut seen = hand.get(path).is(200).json();
            // A state has no text of a message (R6).
            for item in seen["items"].as_array_mut().expect("a list") {
                let item = item.as_object_mut().expect("an object");
                item.remove("title");
                item.remove("body");
            }
            seen
        })
    };
    let (before, state) = (seen(), hand.get("/state").is(200).json());
    hand.post("/reset", &Value::Null).is(204);
    assert_eq!(hand.get("/messages").json()["items"], json!([]));
    assert!(hand.get("/clock").json()["now_ms"].as_u64() < Some(60_000), "time begins again");
    assert_eq!(hand.get("/devices/lonely/notifications").json()["items"], json!([]));
    hand.put("/state", &state).is(204);
    assert_eq!(seen(), before);
    hand.to_groups("c").is(204);
    assert_eq!(hand.get("/messages?client-request-id=c").json()["items"][0]["id"], 2, "numbers go on");
    let mut other = state.clone();
    other["seed"] = json!(7);
    assert_eq!(hand.put("/state", &other).is(409).json()["code"], "another_world");
    let mut wrong = state;
    wrong["inputs"][0]["deed"]["accepted"]["recipients"] = json!({ "groups": [99] });
    let message = hand.put("/state", &wrong).is(400).json()["message"].clone();
    assert_eq!(message, "input 0: it names what this tenant does not have");
}

#[test]
fn a_reset_ends_all_waits_and_keeps_the_counters() {
    let hand = Hand::start("control_reset");
    let gauge = |line: &str| hand.figure(line);
    let outage = "reveille_journeys_open{station=\"outage\"}";
    let accepted = "reveille_messages_accepted_total{kind=\"group\"}";
    hand.advance("1h");
    hand.to_groups("into the outage").is(204);
    hand.advance("3s");
    assert_eq!((gauge(outage), gauge(accepted)), (2, 1));
    hand.post("/reset", &Value::Null).is(204);
    assert_eq!((gauge(outage), gauge(accepted)), (0, 1));
    assert_eq!(gauge("reveille_actors_resident{kind=\"device\"}"), 0, "the old ones have gone, the new ones sleep");
    assert_eq!(gauge("reveille_gateway_backlog{gateway=\"apns\"}"), 0);
    assert_eq!(gauge("reveille_conservation_error"), 0);
    hand.to_groups("again").is(204);
    hand.advance("3s");
    assert_eq!(hand.get("/snapshot").json()["stations"]["shown"], 2);
    assert_eq!((gauge(outage), gauge("reveille_conservation_error"), gauge(accepted)), (0, 0, 2));
}

#[test]
fn a_stream_of_events_resumes_after_the_last_id() {
    let hand = Hand::start("control_events");
    hand.to_groups("a").is(204);
    hand.advance("1h");
    hand.post("/devices/lonely/notifications/0/dismiss", &Value::Null).is(200);
    let all = hand.events("?after=0", &[], 5);
    let names: Vec<&str> = all.iter().map(|(_, name, _)| name.as_str()).collect();
    assert_eq!(names[0], "accepted");
    for name in ["settled", "dismissed", "fault"] {
        assert!(names.contains(&name), "{name} in {all:?}");
    }
    let (number, _, _) = &all[1];
    let rest = hand.events("", &[("Last-Event-ID", number)], 3);
    assert_eq!(rest, all[2..5]);
    let data: Value = serde_json::from_str(&all[0].2).expect("data is JSON");
    assert_eq!((&data["client_request_id"], &data["message"]), (&json!("a"), &json!(0)));
    hand.get("/events?after=x").is(400);
}

#[test]
fn a_message_to_one_device_settles_once_shown_or_not() {
    let hand = Hand::start("control_settled");
    hand.to_device("lonely", "a").is(204);
    hand.to_device("mute", "b").is(204);
    hand.advance("1s");
    assert_eq!(
        hand.events("?after=0", &[], 2).iter().map(|(_, name, _)| name.as_str()).collect::<Vec<_>>(),
        ["accepted"; 2]
    );
    hand.advance("30m");
    hand.to_groups("c").is(204);
    let told: Vec<(String, Value)> = hand
        .events("?after=0", &[], 5)
        .into_iter()
        .map(|(_, name, data)| (name, serde_json::from_str::<Value>(&data).expect("data is JSON")["message"].clone()))
        .collect();
    let [_, _, first, second, last] = told.as_slice() else { panic!("five: {told:?}") };
    assert_eq!((first, second), (&("settled".to_owned(), json!(0)), &("settled".to_owned(), json!(1))), "{told:?}");
    assert_eq!(last, &("accepted".to_owned(), json!(2)), "and nothing else: {told:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_tenant_that_is_reset_leaves_no_thread_behind() {
    let hand = Hand::start("control_threads");
    let before = hand.served.running.threads();
    for _ in 0..12 {
        hand.post("/reset", &Value::Null).is(204);
    }
    // A shard's thread ends some time after its actors.
    let patience = Instant::now() + Duration::from_secs(30);
    while hand.served.running.threads() > before && Instant::now() < patience {
        thread::sleep(Duration::from_millis(50));
    }
    assert!(hand.served.running.threads() <= before, "{} threads, {before} before", hand.served.running.threads());
}

#[test]
fn only_health_is_told_without_the_token() {
    let hand = Hand::start("control_token");
    let without = |path: &str, headers: &[(&str, &str)]| hand.send("GET", path, headers, b"");
    assert_eq!(without("/_reveille/live", &[]).is(200).json()["healthy"], true);
    assert_eq!(without("/_reveille/ready", &[]).is(200).json()["healthy"], true);
    without("/_reveille/openapi.json", &[]).is(200);
    let longer = format!("Bearer {TOKEN}x");
    for wrong in ["", "Bearer ", "Bearer no-such-token-here-at-all", "Basic x", longer.as_str()] {
        let refused = without("/_reveille/messages", &[("Authorization", wrong)]).is(401);
        assert_eq!(refused.json()["code"], "unauthorized");
        assert_eq!(refused.header("WWW-Authenticate"), Some("Bearer"));
    }
    let graph = format!("Bearer {}", hand.admin);
    without("/_reveille/messages", &[("Authorization", &graph)]).is(401);
    without("/_reveille/nothing", &[]).is(404);
    assert_eq!(hand.with_late_bodies("/_reveille/reset"), [401; 5], "and the connection is kept");
}

#[test]
fn a_missing_token_is_generated_and_readable_by_its_owner_only() {
    let hand = Hand::with("control_own_token", &[]);
    let token = hand.served.folder.read("state/control-token");
    assert_eq!(token.len(), 64);
    let authorization = format!("Bearer {token}");
    hand.send("GET", "/_reveille/clock", &[("Authorization", &authorization)], b"").is(200);
    assert!(!hand.served.running.said.contains(&token), "it is not in what is printed");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let file = hand.served.folder.path().join("state/control-token");
        let mode = std::fs::metadata(file).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn what_makes_no_sense_is_refused_with_the_remedy() {
    let hand = Hand::start("control_bad");
    hand.to_groups("a").is(204);
    for (path, status) in [
        ("/messages?limit=0", 400),
        ("/messages?limit=1001", 400),
        ("/messages?after=x", 400),
        ("/messages/x", 400),
        ("/messages/7", 404),
        ("/messages/0?wait=forever", 400),
        ("/messages/0?timeout=30", 400),
        ("/messages/0?timeout=11m", 400),
        ("/devices/intern", 404),
        ("/devices/%ff", 400),
        ("/devices?tenant=00000000-0000-0000-0000-000000000000", 404),
        ("/nothing", 404),
    ] {
        let refused = hand.get(path).is(status).json();
        assert!(refused["message"].as_str().is_some_and(|message| message.len() > 10), "{path}: {refused}");
    }
    hand.post("/messages", &Value::Null).is(405);
    hand.put("/clock", &json!({ "speed": -1 })).is(400);
    hand.put("/clock", &json!({ "sped": 1 })).is(400);
    hand.post("/clock/advance", &json!({ "by": "an hour" })).is(400);
    let headers = [("Authorization", format!("Bearer {TOKEN}"))];
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    hand.send("POST", "/_reveille/clock/advance", &headers, b"{}").is(415);
}

/// Every reference in a document.
fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get("$ref").and_then(Value::as_str).map(str::to_owned));
            members.values().for_each(|member| references(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[test]
fn every_reference_in_the_documents_resolves_and_every_graph_read_is_served() {
    let hand = Hand::start("control_references");
    for document in ["openapi.json", "graph-openapi.json"] {
        let document = hand.get(&format!("/{document}")).is(200).json();
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(found.len() > 10, "{found:?}");
        for reference in found {
            let place = reference.trim_start_matches('#');
            assert!(document.pointer(place).is_some(), "{reference} leads nowhere");
        }
    }
    let graph = hand.get("/graph-openapi.json").json();
    let (admin, served) = (&hand.admin, &hand.served);
    let device = served.id(admin, "deviceManagement/managedDevices", "deviceName", "lonely");
    let (user, group) =
        (served.id(admin, "users", "displayName", "ann"), served.id(admin, "groups", "displayName", "All users"));
    let registered = served.id(admin, "devices", "displayName", "lonely");
    let organization = served.get(admin, "/v1.0/organization").is(200).json()["value"][0]["id"].clone();
    let organization = organization.as_str().expect("an id");
    let mut read = 0;
    for (path, item) in graph["paths"].as_object().expect("paths") {
        if !item["get"].is_object() {
            continue;
        }
        // The administrator has no device, and no request for a code is complete without parameters.
        let status = match path {
            path if path.contains("/me/managedDevices/{id}") => 404,
            path if path.ends_with("/authorize") => 400,
            _ => 200,
        };
        let path = path.replace("{id}", &device).replace("{user}", &user).replace("{group}", &group);
        let path = path.replace("{device}", &registered).replace("{organization}", organization);
        let path = path.replace("{tenant}", "hand");
        // Graph answers this cast as an advanced query only.
        let path = if path.ends_with("transitiveMembers/microsoft.graph.group") { path + "?$count=true" } else { path };
        let endpoint = "https%3A%2F%2Flogin.microsoftonline.com%2Fcommon%2Foauth2%2Fv2.0%2Fauthorize";
        let path = if path.ends_with("/discovery/instance") {
            format!("{path}?api-version=1.1&authorization_endpoint={endpoint}")
        } else {
            path
        };
        let authorization = format!("Bearer {admin}");
        let headers = [
            ("Authorization", authorization.as_str()),
            ("ConsistencyLevel", "eventual"),
            ("client-request-id", "my-own"),
        ];
        let reply = served.send("GET", &path, &headers, b"").is(status);
        let responses = &item["get"]["responses"];
        let known = &responses[if status == 200 { "200" } else { "default" }];
        let known = known["$ref"].as_str().map_or(known, |place| graph.pointer(&place[1..]).expect("it is there"));
        for name in known["headers"].as_object().expect("headers").keys() {
            assert!(reply.header(name).is_some(), "{path}: no {name} in {:?}", reply.headers);
        }
        assert_eq!(reply.header("client-request-id"), Some("my-own"));
        read += 1;
    }
    let untrusted = &graph["components"]["responses"]["untrusted"]["headers"];
    let reply = served.send("GET", "/v1.0/users", &[], b"").is(401);
    for name in untrusted.as_object().expect("headers").keys() {
        assert!(reply.header(name).is_some(), "no {name} in {:?}", reply.headers);
    }
    assert!(read >= 50, "{read}");
}

#[test]
fn every_route_is_in_the_document_and_in_the_docs_with_an_example() {
    let hand = Hand::start("control_document");
    let document = hand.get("/openapi.json").is(200).json();
    let page = include_str!("../../../docs/control.md");
    let mut routes = 0;
    for (path, item) in document["paths"].as_object().expect("paths") {
        for method in item.as_object().expect("methods").keys() {
            routes += 1;
            let route = format!("{} {path}", method.to_uppercase());
            assert!(page.contains(&format!("`{route}`")), "docs/control.md: no row for `{route}`");
        }
    }
    assert!(routes >= 18, "{routes}");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    for row in rows.filter(|row| row.contains(" /_reveille/") && !row.ends_with("openapi.json")) {
        let (method, path) = row.split_once(' ').expect("method and path");
        assert!(document["paths"][path][method.to_lowercase()].is_object(), "docs/control.md: `{row}` is not served");
    }
}
