//! Risk: the console sends twice, sends something else than what its form says, or shows a phone, a reason or a page that is not
//! what the tenant has.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use super::visitor::{BASE, Visitor, hidden};
use crate::fixtures::caller::request;

/// The pages of a tenant that everybody begins with.
const PAGES: [&str; 7] = ["/", "/send", "/messages", "/devices", "/devices/lonely", "/faults", "/scenario"];

fn sent(visitor: &Visitor) -> usize {
    visitor.hand.get("/messages").json()["items"].as_array().expect("a list").len()
}

#[test]
fn a_notification_to_groups_goes_through_three_steps_and_is_sent_once() {
    let visitor = Visitor::start("console_groups");
    let group = visitor.group("All users");
    let basics = visitor.get("/send").is(200).text;
    assert!(basics.contains("aria-current=\"step\"") && basics.contains(">Basics</h2>"), "{basics}");
    let wrong = visitor.post("/send/assignments", &[("title", &"t".repeat(51)), ("body", " ")]).is(422).text;
    assert!(wrong.contains("href=\"#title\"") && wrong.contains("href=\"#body\""), "{wrong}");
    assert!(wrong.contains("The title has more than 50 characters.") && wrong.contains("Enter a body."), "{wrong}");
    let text = [("title", "Canteen closed"), ("body", "Line one\r\nline two"), ("account", "administrator")];
    let assignments = visitor.post("/send/assignments", &text).is(200).text;
    assert!(assignments.contains("All users") && assignments.contains("No group is selected."), "{assignments}");
    let none = visitor.post("/send/review", &text).is(422).text;
    assert!(none.contains("Select at least one group."), "{none}");
    let added = visitor.post("/send/assignments", &[&text[..], &[("add", group.as_str())]].concat()).is(200).text;
    assert!(added.contains("2 users, 4 devices"), "{added}");
    let with_group = [&text[..], &[("group", group.as_str())]].concat();
    let review = visitor.post("/send/review", &with_group).is(200).text;
    assert!(review.contains("Line one\nline two") && review.contains("What it will come to"), "{review}");
    // Two of four phones will have shown it within a minute, whatever is drawn.
    assert!(review.contains("2 – 2") && review.contains("50\u{202F}%"), "{review}");
    let key = hidden(&review, "key");
    let form = [&with_group[..], &[("key", key)]].concat();
    // Three times at once, and once more.
    let to: Vec<String> = thread::scope(|scope| {
        let each: Vec<_> = (0..3).map(|_| scope.spawn(|| visitor.post("/send/create", &form).is(303))).collect();
        let replies = each.into_iter().map(|sent| sent.join().expect("it is answered"));
        replies.map(|reply| reply.header("location").expect("the message").to_owned()).collect()
    });
    assert!(to.iter().all(|to| *to == format!("{}/messages/0?created=1", visitor.home)), "{to:?}");
    visitor.post("/send/create", &form).is(303);
    assert_eq!(sent(&visitor), 1);
    visitor.hand.advance("3s");
    let page = visitor.get_at(&to[0]).is(200).text;
    assert!(
        page.contains("The custom notification was sent.") && page.contains("notifications are not allowed"),
        "{page}"
    );
    assert!(page.contains("50\u{202F}%") && page.contains("member of the groups"), "{page}");
    let phones = visitor.get("/messages/0/phones?station=blocked&cause=permission").is(200).text;
    assert!(phones.contains(">mute<") && !phones.contains(">lonely<"), "{phones}");
    assert!(!page.contains("Canteen closed"), "the page of a message has no text of it");
}

#[test]
fn a_refusal_is_in_the_words_of_graph_with_the_next_slot() {
    let visitor = Visitor::start("console_refused");
    let group = visitor.group("All users");
    for number in 0..25 {
        visitor.hand.to_groups(&format!("r{number}")).is(204);
    }
    let text = [("title", "t"), ("body", "b"), ("group", group.as_str())];
    let review = visitor.post("/send/review", &text).is(200).text;
    assert!(
        review.contains("It would be refused now") && review.contains("At most 25 notifications an hour"),
        "{review}"
    );
    let form = [&text[..], &[("key", hidden(&review, "key"))]].concat();
    let refused = visitor.post("/send/create", &form).is(429).text;
    assert!(refused.contains("At most 25 notifications an hour go to groups of this tenant."), "{refused}");
    assert!(refused.contains("The next slot is free at Mon 5 Jan 2026, 07:0"), "{refused}");
    assert_eq!(sent(&visitor), 25);
    visitor.hand.advance("1h");
    let form = [&text[..], &[("key", hidden(&refused, "key"))]].concat();
    visitor.post("/send/create", &form).is(303);
    assert_eq!(sent(&visitor), 26);
}

