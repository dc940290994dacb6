//! Risk: a page of another origin cannot call Graph as it can call the real one, or can call another API.

use crate::fixtures::caller::{Reply, Served, TENANT, answer, parsed, request};

const ORIGIN: (&str, &str) = ("Origin", "https://app.example.test");

fn preflight(address: &str, path: &str) -> Reply {
    let headers = [
        ORIGIN,
        ("Access-Control-Request-Method", "POST"),
        ("Access-Control-Request-Headers", "authorization, content-type, sdkversion"),
    ];
    parsed(&answer(address, &request(address, "OPTIONS", path, &headers, b"")))
}

#[test]
fn a_page_asks_without_a_token_and_reads_every_answer() {
    let served = Served::start("browsers_graph", Some(TENANT), &[]);
    for path in ["/v1.0/users", "/beta/$batch", "/small/oauth2/v2.0/token", "/nowhere"] {
        let reply = preflight(&served.address, path).is(204);
        assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
        assert_eq!(reply.header("access-control-allow-headers"), Some("authorization, content-type, sdkversion"));
        assert!(reply.header("access-control-allow-methods").is_some_and(|methods| methods.contains("POST")));
        assert_eq!(reply.header("access-control-max-age"), Some("600"));
        assert!(reply.header("access-control-allow-credentials").is_none() && reply.header("request-id").is_some());
    }
    let admin = served.account("administrator");
    let authorization = format!("Bearer {admin}");
    for (headers, status) in [(vec![ORIGIN, ("Authorization", &authorization)], 200), (vec![ORIGIN], 401)] {
        let reply = served.send("GET", "/v1.0/users", &headers, b"").is(status);
        assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
        let exposed = reply.header("access-control-expose-headers").expect("it says which");
        for name in ["request-id", "client-request-id", "Retry-After", "WWW-Authenticate"] {
            assert!(exposed.contains(name), "{exposed}");
        }
    }
    let reply = served.send("GET", "/small/v2.0/.well-known/openid-configuration", &[ORIGIN], b"").is(200);
    assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
    let reply = served.get(&admin, "/v1.0/users").is(200);
    assert!(reply.header("access-control-allow-origin").is_none(), "nothing but a browser needs it");
    let reply = served.send("OPTIONS", "/v1.0/users", &[], b"");
    assert_eq!(reply.status, 401, "it is no question of a browser: {reply:?}");
}

#[test]
fn the_control_face_is_for_no_page() {
    let served = Served::start("browsers_control", Some(TENANT), &["--control-token", "a-token-for-tests-only"]);
    let said = served.running.said();
    let control =
        said.split("control at http://").nth(1).and_then(|rest| rest.split('/').next()).expect("it says where");
    let reply = preflight(control, "/_reveille/messages");
    assert!(
        reply.status >= 400 && reply.headers.iter().all(|(name, _)| !name.starts_with("access-control")),
        "{reply:?}"
    );
    let headers = [ORIGIN, ("Authorization", "Bearer a-token-for-tests-only")];
    let reply = parsed(&answer(control, &request(control, "GET", "/_reveille/messages", &headers, b""))).is(200);
    assert!(reply.headers.iter().all(|(name, _)| !name.starts_with("access-control")), "{reply:?}");
    assert_eq!(reply.header("content-type"), Some("application/json; charset=utf-8"));
}
