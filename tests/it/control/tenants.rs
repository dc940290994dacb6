//! Risk: with several tenants in one server, a client that controls one of them sees or changes another, or a request
//! that names none is not refused.

use std::thread;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::hand::TOKEN;
use crate::fixtures::caller::{Reply, Served, TENANT, answer, parsed, request};
use crate::graph::tenants::neighbour;

/// Two tenants whose model time stands still, except for requested spans.
struct Pair {
    served: Served,
    address: String,
    /// The id and a Graph token of each.
    tenants: [(String, String); 2],
}

impl Pair {
    fn start(name: &str) -> Self {
        Self::of_texts(name, TENANT, &neighbour())
    }

    fn of_texts(name: &str, small: &str, large: &str) -> Self {
        let more = ["--speed", "0.001", "--control-token", TOKEN];
        let served = Served::several(name, &[("small.toml", small), ("large.toml", large)], &more);
        let told = served.running.said.split("control at http://").nth(1).expect("it says where it is");
        let address = told.split('/').next().expect("a path follows").to_owned();
        let small = served.account("administrator");
        let large = served.token(&["--as", "administrator", "--scenario", "large.toml"]);
        let tenants = [small, large].map(|token| {
            let claims = token.split('.').nth(1).expect("it is a JWT");
            let claims = URL_SAFE_NO_PAD.decode(claims).expect("base64");
            let claims: Value = serde_json::from_slice(&claims).expect("JSON");
            (claims["tid"].as_str().expect("a tenant").to_owned(), token)
        });
        Self { served, address, tenants }
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> Reply {
        let authorization = format!("Bearer {TOKEN}");
        let headers = [("Authorization", authorization.as_str()), ("Content-Type", "application/json")];
        let body = if body.is_null() { String::new() } else { body.to_string() };
        parsed(&answer(&self.address, &request(&self.address, method, path, &headers, body.as_bytes())))
    }

    /// Sends a request about one of the tenants.
    fn of(&self, tenant: usize, method: &str, path: &str, body: &Value) -> Reply {
        let mark = if path.contains('?') { '&' } else { '?' };
        let path = format!("/_reveille{path}{mark}tenant={}", self.tenants[tenant].0);
        self.ask(method, &path, body)
    }

    fn get(&self, tenant: usize, path: &str) -> Reply {
        self.of(tenant, "GET", path, &Value::Null)
    }

    /// Sends to a group of one of the tenants, in a request with this id.
    fn send(&self, tenant: usize, group: &str, request: &str) {
        let (_, token) = &self.tenants[tenant];
        let group = self.served.id(token, "groups", "displayName", group);
        let body = json!({ "notificationTitle": "t", "notificationBody": "b", "groupsToNotify": [group] });
        let authorization = format!("Bearer {token}");
        let headers = [
            ("Authorization", authorization.as_str()),
            ("Content-Type", "application/json"),
            ("client-request-id", request),
        ];
        let path = "/beta/deviceManagement/sendCustomNotificationToCompanyPortal";
        self.served.send("POST", path, &headers, body.to_string().as_bytes()).is(204);
    }
}

#[test]
fn with_several_tenants_a_request_that_names_none_is_refused_with_the_remedy() {
    let pair = Pair::start("control_tenants_which");
    let document = pair.ask("GET", "/_reveille/openapi.json", &Value::Null).is(200).json();
    let mut asked = 0;
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("methods") {
            let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
            let takes_tenant = parameters.iter().any(|known| known["name"] == "tenant" && known["in"] == "query");
            let of_all = ["/live", "/ready", "/reload", "/tenants"].iter().any(|end| path.ends_with(end));
            assert_eq!(takes_tenant, !of_all, "{method} {path}");
            if of_all {
                continue;
            }
            let path = path.replace("{message}", "0").replace("{device}", "ann-phone");
            let method = method.to_uppercase();
            let refused = pair.ask(&method, &path, &Value::Null).is(400).json();
            let told = "there are several tenants: say which with `?tenant=` and its id or name; /_reveille/tenants lists them";
            assert_eq!(refused["message"], told, "{path}");
            for unknown in ["x", "01234567-89ab-4def-8123-456789abcdef", "Small", ""] {
                pair.ask(&method, &format!("{path}?tenant={unknown}"), &Value::Null).is(404);
            }
            asked += 1;
        }
    }
    assert!(asked >= 18, "{asked}");
}

