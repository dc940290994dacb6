//! Risk: a request with a few wrong bytes makes the Graph API or its authority panic, or is answered as an error of the server.
//! Requests are made from right ones by a seed, and answered in this process, where a panic ends the test.
//!
//! A long run: `REVEILLE_MUTATED_REQUESTS=1000000 cargo test --release --locked --test it mutated_requests`; they are numbered from
//! 0, or from `REVEILLE_MUTATED_REQUESTS_FROM`.

use std::collections::BTreeMap;

use axum::body::{Body, to_bytes};
use axum::http::{Request, Uri};
use rand::RngExt;
use reveille::rules::base::chance::{Chance, Purpose, Stream};
use reveille::rules::base::ids::Key;
use serde_json::{Value, json};

use super::in_process::InProcess;
use crate::fixtures::numbers::number_of;

/// Requests in one run of the tests.
const REQUESTS: u64 = 4_000;
/// Bytes of an answer, at most.
const ANSWER_BYTES_MAX: usize = 8 << 20;
const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

/// What is put into a request: delimiters, escapes, numbers around every limit, and text of several bytes a character.
const ODDITIES: [&str; 28] = [
    "",
    "%",
    "%00",
    "%ff",
    "%zz",
    "'",
    "''",
    "\"",
    "\\",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ";",
    "&",
    "=",
    "$",
    "/",
    "..",
    "\0",
    "null",
    "-1",
    "99999999999999999999",
    "\u{1F525}\u{e9}",
    "eyJhbGciOiJub25lIn0.e30.",
];

/// A right request.
#[derive(Clone)]
struct Right {
    method: &'static str,
    path: String,
    kind: &'static str,
    body: String,
}

struct Dice(Stream);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0.random_range(0..n as u32) as usize
    }

    /// A text with one to four mistakes.
    fn mutate(&mut self, text: &str) -> String {
        let mut letters: Vec<char> = text.chars().collect();
        for _ in 0..=self.below(4) {
            let (one, other) = (self.below(letters.len() + 1), self.below(letters.len() + 1));
            let (from, to) = (one.min(other), one.max(other).min(one.min(other) + 16));
            match self.below(4) {
                0 => drop(letters.drain(from..to)),
                1 => {
                    let twice = letters[from..to].to_vec();
                    letters.splice(to..to, twice);
                }
                _ => {
                    let put = ODDITIES[self.below(ODDITIES.len())];
                    letters.splice(from..from + self.below(to - from + 1), put.chars());
                }
            }
        }
        letters.into_iter().collect()
    }
}

fn right(device: &str, group: &str, secret: &str) -> Vec<Right> {
    let get = |path: String| Right { method: "GET", path, kind: JSON, body: String::new() };
    let post =
        |path: &str, body: &Value| Right { method: "POST", path: path.into(), kind: JSON, body: body.to_string() };
    let form = |path: &str, body: String| Right { method: "POST", path: path.into(), kind: FORM, body };
    let managed = "/beta/deviceManagement/managedDevices";
    let message = json!({ "notificationTitle": "t", "notificationBody": "b" });
    let mut to_groups = message.clone();
    to_groups["groupsToNotify"] = json!([group]);
    let bulk = json!({
        "actionName": "customTextNotification", "deviceIds": [device], "platform": "ios", "realAction": "sendNotification",
        "notificationTitle": "t", "notificationBody": "b",
    });
    let part = |id: &str, url: &str| json!({ "id": id, "method": "GET", "url": url, "dependsOn": [] });
    let batch = json!({ "requests": [part("1", "/users?$top=1"), part("2", "/groups?$count=true")] });
    let scope = "scope=https%3A%2F%2Fgraph.microsoft.com%2F.default";
    vec![
        get(format!(
            "{managed}?$filter=operatingSystem%20eq%20'iOS'%20and%20not%20(deviceName%20eq%20'x')&$top=3&$count=true"
        )),
        get(format!("{managed}?$orderby=deviceName%20desc&$select=id,deviceName&$skip=1")),
        get(format!("{managed}/{device}?$select=id,userPrincipalName")),
        get("/v1.0/users?$search=%22displayName:a%22&$orderby=displayName&$count=true".to_owned()),
        get(format!("/v1.0/groups/{group}/members/microsoft.graph.user?$expand=memberOf")),
        get("/v1.0/devices(deviceId='00000000-0000-0000-0000-000000000000')".to_owned()),
        get("/common/oauth2/v2.0/authorize?client_id=a&response_type=code&redirect_uri=http://localhost&scope=openid"
            .to_owned()),
        get("/small/v2.0/.well-known/openid-configuration".to_owned()),
        post(&format!("{managed}/{device}/sendCustomNotificationToCompanyPortal"), &message),
        post("/beta/deviceManagement/sendCustomNotificationToCompanyPortal", &to_groups),
        post(&format!("{managed}/executeAction"), &bulk),
        post("/v1.0/$batch", &batch),
        form(
            "/small/oauth2/v2.0/token",
            format!("grant_type=client_credentials&client_id=built-in&client_secret={secret}&{scope}"),
        ),
        form(
            "/small/oauth2/v2.0/token",
            format!("grant_type=refresh_token&client_id=built-in&refresh_token=a.b.c&{scope}"),
        ),
        form("/small/oauth2/v2.0/devicecode", format!("client_id=built-in&{scope}")),
        form(
            "/small/oauth2/v2.0/token",
            format!(
                "grant_type=client_credentials&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion=a.b.c&{scope}"
            ),
        ),
    ]
}

