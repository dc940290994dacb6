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
    assert!(said.err.contains("hand: 41 inputs, model time 2:00:00.001"), "{}", said.err);
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