#[test]
fn nothing_of_one_tenant_is_seen_through_another() {
    let pair = Pair::start("control_tenants_apart");
    for (tenant, group, request) in [(0, "north", "first"), (0, "north", "ours"), (1, "west", "theirs")] {
        pair.send(tenant, group, request);
    }
    for tenant in 0..2 {
        pair.of(tenant, "POST", "/clock/advance", &json!({ "by": "1h" })).is(200);
    }
    let ids = |tenant: usize, list: &str| -> Vec<Value> {
        let items = pair.get(tenant, list).is(200).json()["items"].as_array().expect("a list").clone();
        items.iter().map(|item| item["id"].clone()).collect()
    };
    assert_eq!((ids(0, "/messages"), ids(1, "/messages")), (vec![json!(0), json!(1)], vec![json!(0)]));
    for (tenant, own, other) in [(0, "ours", "theirs"), (1, "theirs", "ours")] {
        let found = |request: &str| ids(tenant, &format!("/messages?client-request-id={request}")).len();
        assert_eq!((found(own), found(other)), (1, 0), "{tenant}");
    }
    // Messages are numbered by tenant: the second has no message 1.
    for path in ["/messages/1", "/messages/1/journeys", "/devices/zoe-phone/messages/1/explain"] {
        pair.get(1, path).is(404);
    }
    pair.get(0, "/messages/1").is(200);
    let devices = [ids(0, "/devices"), ids(1, "/devices")];
    assert!(devices[0].len() == 6 && devices[1].len() == 6 && devices[0].iter().all(|id| !devices[1].contains(id)));
    let unknown = "01234567-89ab-4def-8123-456789abcdef";
    for (tenant, names) in [(0, ["zoe-phone", "yan-phone"]), (1, ["ann-phone", "bob-phone"])] {
        let strangers = devices[1 - tenant].iter().map(|id| id.as_str().expect("an id"));
        for stranger in strangers.chain(names) {
            for path in ["", "/notifications", "/journeys", "/messages/0/explain"] {
                let said = |device: &str| pair.get(tenant, &format!("/devices/{device}{path}")).is(404).text;
                assert_eq!(said(stranger), said(unknown), "{stranger}{path}");
            }
            pair.of(tenant, "POST", &format!("/devices/{stranger}/notifications/0/dismiss"), &Value::Null).is(404);
        }
    }
    let everything = ["/messages", "/messages/0", "/messages/0/journeys", "/devices", "/faults", "/snapshot", "/state"];
    for (tenant, others) in [(0, ["zoe-", "yan-", "xia-", "theirs"]), (1, ["ann-", "bob-", "cid-", "ours"])] {
        for path in everything {
            let text = pair.get(tenant, path).is(200).text;
            let seen = others.iter().find(|other| text.contains(*other));
            assert!(seen.is_none() && !text.contains(&pair.tenants[1 - tenant].0), "{path}: {seen:?} in {text}");
        }
    }
}

#[test]
fn an_operation_on_one_tenant_does_not_affect_another() {
    let pair = Pair::start("control_tenants_alone");
    pair.send(0, "north", "ours");
    pair.send(1, "west", "theirs");
    pair.of(0, "POST", "/clock/advance", &json!({ "by": "1h" })).is(200);
    let now = |tenant: usize| pair.get(tenant, "/clock").is(200).json()["now_ms"].as_u64().expect("a time");
    assert!(now(0) >= 3_600_000 && now(1) < 600_000, "{} {}", now(0), now(1));
    pair.of(1, "PUT", "/clock", &json!({ "speed": 0.002 })).is(200);
    assert_eq!(pair.get(0, "/clock").json()["speed"], 0.001);
    let last = |tenant: usize| pair.get(tenant, "/snapshot").is(200).json()["last_event"].as_u64().expect("a number");
    let before = last(1);
    pair.of(0, "POST", "/devices/ann-phone/notifications/0/dismiss", &Value::Null).is(200);
    let state = pair.get(0, "/state").is(200).json();
    pair.of(0, "POST", "/reset", &Value::Null).is(204);
    assert_eq!((last(1), pair.get(1, "/snapshot").json()["messages"].clone()), (before, json!(1)));
    assert_eq!(pair.get(0, "/snapshot").json()["messages"], 0);
    assert_eq!(pair.of(1, "PUT", "/state", &state).is(409).json()["code"], "another_world");
    pair.of(0, "PUT", "/state", &state).is(204);
    assert_eq!(pair.get(0, "/messages").json()["items"][0]["client_request_id"], "ours");
}

