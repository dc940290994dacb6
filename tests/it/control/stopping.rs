//! Risk: a server that is stopped waits for requests that wait themselves, or for a fault switch that recomputes its
//! whole history.
//!
//! `STOPS=50 cargo test --release --locked --test it stopping -- --nocapture` stops servers at 50 moments, and fails if
//! one takes a second.
#![cfg(target_os = "linux")]

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use super::hand::{Hand, TENANT, TOKEN};
use crate::fixtures::caller::{Served, request};
use crate::fixtures::program::look;
use crate::process::stops::told;

/// Moments at which servers are stopped, unless `STOPS` says otherwise.
const MOMENTS: u64 = 2;
/// Messages to all phones of the tenant: a switch recomputes all of their pairs.
const MESSAGES: usize = 8;

/// Clients that send half a request each.
const SLOW_CLIENTS: usize = 500;

/// Sends bytes on a connection that stays open, and returns it.
fn sent(address: &str, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(address).expect("the server listens");
    stream.write_all(bytes).expect("the bytes are taken");
    stream
}

/// A request to the control API.
fn bytes(hand: &Hand, method: &str, path: &str, body: &[u8]) -> Vec<u8> {
    let authorization = format!("Bearer {TOKEN}");
    let headers = [("Authorization", authorization.as_str()), ("Content-Type", "application/json")];
    request(hand.address(), method, &format!("/_reveille{path}"), &headers, body)
}

/// Starts and stops a fault until the server is gone. Returns the answers of the server.
fn switch(address: &str, start: &[u8], stop: &[u8]) -> usize {
    let mut answers = 0;
    for bytes in [start, stop].into_iter().cycle() {
        let Ok(mut stream) = TcpStream::connect(address) else { break };
        let mut answer = String::new();
        // A server that ends may close the connection at any byte.
        let _ = stream.write_all(bytes);
        let _ = stream.read_to_string(&mut answer);
        answers += usize::from(!answer.is_empty());
    }
    answers
}

#[test]
fn a_server_stops_while_switches_compute_and_requests_wait() {
    let (moments, seed) = (told("STOPS"), told("STOPS_SEED").unwrap_or(1));
    let text = TENANT.replace("[[user]]\nname = \"ann\"", "[fleet]\nusers = 40_000\n[[user]]\nname = \"ann\"");
    let mut longest = Duration::ZERO;
    for nth in 0..moments.unwrap_or(MOMENTS) {
        let more = ["--speed", "0.001", "--control-token", TOKEN];
        let mut hand = Hand::of(Served::start("control_stopping", Some(&text), &more));
        for number in 0..MESSAGES {
            hand.to_groups(&format!("r{number}")).is(204);
        }
        hand.advance("2h");
        hand.to_groups("waited for").is(204);
        let address = hand.address().to_owned();
        let waiting = bytes(&hand, "GET", &format!("/messages/{MESSAGES}?wait=settled&timeout=50s"), b"");
        let following = bytes(&hand, "GET", "/events", b"");
        let half_head = &waiting[..20];
        let late_body = format!(
            "POST /_reveille/clock/advance HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n\
             Content-Type: application/json\r\nContent-Length: 9\r\n\r\n{{"
        );
        let open = [&waiting[..], &following, half_head, late_body.as_bytes()].map(|bytes| sent(&address, bytes));
        let half_sent = sent(&hand.served.address, &b"POST /beta/$batch HTTP/1.1\r\nHost: localhost\r\nContent-Le"[..]);
        let start = bytes(
            &hand,
            "POST",
            "/faults",
            json!({ "name": "late", "kind": "loss", "rate": 0.5 }).to_string().as_bytes(),
        );
        let stop = bytes(&hand, "POST", "/faults/late/stop", b"");
        let (took, said) = thread::scope(|scope| {
            let switches = scope.spawn(|| switch(&address, &start, &stop));
            thread::sleep(Duration::from_millis(10 * (1 + (nth * 7 + seed * 13) % 97)));
            let since = Instant::now();
            hand.served.running.terminate();
            look("the end", || hand.served.running.has_ended().then_some(()));
            let took = since.elapsed();
            println!("{} switches, then {} ms", switches.join().expect("it ends"), took.as_millis());
            (took, hand.served.running.end().exits(0))
        });
        drop((open, half_sent));
        let about = format!("at moment {nth}, STOPS_SEED={seed}\n{}", said.err);
        assert!(!said.err.contains("not stopped within"), "the deadline ended it: {about}");
        assert!(moments.is_none() || took < Duration::from_secs(1), "it took {took:?}: {about}");
        longest = longest.max(took);
    }
    println!("the longest stop of a server took {} ms", longest.as_millis());
}

#[test]
fn a_server_stops_while_a_shard_sleeps_for_hours_and_hundreds_of_clients_are_slow() {
    let mut hand = Hand::start("control_stopping_stalled");
    hand.to_groups("one").is(204);
    let stall = json!({ "name": "asleep", "kind": "stall", "actors": "shard", "rate": 1, "delay": "1m" });
    hand.fault(&stall).is(201);
    let by = json!({ "by": "10s" }).to_string();
    let advance = sent(hand.address(), &bytes(&hand, "POST", "/clock/advance", by.as_bytes()));
    while hand.send("GET", "/_reveille/ready", &[], b"").status == 200 {}
    let slow = b"POST /organizations/oauth2/v2.0/token HTTP/1.1\r\nHost: localhost\r\n\
                 Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 4000\r\n\r\ngrant_type=";
    let clients: Vec<TcpStream> = (0..SLOW_CLIENTS).map(|_| sent(&hand.served.address, slow)).collect();
    hand.served.running.terminate();
    look("the end", || hand.served.running.has_ended().then_some(()));
    drop((clients, advance));
    let said = hand.served.running.end().exits(0);
    assert!(!said.err.contains("not stopped within"), "the deadline ended it: {}", said.err);
}
