//! Risk: a body that Graph refuses is accepted: an array for an object, a parameter that the action does not have, a
//! write of a batch without its content type. Each is refused before anything is sent, and the answer names the member.

use serde_json::{Value, json};

use crate::fixtures::caller::{Served, TENANT};
use crate::fixtures::program::look;

const SEND: &str = "sendCustomNotificationToCompanyPortal";

/// Every object of a value, one at a time, as an array of its members' values.
pub(crate) fn with_arrays_for_objects(value: &Value) -> Vec<Value> {
    let inside = |at: &dyn Fn(Value) -> Value, member: &Value| -> Vec<Value> {
        with_arrays_for_objects(member).into_iter().map(at).collect()
    };
    match value {
        Value::Object(members) => {
            let mut found = vec![members.values().cloned().collect()];
            for (name, member) in members {
                let put = |changed: Value| {
                    let mut members = members.clone();
                    members.insert(name.clone(), changed);
                    Value::Object(members)
                };
                found.extend(inside(&put, member));
            }
            found
        }
        Value::Array(items) => {
            let mut found = Vec::new();
            for (at, item) in items.iter().enumerate() {
                let put = |changed: Value| {
                    let mut items = items.clone();
                    items[at] = changed;
                    Value::Array(items)
                };
                found.extend(inside(&put, item));
            }
            found
        }
        _ => Vec::new(),
    }
}

struct Asked {
    served: Served,
    admin: String,
    phone: String,
    group: String,
}

impl Asked {
    fn start(name: &str) -> Self {
        let served = Served::start(name, Some(TENANT), &[]);
        let admin = served.account("administrator");
        let phone = served.id(&admin, "deviceManagement/managedDevices", "deviceName", "ann-phone");
        let group = served.id(&admin, "groups", "displayName", "north");
        Self { served, admin, phone, group }
    }

    /// Every action, with a valid body.
    fn actions(&self) -> [(String, Value); 4] {
        let text = json!({ "notificationTitle": "Canteen", "notificationBody": "Closed today" });
        let (mut groups, mut many) = (text.clone(), text.clone());
        groups["groupsToNotify"] = json!([self.group]);
        many["actionName"] = json!("customTextNotification");
        many["deviceIds"] = json!([self.phone]);
        let device = format!("/deviceManagement/managedDevices/{}/{SEND}", self.phone);
        let headers = json!({ "Content-Type": "application/json" });
        let part = json!({ "id": "1", "method": "POST", "url": device, "headers": headers, "body": text });
        [
            (format!("/beta{device}"), text),
            (format!("/beta/deviceManagement/{SEND}"), groups),
            ("/beta/deviceManagement/managedDevices/executeAction".to_owned(), many),
            ("/beta/$batch".to_owned(), json!({ "requests": [part] })),
        ]
    }

    /// Messages that were accepted so far.
    fn accepted(&self) -> String {
        let page = crate::fixtures::program::get(&self.served.metrics, "/metrics");
        let accepted = page.lines().filter(|line| line.starts_with("reveille_messages_accepted_total{"));
        let accepted = accepted.collect::<std::collections::BTreeSet<_>>();
        let accepted = accepted.into_iter().collect::<Vec<_>>().join("\n");
        assert!(!accepted.is_empty(), "{page}");
        accepted
    }

    /// A body is accepted; returns when its message is counted, which is a little later.
    #[track_caller]
    fn sends(&self, path: &str, body: &Value) {
        let before = self.accepted();
        assert!(self.served.post(&self.admin, path, body).status < 300, "{body}");
        look("the message is counted", || (self.accepted() != before).then_some(()));
    }

    /// A body is refused with these words, and nothing is sent.
    #[track_caller]
    fn refused(&self, path: &str, body: &Value, words: &str) {
        let before = self.accepted();
        let reply = self.served.post(&self.admin, path, body).is(400);
        assert!(reply.text.contains(words), "{words}: {}", reply.text);
        assert_eq!(self.accepted(), before, "nothing is sent: {body}");
    }
}

