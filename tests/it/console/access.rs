//! Risk: a stranger, a page of another site or a holder of the role `read` changes a tenant through the console.

use serde_json::json;

use super::visitor::{BASE, Visitor, form, hidden, sign_in};
use crate::control::hand::{Hand, TENANT, TOKEN};
use crate::fixtures::caller::Reply;

/// The policy that the issue asks for, word by word.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

fn has_headers(reply: &Reply) {
    for (name, value) in [
        ("content-security-policy", POLICY),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
    ] {
        assert_eq!(reply.header(name), Some(value), "{name}: {:?}", reply.headers);
    }
}

#[test]
fn a_page_is_for_those_who_are_signed_in() {
    let hand = Hand::start("console_sign_in");
    let from = hand.send("GET", &format!("{BASE}/"), &[], b"").is(303);
    assert_eq!(from.header("location"), Some("/_reveille/console/sign-in?next=%2F_reveille%2Fconsole%2F"));
    has_headers(&from);
    let page = hand.send("GET", &format!("{BASE}/sign-in"), &[], b"").is(200);
    has_headers(&page);
    assert!(page.text.contains("type=\"password\"") && page.header("cache-control") == Some("no-store"));
    for wrong in ["", "x", "a-token-for-tests-onlY"] {
        let refused = sign_in(&hand, wrong).is(401);
        assert!(refused.header("set-cookie").is_none() && refused.text.contains("no token of this server"), "{wrong}");
        has_headers(&refused);
    }
    let cookie = sign_in(&hand, TOKEN).is(303).header("set-cookie").expect("a session").to_owned();
    assert!(cookie.contains("; Path=/_reveille/console; HttpOnly; SameSite=Strict;"), "{cookie}");
    assert!(!cookie.contains("Secure") && !cookie.contains(TOKEN), "{cookie}");
    let visitor = Visitor::of(hand, TOKEN);
    let page = visitor.get("/").is(200);
    has_headers(&page);
    // The token of the console opens no other door, and the other one none here.
    visitor.hand.send("GET", "/_reveille/messages", &[("Cookie", &visitor.cookie)], b"").is(401);
    let bearer = format!("Bearer {TOKEN}");
    visitor.hand.send("GET", &format!("{}/", visitor.home), &[("Authorization", &bearer)], b"").is(303);
    // An event stream is not led to a page.
    visitor.hand.send("GET", &format!("{}/", visitor.home), &[("Accept", "text/event-stream")], b"").is(401);
    let out = visitor.hand.send(
        "POST",
        &format!("{BASE}/sign-out"),
        &[("Cookie", &visitor.cookie), ("Sec-Fetch-Site", "same-origin")],
        b"",
    );
    assert!(out.is(303).header("set-cookie").is_some_and(|cookie| cookie.contains("Max-Age=0")));
    visitor.get("/").is(303);
}

#[test]
fn a_form_of_another_site_does_nothing() {
    let visitor = Visitor::start("console_forgery");
    let pause = [("do", "pause")];
    let address = visitor.hand.address().to_owned();
    let own = format!("http://{address}");
    for headers in [
        &[][..],
        &[("Sec-Fetch-Site", "cross-site")],
        &[("Sec-Fetch-Site", "same-site")],
        &[("Sec-Fetch-Site", "none")],
        &[("Sec-Fetch-Site", "cross-site"), ("Origin", own.as_str())],
        &[("Origin", "null")],
        &[("Origin", "http://evil.test")],
        &[("Origin", "http://127.0.0.1")],
    ] {
        let refused = visitor.post_with("/clock", &pause, headers).is(403);
        assert!(refused.text.contains("does not come from a page of this console"), "{headers:?}");
        has_headers(&refused);
    }
    assert_eq!(visitor.hand.get("/clock").json()["speed"], 0.001, "the clock goes as before");
    // A browser that says nothing of where a form comes from names the origin.
    visitor.post_with("/clock", &pause, &[("Origin", own.as_str())]).is(303);
    assert_eq!(visitor.hand.get("/clock").json()["speed"], 0.0);
    // Signing in is a form too: no other site signs anybody in.
    let path = format!("{BASE}/sign-in");
    let kind = [("Content-Type", "application/x-www-form-urlencoded"), ("Origin", "http://evil.test")];
    visitor.hand.send("POST", &path, &kind, form(&[("token", TOKEN)]).as_bytes()).is(403);
    // A name that another site may point to this machine is no name of this server.
    let foreign = visitor.hand.send("GET", &format!("{BASE}/sign-in"), &[("Host", "evil.test")], b"");
    assert!([400, 421].contains(&foreign.status), "{foreign:?}");
}

