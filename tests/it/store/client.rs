//! A client that sends messages to single devices and keeps what was answered. Must not judge.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::{Value, json};

use crate::fixtures::caller::{Served, parsed, request};

/// Its token, and the devices that it sends to.
pub(super) struct Client {
    token: String,
    devices: Vec<String>,
}

impl Client {
    /// A client of a server's first tenant.
    pub(super) fn of(served: &Served) -> Self {
        let token = served.account("administrator");
        let list = "/v1.0/deviceManagement/managedDevices?$top=500&$select=id";
        let devices = served.get(&token, list).is(200).json();
        let id = |device: &Value| device["id"].as_str().expect("an id").to_owned();
        Self { devices: devices["value"].as_array().expect("a list").iter().map(id).collect(), token }
    }
}

/// Sends a message to the `number`-th device, beginning anew after the last, in a request with this id; returns the status of the
/// answer, and nothing for a server that is killed.
pub(super) fn send(address: &str, client: &Client, number: u64, name: &str) -> Option<u16> {
    let authorization = format!("Bearer {}", client.token);
    let headers =
        [("Authorization", authorization.as_str()), ("Content-Type", "application/json"), ("client-request-id", name)];
    let device = &client.devices[usize::try_from(number).ok()? % client.devices.len()];
    let path = format!("/beta/deviceManagement/managedDevices/{device}/sendCustomNotificationToCompanyPortal");
    let body = json!({ "notificationTitle": "t", "notificationBody": "b" }).to_string();
    let mut stream = TcpStream::connect(address).ok()?;
    stream.write_all(&request(address, "POST", &path, &headers, body.as_bytes())).ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    answer.windows(4).any(|end| end == b"\r\n\r\n").then(|| parsed(&answer).status)
}
