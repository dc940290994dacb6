//! Risk: a test that starts a server does not learn when it takes requests, where it is and what it serves, or a log learns a secret.

use std::fs;

use serde_json::{Value, json};

use crate::fixtures::caller::{TENANT, answer, parsed, request};
use crate::fixtures::program::{Folder, Running, Said};

const TWO: [&str; 2] = ["small", "large"];

fn start(folder: &Folder, more: &[&str]) -> Running {
    let options = ["serve", "--state", "state", "--listen", "127.0.0.1:0", "--ready-file", "ready.json"];
    folder.start(&[&options, more].concat())
}

/// A folder with two scenarios, a stale ready file, and a server of them that is ready.
fn two_tenants(name: &str, more: &[&str]) -> (Folder, Running, Value) {
    let folder = Folder::new(name);
    for tenant in TWO {
        let text = TENANT.replace("name = \"small\"", &format!("name = \"{tenant}\""));
        folder.write(&format!("{tenant}.toml"), &text);
    }
    folder.write("ready.json", "of a server that was killed");
    let scenarios = ["--tls-listen", "127.0.0.1:0", "--scenario", "small.toml", "--scenario", "large.toml"];
    let mut running = start(&folder, &[&scenarios, more].concat());
    running.wait_for("Graph at http://");
    let ready = folder.json("ready.json");
    (folder, running, ready)
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_else(|| panic!("no text `{name}` in {value}"))
}

/// Every secret of a state folder, by its content.
fn secrets(folder: &Folder, ready: &Value) -> Vec<String> {
    let tenants = ready["tenants"].as_array().expect("a list").iter();
    let files = tenants.map(|tenant| text(tenant, "client_secret_file")).chain([text(ready, "control_token_file")]);
    let secrets: Vec<String> = files.map(|file| fs::read_to_string(file).expect("it is where it is said")).collect();
    assert!(secrets.iter().all(|secret| secret.len() >= 32), "they are secrets");
    assert!(folder.path().join("state").is_dir());
    secrets
}

/// Stops a server in order; its whole standard error must have none of the secrets.
#[cfg(unix)]
fn stopped(folder: &Folder, running: Running, secrets: &[String]) -> Said {
    running.terminate();
    let said = running.end().exits(0);
    assert!(!folder.path().join("ready.json").exists(), "the file is removed on an orderly stop");
    for secret in secrets {
        assert!(!said.err.contains(secret.as_str()) && !said.out.contains(secret.as_str()), "a log has a secret");
    }
    said
}

