//! Risk: a message that Graph would accept is refused, one that it would refuse is sent, or the error is wrong.

use serde_json::{Value, json};

use crate::fixtures::caller::{Reply, Served, TENANT};

const SEND: &str = "sendCustomNotificationToCompanyPortal";

fn text() -> Value {
    json!({ "notificationTitle": "Canteen", "notificationBody": "Closed today" })
}

struct Small {
    served: Served,
    admin: String,
}

impl Small {
    fn start(name: &str) -> Self {
        let served = Served::start(name, Some(TENANT), &[]);
        let admin = served.account("administrator");
        Self { served, admin }
    }

    fn device(&self, name: &str) -> String {
        self.served.id(&self.admin, "deviceManagement/managedDevices", "deviceName", name)
    }

    fn group(&self, name: &str) -> String {
        self.served.id(&self.admin, "groups", "displayName", name)
    }

    fn to(&self, device: &str, body: &Value) -> Reply {
        self.served.post(&self.admin, &format!("/beta/deviceManagement/managedDevices/{device}/{SEND}"), body)
    }

    fn to_groups(&self, groups: &[&str], token: &str) -> Reply {
        let mut body = text();
        body["groupsToNotify"] = json!(groups);
        self.served.post(token, &format!("/beta/deviceManagement/{SEND}"), &body)
    }
}

/// The JSON inside Intune's error message.
fn intune(reply: &Reply) -> Value {
    let message = reply.json()["error"]["message"].as_str().expect("a message").to_owned();
    serde_json::from_str(&message).unwrap_or_else(|error| panic!("{error} in {message}"))
}

#[test]
fn one_device_by_every_spelling() {
    let small = Small::start("graph_spellings");
    let (ann, phone) = (small.served.id(&small.admin, "users", "displayName", "ann"), small.device("ann-phone"));
    for path in [
        format!("/beta/deviceManagement/managedDevices/{phone}/{SEND}"),
        format!("/beta/deviceManagement/managedDevices('{phone}')/{SEND}"),
        format!("/BETA/DEVICEMANAGEMENT/manageddevices/{}/{}", phone.to_uppercase(), SEND.to_lowercase()),
        format!("/beta/deviceManagement/managedDevices/{phone}/microsoft.graph.{SEND}"),
        format!("/beta/deviceManagement/comanagedDevices/{phone}/{SEND}"),
        format!("/beta/users/{ann}/managedDevices/{phone}/{SEND}"),
        format!("/beta/users/ann@reveille.example/managedDevices/{phone}/{SEND}"),
    ] {
        let reply = small.served.post(&small.admin, &path, &text()).is(204);
        assert_eq!(reply.text, "", "{path}");
        assert_eq!(reply.header("content-type"), None);
    }
    let me = small.served.account("ann");
    small.served.post(&me, &format!("/beta/me/managedDevices/{phone}/{SEND}"), &text()).is(204);
    let bobs = small.device("bob-phone");
    let reply = small.served.post(&me, &format!("/beta/me/managedDevices/{bobs}/{SEND}"), &text()).is(404);
    assert_eq!(reply.code(), "ResourceNotFound", "another's device is not mine");
    let accented =
        r##"{"@odata.type":"#microsoft.graph.action","notificationBody":"b\u00e9","notificationTitle":"t"}"##;
    let path = format!("/beta/deviceManagement/managedDevices/{phone}/{SEND}");
    let authorization = format!("Bearer {}", small.admin);
    let headers = [("Authorization", authorization.as_str()), ("Content-Type", "application/json; charset=utf-8")];
    small.served.send("POST", &path, &headers, accented.as_bytes()).is(204);
}

#[test]
fn only_beta_has_the_actions() {
    let small = Small::start("graph_v1");
    let phone = small.device("ann-phone");
    for path in [
        format!("/v1.0/deviceManagement/managedDevices/{phone}/{SEND}"),
        format!("/v1.0/deviceManagement/{SEND}"),
        "/v1.0/deviceManagement/managedDevices/executeAction".to_owned(),
    ] {
        let reply = small.served.post(&small.admin, &path, &text()).is(400);
        assert_eq!(reply.code(), "BadRequest");
        assert!(reply.text.contains("Resource not found for the segment '"), "{}", reply.text);
    }
}

