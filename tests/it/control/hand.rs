//! A client of the control API: a server whose model time stands still, except for requested spans. Must not judge
//! answers.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};

use crate::fixtures::caller::{Reply, Served, answer, parsed, request, with_late_bodies};

/// The token of the control API, where it is given.
pub(crate) const TOKEN: &str = "a-token-for-tests-only";

/// Four devices of two people, without randomness; one gateway is down from 1 h to 1 h 20 min.
pub(crate) const TENANT: &str = r#"
schema = 1
name = "hand"
start = 2026-01-05T06:00:00Z
duration = "4h"

[delivery.apns]
latency = "2s"
loss = 0
[delivery.fcm]
latency = "2s"
loss = 0

[[user]]
name = "ann"
[[user]]
name = "bob"

[[device]]
name = "attended"
user = "ann"
platform = "ios"
attention = "10m"
[[device]]
name = "lonely"
user = "ann"
platform = "ios"
[[device]]
name = "mute"
user = "bob"
platform = "android"
push_permission = false
[[device]]
name = "mac"
user = "bob"
platform = "macos"

[[fault]]
name = "apns down"
kind = "outage"
mode = "hold"
at = "1h"
for = "20m"
scope = { gateway = "apns" }
may_touch_nothing = true

[[send]]
name = "never sent here"
at = "0s"
to = { groups = ["All users"] }
title = "t"
body = "b"
"#;

/// A server, with tokens for both of its APIs.
pub(crate) struct Hand {
    pub(crate) served: Served,
    /// A token for Graph.
    pub(crate) admin: String,
    address: String,
    group: String,
}

impl Hand {
    pub(crate) fn start(name: &str) -> Self {
        Self::with(name, &["--control-token", TOKEN])
    }

    pub(crate) fn with(name: &str, more: &[&str]) -> Self {
        let arguments = [&["--speed", "0.001"], more].concat();
        Self::of(Served::start(name, Some(TENANT), &arguments))
    }

    /// A client for the first tenant of a server.
    pub(crate) fn of(served: Served) -> Self {
        let told = served.running.said.split("control at http://").nth(1).expect("it says where it is");
        let address = told.split('/').next().expect("a path follows").to_owned();
        let admin = served.account("administrator");
        let group = served.id(&admin, "groups", "displayName", "All users");
        Self { served, admin, address, group }
    }

    /// The address of the control API.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    pub(crate) fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        parsed(&answer(&self.address, &request(&self.address, method, path, headers, body)))
    }

    /// Calls [`with_late_bodies`] on the control API.
    pub(crate) fn with_late_bodies(&self, path: &str) -> [u16; 5] {
        with_late_bodies(&self.address, path, || drop(self.send("GET", "/_reveille/live", &[], b"").is(200)))
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> Reply {
        let authorization = format!("Bearer {TOKEN}");
        let mut headers = vec![("Authorization", authorization.as_str())];
        let body = if body.is_null() { String::new() } else { body.to_string() };
        if !body.is_empty() {
            headers.push(("Content-Type", "application/json"));
        }
        self.send(method, &format!("/_reveille{path}"), &headers, body.as_bytes())
    }

    pub(crate) fn get(&self, path: &str) -> Reply {
        self.ask("GET", path, &Value::Null)
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Reply {
        self.ask("POST", path, body)
    }

    pub(crate) fn put(&self, path: &str, body: &Value) -> Reply {
        self.ask("PUT", path, body)
    }

    /// Sets a phone.
    pub(crate) fn phone(&self, device: &str, settings: &Value) -> Reply {
        self.ask("PATCH", &format!("/devices/{device}/phone"), settings)
    }

    /// The value of a series on the metrics page.
    #[track_caller]
    pub(crate) fn figure(&self, series: &str) -> i64 {
        let page = request(&self.served.metrics, "GET", "/metrics", &[], b"");
        let text = parsed(&answer(&self.served.metrics, &page)).is(200).text;
        let found = text.lines().find_map(|known| known.strip_prefix(series)?.trim().parse().ok());
        found.unwrap_or_else(|| panic!("no {series} in {text}"))
    }

    /// Starts a fault.
    pub(crate) fn fault(&self, table: &Value) -> Reply {
        self.post("/faults", table)
    }

    /// Lets a span of model time pass; returns the clock afterwards.
    #[track_caller]
    pub(crate) fn advance(&self, by: &str) -> Value {
        self.post("/clock/advance", &json!({ "by": by })).is(200).json()
    }

    /// Sends to all users, in a request with this id.
    pub(crate) fn to_groups(&self, request: &str) -> Reply {
        let body = json!({ "notificationTitle": "t", "notificationBody": "b", "groupsToNotify": [self.group] });
        self.graph("/beta/deviceManagement/sendCustomNotificationToCompanyPortal", request, &body)
    }

    /// Sends to one device, in a request with this id.
    pub(crate) fn to_device(&self, device: &str, request: &str) -> Reply {
        let id = self.served.id(&self.admin, "deviceManagement/managedDevices", "deviceName", device);
        let body = json!({ "notificationTitle": "t", "notificationBody": "b" });
        let path = format!("/beta/deviceManagement/managedDevices/{id}/sendCustomNotificationToCompanyPortal");
        self.graph(&path, request, &body)
    }

    fn graph(&self, path: &str, request: &str, body: &Value) -> Reply {
        let authorization = format!("Bearer {}", self.admin);
        let request = request.replace(' ', "-");
        let headers = [
            ("Authorization", authorization.as_str()),
            ("Content-Type", "application/json"),
            ("client-request-id", request.as_str()),
        ];
        self.served.send("POST", path, &headers, body.to_string().as_bytes())
    }

    /// The first events of a stream: number, name and data of each.
    #[track_caller]
    pub(crate) fn events(&self, query: &str, headers: &[(&str, &str)], wanted: usize) -> Vec<(String, String, String)> {
        let authorization = format!("Bearer {TOKEN}");
        let headers = [&[("Authorization", authorization.as_str())], headers].concat();
        let mut stream = TcpStream::connect(&self.address).expect("the server listens");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a wait can be set");
        let path = format!("/_reveille/events{query}");
        stream.write_all(&request(&self.address, "GET", &path, &headers, b"")).expect("it is taken");
        let (mut read, mut part) = (String::new(), [0; 4_096]);
        loop {
            let whole = read.rsplit_once("\n\n").map_or("", |(whole, _)| whole);
            let events: Vec<_> = whole.split("\n\n").filter_map(event).collect();
            if events.len() >= wanted {
                return events.into_iter().take(wanted).collect();
            }
            let bytes = stream.read(&mut part).unwrap_or_else(|error| panic!("{error} after {read}"));
            assert!(bytes > 0, "the stream ended: {read}");
            read.push_str(&String::from_utf8_lossy(&part[..bytes]));
        }
    }
}

fn event(block: &str) -> Option<(String, String, String)> {
    let field = |name: &str| block.lines().find_map(|line| Some(line.strip_prefix(name)?.trim().to_owned()));
    Some((field("id:")?, field("event:")?, field("data:")?))
}
