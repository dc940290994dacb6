//! A client of the Graph API: starts the program and writes HTTP by hand, so that no library corrects it. Must not
//! judge answers.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

use crate::program::{Folder, Running};

/// A small tenant without randomness.
pub(crate) const TENANT: &str = r#"
schema = 1
name = "small"
start = 2026-01-05T06:00:00Z
duration = "4h"

[[user]]
name = "ann"
[[user]]
name = "bob"
[[user]]
name = "cid@small.example"

[[device]]
name = "ann-phone"
user = "ann"
platform = "ios"
labels = { ownership = "personal" }
[[device]]
name = "ann-mac"
user = "ann"
platform = "macos"
[[device]]
name = "bob-phone"
user = "bob"
platform = "android"
enrollment = "fully_managed"
[[device]]
name = "bob-old-phone"
user = "bob"
platform = "android"
enrolled = false
[[device]]
name = "cid-tablet"
user = "cid@small.example"
platform = "ipados"
[[device]]
name = "11111111-2222-4333-8444-555555555555"
user = "cid@small.example"
platform = "windows"

[[group]]
name = "north"
users = ["ann"]
[[group]]
name = "south"
users = ["bob"]
groups = ["far south"]
[[group]]
name = "far south"
users = ["cid@small.example"]

[[account]]
name = "desk"
role = "Help Desk Operator"
[[account]]
name = "north-desk"
role = "Help Desk Operator"
scope_groups = ["north"]
[[account]]
name = "publisher"
permissions = ["organization.update"]
[[account]]
name = "ann"
role = "Help Desk Operator"

[[send]]
name = "never sent here"
at = "0s"
to = { groups = ["north"] }
title = "t"
body = "b"
"#;

/// A running server, and the folder with its signing key.
pub(crate) struct Served {
    pub(crate) folder: Folder,
    pub(crate) address: String,
    /// The address of its metrics.
    pub(crate) metrics: String,
    pub(crate) running: Running,
    /// The secret of the built-in client at the first tenant.
    pub(crate) secret: String,
    /// The file of the first scenario, if one was given.
    scenario: Option<String>,
}

/// The server's answer.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) text: String,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error} in {}", self.text))
    }

    /// Panics with the whole answer if the status is another one.
    #[track_caller]
    pub(crate) fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{:?} {}", self.headers, self.text);
        self
    }

    /// The code of an error.
    #[track_caller]
    pub(crate) fn code(&self) -> String {
        self.json()["error"]["code"].as_str().unwrap_or_else(|| panic!("no code in {}", self.text)).to_owned()
    }
}

impl Served {
    /// Serves a scenario, or the built-in tenant.
    pub(crate) fn start(name: &str, scenario: Option<&str>, more: &[&str]) -> Self {
        let one = scenario.map(|text| ("scenario.toml", text));
        Self::several(name, one.as_slice(), more)
    }

    /// Serves several scenarios, each a file with its text.
    pub(crate) fn several(name: &str, scenarios: &[(&str, &str)], more: &[&str]) -> Self {
        let folder = Folder::new(name);
        let mut arguments = vec!["serve", "--state", "state", "--listen", "127.0.0.1:0"];
        for (file, text) in scenarios {
            folder.write(file, text);
            arguments.extend(["--scenario", file]);
        }
        arguments.extend(more);
        let mut running = folder.start(&arguments);
        let secret = if more.contains(&"--clients") {
            String::new()
        } else {
            let line = running.wait_for("· secret ");
            let rest = line.split("· secret ").nth(1).expect("the awaited line contains it");
            rest.split(' ').next().expect("a secret follows").to_owned()
        };
        let line = running.wait_for("metrics at http://");
        let rest = line.split("http://").nth(1).expect("the awaited line contains it");
        let metrics = rest.split('/').next().expect("a path follows").to_owned();
        let line = running.wait_for("Graph at http://");
        let rest = line.split("http://").nth(1).expect("the awaited line contains it");
        let address = rest.split('/').next().expect("a path follows").to_owned();
        let scenario = scenarios.first().map(|(file, _)| (*file).to_owned());
        Self { folder, address, metrics, running, secret, scenario }
    }

    /// A token for an account, with everything that tokens grant.
    pub(crate) fn account(&self, name: &str) -> String {
        self.token(&["--as", name])
    }