#[test]
fn a_notification_to_a_device_shows_on_its_phone_and_is_dismissed() {
    let visitor = Visitor::start("console_device");
    let form = visitor.get("/devices/lonely/send").is(200).text;
    let text = [("title", "Restart <your> phone"), ("body", "now"), ("key", hidden(&form, "key"))];
    let done = visitor.post("/devices/lonely/send", &text).is(200).text;
    assert!(done.contains("Restart &lt;your&gt; phone"), "the confirmation has the text (R7): {done}");
    visitor.post("/devices/lonely/send", &text).is(200);
    assert_eq!(sent(&visitor), 1, "a form is sent once");
    visitor.hand.advance("3s");
    let phone = visitor.get("/devices/lonely/phone").is(200).text;
    assert!(phone.contains("Restart &lt;your&gt; phone") && phone.contains("Banners"), "{phone}");
    let device = visitor.get("/devices/lonely").is(200).text;
    assert!(device.contains("9 / 10") && device.contains("It is shown: banner"), "{device}");
    let why = visitor.get("/devices/lonely/why/0").is(200).text;
    assert!(why.contains("class=\"timeline\"") && why.contains("It is shown"), "{why}");
    visitor.post("/devices/lonely/phone/dismiss", &[("message", "0")]).is(303);
    let phone = visitor.get("/devices/lonely/phone").is(200).text;
    assert!(
        !phone.contains("Restart &lt;your&gt; phone") && phone.contains("No notification of Company Portal."),
        "{phone}"
    );
    let gone = visitor.post("/devices/lonely/phone/dismiss", &[("message", "0")]).is(404).text;
    assert!(gone.contains("It is not there"), "{gone}");
    let refused = visitor.post("/devices/mac/send", &[("title", "t"), ("body", "b"), ("key", &uuid(1))]).is(400).text;
    assert!(refused.contains("does not support custom notifications."), "{refused}");
    for number in 2..11 {
        visitor.post("/devices/lonely/send", &[("title", "t"), ("body", "b"), ("key", &uuid(number))]).is(200);
    }
    let eleventh =
        visitor.post("/devices/lonely/send", &[("title", "t"), ("body", "b"), ("key", &uuid(11))]).is(429).text;
    assert!(eleventh.contains("At most 10 notifications an hour go to the same device."), "{eleventh}");
    let muted = visitor.get("/devices/mute/phone").is(200).text;
    assert!(muted.contains("Every message to this phone is on it."), "{muted}");
    visitor.hand.to_groups("r").is(204);
    visitor.hand.advance("3s");
    let muted = visitor.get("/devices/mute/phone").is(200).text;
    assert!(muted.contains("Why silent?") && muted.contains("notifications are not allowed"), "{muted}");
}

fn uuid(number: u32) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

