//! Risk: a page of another site reaches a loopback listener by a name of its own, a browser guesses the type of an
//! answer, or a listener is open to others by mistake.

use super::clients::{rest, sent};
use crate::control::hand::Hand;
use crate::fixtures::caller::{Reply, Served, TENANT, parsed};
use crate::fixtures::program::Folder;

/// A request with these headers about the host.
fn ask(address: &str, path: &str, hosts: &[&str]) -> Reply {
    let mut head = format!("GET {path} HTTP/1.1\r\n");
    for host in hosts {
        head.extend(["Host: ", *host, "\r\n"]);
    }
    parsed(&rest(sent(address, (head + "Connection: close\r\n\r\n").as_bytes())))
}

#[test]
fn loopback_listeners_answer_to_their_names_only() {
    let hand =
        Hand::with("attacks_hosts", &["--control-token", "a-token-for-tests-only", "--host-name", "dev.example.test"]);
    for (address, path, status) in [
        (hand.served.address.as_str(), "/v1.0/users", 401),
        (hand.address(), "/_reveille/live", 200),
        (hand.served.metrics.as_str(), "/metrics", 200),
    ] {
        for host in [address, "localhost", "127.0.0.1:1", "[::1]", "graph.microsoft.com", "dev.example.test:80"] {
            assert_eq!(ask(address, path, &[host]).status, status, "{path} at {host}");
        }
        for host in ["evil.test", "127.0.0.1.evil.test", "10.0.0.1"] {
            let reply = ask(address, path, &[host]);
            assert_eq!(reply.status, 421, "{path} at {host}");
            assert!(reply.text.contains("--host-name"), "{}", reply.text);
        }
        for hosts in [&[][..], &["localhost", "localhost"], &["a b"], &[""]] {
            assert_eq!(ask(address, path, hosts).status, 400, "{path} at {hosts:?}");
        }
        let absolute = format!("http://evil.test{path}");
        assert_eq!(ask(address, &absolute, &["localhost"]).status, 421, "{absolute}");
        assert_eq!(ask(address, path, &["localhost"]).header("x-content-type-options"), Some("nosniff"));
    }
}

#[test]
fn tokens_are_never_cached() {
    let served = Served::start("attacks_caching", Some(TENANT), &[]);
    for body in [&b"grant_type=x"[..], &[b'x'; 9_000]] {
        let reply = served.send("POST", "/small/oauth2/v2.0/token", &[], body);
        assert_eq!(reply.header("cache-control"), Some("no-store"), "{reply:?}");
    }
}

#[test]
fn every_listener_that_others_reach_is_named_on_the_command_line() {
    let folder = Folder::new("attacks_exposure");
    for option in ["--listen", "--control-listen", "--metrics-listen"] {
        let said = folder.run(&["serve", "--state", "state", option, "0.0.0.0:0"]).exits(2);
        assert!(said.err.contains("--plain-http"), "{option}: {}", said.err);
    }
    let said = folder.run(&["run", "example:app-removed", "--metrics-listen", "0.0.0.0:0"]).exits(2);
    assert!(said.err.contains("--plain-http"), "{}", said.err);
}