    /// A token with these arguments.
    pub(crate) fn token(&self, arguments: &[&str]) -> String {
        let mut all = vec!["token", "--state", "state"];
        if let Some(file) = &self.scenario
            && !arguments.contains(&"--scenario")
        {
            all.extend(["--scenario", file]);
        }
        all.extend(arguments);
        self.folder.run(&all).exits(0).out.trim().to_owned()
    }

    /// Sends a request with a token and possibly a JSON body.
    pub(crate) fn ask(&self, token: &str, method: &str, path: &str, body: Option<&str>) -> Reply {
        let authorization = format!("Bearer {token}");
        let mut headers = vec![("Authorization", authorization.as_str())];
        if body.is_some() {
            headers.push(("Content-Type", "application/json"));
        }
        self.send(method, path, &headers, body.unwrap_or("").as_bytes())
    }

    pub(crate) fn get(&self, token: &str, path: &str) -> Reply {
        self.ask(token, "GET", path, None)
    }

    /// Sends the same as an advanced query on the directory.
    pub(crate) fn eventually(&self, token: &str, path: &str) -> Reply {
        let authorization = format!("Bearer {token}");
        let headers = [("Authorization", authorization.as_str()), ("ConsistencyLevel", "eventual")];
        self.send("GET", path, &headers, b"")
    }

    pub(crate) fn post(&self, token: &str, path: &str, body: &Value) -> Reply {
        self.ask(token, "POST", path, Some(&body.to_string()))
    }

    /// Sends exactly these headers and bytes.
    pub(crate) fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        self.raw(&request(&self.address, method, path, headers, body))
    }

    /// Sends bytes, and reads until the server closes the connection.
    pub(crate) fn raw(&self, bytes: &[u8]) -> Reply {
        parsed(&answer(&self.address, bytes))
    }

    /// The id of the entity of a list whose field has this value.
    #[track_caller]
    pub(crate) fn id(&self, token: &str, list: &str, field: &str, value: &str) -> String {
        let reply =
            self.get(token, &format!("/v1.0/{list}?$filter={field}%20eq%20'{}'", value.replace(' ', "%20"))).is(200);
        let found = reply.json();
        let found = found["value"].as_array().expect("a list").clone();
        assert_eq!(found.len(), 1, "{value}: {}", reply.text);
        found[0]["id"].as_str().expect("an id").to_owned()
    }
}

/// The bytes of a request.
pub(crate) fn request(address: &str, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut head = format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n");
    for (name, value) in headers {
        head.extend([*name, ": ", *value, "\r\n"]);
    }
    if !body.is_empty() || method == "POST" {
        head.extend(["Content-Length: ", &body.len().to_string(), "\r\n"]);
    }
    [head.as_bytes(), b"\r\n", body].concat()
}

/// Sends bytes, and reads until the server closes the connection.
pub(crate) fn answer(address: &str, bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).expect("the server listens");
    stream.set_read_timeout(Some(Duration::from_mins(1))).expect("a wait can be set");
    // A server that refuses early may close the connection before it has read everything.
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    answer
}

/// Posts five times on one connection, without permission; each body is sent after other requests were answered, so
/// that its head has been read. Returns the statuses.
pub(crate) fn with_late_bodies(address: &str, path: &str, meanwhile: impl Fn()) -> [u16; 5] {
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer x\r\nContent-Type: application/json\r\n\
         Content-Length: 2\r\n\r\n"
    );
    let mut stream = TcpStream::connect(address).expect("the server listens");
    std::array::from_fn(|_| {
        stream.write_all(head.as_bytes()).expect("it listens");
        meanwhile();
        stream.write_all(b"{}").expect("it listens");
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).expect("the head of an answer is whole");
            answer.push(byte[0]);
        }
        let head = parsed(&answer);
        let length = head.header("Content-Length").and_then(|length| length.parse().ok()).expect("a length");
        stream.read_exact(&mut vec![0; length]).expect("the answer is whole");
        head.status
    })
}

pub(crate) fn parsed(answer: &[u8]) -> Reply {
    let text = String::from_utf8(answer.to_vec()).expect("an answer is UTF-8");
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer, but {text:?}"));
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|status| status.parse().ok());
    let headers = lines.filter_map(|line| line.split_once(": ")).map(|(n, v)| (n.to_owned(), v.to_owned()));
    Reply { status: status.expect("a status"), headers: headers.collect(), text: body.to_owned() }
}