#[test]
fn faults_and_the_clock_are_moved_by_forms() {
    let visitor = Visitor::start("console_faults");
    let form = visitor.get("/faults?kind=outage").is(200).text;
    assert!(form.contains("name=\"mode\"") && !form.contains("name=\"rate\""), "{form}");
    let outage = [("kind", "outage"), ("name", "no push"), ("for", "10m"), ("mode", "hold"), ("scope.gateway", "apns")];
    visitor.post("/faults", &outage).is(303);
    let again = visitor.post("/faults", &outage).is(409).text;
    assert!(again.contains("value=\"no push\""), "what was filled in is kept: {again}");
    let wrong = visitor.post("/faults", &[("kind", "loss"), ("name", "x"), ("rate", "7")]).is(400).text;
    assert!(wrong.contains("There is a problem"), "{wrong}");
    visitor.post("/faults", &[("kind", "loss"), ("name", "7"), ("rate", "50 %"), ("scope.labels", "a=b")]).is(400);
    visitor
        .post("/faults", &[("kind", "loss"), ("name", "7"), ("rate", "0.5"), ("scope.devices", "lonely, mute")])
        .is(303);
    let faults = visitor.hand.get("/faults").json();
    let names: Vec<&str> =
        faults["items"].as_array().expect("a list").iter().filter_map(|fault| fault["name"].as_str()).collect();
    assert_eq!(names, ["apns down", "no push", "7"]);
    let list = visitor.get("/faults").is(200).text;
    assert!(list.contains("in force") && list.contains("begins on"), "{list}");
    assert!(visitor.get("/").is(200).text.contains("no push"));
    visitor.post("/faults/stop", &[("name", "no push")]).is(303);
    visitor.post("/faults/stop", &[("name", "no push")]).is(409);
    visitor.post("/faults/stop", &[("name", "intern")]).is(404);
    visitor.post("/clock", &[("do", "by"), ("by", "1h")]).is(303);
    assert!(visitor.hand.get("/clock").json()["now_ms"].as_u64() >= Some(3_600_000));
    visitor.post("/clock", &[("do", "speed"), ("speed", "60")]).is(303);
    assert_eq!(visitor.hand.get("/clock").json()["speed"], 60.0);
    visitor.post("/clock", &[("do", "pause")]).is(303);
    let over = visitor.post("/clock", &[("do", "by"), ("by", "400d")]).is(409).text;
    assert!(over.contains("There is a problem") && over.contains("model time would come"), "{over}");
    for wrong in [&[("do", "speed"), ("speed", "x")][..], &[("do", "by"), ("by", "-1h")], &[("do", "x")], &[]] {
        visitor.post("/clock", wrong).is(400);
    }
}

#[test]
fn a_stale_link_and_a_form_that_was_changed_say_so() {
    let visitor = Visitor::start("console_stale");
    let other = "11111111-2222-4333-8444-555555555555";
    for page in [
        "/messages/7",
        "/messages/x",
        "/messages/4294967296",
        "/messages/7/phones?station=shown",
        "/devices/intern",
        "/devices/intern/phone",
        "/devices/intern/send",
        "/devices/lonely/why/7",
        "/devices/lonely/why/x",
        "/nothing",
        "/nothing/at/all",
    ] {
        let reply = visitor.get(page).is(404);
        assert!(reply.text.contains("<h1>") && !reply.text.contains("{\""), "{page}: {}", reply.text);
    }
    for path in [format!("{BASE}/{other}/"), format!("{BASE}/x/"), format!("{BASE}/nothing")] {
        visitor.get_at(&path).is(404);
    }
    visitor.get("/devices?from=x").is(400);
    visitor.get("/send/create").is(404);
    let group = visitor.group("All users");
    let whole = [("title", "t"), ("body", "b"), ("group", group.as_str())];
    let post = |fields: &[(&str, &str)]| visitor.post("/send/create", fields).status;
    let key = ("key", "00000000-0000-4000-8000-000000000001");
    assert_eq!(post(&whole), 400, "without a key");
    assert_eq!(post(&[&whole[..], &[("key", "x")]].concat()), 400);
    assert_eq!(post(&[("title", "t"), ("body", "b"), ("group", other), key]), 400, "a group of another tenant");
    assert_eq!(post(&[&whole[..], &[("account", "intern"), key]].concat()), 404);
    let long = "x".repeat(10_000);
    assert_eq!(post(&[("title", &long), ("body", "b"), ("group", group.as_str()), key]), 400);
    let key = ("key", "00000000-0000-4000-8000-000000000002");
    assert_eq!(post(&[("title", "a\0b"), ("body", "b"), ("group", group.as_str()), key]), 400, "Graph refuses it too");
    assert_eq!(sent(&visitor), 0);
    let headers =
        [("Sec-Fetch-Site", "same-origin"), ("Cookie", visitor.cookie.as_str()), ("Content-Type", "application/json")];
    let path = format!("{}/send/create", visitor.home);
    visitor.hand.send("POST", &path, &headers, b"{}").is(400);
    visitor.hand.send("PUT", &path, &headers, b"").is(404);
    let reset = visitor.hand.post("/reset", &Value::Null).is(204);
    assert_eq!(reset.text, "");
    visitor.get("/messages/0").is(404);
}