async fn json_of(server: &InProcess, request: Request<Body>) -> Value {
    let answer = server.ask([127, 0, 0, 1].into(), request).await;
    let bytes = to_bytes(answer.into_body(), ANSWER_BYTES_MAX).await.expect("an answer has an end");
    serde_json::from_slice(&bytes).unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&bytes)))
}

#[test]
fn mutated_requests_are_answered_and_none_is_an_error_of_the_server() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    runtime.block_on(ask_all());
}

async fn ask_all() {
    let server = InProcess::start().await;
    let sign_in = format!(
        "grant_type=client_credentials&client_id=built-in&client_secret={}&scope=https://graph.microsoft.com/.default",
        server.secret
    );
    let request = Request::post("/small/oauth2/v2.0/token").header("Host", "localhost").header("Content-Type", FORM);
    let token = json_of(&server, request.body(Body::from(sign_in)).expect("a request")).await;
    let token = token["access_token"].as_str().expect("a token").to_owned();
    let id = async |path: &str| {
        let request = Request::get(path).header("Host", "localhost").header("Authorization", format!("Bearer {token}"));
        let list = json_of(&server, request.body(Body::empty()).expect("a request")).await;
        list["value"][0]["id"].as_str().unwrap_or_else(|| panic!("{list}")).to_owned()
    };
    let (device, group) = (id("/beta/deviceManagement/managedDevices").await, id("/v1.0/groups").await);
    let right = right(&device, &group, server.secret);
    let (first, mut statuses) = (number_of("REVEILLE_MUTATED_REQUESTS_FROM", 0), BTreeMap::<u16, u64>::new());
    let requests = number_of("REVEILLE_MUTATED_REQUESTS", REQUESTS);
    for number in first..first + requests {
        let mut dice = Dice(Chance::new(number).stream(Purpose::Plan, Key(2)));
        let Right { method, mut path, kind, mut body } = right[dice.below(right.len())].clone();
        let mut bearer = token.clone();
        match dice.below(if body.is_empty() { 3 } else { 6 }) {
            0 => bearer = dice.mutate(&bearer),
            1 | 2 => path = dice.mutate(&path),
            _ => body = dice.mutate(&body),
        }
        let request = Request::builder().method(method).uri(path.parse::<Uri>().unwrap_or_default());
        let request = request.header("Host", "localhost").header("Content-Type", kind);
        let request = request.header("Authorization", format!("Bearer {bearer}"));
        // What is no header or no path is refused by the HTTP library before it is here.
        let Ok(request) = request.body(Body::from(body.clone())) else { continue };
        let answer = server.ask([127, 0, 0, 1].into(), request).await;
        let status = answer.status().as_u16();
        let read = to_bytes(answer.into_body(), ANSWER_BYTES_MAX).await;
        assert!(
            status < 500 && read.is_ok(),
            "REVEILLE_MUTATED_REQUESTS_FROM={number}: {status} to {method} {path} {body}"
        );
        *statuses.entry(status).or_default() += 1;
    }
    println!("{statuses:?}");
    if requests >= REQUESTS {
        for status in [200, 204, 400, 401, 404] {
            assert!(statuses.contains_key(&status), "{status} was tried: {statuses:?}");
        }
    }
}