#[test]
fn the_eleventh_message_to_a_device_is_told_when_to_try_again_r43_r47() {
    let small = Small::start("graph_eleven");
    let phone = small.device("ann-phone");
    for _ in 0..10 {
        small.to(&phone, &text()).is(204);
    }
    let reply = small.to(&phone, &text()).is(429);
    assert_eq!(reply.code(), "TooManyRequests");
    let wait: u64 = reply.header("retry-after").expect("it says when").parse().expect("whole seconds");
    assert!((3_500..=3_600).contains(&wait), "{wait}");
    assert_eq!(intune(&reply)["RetryAfter"], json!(wait));
    small.to(&small.device("cid-tablet"), &text()).is(204);
    small.to_groups(&[&small.group("north")], &small.admin).is(204);
}

#[test]
fn the_twenty_sixth_message_to_groups_is_refused_for_the_whole_tenant_r40() {
    let small = Small::start("graph_twenty_six");
    let (group, publisher) = (small.group("north"), small.served.account("publisher"));
    for at in 0..25 {
        let token = if at % 2 == 0 { &small.admin } else { &publisher };
        small.to_groups(&[&group], token).is(204);
    }
    let reply = small.to_groups(&[&group], &publisher).is(429);
    assert_eq!(reply.code(), "TooManyRequests");
    let wait: u64 = reply.header("retry-after").expect("it says when").parse().expect("whole seconds");
    assert!((3_500..=3_600).contains(&wait), "{wait}");
}

#[test]
fn a_wait_is_in_seconds_of_the_wall_t11() {
    let served = Served::start("graph_fast", Some(TENANT), &["--speed", "60"]);
    let admin = served.account("administrator");
    let small = Small { served, admin };
    let phone = small.device("ann-phone");
    let mut reply = small.to(&phone, &text());
    for _ in 0..10 {
        reply = small.to(&phone, &text());
    }
    let wait: u64 = reply.is(429).header("retry-after").expect("it says when").parse().expect("whole seconds");
    assert!((40..=60).contains(&wait), "an hour of the model takes a minute: {wait}");
}

#[test]
fn refusals_are_told_in_graphs_words_x5() {
    let small = Small::start("graph_refusals");
    let phone = small.device("ann-phone");
    let with = |title: &str, body: &str| json!({ "notificationTitle": title, "notificationBody": body });
    for (body, said) in [
        (with("", "b"), "empty"),
        (with("t", " \u{2003}"), "empty"),
        (json!({ "notificationTitle": "t" }), "empty"),
        (json!({ "notificationTitle": null, "notificationBody": "b" }), "empty"),
        (with(&"t".repeat(51), "b"), "at most 50 characters"),
        (with("t", &"b".repeat(501)), "at most 500 characters"),
        (with(&"🦀".repeat(26), "b"), "at most 50 characters"),
    ] {
        let reply = small.to(&phone, &body).is(400);
        assert_eq!(reply.code(), "BadRequest");
        let told = intune(&reply);
        let message = told["Message"].as_str().expect("a message");
        assert!(message.contains(said) && message.contains(" - Operation ID"), "{message}");
        assert!(message.contains(" - Activity ID: ") && message.contains(" - Url: http://"), "{message}");
        assert_eq!(told["_version"], 3);
        assert!(!reply.text.contains("bbbb"), "a text is not given back");
    }
    small.to(&phone, &with(&"t".repeat(50), &"b".repeat(500))).is(204);
    let mac = small.to(&small.device("ann-mac"), &text()).is(400);
    assert!(mac.text.contains("does not support custom notifications"), "{}", mac.text);
    for gone in ["01234567-89ab-cdef-0123-456789abcdef", "not-an-id"] {
        assert!(small.to(gone, &text()).is(404).text.contains(gone));
    }
    let many: Vec<String> = vec![small.group("north"); 26];
    let same: Vec<&str> = many.iter().map(String::as_str).collect();
    small.to_groups(&same, &small.admin).is(204);
    let unknown = small.to_groups(&[&small.group("north"), "01234567-89ab-cdef-0123-456789abcdef"], &small.admin);
    assert_eq!(unknown.is(404).code(), "ResourceNotFound");
    small.to_groups(&[], &small.admin).is(400);
}