#[test]
fn a_long_import_leaves_another_tenant_its_answers() {
    let large = neighbour().replacen("[[user]]", "[fleet]\nusers = 10_000\n[[user]]", 1);
    let pair = Pair::of_texts("control_tenants_import", TENANT, &large);
    pair.send(1, "All users", "the first");
    let mut state = pair.get(1, "/state").is(200).json();
    let first = state["inputs"][0].clone();
    // As many as the quota takes in three hours.
    let inputs: Vec<Value> = (0..75_u64)
        .map(|number| {
            let mut input = first.clone();
            input["at"] = json!(number * (3_600_000 / 25 + 1));
            input
        })
        .collect();
    state["now_ms"] = json!(inputs[74]["at"].as_u64().expect("a time") + 600_000);
    state["requests"] = json!(vec!["again"; 75]);
    state["inputs"] = json!(inputs);
    thread::scope(|scope| {
        let import = scope.spawn(|| pair.of(1, "PUT", "/state", &state).is(204));
        let mut answers = 0;
        while !import.is_finished() {
            pair.get(0, "/snapshot").is(200);
            answers += 1;
        }
        println!("{answers} answers of the other tenant meanwhile");
        assert!(answers > 10, "{answers}");
    });
    let snapshot = pair.get(1, "/snapshot").is(200).json();
    let shown = snapshot["stations"]["shown"].as_u64().expect("a count");
    assert!(snapshot["messages"] == 75 && shown > 300_000, "{snapshot}");
    state["inputs"][50]["at"] = state["inputs"][30]["at"].clone();
    pair.of(1, "PUT", "/state", &state).is(400);
    let burst: Vec<Value> = (0..26).map(|_| first.clone()).collect();
    state["inputs"] = json!(burst);
    let refused = pair.of(1, "PUT", "/state", &state).is(400).json();
    assert_eq!(refused["message"], "input 25: it was accepted, though the quota of its hour was used up");
    assert_eq!(pair.get(1, "/snapshot").json()["messages"], 75, "a refused import changes nothing");
}

#[test]
fn tenants_are_listed_and_named_by_id_or_name() {
    let pair = Pair::start("control_tenants_list");
    let listed = || pair.ask("GET", "/_reveille/tenants", &Value::Null).is(200).json()["items"].clone();
    let find = |items: &Value, name: &str| {
        items.as_array().expect("a list").iter().find(|tenant| tenant["name"] == name).cloned().expect("it is there")
    };
    let before = listed();
    for (tenant, name) in ["small", "large"].into_iter().enumerate() {
        let told = find(&before, name);
        assert_eq!((&told["id"], &told["ready"]), (&json!(pair.tenants[tenant].0), &json!(true)), "{told}");
        assert_eq!((&told["problem"], &told["speed"]), (&Value::Null, &json!(0.001)), "{told}");
        let by_name = pair.ask("GET", &format!("/_reveille/snapshot?tenant={name}"), &Value::Null).is(200).json();
        assert_eq!((&by_name["tenant"], &by_name["devices"]), (&told["id"], &told["devices"]));
    }
    assert_eq!(find(&before, "small")["users"], 3);
    pair.ask("POST", "/_reveille/clock/advance?tenant=small", &json!({ "by": "1h" })).is(200);
    pair.ask("PUT", "/_reveille/clock?tenant=small", &json!({ "speed": 0 })).is(200);
    let after = listed();
    let small = find(&after, "small");
    assert_eq!((&small["speed"], &small["now"].as_str().map(|now| &now[..13])), (&json!(0.0), &Some("2026-01-05T07")));
    assert!(find(&after, "large")["now_ms"].as_u64() < Some(600_000), "{after}");
}

#[test]
fn a_state_of_another_model_is_refused_with_the_remedy() {
    let pair = Pair::start("control_tenants_model");
    let mut state = pair.get(0, "/state").is(200).json();
    let own = state["model_version"].as_u64().expect("a number");
    state["model_version"] = json!(own + 1);
    let refused = pair.of(0, "PUT", "/state", &state).is(409).json();
    assert_eq!(refused["code"], "another_model", "{refused}");
    let told = refused["message"].as_str().expect("a message");
    for words in
        [format!("`model_version` {}", own + 1), format!("this program has {own}"), "reset the tenant".to_owned()]
    {
        assert!(told.contains(&words), "{words} in {told}");
    }
    state.as_object_mut().expect("an object").remove("model_version");
    let missing = pair.of(0, "PUT", "/state", &state).is(400).json();
    assert!(missing["message"].as_str().is_some_and(|told| told.contains("model_version")), "{missing}");
    state["model_version"] = json!(own);
    pair.of(0, "PUT", "/state", &state).is(204);
}
