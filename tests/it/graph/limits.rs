//! Risk: requests are limited that should not be, or a client over a limit does not learn when to try again.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::fixtures::caller::{Reply, Served, TENANT};

/// The window of the limits.
const WINDOW: Duration = Duration::from_secs(20);

/// A batch of twenty requests, each asking a device to check in.
fn batch(served: &Served, token: &str, device: &str) -> Vec<Value> {
    let url = format!("/deviceManagement/managedDevices/{device}/syncDevice");
    let headers = json!({ "Content-Type": "application/json" });
    let request =
        |at: usize| json!({ "id": at.to_string(), "method": "POST", "url": url, "headers": headers, "body": {} });
    let body = json!({ "requests": (0..20).map(request).collect::<Vec<_>>() });
    let answers = served.post(token, "/beta/$batch", &body).is(200).json();
    answers["responses"].as_array().expect("a list").clone()
}

fn is_told_to_wait(reply: &Reply) {
    assert_eq!((reply.status, reply.code().as_str()), (429, "TooManyRequests"), "{}", reply.text);
    let wait: u64 = reply.header("retry-after").expect("it says when").parse().expect("whole seconds");
    assert!((1..=WINDOW.as_secs()).contains(&wait), "{wait}");
}

#[test]
fn an_application_that_asks_too_much_is_told_when_to_try_again() {
    let served = Served::start("graph_limits", Some(TENANT), &["--request-limits"]);
    let [busy, other] = ["busy", "other"].map(|app| served.token(&["--app", app]));
    let device = served.id(&other, "deviceManagement/managedDevices", "deviceName", "ann-phone");
    let (begun, mut done) = (Instant::now(), 0);
    let refused = loop {
        let answers = batch(&served, &busy, &device);
        let refused: Vec<Value> = answers.into_iter().filter(|answer| answer["status"] != 204).collect();
        done += 20 - refused.len();
        if !refused.is_empty() {
            break refused;
        }
        assert!(done < 2_000, "nothing is held back");
    };
    // On a very slow machine, the first requests have left the window already.
    assert!(done == 200 || done > 200 && begun.elapsed() > WINDOW, "{done} in {:?}", begun.elapsed());
    assert_eq!((&refused[0]["status"], &refused[0]["body"]["error"]["code"]), (&json!(429), &json!("TooManyRequests")));
    assert!(refused[0]["headers"]["Retry-After"].as_str().is_some_and(|wait| wait != "0"), "{}", refused[0]);
    let sync = format!("/beta/deviceManagement/managedDevices/{device}/syncDevice");
    let again = served.ask(&busy, "POST", &sync, None);
    if begun.elapsed() < WINDOW {
        is_told_to_wait(&again);
    }
    served.get(&busy, "/v1.0/deviceManagement/managedDevices").is(200);
    served.get(&busy, "/v1.0/users").is(200);
    served.ask(&other, "POST", &sync, None).is(204);
}

#[test]
fn requests_are_not_limited_by_default() {
    let served = Served::start("graph_limits_off", Some(TENANT), &[]);
    let app = served.token(&["--app", "busy"]);
    let device = served.id(&app, "deviceManagement/managedDevices", "deviceName", "ann-phone");
    for _ in 0..11 {
        assert!(batch(&served, &app, &device).iter().all(|answer| answer["status"] == 204));
    }
}