#[test]
fn more_than_25_groups_are_refused_r20() {
    let groups: Vec<String> = (0..26).map(|at| format!("[[group]]\nname = \"g{at}\"\nusers = [\"ann\"]\n")).collect();
    let served = Served::start("graph_groups", Some(&format!("{TENANT}{}", groups.concat())), &[]);
    let admin = served.account("administrator");
    let small = Small { served, admin };
    let ids: Vec<String> = (0..26).map(|at| small.group(&format!("g{at}"))).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let reply = small.to_groups(&ids, &small.admin).is(400);
    assert!(reply.text.contains("at most 25 groups"), "{}", reply.text);
    small.to_groups(&ids[1..], &small.admin).is(204);
}

#[test]
fn an_unenrolled_device_is_not_there_r29() {
    let small = Small::start("graph_unenrolled");
    let list = small.served.get(&small.admin, "/v1.0/deviceManagement/managedDevices").is(200).json();
    let names: Vec<&str> =
        list["value"].as_array().expect("a list").iter().filter_map(|device| device["deviceName"].as_str()).collect();
    assert!(!names.contains(&"bob-old-phone") && names.contains(&"bob-phone"), "{names:?}");
    // Its id is derived from its name like every id, as a client may have stored it before.
    let tenant = reveille::server::identity::Issuer::tenant_id("small");
    let id = reveille::server::identity::id_of(tenant, "device", "bob-old-phone").to_string();
    assert_eq!(reveille::server::identity::id_of(tenant, "device", "ann-phone").to_string(), small.device("ann-phone"));
    assert_eq!(small.to(&id, &text()).is(404).code(), "ResourceNotFound");
    small.served.get(&small.admin, &format!("/v1.0/deviceManagement/managedDevices/{id}")).is(404);
}

#[test]
fn an_action_on_many_devices_says_what_became_of_each() {
    let small = Small::start("graph_bulk");
    let (phone, tablet, mac) = (small.device("ann-phone"), small.device("cid-tablet"), small.device("ann-mac"));
    let tenant = reveille::server::identity::Issuer::tenant_id("small");
    let unenrolled = reveille::server::identity::id_of(tenant, "device", "bob-old-phone").to_string();
    let unknown = "01234567-89ab-cdef-0123-456789abcdef";
    for _ in 0..10 {
        small.to(&tablet, &text()).is(204);
    }
    let mut body = text();
    body["actionName"] = json!("customTextNotification");
    body["deviceIds"] = json!([phone, tablet, mac, unenrolled, unknown, phone]);
    body["keepUserData"] = json!(false);
    let bulk = "/beta/deviceManagement/managedDevices/executeAction";
    let answer = small.served.post(&small.admin, bulk, &body).is(200).json();
    for lists in [&answer, &answer["value"]] {
        assert_eq!(lists["successfulDeviceIds"], json!([phone]));
        assert_eq!(lists["failedDeviceIds"], json!([tablet]));
        assert_eq!(lists["notSupportedDeviceIds"], json!([mac]));
        assert_eq!(lists["notFoundDeviceIds"], json!([unenrolled, unknown]));
    }
    body["actionName"] = json!("wipe");
    small.served.post(&small.admin, bulk, &body).is(400);
}

