//! Risk: the command `store` says something else than the server, or changes what it only reads.

use std::fs;

use serde_json::{Value, json};

use crate::control::hand::{Hand, TENANT, TOKEN};
use crate::fixtures::caller::Served;

#[test]
fn a_store_is_checked_exported_and_shrunk_without_a_server() {
    let second = TENANT.replace("name = \"hand\"", "name = \"second\"");
    let more = ["--paused", "--control-token", TOKEN, "--store", "store"];
    let hand = Hand::of(Served::start("store_commands", Some(TENANT), &more));
    for number in 0..40 {
        hand.to_groups(&format!("r{number}"));
        hand.advance("3m");
    }
    hand.fault(&json!({ "name": "lost", "kind": "loss", "rate": 0.5 })).is(201);
    let state = hand.get("/state").is(200).json();
    let (folder, running) = (hand.served.folder, hand.served.running);
    let said = folder.run(&["store", "check", "store"]).exits(2);
    assert!(said.err.contains("store is in use by another process"), "{}", said.err);
    running.terminate();
    running.end().exits(0);

    let said = folder.run(&["store", "check", "store"]).exits(0);
    assert!(said.err.contains("hand: 41 inputs, 40 texts, model time 2:00:00.001"), "{}", said.err);
    assert!(said.err.contains("store: all well after "), "{}", said.err);
    let exported = folder.run(&["store", "export", "store"]).exits(0);
    assert_eq!(serde_json::from_str::<Value>(&exported.out).expect("it is JSON"), state);
    folder.run(&["store", "vacuum", "store"]).exits(0);
    assert_eq!(folder.run(&["store", "export", "store", "--tenant", "hand"]).exits(0).out, exported.out);

    // With another tenant in the store it must be named.
    folder.write("second.toml", &second);
    let start =
        ["serve", "--state", "state", "--listen", "127.0.0.1:0", "--store", "store", "--scenario", "second.toml"];
    let mut running = folder.start(&start);
    running.wait_for("Graph at http://");
    running.terminate();
    running.end().exits(0);
    let said = folder.run(&["store", "export", "store"]).exits(2);
    assert!(said.err.contains("has the tenants hand, second: name one by --tenant"), "{}", said.err);
    assert_eq!(folder.run(&["store", "export", "store", "--tenant", "hand"]).exits(0).out, exported.out);

    let path = folder.path().join("store/store.db");
    let mut bytes = fs::read(&path).expect("it is there");
    let at = bytes.windows(8).rposition(|part| part == b"accepted").expect("the kind of an input");
    bytes[at] ^= 1;
    fs::write(&path, bytes).expect("it can be written");
    let said = folder.run(&["store", "check", "store"]).exits(2);
    assert!(said.err.contains("store/store.db is damaged: input "), "{}", said.err);
    let said = folder.run(&["store", "check", "nothing"]).exits(2);
    assert!(said.err.contains("nothing is not a store: `reveille serve --store` makes one"), "{}", said.err);
}

#[test]
fn a_history_is_explained_and_forecast_from_the_store_as_the_server_saw_it() {
    let more = ["--paused", "--control-token", TOKEN, "--store", "store"];
    let hand = Hand::of(Served::start("store_replay", Some(TENANT), &more));
    hand.to_groups("before").is(204);
    hand.advance("5m");
    hand.fault(&json!({ "name": "pulled plug", "kind": "loss", "rate": 1.0, "scope": { "platform": "ios" } })).is(201);
    hand.to_device("lonely", "into the fault").is(204);
    hand.to_groups("both").is(204);
    hand.advance("5m");
    hand.post("/devices/lonely/notifications/0/dismiss", &Value::Null).is(200);
    let seen = hand.get("/devices/lonely/messages/1/explain").is(200).json();
    let snapshot = hand.get("/snapshot").is(200).json();
    let (folder, running) = (hand.served.folder, hand.served.running);
    running.terminate();
    running.end().exits(0);

    for message in ["1", "into-the-fault"] {
        let explain = ["explain", "--store", "store", "--device", "lonely", "--message", message, "--format", "json"];
        assert_eq!(folder.run(&explain).exits(0).json(), seen);
    }
    for (wrong, why) in [
        (["--device", "lonely", "--message", "9"], "no message is `9`: the store has 3, from 0"),
        (["--device", "unknown", "--message", "1"], "no device is called `unknown`"),
    ] {
        let said = folder.run(&[&["explain", "--store", "store"][..], &wrong].concat()).exits(2);
        assert!(said.err.contains(why), "{}", said.err);
    }

    let said =
        folder.run(&["explain", "--store", "store", "--device", "lonely", "--message", "1", "--seed", "2"]).exits(2);
    assert!(said.err.contains("--seed"), "a store has its own seed: {}", said.err);

    let replay = ["replay", "store", "--without", "pulled plug", "--report", "out.json"];
    folder.run(&replay).exits(0);
    let report = folder.json("out.json");
    let messages = report["messages"].as_array().expect("a list");
    assert_eq!(messages.len(), 3, "{messages:#?}");
    let stations = report["messages"].as_array().into_iter().flatten().map(|message| &message["stations"]);
    let shown: u64 = stations.filter_map(|stations| stations["shown"].as_u64()).sum();
    assert_eq!(Some(shown), snapshot["stations"]["shown"].as_u64(), "{report:#}");
    assert_eq!(report["dismissals"]["total"], snapshot["dismissed"]);
    assert_eq!(report["without"][0]["faults"], json!(["pulled plug"]));
    assert_eq!(report["without"][0]["never_shown"], 3, "{report:#}");
    assert_eq!(report["replay"], "reveille replay store --without 'pulled plug'");
    let other = ["replay", "store", "--set", "duration=2h", "--seed", "7", "--report", "other.json"];
    folder.run(&other).exits(0);
    let again = folder.json("other.json");
    assert_eq!(
        (&again["seed"], &again["replay"]),
        (&json!(7), &json!("reveille replay store --seed 7 --set duration=2h"))
    );
    assert_eq!(again["messages"].as_array().map(Vec::len), Some(3));
    folder.write("same.toml", TENANT);
    folder.run(&["replay", "store", "--scenario", "same.toml", "--report", "same.json"]).exits(0);
    assert_eq!(folder.json("same.json")["digest"], report["digest"], "the same scenario, with the seed of the store");
    let said = folder.run(&["replay", "store", "--set", "duration=6m"]).exits(2);
    assert!(said.err.contains("the history does not fit the other scenario: input 4: it comes after"), "{}", said.err);

    let said = folder.run(&["replay", "store", "--without", "pulled-plug"]).exits(2);
    assert!(said.err.contains("did you mean `pulled plug`?"), "{}", said.err);
}
