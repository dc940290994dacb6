//! Risk: an invalid request takes the server down, or gets no proper answer.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use crate::fixtures::caller::{Served, TENANT, with_late_bodies};

const SEND: &str = "sendCustomNotificationToCompanyPortal";

#[test]
fn a_body_that_makes_no_sense_is_refused_in_order() {
    let served = Served::start("graph_bodies", Some(TENANT), &[]);
    let admin = served.account("administrator");
    let phone = served.id(&admin, "deviceManagement/managedDevices", "deviceName", "ann-phone");
    let path = format!("/beta/deviceManagement/managedDevices/{phone}/{SEND}");
    let authorization = format!("Bearer {admin}");
    let with = |kind: &str, body: &[u8]| {
        served.send("POST", &path, &[("Authorization", &authorization), ("Content-Type", kind)], body)
    };
    let json = |body: &[u8]| with("application/json", body);
    for body in [
        b"".as_slice(),
        b"null",
        b"[]",
        b"\"x\"",
        b"{",
        b"{\"notificationTitle\":1,\"notificationBody\":\"b\"}",
        b"{\"notificationTitle\":\"t\",\"notificationTitle\":\"t\",\"notificationBody\":\"b\"}",
        b"{\"notificationTitle\":\"\\ud800\",\"notificationBody\":\"b\"}",
        b"{\"notificationTitle\":\"\\u0000\",\"notificationBody\":\"b\"}",
        b"{\"notificationTitle\":\"\xff\",\"notificationBody\":\"b\"}",
        b"{\"notificationTitle\":\"t\",\"notificationBody\":\"b\"} x",
        "[".repeat(100_000).as_bytes(),
        format!("{{\"x\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000)).as_bytes(),
    ] {
        let reply = json(body).is(400);
        assert_eq!(reply.code(), "BadRequest");
    }
    let right = b"{\"notificationTitle\":\"t\",\"notificationBody\":\"b\"}";
    assert_eq!(with("text/plain", right).is(415).code(), "UnsupportedMediaType");
    served.send("POST", &path, &[("Authorization", &authorization)], right).is(415);
    let large = format!("{{\"notificationTitle\":\"{}\",\"notificationBody\":\"b\"}}", "t".repeat(10 << 20));
    assert_eq!(json(large.as_bytes()).is(413).code(), "RequestEntityTooLarge");
    let reply = served.ask(&admin, "DELETE", &path, None).is(405);
    assert_eq!((reply.code().as_str(), reply.header("allow")), ("MethodNotAllowed", Some("POST")));
    assert_eq!(served.ask(&admin, "PATCH", "/v1.0/users", Some("{}")).is(405).header("allow"), Some("GET"));
    json(right).is(204);
}

#[test]
fn heads_that_are_too_large_are_refused_in_order() {
    let served = Served::start("graph_heads", Some(TENANT), &[]);
    let admin = served.account("administrator");
    let authorization = format!("Bearer {admin}");
    let many: Vec<(String, String)> = (0..10_000).map(|at| (format!("X-{at}"), "y".to_owned())).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let reply = served.send("GET", "/v1.0/users", &many, b"");
    assert_eq!(reply.status, 431, "{reply:?}");
    let filter = format!("/v1.0/users?$filter=displayName%20eq%20'{}'", "a".repeat(100_000));
    let status = served.send("GET", &filter, &[("Authorization", &authorization)], b"").status;
    assert!((400..500).contains(&status), "{status}");
    let filter = format!("/v1.0/users?$filter=displayName%20eq%20'{}'", "a".repeat(20_000));
    served.send("GET", &filter, &[("Authorization", &authorization)], b"").is(400);
    let long = format!("Bearer {}", "A".repeat(30_000));
    served.send("GET", "/v1.0/users", &[("Authorization", &long)], b"").is(401);
    for head in ["GET /v1.0/users\r\n\r\n", "\u{16}\u{3}\u{1}", "GET / HTTP/9.9\r\n\r\n", "GET /\u{1} HTTP/1.1\r\n\r\n"]
    {
        let mut stream = TcpStream::connect(&served.address).expect("the server listens");
        stream.write_all(head.as_bytes()).expect("it is taken");
        let _ = stream.shutdown(Shutdown::Write);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let text = String::from_utf8_lossy(&answer);
        assert!(text.is_empty() || text.starts_with("HTTP/1.1 400"), "{head:?}: {text}");
    }
    served.get(&admin, "/v1.0/users").is(200);
}

#[test]
fn a_client_that_hangs_up_halfway_harms_no_other() {
    let served = Served::start("graph_hang_up", Some(TENANT), &[]);
    let admin = served.account("administrator");
    for _ in 0..50 {
        let mut stream = TcpStream::connect(&served.address).expect("the server listens");
        write!(stream, "POST /beta/$batch HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {admin}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{{").expect("it is taken");
    }
    let idle: Vec<TcpStream> = (0..200).map(|_| TcpStream::connect(&served.address).expect("there is room")).collect();
    served.get(&admin, "/v1.0/users").is(200);
    drop(idle);
    served.get(&admin, "/v1.0/users").is(200);
}

#[cfg(unix)]
#[test]
fn the_server_stops_on_a_signal() {
    let served = Served::start("graph_stop", None, &[]);
    let _idle = TcpStream::connect(&served.address).expect("the server listens");
    served.running.interrupt();
    served.running.end().exits(0);
}

#[test]
fn plain_http_on_a_public_address_needs_its_flag() {
    let folder = crate::fixtures::program::Folder::new("graph_bad_plain");
    let said = folder.run(&["serve", "--state", "state", "--listen", "0.0.0.0:0"]).exits(2);
    assert!(said.err.contains("--plain-http") && said.err.contains("--tls-listen"), "{}", said.err);
    folder.run(&["serve", "--state", "state", "--speed", "max"]).exits(2);
    folder.run(&["token", "--state", "state"]).exits(2);
}

#[test]
fn a_half_closed_connection_is_answered_and_a_slow_one_delays_no_other() {
    let served = Served::start("graph_slow", Some(TENANT), &[]);
    let admin = served.account("administrator");
    let head = format!(
        "GET /v1.0/deviceManagement/managedDevices/$count HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {admin}\r\n\r\n"
    );
    let answer = |mut stream: TcpStream| {
        stream.set_read_timeout(Some(Duration::from_mins(1))).expect("a wait can be set");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        answer
    };
    let mut half = TcpStream::connect(&served.address).expect("the server listens");
    half.write_all(head.as_bytes()).expect("it is taken");
    half.shutdown(Shutdown::Write).expect("half of it closes");
    assert!(answer(half).starts_with("HTTP/1.1 200"));
    let mut slow: Vec<TcpStream> =
        (0..20).map(|_| TcpStream::connect(&served.address).expect("there is room")).collect();
    for (at, byte) in head.bytes().enumerate() {
        for stream in &mut slow {
            stream.set_nodelay(true).expect("it can be set");
            stream.write_all(&[byte]).expect("it is taken");
        }
        if at % 100 == 0 {
            served.get(&admin, "/v1.0/deviceManagement/managedDevices/$count").is(200);
        }
    }
    for stream in slow {
        assert!(answer(stream).ends_with("\r\n\r\n5"));
    }
}

#[test]
fn a_refusal_before_the_body_arrives_does_not_close_the_connection() {
    let served = Served::start("graph_rest", Some(TENANT), &[]);
    let path = format!("/beta/deviceManagement/managedDevices/x/{SEND}");
    let meanwhile = || drop(served.send("GET", "/beta/me", &[], b"").is(401));
    assert_eq!(with_late_bodies(&served.address, &path, meanwhile), [401; 5]);
}

#[cfg(target_os = "linux")]
#[test]
fn memory_stays_bounded_under_bad_requests() {
    const GROWTH_MAX: u64 = 48 << 20;
    let served = Served::start("graph_memory", Some(TENANT), &[]);
    let admin = served.account("administrator");
    let authorization = format!("Bearer {admin}");
    let json = [("Authorization", authorization.as_str()), ("Content-Type", "application/json")];
    let large = format!("{{\"notificationTitle\":\"{}\"}}", "t".repeat(10 << 20));
    let deep = "[".repeat(1_000_000);
    let filter = format!("/v1.0/users?$filter={}displayName%20eq%20'a'", "not%20(".repeat(5_000));
    let many = "X-Y: z\r\n".repeat(10_000);
    let long = format!("Bearer {}", "A".repeat(50_000));
    let throw = || {
        served.send("POST", "/beta/$batch", &json, large.as_bytes()).is(413);
        served.send("POST", "/beta/$batch", &json, deep.as_bytes()).is(400);
        served.send("GET", &filter, &[("Authorization", &authorization)], b"").is(400);
        served.send("GET", "/v1.0/users", &[("Authorization", &long)], b"").is(401);
        served.raw(format!("GET / HTTP/1.1\r\nHost: localhost\r\n{many}\r\n").as_bytes()).is(431);
        let mut stream = TcpStream::connect(&served.address).expect("the server listens");
        let _ = stream.write_all(b"POST /beta/$batch HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900000\r\n\r\n{");
    };
    (0..10).for_each(|_| throw());
    let before = served.running.resident_bytes();
    (0..60).for_each(|_| throw());
    let after = served.running.resident_bytes();
    assert!(after < before + GROWTH_MAX, "{before} bytes before, {after} after");
    served.get(&admin, "/v1.0/users").is(200);
}