#[test]
fn a_batch_answers_each_of_its_requests() {
    let small = Small::start("graph_batch");
    let phone = small.device("ann-phone");
    let headers = json!({ "content-type": "application/json" });
    let send = |id: &str, device: &str| {
        let url = format!("/deviceManagement/managedDevices/{device}/{SEND}");
        json!({ "id": id, "method": "POST", "url": url, "headers": headers, "body": text() })
    };
    let mut needy = send("needy", &phone);
    needy["dependsOn"] = json!(["gone"]);
    let requests = json!([
        { "id": "list", "method": "GET", "url": "/users?$top=1&$select=displayName" },
        send("first", &phone),
        send("gone", "01234567-89ab-cdef-0123-456789abcdef"),
        needy,
        { "id": "inside", "method": "POST", "url": "/$batch", "headers": headers, "body": { "requests": [] } },
        { "id": "wrong", "method": "DELETE", "url": "/users" },
        { "id": "nowhere", "method": "GET", "url": "/teams" },
    ]);
    let batch = |requests: &Value| small.served.post(&small.admin, "/beta/$batch", &json!({ "requests": requests }));
    let answers = batch(&requests).is(200).json();
    let status = |id: &str| {
        let answers = answers["responses"].as_array().expect("a list");
        answers.iter().find(|answer| answer["id"] == id).expect(id)["status"].as_u64().expect("a status")
    };
    let found = ["list", "first", "gone", "needy", "inside", "wrong", "nowhere"].map(status);
    assert_eq!(found, [200, 204, 404, 424, 400, 405, 400]);
    assert_eq!(answers["responses"][0]["body"]["value"][0]["displayName"], "ann");
    assert_eq!(answers["responses"][0]["headers"]["Content-Type"], "application/json; charset=utf-8");
    assert_eq!(answers["responses"][2]["body"]["error"]["code"], "ResourceNotFound");
    let eleven: Vec<Value> = (0..12).map(|at| send(&at.to_string(), &phone)).collect();
    let answers = batch(&json!(eleven)).is(200).json();
    let last = &answers["responses"][11];
    assert_eq!(last["status"], 429);
    assert!(last["headers"]["Retry-After"].as_str().is_some_and(|wait| wait.parse::<u64>().is_ok()), "{last}");
    let many: Vec<Value> =
        (0..21).map(|at| json!({ "id": at.to_string(), "method": "GET", "url": "/users" })).collect();
    batch(&json!(many)).is(400);
    batch(&json!([many[0], many[0]])).is(400);
    batch(&json!([])).is(400);
}

#[test]
fn a_device_that_is_told_to_check_in_has_done_so() {
    let small = Small::start("graph_sync");
    let phone = small.device("ann-phone");
    let path = format!("/v1.0/deviceManagement/managedDevices/{phone}");
    let seen = || small.served.get(&small.admin, &path).is(200).json()["lastSyncDateTime"].as_str().map(str::to_owned);
    let before = seen().expect("a date");
    small.served.ask(&small.admin, "POST", &format!("{path}/syncDevice"), None).is(204);
    assert!(seen().expect("a date") > before, "it was {before}");
}

#[test]
fn every_answer_has_its_ids_and_its_date() {
    let small = Small::start("graph_ids");
    let authorization = format!("Bearer {}", small.admin);
    let ask = |path: &str, id: &str| {
        small.served.send("GET", path, &[("Authorization", &authorization), ("client-request-id", id)], b"")
    };
    for (path, status) in [("/v1.0/users", 200), ("/v1.0/teams", 400)] {
        let reply = ask(path, "my-own-id").is(status);
        assert_eq!(reply.header("client-request-id"), Some("my-own-id"));
        assert!(reply.header("request-id").is_some_and(|id| id.len() == 36) && reply.header("date").is_some());
        assert_eq!(reply.header("content-type"), Some("application/json; charset=utf-8"));
    }
    let error = ask("/v1.0/teams", "my-own-id").json();
    assert_eq!(error["error"]["innerError"]["client-request-id"], "my-own-id");
    assert!(error["error"]["innerError"]["request-id"].is_string() && error["error"]["innerError"]["date"].is_string());
    let long = "x".repeat(500);
    let reply = ask("/v1.0/users", &long).is(200);
    assert_eq!(reply.header("client-request-id"), reply.header("request-id"), "one that is too long is not kept");
}
