//! Risk: a link bypasses the proxy that the client used, or leads to a host that an attacker chose.

use crate::fixtures::caller::{Served, TENANT};
use crate::fixtures::program::{Folder, get};

/// Headers that any client can send, and that a proxy sets.
const FORWARDED: [(&str, &str); 2] = [("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "graph.example.test")];

/// The links of a page of users, of its context and of the discovery document.
fn links(served: &Served, headers: &[(&str, &str)]) -> [String; 3] {
    let authorization = format!("Bearer {}", served.account("administrator"));
    let all = [&[("Authorization", authorization.as_str())], headers].concat();
    let page = served.send("GET", "/v1.0/users?$top=1", &all, b"").is(200).json();
    let document = served.send("GET", "/small/v2.0/.well-known/openid-configuration", headers, b"").is(200).json();
    [&page["@odata.nextLink"], &page["@odata.context"], &document["token_endpoint"]]
        .map(|link| link.as_str().expect("a link").to_owned())
}

#[test]
fn links_follow_what_a_proxy_says_only_where_it_is_trusted() {
    let own = Served::start("links_own", Some(TENANT), &[]);
    let here = format!("http://{}/", own.address);
    assert!(links(&own, &FORWARDED).iter().all(|link| link.starts_with(&here)));
    let behind = Served::start("links_trusted", Some(TENANT), &["--trust-forwarded"]);
    assert!(links(&behind, &FORWARDED).iter().all(|link| link.starts_with("https://graph.example.test/")));
    let here = format!("http://{}/", behind.address);
    assert!(links(&behind, &[]).iter().all(|link| link.starts_with(&here)));
    let evil = [("X-Forwarded-Proto", "javascript"), ("X-Forwarded-Host", "a.test/\"><script>")];
    assert!(links(&behind, &evil).iter().all(|link| link.starts_with(&here)));
}

#[test]
fn a_public_url_is_where_every_link_leads() {
    let served = Served::start("links_public", Some(TENANT), &["--public-url", "https://example.test:8443/reveille/"]);
    for headers in [&FORWARDED[..], &[]] {
        assert!(links(&served, headers).iter().all(|link| link.starts_with("https://example.test:8443/reveille/")));
    }
    let folder = Folder::new("links_wrong");
    for wrong in ["example.test", "ftp://x", "https://x/?q", ""] {
        let said = folder.run(&["serve", "--state", "state", "--public-url", wrong]).exits(2);
        assert!(said.err.contains("--public-url"), "{}", said.err);
    }
    folder.run(&["serve", "--state", "state", "--public-url", "https://x", "--trust-forwarded"]).exits(2);
}

#[test]
fn a_listener_takes_a_name_and_every_interface() {
    let folder = Folder::new("links_listen");
    let arguments = ["serve", "--state", "state", "--listen", "localhost:0", "--control-listen", "localhost:0"];
    let mut running = folder.start(&[&arguments[..], &["--metrics-listen", ":0", "--plain-http"]].concat());
    let metrics = running.wait_for("metrics at http://0.0.0.0:");
    let port = metrics.rsplit(':').next().and_then(|rest| rest.split('/').next()).expect("a port");
    running.wait_for("Graph at http://127.0.0.1:");
    assert!(get(&format!("127.0.0.1:{port}"), "/metrics").contains("reveille_build_info"));
    drop(running);
    for (flag, address, words) in [
        ("--listen", ":0", "--plain-http"),
        ("--control-listen", ":0", "--plain-http"),
        ("--metrics-listen", ":0", "--plain-http"),
        ("--listen", "80800", "localhost:8080"),
        ("--tls-listen", "localhost", ":8080"),
        ("--metrics-listen", "no-such-host.invalid:1", "looked up"),
    ] {
        let said = folder.run(&["serve", "--state", "state", flag, address]).exits(2);
        assert!(said.err.contains(words), "{flag} {address}: {}", said.err);
    }
    let run = ["run", "example:two-teams", "--speed", "max", "--metrics-listen", "localhost:0"];
    let said = folder.run(&run);
    assert!(said.err.contains("http://127.0.0.1:"), "{}", said.err);
    folder.run(&[&run[..5], &["nowhere"]].concat()).exits(2);
}
