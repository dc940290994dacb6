//! Risk: a meaningless expectation is accepted, a broken one passes, or a run continues that has failed already.

use reveille::outcome::Outcome;
use reveille::scenario::{self, Overrides, Source};

use crate::fixtures::program::Folder;

const HEAD: &str = "schema = 1\nname = \"t\"\nseed = 7\nduration = \"4h\"\n";

/// Two sends to groups, ten minutes and an hour after the start, one to a phone, and three faults.
const BODY: &str = "[fleet]\nusers = 40\n[[fleet.cohort]]\nname = \"phones\"\nplatform = \"ios\"\nshare = 0.5\n\
    labels = { site = \"north\" }\n[[fleet.cohort]]\nname = \"tablets\"\nplatform = \"android\"\nshare = 0.5\n\
    labels = { site = \"south\" }\n[[group]]\nname = \"board\"\nusers = { sample = 3 }\n\
    [[send]]\nname = \"news\"\nat = \"10m\"\nto = { groups = [\"All users\"] }\ntitle = \"t\"\nbody = \"b\"\n\
    [[send]]\nname = \"late\"\nat = \"1h\"\nto = { groups = [\"board\"] }\ntitle = \"t\"\nbody = \"b\"\n\
    [[send]]\nname = \"ring\"\nat = \"1h\"\nto = { device = \"user-1.1\" }\ntitle = \"t\"\nbody = \"b\"\n\
    [[fault]]\nname = \"down\"\nkind = \"outage\"\nat = \"5m\"\nfor = \"10m\"\n\
    [[fault]]\nname = \"slow\"\nkind = \"directory_lag\"\ndelay = \"1m\"\nat = \"50m\"\nfor = \"20m\"\nmay_touch_nothing = true\n\
    [[fault]]\nname = \"deaf\"\nkind = \"offline\"\nat = \"3h\"\nmay_touch_nothing = true\n";

/// The output of `check` about one more expectation.
fn said(body: &str, keys: &str) -> String {
    let source = Source::new("t.toml", format!("{HEAD}{body}[[expect]]\nname = \"e\"\n{keys}\n"));
    match scenario::load(&source, &mut |path| Err(format!("no {path}")), &Overrides::default()) {
        Ok(_) => "all well".to_owned(),
        Err(all) => all.to_string(),
    }
}