#[test]
fn each_page_is_in_both_languages_and_small() {
    let visitor = Visitor::start("console_languages");
    visitor.hand.to_groups("r").is(204);
    visitor.hand.advance("3s");
    for page in PAGES.into_iter().chain(["/messages/0", "/devices/lonely/phone", "/devices/lonely/why/0"]) {
        let path = format!("{}{page}", visitor.home);
        let of = |wanted: &str, more: &str| {
            let cookie = format!("{}{more}", visitor.cookie);
            visitor.hand.send("GET", &path, &[("Cookie", &cookie), ("Accept-Language", wanted)], b"").is(200).text
        };
        let (english, french) = (of("en-GB,en;q=0.9", ""), of("fr-FR,fr;q=0.9,en;q=0.8", ""));
        assert!(english.contains("<html lang=\"en\">") && english.contains("Send custom notifications"), "{page}");
        assert!(
            french.contains("<html lang=\"fr\">") && french.contains("Envoyer des notifications personnalisées"),
            "{page}"
        );
        assert!(of("en", "; reveille-language=fr").contains("<html lang=\"fr\">"), "{page}: what was chosen wins");
        // All that a first visit loads: before compression, so that it is less with it.
        let asset = |begin: &str| {
            let path = english.split(begin).nth(1).and_then(|rest| rest.split('"').next()).expect("an asset");
            let reply = visitor.get_at(path).is(200);
            assert!(reply.header("cache-control").is_some_and(|kept| kept.contains("immutable")), "{path}");
            reply.text.len()
        };
        let bytes = english.len() + asset("rel=\"stylesheet\" href=\"") + asset("<script src=\"");
        assert!(bytes < 60_000, "{page}: {bytes} bytes");
        assert!(!english.contains("style=\"") && !english.contains("<style") && !english.contains("onclick"), "{page}");
        let elsewhere = ["http://", "https://", "//"].iter().any(|begin| {
            [format!("href=\"{begin}"), format!("src=\"{begin}"), format!("action=\"{begin}")]
                .iter()
                .any(|link| english.contains(link.as_str()))
        });
        assert!(!elsewhere, "{page}");
    }
    let script = include_str!("../../../src/server/console/console.js");
    assert!(script.lines().count() <= 200, "the script is small");
    let chosen = visitor.get_at(&format!("{BASE}/language/fr?back={BASE}/x")).is(303);
    assert_eq!(chosen.header("location"), Some("/_reveille/console/x"));
    let outside = visitor.get_at(&format!("{BASE}/language/fr?back=https://evil.test/")).is(303);
    assert_eq!(outside.header("location"), Some("/_reveille/console/"));
    visitor.get_at(&format!("{BASE}/assets/0000000000000000.css")).is(404);
}

#[test]
fn what_changes_on_a_page_comes_as_events() {
    let visitor = Visitor::start("console_live");
    let mut stream = TcpStream::connect(visitor.hand.address()).expect("the server listens");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a wait can be set");
    let headers = [("Cookie", visitor.cookie.as_str()), ("Accept", "text/event-stream")];
    let path = format!("{}/", visitor.home);
    stream.write_all(&request(visitor.hand.address(), "GET", &path, &headers, b"")).expect("it is taken");
    let (mut read, mut part) = (String::new(), [0; 8_192]);
    let mut until = |read: &mut String, words: &str| {
        while !read.contains(words) {
            let bytes = stream.read(&mut part).unwrap_or_else(|error| panic!("{error} after {read}"));
            assert!(bytes > 0, "the stream ended: {read}");
            read.push_str(&String::from_utf8_lossy(&part[..bytes]));
        }
    };
    until(&mut read, "\"news\":\"0 messages");
    assert!(read.contains("event: page") && read.contains("text/event-stream"), "{read}");
    assert!(read.contains("data-live") && !read.contains("<html"), "only what changes: {read}");
    visitor.hand.to_groups("r").is(204);
    until(&mut read, "\"news\":\"1 message,");
    // A page that is gone says so.
    let path = format!("{}/messages/0", visitor.home);
    let mut stream = TcpStream::connect(visitor.hand.address()).expect("the server listens");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a wait can be set");
    stream.write_all(&request(visitor.hand.address(), "GET", &path, &headers, b"")).expect("it is taken");
    let (mut read, mut part) = (String::new(), [0; 8_192]);
    let mut reset = false;
    while !read.contains("event: gone") {
        let bytes = stream.read(&mut part).unwrap_or_else(|error| panic!("{error} after {read}"));
        assert!(bytes > 0, "the stream ended: {read}");
        read.push_str(&String::from_utf8_lossy(&part[..bytes]));
        if read.contains("event: page") && !reset {
            reset = true;
            visitor.hand.post("/reset", &json!(null)).is(204);
        }
    }
}
