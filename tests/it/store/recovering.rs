//! Risk: a server that does its history again says that it is ready, or takes requests before it is what it was.

use serde_json::Value;

use crate::control::hand::{Hand, TENANT, TOKEN};
use crate::fixtures::caller::{Served, answer, parsed, request};
use crate::fixtures::program::look;
use crate::monitoring::prometheus::server::free_port;

#[test]
fn while_it_recovers_a_server_is_alive_not_ready_and_refuses_requests() {
    let text = TENANT.replace("[[user]]\nname = \"ann\"", "[fleet]\nusers = 8_000\n[[user]]\nname = \"ann\"");
    let control = format!("127.0.0.1:{}", free_port());
    let more = ["--paused", "--control-token", TOKEN, "--store", "store", "--control-listen", &control];
    let hand = Hand::of(Served::start("store_recovering", Some(&text), &more));
    for number in 0..10 {
        hand.to_groups(&format!("r{number}")).is(204);
        hand.advance("1m");
    }
    let before = hand.get("/snapshot").is(200).json();
    let Served { folder, running, .. } = hand.served;
    drop(running);
    let arguments = ["serve", "--state", "state", "--listen", "127.0.0.1:0", "--scenario", "scenario.toml"];
    let mut again = folder.start(&[&arguments[..], &more[..]].concat());
    let ask = |path: &str| {
        let authorization = format!("Bearer {TOKEN}");
        let headers = [("Authorization", authorization.as_str())];
        std::net::TcpStream::connect(&control).ok()?;
        Some(parsed(&answer(&control, &request(&control, "GET", path, &headers, b""))))
    };
    let first = look("an answer", || ask("/_reveille/ready"));
    assert_eq!(first.status, 503, "{}", first.text);
    assert!(first.text.contains("`hand` is recovering: "), "{}", first.text);
    assert!(first.text.contains(" of 10 inputs of the store are done again"), "{}", first.text);
    ask("/_reveille/live").expect("it answers").is(200);
    let refused = ask("/_reveille/snapshot").expect("it answers");
    if refused.status != 200 {
        assert_eq!((refused.status, refused.json()["code"].as_str()), (503, Some("recovering")), "{}", refused.text);
    }
    again.wait_for("Graph at http://");
    ask("/_reveille/ready").expect("it answers").is(200);
    let after = ask("/_reveille/snapshot").expect("it answers").is(200).json();
    let but_events = |mut snapshot: Value| {
        snapshot.as_object_mut().expect("an object").remove("last_event");
        snapshot
    };
    assert_eq!(but_events(after), but_events(before));
}
