//! Risk: a program that reads standard error gets a line that it cannot parse, or people lose one that they need.

use serde_json::Value;

use crate::fixtures::caller::{Served, TENANT};
use crate::fixtures::program::{Folder, Said};

const SCENARIO: &str = "schema = 1\nname = \"short\"\nseed = 5\nduration = \"30m\"\n[fleet]\nusers = 20\n\
    [[account]]\nname = \"intern\"\n\
    [[send]]\nname = \"news\"\nat = \"1m\"\nto = { groups = [\"All users\"] }\ntitle = \"t\"\nbody = \"b\"\n\
    [[send]]\nname = \"barred\"\nat = \"2m\"\nas = \"intern\"\nto = { groups = [\"All users\"] }\ntitle = \"t\"\nbody = \"b\"\n\
    [[fault]]\nname = \"deaths\"\nkind = \"crash\"\nrate = 1\nat = \"1m\"\nfor = \"1m\"\nmay_touch_nothing = true\n";

fn events(said: &Said) -> Vec<Value> {
    let event = |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    said.err.lines().map(event).collect()
}

/// The first event that contains these words.
#[track_caller]
fn event<'e>(events: &'e [Value], words: &str) -> &'e Value {
    let found = events.iter().find(|event| event["message"].as_str().is_some_and(|message| message.contains(words)));
    found.unwrap_or_else(|| panic!("no event says `{words}`: {events:#?}"))
}

fn folder(name: &str) -> Folder {
    let folder = Folder::new(name);
    folder.write("short.toml", SCENARIO);
    folder.write("wrong.toml", "schema = 1\nname = \"wrong\"\nduratoin = \"1h\"\n");
    folder
}

#[test]
fn every_line_is_an_object_with_time_level_words_and_fields() {
    let folder = folder("log-json");
    let said = folder.run(&["run", "short.toml", "-vv", "--log-format", "json"]).exits(0);
    let events = events(&said);
    for event in &events {
        assert!(event["timestamp"].is_string() && event["message"].is_string(), "{event}");
        assert!(event["target"].as_str().expect("it has a target").starts_with("reveille"), "{event}");
    }
    let start = event(&events, "reveille ");
    assert_eq!((&start["level"], &start["scenario"], &start["seed"]), (&"INFO".into(), &"short".into(), &5.into()));
    assert!(start["metrics"].as_str().is_some_and(|address| address.starts_with("127.0.0.1:")), "{start}");
    let accepted = event(&events, "accepted");
    assert_eq!((&accepted["level"], &accepted["send"]), (&"DEBUG".into(), &"news".into()));
    assert_eq!(
        (&accepted["occurrence"], &accepted["attempt"], &accepted["model_ms"]),
        (&0.into(), &1.into(), &60_000.into())
    );
    let refused = event(&events, "refused");
    assert_eq!((&refused["send"], &refused["reason"]), (&"barred".into(), &"permission".into()));
    assert_eq!(event(&events, "actor died")["level"], "TRACE");
    let ended = event(&events, "run ended");
    assert!(ended["pairs"].as_u64().is_some_and(|pairs| pairs > 0) && ended["is_whole"] == true, "{ended}");
    assert!(said.out.contains("short"), "the report is data, and none of this");
}

#[test]
fn an_error_is_one_object_too() {
    let folder = folder("log-wrong");
    let said = folder.run(&["run", "wrong.toml", "--log-format", "json", "--quiet", "--color", "always"]).exits(2);
    let events = events(&said);
    assert_eq!(event(&events, "duratoin")["level"], "WARN");
    assert_eq!(event(&events, "cannot be used")["level"], "ERROR");
    assert!(!said.err.contains('\u{1b}') && !said.err.contains("\\u001b"), "no colours for programs: {}", said.err);
}

#[test]
fn people_get_plain_lines_and_more_of_them_with_verbose() {
    let folder = folder("log-text");
    let lines = |arguments: &[&str]| folder.run(&[&["run", "short.toml"], arguments].concat()).exits(0).err;
    assert_eq!(lines(&["--quiet"]), "");
    let plain = lines(&[]);
    assert!(plain.starts_with("reveille ") && plain.lines().count() == 1, "{plain}");
    let more = lines(&["-v"]);
    assert!(more.contains("DEBUG") && more.contains("send=\"news\"") && !more.contains("actor died"), "{more}");
    assert!(lines(&["-vv"]).contains("actor died"));
}

#[cfg(unix)]
#[test]
fn every_request_is_a_line_with_its_ids() {
    let mut served = Served::start("log-serve", Some(TENANT), &["-v", "--log-format", "json"]);
    let authorization = format!("Bearer {}", served.account("administrator"));
    for (id, path, route, status) in [
        ("first-1", "/v1.0/users", "users", 200),
        ("second-2", "/v1.0/nowhere", "other", 400),
        ("third-3", "/small/discovery/v2.0/keys", "discovery", 200),
        ("fourth-4", "/v1.0/groups/01234567-89ab-4def-8123-456789abcdef", "group", 404),
    ] {
        let headers = [("Authorization", authorization.as_str()), ("client-request-id", id)];
        let reply = served.send("GET", path, &headers, b"").is(status);
        let line: Value = serde_json::from_str(&served.running.wait_for(id)).expect("it is one object");
        assert_eq!((&line["message"], &line["level"]), (&"request answered".into(), &"DEBUG".into()), "{line}");
        assert_eq!((&line["route"], &line["status"]), (&route.into(), &status.into()), "{line}");
        assert_eq!(line["client_request_id"], id);
        assert_eq!(line["request_id"].as_str(), reply.header("request-id"));
        assert!(line["us"].as_u64().is_some_and(|us| us > 0), "{line}");
    }
    let quiet = Served::start("log-serve-quiet", Some(TENANT), &[]);
    quiet.get(&quiet.account("administrator"), "/v1.0/users").is(200);
    quiet.running.interrupt();
    let said = quiet.running.end().exits(0);
    assert!(!said.err.contains("request answered"), "{}", said.err);
}