/// Expectations that can never be measured, with the output about each.
const IMPOSSIBLE: &[(&str, &str)] = &[
    ("metric = \"reach\"\ncheck = \">= 0\"", "this holds whatever happens"),
    ("metric = \"sends\"\ncheck = \"< 0\"", "this holds never, whatever happens"),
    ("metric = \"reach\"\ncheck = \"p(95) > 0.5\"", "this metric is one value and has no quantiles"),
    ("metric = \"delivery\"\ncheck = \"count > 5\"", "a count of durations is not measured here"),
    ("metric = \"sends\"\ncheck = \"> 1\"\nwithin = \"5m\"", "`within` goes with `reach` and `reach_eligible` only"),
    ("metric = \"sends\"\ncheck = \"> 1\"\nwhere = { station = \"shown\" }", "`station` does not go with this metric"),
    (
        "metric = \"sends\"\ncheck = \"> 1\"\nwhere = { outcome = \"accepted\", reason = \"scope\" }",
        "what is accepted has no reason",
    ),
    (
        "metric = \"sends\"\ncheck = \"> 1\"\nwhere = { kind = \"device\", reason = \"group_quota\" }",
        "no message of kind `device` is refused for `group_quota`",
    ),
    (
        "metric = \"journeys\"\ncheck = \"> 1\"\nwhere = { station = \"lost\", form = \"banner\" }",
        "only what is shown has a form",
    ),
    (
        "metric = \"journeys\"\ncheck = \"> 1\"\nwhere = { station = \"lost\", cause = \"offline\" }",
        "what is lost has no cause `offline`",
    ),
    (
        "metric = \"journeys\"\ncheck = \"> 1\"\nwhere = { station = \"discarded\", platform = \"ios\" }",
        "this happens behind fcm only",
    ),
    (
        "metric = \"journeys\"\ncheck = \"> 1\"\nwhere = { cause = \"play_services\", gateway = \"apns\" }",
        "this happens behind fcm only",
    ),
    (
        "metric = \"reach\"\ncheck = \"> 0.1\"\nwhere = { platform = \"ios\", gateway = \"fcm\" }",
        "ios devices are not reached through fcm",
    ),
    ("metric = \"reach\"\ncheck = \"> 0.1\"\nwhere = { platform = \"macos\" }", "no device of the fleet is like this"),
    (
        "metric = \"reach\"\ncheck = \"> 0.1\"\nwhere = { cohort = \"phones\", labels = { site = \"south\" } }",
        "no device of the fleet is like this",
    ),
    (
        "metric = \"reach\"\ncheck = \"> 0.1\"\nwhere = { send = \"ring\", kind = \"group\" }",
        "no send of the scenario is like this",
    ),
    (
        "metric = \"reach\"\ncheck = \"> 0.1\"\nwhere = { kind = \"device\", group = \"board\" }",
        "a message of kind `device` goes to no group",
    ),
    (
        "metric = \"journeys\"\ncheck = \"== 0\"\nwhere = { send = \"late\" }\nduring = \"fault:down\"",
        "nothing of this is sent in the part of the run",
    ),
    ("metric = \"journeys\"\ncheck = \"== 0\"\nduring = \"before\"", "nothing of this is sent in the part of the run"),
    ("metric = \"journeys\"\ncheck = \"== 0\"\nduring = \"after\"", "one of them lasts to the end of the run"),
    ("metric = \"journeys\"\ncheck = \"== 0\"\nduring = \"recovery:deaf\"", "`deaf` never ends"),
    ("metric = \"journeys\"\ncheck = \"== 0\"\nduring = \"recovery:slow\"", "no pair waits because of `slow`"),
    ("metric = \"recovery_time\"\ncheck = \"< 5m\"\nwhere = { fault = \"deaf\" }", "`deaf` never ends"),
    ("metric = \"recovery_time\"\ncheck = \"< 5m\"", "which fault?"),
    (
        "metric = \"fault_touched\"\ncheck = \"> 5\"\nby = \"fault\"\nduring = \"before\"",
        "`during` goes with what is measured on messages",
    ),
    ("metric = \"lag\"\ncheck = \"p(99) < 1s\"\nwindow = \"5m\"", "`window` goes with what is measured on messages"),
    ("metric = \"sends\"\ncheck = \"> 5\"\nwindow = \"5h\"", "a window that is longer than what it slides over"),
    (
        "metric = \"reach\"\ncheck = \"> 0.5\"\nwindow = \"11m\"\nduring = \"fault:down\"",
        "a window that is longer than what it slides over",
    ),
    ("metric = \"sends\"\ncheck = \"> 5\"\nby = \"platform\"", "this metric cannot be divided by \"platform\""),
    (
        "metric = \"reach\"\ncheck = \"> 0.1\"\nby = \"send\"\nwhere = { send = \"ring\" }",
        "there is nothing to divide by",
    ),
    ("metric = \"reach\"\ncheck = \"> 0.1\"\nby = \"label:region\"", "no device has a label `region`"),
    ("metric = \"journeys\"\ncheck = \"< 5\"\nabort = true", "`abort` goes with `sends` only"),
    ("metric = \"sends\"\ncheck = \">= 5\"\nabort = true", "`abort` needs `<` or `<=`"),
    (
        "metric = \"sends\"\ncheck = \"< 5\"\nabort = true\nduring = \"recovery:down\"",
        "`abort` does not go with `recovery:NAME`",
    ),
];

#[test]
fn an_expectation_that_can_never_be_measured_is_refused_with_the_reason() {
    for (keys, words) in IMPOSSIBLE {
        let said = said(BODY, keys);
        assert!(said.contains(words) && said.contains("S0"), "{keys}\ndoes not say `{words}`:\n{said}");
    }
    let without = BODY.split("[[fault]]").next().expect("there are faults");
    assert!(said(without, "metric = \"reach\"\ncheck = \"> 0.1\"\nduring = \"before\"").contains("there is no fault"));
    for keys in [
        "metric = \"fault_touched\"\ncheck = \">= 1\"\nby = \"fault\"",
        "metric = \"recovery_time\"\ncheck = \"< 1h\"\nby = \"fault\"",
        "metric = \"copies\"\ncheck = \"in [0, 90]\"\nby = \"audience\"",
        "metric = \"delivery\"\ncheck = \"p(95) in [0s, 3h]\"\nby = \"label:site\"\nwindow = \"1h\"",
        "metric = \"sends\"\ncheck = \"<= 5\"\nabort = true\nwindow = \"1h\"\nby = \"send\"",
    ] {
        assert_eq!(said(BODY, keys), "all well", "{keys}");
    }
}

/// Thirty group messages, a minute apart: five more than the service accepts in an hour (R40).
fn thirty(name: &str, expect: &str) -> Folder {
    let folder = Folder::new(&format!("expectations-{name}"));
    let send = "[[send]]\nname = \"news\"\nschedule = { from = \"1m\", every = \"1m\", count = 30 }\n\
                to = { groups = [\"All users\"] }\ntitle = \"t\"\nbody = \"b\"\n";
    folder.write(
        "t.toml",
        &format!("{HEAD}[fleet]\nusers = 5\n{send}[[expect]]\nname = \"e\"\nmetric = \"sends\"\n{expect}\n"),
    );
    folder
}