#[test]
fn an_array_never_passes_for_an_object() {
    let asked = Asked::start("bodies_arrays");
    for (path, body) in asked.actions() {
        for wrong in with_arrays_for_objects(&body) {
            if let Some(inner) = wrong.pointer("/requests/0/body").filter(|inner| inner.is_array()) {
                // The batch is valid; the request inside is answered separately.
                let answers = asked.served.post(&asked.admin, &path, &wrong).is(200).json();
                assert_eq!(answers["responses"][0]["status"], 400, "{inner}");
            } else {
                asked.refused(&path, &wrong, "expected an object, found an array");
            }
        }
        asked.sends(&path, &body);
    }
}

#[test]
fn a_parameter_that_the_action_does_not_have_is_named() {
    let asked = Asked::start("bodies_parameters");
    let [device, groups, many, _] = asked.actions();
    for ((path, body), action) in [(device, SEND), (groups, SEND), (many, "executeAction")] {
        let mut wrong = body.clone();
        wrong["notificationTitel"] = json!("s3cret");
        let words = format!(
            "The parameter 'notificationTitel' in the request payload is not a valid parameter for the operation '{action}'."
        );
        asked.refused(&path, &wrong, &words);
        let mut wrong = body.clone();
        wrong["notificationTitle"] = json!(["s3cret"]);
        asked.refused(&path, &wrong, "`notificationTitle`: expected a string, found an array");
        let reply = asked.served.post(&asked.admin, &path, &wrong);
        assert!(!reply.text.contains("s3cret"), "{}", reply.text);
        let mut right = body;
        right["@odata.type"] = json!("#microsoft.graph.action");
        asked.sends(&path, &right);
    }
    let device = format!("/beta/deviceManagement/managedDevices/{}/{SEND}", asked.phone);
    let groups = json!({ "notificationTitle": "t", "notificationBody": "b", "groupsToNotify": [asked.group] });
    asked.refused(&device, &groups, "The parameter 'groupsToNotify'");
}

#[test]
fn a_batch_is_checked_whole_before_any_of_it_runs() {
    let asked = Asked::start("bodies_batch");
    let [(url, text), .., (batch, _)] = asked.actions();
    let url = url.trim_start_matches("/beta");
    let headers = json!({ "content-type": "application/json" });
    let good = json!({ "id": "good", "method": "POST", "url": url, "headers": headers, "body": text });
    let list = json!({ "id": "list", "method": "GET", "url": "/users" });
    let sync = format!("/deviceManagement/managedDevices/{}/syncDevice", asked.phone);
    for (wrong, words) in [
        (json!({ "id": "w", "method": "POST", "url": url, "body": text }), "Write request id : w does not contain"),
        (json!({ "id": "w", "method": "POST", "url": url, "headers": null, "body": text }), "Write request id : w"),
        (json!({ "id": "w", "method": "POST", "url": sync }), "Content-Type header or body."),
        (json!({ "id": "w", "method": "patch", "url": "/users/x", "headers": headers }), "Write request id : w"),
        (json!({ "id": 1, "method": "GET", "url": "/users" }), "`requests[1].id`: expected a string, found a number"),
        (json!({ "id": "w", "url": "/users" }), "`requests[1]`: missing field `method`"),
        (json!({ "id": "w", "method": "GET", "url": "/users", "headers": { "a": 1 } }), "`requests[1].headers.a`"),
        (json!({ "id": "w", "method": "GET", "url": "/users", "dependsOn": "good" }), "`requests[1].dependsOn`"),
        (json!({ "id": "good", "method": "GET", "url": "/users" }), "an id of its own"),
    ] {
        asked.refused(&batch, &json!({ "requests": [good, wrong] }), words);
    }
    let many: Vec<Value> =
        (0..21).map(|at| json!({ "id": at.to_string(), "method": "GET", "url": "/users" })).collect();
    let reply = asked.served.post(&asked.admin, &batch, &json!({ "requests": many })).is(400);
    assert_eq!(reply.code(), "MaximumValueExceeded", "{}", reply.text);
    let absent =
        json!({ "id": "n", "method": "GET", "url": "/users", "headers": null, "dependsOn": null, "body": null });
    let synced = json!({ "id": "s", "method": "POST", "url": sync, "headers": headers, "body": {} });
    let answers = asked.served.post(&asked.admin, &batch, &json!({ "requests": [list, absent, synced, good] })).is(200);
    let answers = answers.json();
    let statuses: Vec<&Value> =
        answers["responses"].as_array().expect("a list").iter().map(|one| &one["status"]).collect();
    assert_eq!(statuses, [200, 200, 204, 204], "{answers}");
}