#[test]
fn the_role_read_sees_everything_and_changes_nothing() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = folder.path().join("tokens");
    let token = "0123456789abcdef-read";
    let list = json!([
        { "name": "ann", "role": "operate", "token": TOKEN },
        { "name": "bob", "role": "read", "token": token },
    ]);
    std::fs::write(&file, list.to_string()).expect("it can be written");
    #[cfg(unix)]
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("it can be set");
    let file = file.display().to_string();
    let visitor = Visitor::with("console_read", TENANT, &["--control-token-file", &file], token);
    let group = visitor.group("All users");
    for page in
        ["/", "/messages", "/devices", "/devices/lonely", "/devices/lonely/phone", "/faults", "/scenario", "/send"]
    {
        let seen = visitor.get(page).is(200);
        assert!(seen.text.contains("change nothing"), "{page}");
    }
    let fields = [("title", "t"), ("body", "b"), ("group", group.as_str())];
    visitor.post("/send/assignments", &fields).is(200);
    let review = visitor.post("/send/review", &fields).is(200);
    assert!(!review.text.contains(">Create<"), "there is nothing to press");
    let key = ("key", "00000000-0000-4000-8000-000000000001");
    for (page, fields) in [
        ("/send/create", [&fields[..], &[key]].concat()),
        ("/devices/lonely/send", vec![("title", "t"), ("body", "b"), key]),
        ("/devices/lonely/phone/dismiss", vec![("message", "0")]),
        ("/clock", vec![("do", "pause")]),
        ("/faults", vec![("kind", "outage"), ("name", "x")]),
        ("/faults/stop", vec![("name", "apns down")]),
    ] {
        let refused = visitor.post(page, &fields).is(403);
        assert!(refused.text.contains("Nothing was done"), "{page}: {}", refused.text);
    }
    assert_eq!(visitor.hand.get("/messages").json()["items"], json!([]));
}

#[test]
fn what_the_console_does_is_in_the_audit_log_with_the_person() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let log = folder.path().join("audit");
    let log_path = log.display().to_string();
    let visitor = Visitor::with("console_audit", TENANT, &["--control-token", TOKEN, "--audit-log", &log_path], TOKEN);
    sign_in(&visitor.hand, "wrong");
    let group = visitor.group("All users");
    let fields = [("title", "Quetzalcoatl"), ("body", "b"), ("group", group.as_str())];
    let review = visitor.post("/send/review", &fields).is(200).text;
    let key = hidden(&review, "key");
    visitor.post("/send/create", &[&fields[..], &[("key", key)]].concat()).is(303);
    visitor.post("/clock", &[("do", "pause")]).is(303);
    drop(visitor);
    let text = std::fs::read_to_string(&log).expect("it is there");
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("it is JSON")).collect();
    let of = |path: &str| {
        let ends = |line: &&serde_json::Value| line["path"].as_str().is_some_and(|known| known.ends_with(path));
        lines.iter().filter(ends).collect::<Vec<_>>()
    };
    let signed_in: Vec<&str> = of("/console/sign-in").iter().filter_map(|line| line["outcome"].as_str()).collect();
    assert_eq!(signed_in, ["done", "refused"], "{text}");
    let [sent] = of("/send/create")[..] else { panic!("one: {text}") };
    assert_eq!((&sent["operator"], &sent["account"]), (&json!("operator"), &json!("administrator")), "{sent}");
    assert_eq!((&sent["targets"], &sent["messages"]), (&json!([group]), &json!([0])), "{sent}");
    assert_eq!(of("/clock").len(), 1, "{text}");
    assert!(!text.contains("Quetzalcoatl") && !text.contains(TOKEN), "{text}");
}
