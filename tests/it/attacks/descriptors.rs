//! Risk: when there are no file descriptors left, the server spins, floods its log, or can no longer be operated.

use std::net::TcpStream;

use super::clients::{ask, is_free_again, sent, used};
use crate::control::hand::Hand;
use crate::fixtures::program::look;

/// Descriptors beyond those that the server has open when it is idle.
const SPARE: u64 = 20;

#[test]
fn without_descriptors_control_and_metrics_answer_and_the_others_wait() {
    let mut hand = Hand::start("attacks_descriptors");
    let address = hand.served.address.clone();
    let metrics = hand.served.metrics.clone();
    is_free_again(&metrics, "graph_connections");
    let files = hand.served.running.open_files() + SPARE;
    hand.served.running.limit_files(files);
    let clients: Vec<TcpStream> = (0..2 * SPARE).map(|_| sent(&address, b"GET /v1.0/us")).collect();
    look("no descriptor is left", || (hand.served.running.open_files() >= files).then_some(()));
    let warned = hand.served.running.wait_for("no connection can be accepted");
    assert!(warned.contains("WARN") || warned.contains("warn"), "{warned}");
    for _ in 0..20 {
        ask(&metrics, "/metrics").is(200);
        hand.get("/clock").is(200);
    }
    assert!(used(&metrics, "graph_connections") < 2 * SPARE, "some wait");
    drop(clients);
    look("the clients are gone", || (used(&metrics, "graph_connections") == 0).then_some(()));
    assert_eq!(ask(&address, "/v1.0/users").status, 401, "the server answers as before");
    hand.served.running.terminate();
    let said = hand.served.running.end().exits(0).err;
    assert!(said.matches("no connection can be accepted").count() <= 4, "it is said once for each listener: {said}");
}
