//! Risk: bodies that arrive slowly take the memory of the process, or keep it when their clients are gone.

use std::net::TcpStream;

use super::clients::{Memory, frugal, is_free_again, many_files, refused, rest, sent, used};
use crate::control::hand::Hand;
use crate::fixtures::caller::{Served, TENANT, parsed};
use crate::fixtures::program::look;

/// Clients of the attack.
const CLIENTS: usize = 2_500;
/// The largest body of a request for a token.
const BODY_BYTES: usize = 8 << 10;
/// The budget of all of them.
const BUDGET_BYTES: u64 = 8 << 20;
/// What the attack may take.
const MEMORY_MAX: u64 = 100 << 20;

/// A request for a token with a body of this length, of which the last byte is missing.
fn unfinished(path: &str, length: usize) -> Vec<u8> {
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {length}\r\n\r\n"
    );
    [head.as_bytes(), &vec![b'x'; length - 1]].concat()
}

#[test]
fn thousands_of_slow_bodies_at_the_token_endpoint_stay_within_their_budget() {
    many_files();
    let served = frugal("attacks_slow_bodies", TENANT, &[]);
    let bytes = unfinished("/small/oauth2/v2.0/token", BODY_BYTES);
    ordinary(&served);
    let before = served.running.resident_bytes();
    let memory = Memory::before(&served);
    for round in 0..2 {
        let clients: Vec<TcpStream> = (0..CLIENTS).map(|_| sent(&served.address, &bytes)).collect();
        let full = BUDGET_BYTES - BODY_BYTES as u64;
        let used = look("the budget is used up", || {
            Some(used(&served.metrics, "token_body_bytes")).filter(|used| *used > full)
        });
        assert!(used <= BUDGET_BYTES, "{used} bytes");
        let least = CLIENTS as u64 - BUDGET_BYTES / BODY_BYTES as u64;
        let all = look("the others are refused", || {
            Some(refused(&served.metrics, "token_body_bytes")).filter(|refused| *refused >= (round + 1) * least)
        });
        assert!(all < 2 * CLIENTS as u64);
        let taken = served.running.resident_bytes().saturating_sub(before);
        println!("round {round}: {} MB for {CLIENTS} slow bodies", taken >> 20);
        assert!(taken < MEMORY_MAX, "{taken} bytes for {CLIENTS} bodies");
        drop(clients);
        is_free_again(&served.metrics, "token_body_bytes");
        is_free_again(&served.metrics, "graph_connections");
        memory.is_back(&served);
    }
    ordinary(&served);
}

/// A request for a token as usual.
fn ordinary(served: &Served) {
    let form = format!(
        "grant_type=client_credentials&client_id=reveille&client_secret={}&scope=https://graph.microsoft.com/.default",
        served.secret
    );
    let kind = [("Content-Type", "application/x-www-form-urlencoded")];
    let reply = served.send("POST", "/small/oauth2/v2.0/token", &kind, form.as_bytes());
    assert!(reply.status == 200 || reply.json()["error"] == "unauthorized_client", "{reply:?}");
}

#[test]
fn a_refused_body_says_when_to_come_again() {
    many_files();
    let served = frugal("attacks_refused_body", TENANT, &[]);
    let bytes = unfinished("/small/oauth2/v2.0/token", BODY_BYTES);
    ordinary(&served);
    let memory = Memory::before(&served);
    let clients: Vec<TcpStream> =
        (0..BUDGET_BYTES as usize / BODY_BYTES).map(|_| sent(&served.address, &bytes)).collect();
    look("the budget is used up", || (used(&served.metrics, "token_body_bytes") == BUDGET_BYTES).then_some(()));
    let reply = served.send("POST", "/small/oauth2/v2.0/token", &[], b"grant_type=x").is(503);
    assert_eq!((reply.header("retry-after"), reply.header("cache-control")), (Some("1"), Some("no-store")));
    let admin = served.account("administrator");
    served.post(&admin, "/beta/$batch", &serde_json::json!({ "requests": [] })).is(400);
    drop(clients);
    is_free_again(&served.metrics, "token_body_bytes");
    memory.is_back(&served);
}

#[test]
fn nothing_is_read_of_a_body_before_its_tenant_and_its_method_fit() {
    let hand = Hand::of(Served::start("attacks_unread_bodies", Some(TENANT), &[]));
    let served = &hand.served;
    for (address, method, path) in [
        (served.address.as_str(), "POST", "/absent/oauth2/v2.0/token"),
        (served.address.as_str(), "POST", "/small/oauth2/v2.0/nothing"),
        (served.address.as_str(), "POST", "/small/v2.0/.well-known/openid-configuration"),
        (served.address.as_str(), "PUT", "/small/oauth2/v2.0/token"),
        (served.address.as_str(), "POST", "/v1.0/users"),
        (hand.address(), "POST", "/_reveille/faults"),
        (hand.address(), "POST", "/absent"),
        (served.metrics.as_str(), "POST", "/metrics"),
    ] {
        let head = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9000000\r\n\r\n");
        // The body never comes: an answer shows that it is not waited for.
        let reply = parsed(&rest(sent(address, head.as_bytes())));
        assert!((400..500).contains(&reply.status), "{method} {path}: {reply:?}");
        // A client that is not told would lose its next request.
        assert_eq!(reply.header("connection"), Some("close"), "{method} {path}: {reply:?}");
    }
    let long = unfinished("/small/oauth2/v2.0/token", BODY_BYTES + 2);
    let reply = parsed(&rest(sent(&served.address, &long)));
    assert_eq!((reply.status, reply.header("connection")), (413, Some("close")), "{reply:?}");
}