#[cfg(unix)]
#[test]
fn the_ready_file_has_all_that_a_test_needs_and_no_secret() {
    let (folder, running, ready) = two_tenants("ready-file", &[]);
    assert_eq!((&ready["schema"], &ready["proxy"]), (&json!(1), &Value::Null));
    assert!(
        text(&ready, "graph").starts_with("http://127.0.0.1:") && text(&ready, "graph_tls").starts_with("https://")
    );
    assert!(fs::read_to_string(text(&ready, "certificate")).expect("it is there").contains("BEGIN CERTIFICATE"));
    let secrets = secrets(&folder, &ready);
    let written = folder.read("ready.json");
    assert!(secrets.iter().all(|secret| !written.contains(secret.as_str())), "{written}");
    // Each address answers.
    let call = |url: &str, method: &str, path: &str, headers: &[(&str, &str)], body: &str| {
        let address = url.strip_prefix("http://").expect("without TLS").split('/').next().expect("an address");
        parsed(&answer(address, &request(address, method, path, headers, body.as_bytes())))
    };
    assert!(call(text(&ready, "metrics"), "GET", "/metrics", &[], "").is(200).text.contains("reveille_"));
    let control = format!("Bearer {}", secrets[2]);
    let tenants = ready["tenants"].as_array().expect("a list");
    let mut clients = Vec::new();
    for ((tenant, secret), name) in tenants.iter().zip(&secrets).zip(TWO) {
        assert_eq!(tenant["name"], name);
        let devices: Vec<&str> =
            tenant["devices"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
        assert_eq!(devices.len(), 2, "{tenant}");
        let id = text(tenant, "id");
        let path = format!("/_reveille/devices/{}?tenant={id}", devices[0]);
        call(text(&ready, "control"), "GET", &path, &[("Authorization", &control)], "").is(200);
        let form = format!(
            "grant_type=client_credentials&client_id={}&client_secret={secret}&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default",
            text(tenant, "client_id")
        );
        let headers = [("Content-Type", "application/x-www-form-urlencoded")];
        let graph = text(&ready, "graph");
        let granted = call(graph, "POST", &format!("/{id}/oauth2/v2.0/token"), &headers, &form).is(200).json();
        let bearer = format!("Bearer {}", text(&granted, "access_token"));
        for device in devices {
            let path = format!("/v1.0/deviceManagement/managedDevices/{device}");
            call(graph, "GET", &path, &[("Authorization", &bearer)], "").is(200);
        }
        clients.push(text(tenant, "client_id").to_owned());
    }
    assert_ne!(clients[0], clients[1], "a client's id names one tenant's secret");
    let said = stopped(&folder, running, &secrets);
    assert!(!said.err.contains("--- curl"), "nothing to paste goes to a log: {}", said.err);
    // The secrets are those of the folder: another start has the same.
    let mut again = start(&folder, &["--scenario", "small.toml"]);
    again.wait_for("Graph at http://");
    let later = folder.json("ready.json");
    assert_eq!((&later["graph_tls"], &later["certificate"]), (&Value::Null, &Value::Null));
    assert_eq!(later["tenants"][0]["client_id"], tenants[0]["client_id"]);
    assert_eq!(fs::read_to_string(text(&later["tenants"][0], "client_secret_file")).expect("it is there"), secrets[0]);
    stopped(&folder, again, &secrets);
}

#[cfg(unix)]
#[test]
fn the_json_log_has_the_same_as_fields_and_no_secret() {
    let (folder, running, ready) = two_tenants("ready-json", &["--log-format", "json"]);
    let secrets = secrets(&folder, &ready);
    let said = stopped(&folder, running, &secrets);
    let events: Vec<Value> = said.err.lines().map(|line| serde_json::from_str(line).expect("an object")).collect();
    let last = events.iter().find(|event| event.get("graph").is_some()).expect("there is one with the addresses");
    for key in
        ["graph", "graph_tls", "control", "metrics", "certificate", "control_token_file", "state", "pid", "version"]
    {
        assert_eq!(last[key], ready[key], "{key}");
    }
    for tenant in ready["tenants"].as_array().expect("a list") {
        let event = events.iter().find(|event| event["tenant"] == tenant["id"]).expect("each has a line");
        assert_eq!((&event["tenant_name"], &event["client_id"]), (&tenant["name"], &tenant["client_id"]));
        assert_eq!(event["client_secret_file"], tenant["client_secret_file"]);
        let devices: Vec<&str> =
            tenant["devices"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
        assert_eq!(event["devices"], devices.join(" "));
    }
}

#[cfg(unix)]
#[test]
fn quiet_tells_the_addresses_that_only_the_server_knows() {
    let folder = Folder::new("ready-quiet");
    let mut running = start(&folder, &["--quiet"]);
    running.wait_for("Graph at http://");
    let ready = folder.json("ready.json");
    let secrets = secrets(&folder, &ready);
    let said = stopped(&folder, running, &secrets);
    let lines: Vec<&str> = said.err.lines().collect();
    let [metrics, control, graph] = lines.as_slice() else { panic!("three lines: {}", said.err) };
    assert_eq!(*metrics, format!("metrics at {}", text(&ready, "metrics")));
    assert!(control.starts_with(&format!("control at {}/ · token in ", text(&ready, "control"))), "{control}");
    assert_eq!(*graph, format!("Graph at {}/ until Ctrl-C", text(&ready, "graph")));
}

#[test]
fn a_ready_file_that_cannot_be_written_is_an_error_and_no_server() {
    let folder = Folder::new("ready-wrong");
    let listen = ["serve", "--state", "state", "--listen", "127.0.0.1:0", "--ready-file", "nowhere/ready.json"];
    let said = folder.run(&listen).exits(1);
    assert!(said.err.contains("cannot write nowhere/ready.json: "), "{}", said.err);
    assert!(!said.err.contains("until Ctrl-C"), "{}", said.err);
}