fn outcome(folder: &Folder, verb: &str, code: i32) -> Outcome {
    let said = folder.run(&[verb, "t.toml", "--report", "-"]).exits(code);
    serde_json::from_str(&said.out).expect("the report reads back")
}

#[test]
fn a_live_run_ends_when_an_expectation_with_abort_can_no_longer_hold() {
    let folder = thirty("lost", "where = { outcome = \"refused\" }\ncheck = \"<= 2\"\nabort = true");
    let acted = outcome(&folder, "run", 99);
    assert_eq!((acted.aborted_by.as_deref(), acted.interrupted), (Some("e"), true));
    // The 26th to the 28th are refused, the last of them at minute 28.
    assert_eq!((acted.messages.len(), acted.interrupted_at_ms), (28, Some(28 * 60_000 + 1)));
    assert_eq!((acted.expectations[0].observed, acted.expectations[0].ok), (Some(3.0), false));
    let said = folder.run(&["run", "t.toml"]).exits(99);
    assert!(said.out.starts_with("ABORTED"), "{}", said.out);
    // A forecast is complete before it could be stopped, and fails all the same.
    let forecast = outcome(&folder, "forecast", 99);
    assert_eq!((forecast.aborted_by, forecast.interrupted, forecast.messages.len()), (None, false, 30));
    assert_eq!(forecast.expectations[0].observed, Some(5.0));
}

#[test]
fn an_expectation_that_may_still_hold_does_not_end_the_run() {
    let folder = thirty("open", "where = { outcome = \"refused\" }\ncheck = \"<= 5\"\nabort = true");
    for verb in ["run", "forecast"] {
        let whole = outcome(&folder, verb, 0);
        assert_eq!((whole.aborted_by, whole.interrupted, whole.messages.len()), (None, false, 30), "{verb}");
    }
}

#[test]
fn a_refusal_that_will_be_retried_does_not_fail_an_expectation() {
    // The 26th to the 30th are refused at first; three of them find a slot within their three retries, one a minute.
    let folder = thirty("retried", "where = { outcome = \"refused\" }\ncheck = \"<= 2\"\nabort = true");
    let text = folder.read("t.toml").replace("title", "on_refusal = { retry_after = 3 }\ntitle");
    folder.write("t.toml", &text);
    let whole = outcome(&folder, "run", 0);
    assert_eq!((whole.aborted_by, whole.expectations[0].observed), (None, Some(2.0)));
    assert!(whole.quota.group.refused > 5, "five were waiting at once");
}

#[test]
fn no_sliding_hour_accepts_more_than_the_quota() {
    let check = |window: &str, check: &str, more: &str| {
        let folder = thirty(
            &format!("{window}-{}-{}", check.len(), more.len()),
            &format!("where = {{ outcome = \"accepted\" }}\nwindow = \"{window}\"\ncheck = \"{check}\"{more}"),
        );
        let code = folder.run(&["run", "t.toml", "--quiet"]).code;
        let acted = outcome(&folder, "run", code.expect("it ended by itself"));
        let forecast = outcome(&folder, "forecast", code.expect("it ended by itself"));
        if more.is_empty() {
            assert_eq!(acted.expectations, forecast.expectations);
        }
        (acted.expectations[0].observed_text.clone(), code.expect("it ended by itself"))
    };
    assert_eq!(check("1h", "<= 25", ""), ("25 from 0 ms on".to_owned(), 0));
    assert_eq!(check("1h", "< 25", ""), ("25 from 0 ms on".to_owned(), 99));
    assert_eq!(check("10m", "<= 9", ""), ("10 from 1 ms on".to_owned(), 99), "half-open: ten minutes hold ten");
    assert_eq!(check("10m", "<= 9", "\nabort = true"), ("10 from 1 ms on".to_owned(), 99));
}

#[test]
fn the_list_of_metrics_names_each_with_its_conditions_for_people_and_programs() {
    let folder = Folder::new("expectations-list");
    let listed = folder.run(&["check", "--list-metrics"]).exits(0).out;
    for words in ["recovery_time\n", "  where    send, group, kind, platform", "label:NAME", "p(N), med, avg, min, max"]
    {
        assert!(listed.contains(words), "`{words}` is not in:\n{listed}");
    }
    let list = folder.run(&["check", "--list-metrics", "--format", "json"]).exits(0).json();
    assert_eq!(list.as_array().map(Vec::len), Some(9));
    // The check accepts every condition that the list names for a metric.
    for metric in list.as_array().expect("a list") {
        let name = metric["name"].as_str().expect("it has a name");
        for condition in metric["conditions"].as_array().expect("it has conditions") {
            let keys = format!(
                "metric = \"{name}\"\ncheck = \"> 1\"\nwhere = {{ {} = 1 }}",
                condition.as_str().expect("a word")
            );
            assert!(!said(BODY, &keys).contains("does not go with this metric"), "{name}: {condition}");
        }
    }
    folder.run(&["check"]).exits(2);
}
