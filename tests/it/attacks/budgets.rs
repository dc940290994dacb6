//! Risk: one address takes every connection, or waiting requests and event streams grow without end.

use std::net::TcpStream;

use super::clients::{Memory, ask, frugal, is_free_again, many_files, refused, rest, sent, used};
use crate::control::hand::{self, Hand, TOKEN};
use crate::fixtures::caller::{Served, TENANT, parsed, request};
use crate::fixtures::program::look;

#[test]
fn an_address_that_has_its_share_of_connections_is_told_to_come_again() {
    let served = Served::start("attacks_peers", Some(TENANT), &["--connections-per-peer-max", "3"]);
    let open: Vec<TcpStream> = (0..3).map(|_| sent(&served.address, b"")).collect();
    look("three are open", || (used(&served.metrics, "graph_connections") == 3).then_some(()));
    let reply = ask(&served.address, "/v1.0/users");
    assert_eq!((reply.status, reply.header("retry-after")), (503, Some("1")), "{reply:?}");
    assert_eq!(refused(&served.metrics, "graph_connections"), 1);
    drop(open);
    is_free_again(&served.metrics, "graph_connections");
    assert_eq!(ask(&served.address, "/v1.0/users").status, 401);
}

#[test]
fn streams_of_events_and_waiting_requests_are_bounded() {
    const STREAMS: usize = 512;
    const WAITING: usize = 512;
    many_files();
    let served = frugal("attacks_followers", hand::TENANT, &["--speed", "0.001", "--control-token", TOKEN]);
    let hand = Hand::of(served);
    hand.to_groups("waited for").is(204);
    let authorization = format!("Bearer {TOKEN}");
    let headers = [("Authorization", authorization.as_str())];
    let metrics = hand.served.metrics.clone();
    hand.get("/messages/0").is(200);
    let memory = Memory::before(&hand.served);
    for (path, budget, most) in [
        ("/_reveille/events", "event_streams", STREAMS),
        ("/_reveille/messages/0?wait=settled&timeout=10m", "waiting_requests", WAITING),
    ] {
        let bytes = request(hand.address(), "GET", path, &headers, b"");
        let open: Vec<TcpStream> = (0..most).map(|_| sent(hand.address(), &bytes)).collect();
        look("all are open", || (used(&metrics, budget) == most as u64).then_some(()));
        let reply = parsed(&rest(sent(hand.address(), &bytes)));
        assert_eq!((reply.status, reply.header("retry-after")), (503, Some("1")), "{reply:?}");
        assert_eq!(reply.json()["code"], "busy");
        hand.get("/clock").is(200);
        drop(open);
        is_free_again(&metrics, budget);
        memory.is_back(&hand.served);
    }
}
