//! Risk: one machine guesses at all clients in turn, or keeps others from signing in.

use std::net::IpAddr;

use axum::body::Body;
use axum::http::Request;

use super::in_process::InProcess;
use super::secured::lines;

/// Wrong guesses of a peer before it is slowed down.
const BURST: usize = 60;

fn sign_in(client: &str, secret: &str) -> Request<Body> {
    let form = format!(
        "grant_type=client_credentials&client_id={client}&client_secret={secret}&scope=https://graph.microsoft.com/.default"
    );
    let request = Request::post("/small/oauth2/v2.0/token").header("Host", "localhost");
    request.body(Body::from(form)).expect("a request")
}

fn enters_code(code: &str) -> Request<Body> {
    let request = Request::get(format!("/common/oauth2/deviceauth?user_code={code}")).header("Host", "localhost");
    request.body(Body::empty()).expect("a request")
}

fn address(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

#[test]
fn guesses_are_slowed_for_each_peer_whatever_it_guesses_at() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    runtime.block_on(guessing_at_everything());
}

async fn guessing_at_everything() {
    let server = InProcess::start().await;
    let (guesser, other) = (address("192.0.2.1"), address("192.0.2.2"));
    for at in 0..BURST {
        let (request, status) = match at % 3 {
            0 => (sign_in(&format!("unknown-{at}"), "x"), 400),
            1 if at < 30 => (sign_in("built-in", "x"), 401),
            _ => (enters_code(&format!("CODE{at:05}")), 200),
        };
        assert_eq!(server.ask(guesser, request).await.status(), status, "{at}");
    }
    let refused = server.ask(guesser, sign_in("built-in", server.secret)).await;
    assert_eq!(refused.status(), 429);
    assert!(refused.headers().contains_key("retry-after"));
    assert_eq!(server.ask(guesser, enters_code("AAAAAAAAA")).await.status(), 429);
    // The discovery document is for all, and so is every other address.
    let document = Request::get("/small/v2.0/.well-known/openid-configuration").header("Host", "localhost");
    let document = server.ask(guesser, document.body(Body::empty()).expect("a request")).await;
    assert_eq!(document.status(), 200);
    assert_eq!(server.ask(other, sign_in("built-in", server.secret)).await.status(), 200);
    let recorded = server.recorded.lock().expect("no test panics with it").clone();
    let recorded = lines(&recorded);
    let last = recorded.last().expect("a line");
    assert_eq!((&last["peer"], &last["outcome"]), (&"192.0.2.2".into(), &"done".into()), "{last}");
    assert!(recorded.iter().rev().skip(1).all(|line| line["peer"] == "192.0.2.1"));
}
