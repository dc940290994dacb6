//! Risk: the command line breaks a promise that scripts rely on: exit codes, what is written where, what is refused and
//! why.

use reveille::outcome::Outcome;
use serde_json::Value;

use crate::fixtures::program::{Folder, Said, end_of, program};

const NEWS: &str = "schema = 1\nname = \"news\"\nseed = 7\nduration = \"1h\"\n[fleet]\nusers = 40\n\
                    [[send]]\nname = \"news\"\nat = \"10m\"\nto = { groups = [\"All users\"] }\n\
                    title = \"Canteen closed\"\nbody = \"Use the other one.\"\n";

/// A folder with the scenario above and more.
pub(super) fn folder(name: &str, more: &str) -> Folder {
    let folder = Folder::new(name);
    folder.write("news.toml", &format!("{NEWS}{more}"));
    folder
}

/// Asserts that `text` contains all words, and prints it otherwise.
#[track_caller]
pub(super) fn assert_says(text: &str, words: &[&str]) {
    for word in words {
        assert!(text.contains(word), "`{word}` is not in:\n{text}");
    }
}

fn digest(said: &Said) -> String {
    let after = said.out.split_once("gives digest ").expect("a report names its digest").1;
    after.split_whitespace().next().expect("a digest follows").to_owned()
}

fn outcome(said: &Said) -> Outcome {
    serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error} in:\n{}", said.out))
}

#[test]
fn check_says_all_five_mistakes_each_with_its_place_and_a_caret() {
    let folder = Folder::new("cli-five");
    folder.write(
        "five.toml",
        "schema = 1\nname = \"five\"\nduration = \"1h\"\nseeed = 7\n[fleet]\nusers = \"many\"\n\
         [[send]]\nname = \"a\"\nat = \"5 parsecs\"\nto = { groups = [\"All userz\"] }\ntitle = \"t\"\nbody = \"b\"\n\
         [[fault]]\nname = \"f\"\nkind = \"outtage\"\nat = \"1m\"\n",
    );
    let said = folder.run(&["check", "five.toml"]).exits(2);
    assert_eq!(said.out, "", "diagnostics are no data");
    let places = ["five.toml:4:1", "five.toml:6:9", "five.toml:9:6", "five.toml:10:18", "five.toml:15:8"];
    assert_says(&said.err, &places);
    let carets = said.err.lines().filter(|line| line.trim_start_matches([' ', '|']).starts_with('^')).count();
    assert_eq!(carets, 5, "{}", said.err);
    assert_says(
        &said.err,
        &["did you mean `seed`?", "did you mean `All users`?", "did you mean \"outage\"?", "5 errors"],
    );

    let said = folder.run(&["check", "five.toml", "--format", "json"]).exits(2);
    let found = &said.json()[0];
    assert_eq!((&found["ok"], &found["errors"]), (&Value::from(false), &Value::from(5)));
    let lines: Vec<u64> =
        found["diagnostics"].as_array().expect("a list").iter().filter_map(|one| one["line"].as_u64()).collect();
    assert_eq!(lines, [4, 6, 9, 10, 15]);
}

#[test]
fn an_unknown_name_is_wrong_usage_and_the_nearest_name_is_printed() {
    let folder = folder("cli-usage", "");
    for (arguments, words) in [
        (&["run", "news.toml", "--set", "sendd.news.at=1m"] as &[&str], "did you mean `send`?"),
        (&["run", "news.toml", "--set", "send.nwes.at=1m"], "did you mean `news`?"),
        (&["check", "news.toml", "--set", "fleet.usres=7"], "did you mean `users`?"),
        (&["run", "news.toml", "--profile", "intune-2018"], "intune-2019"),
        (&["run", "news.toml", "--sped", "max"], "--speed"),
        (&["run", "news.toml", "--speed", "fast"], "or max"),
        (&["run", "news.toml", "--report", "out.doc"], ".json"),
        (&["run", "news.toml", "--report", "-", "--report", "-"], "twice"),
        (&["run", "news.toml", "--report", "a.md", "--report", "a.md"], "`--report a.md` is given twice"),
        (&["run", "nowhere.toml"], "no such file"),
        (&["runn", "news.toml"], "'run'"),
        (&[], "Usage"),
    ] {
        let said = folder.run(arguments).exits(2);
        assert!(said.err.contains(words), "{arguments:?} does not say `{words}`:\n{}", said.err);
        assert_eq!(said.out, "", "{arguments:?}");
    }
    let help = folder.run(&["--help"]).exits(0);
    assert_says(&help.out, &["run", "check", "init", "schema", "completions", "99", "130"]);
    assert_eq!(help.err, "");
}

#[test]
fn init_writes_a_scenario_that_check_accepts_and_overwrites_no_file() {
    let folder = Folder::new("cli-init");
    folder.run(&["init", "first"]).exits(0);
    let said = folder.run(&["check", "first.toml"]).exits(0);
    assert!(!said.err.contains("warning"), "{}", said.err);
    let text = folder.read("first.toml");
    assert!(text.contains("name = \"first\""));
    folder.write("first.toml", "mine");
    let said = folder.run(&["init", "first"]);
    assert_ne!(said.code, Some(0));
    assert_says(&said.err, &["first.toml"]);
    assert_eq!(folder.read("first.toml"), "mine", "an old file stays as it is");
}

#[test]
fn init_copies_a_shipped_scenario_with_its_comments() {
    let folder = Folder::new("cli-init-from");
    folder.run(&["init", "mine", "--from", "three-offices"]).exits(0);
    assert_eq!(folder.read("mine.toml"), include_str!("../../../config/scenarios/three-offices.toml"));
    for name in ["exported", "again"] {
        folder.run(&["init", name, "--from", "exported-tenant"]).exits(0);
        folder.run(&["forecast", &format!("{name}.toml"), "-q"]).exits(0);
    }
    folder.write("exports/users.csv", "mine");
    let taken = folder.run(&["init", "third", "--from", "exported-tenant"]);
    assert_ne!(taken.code, Some(0));
    assert_says(&taken.err, &["exports/users.csv is there already; it is left as it is"]);
    let said = folder.run(&["init", "other", "--from", "three-ofices"]);
    assert_ne!(said.code, Some(0));
    assert_says(&said.err, &["did you mean `example:three-offices`?"]);
}

/// `init NAME --ask` with these lines as answers.
fn answering(folder: &Folder, name: &str, answers: &str) -> Said {
    folder.write("answers", answers);
    let answers = std::fs::File::open(folder.path().join("answers")).expect("it was just written");
    end_of(program(folder.path(), &["init", name, "--ask"]).stdin(answers))
}

#[test]
fn init_asks_and_writes_a_scenario_from_the_answers() {
    let folder = Folder::new("cli-init-ask");
    let answers = "3,500\niOS 60%, android 35, windows 5%\nlondon 80% Europe/London, lima 20% America/Lima\n21:30\n\n";
    answering(&folder, "asked", answers).exits(0);
    let said = folder.run(&["check", "asked.toml", "--strict", "--plan"]).exits(0);
    assert_says(&said.out, &["message:Europe/London", "message:America/Lima", "3,500 users"]);
    folder.run(&["forecast", "asked.toml", "--report", "asked.html"]).exits(0);
    let page = folder.read("asked.html");
    assert_says(&page, &["Audience by site", "london", "lima", "until 08:00"]);
    answering(&folder, "usual", "").exits(0);
    folder.run(&["check", "usual.toml", "--strict"]).exits(0);
    let said = answering(&folder, "wrong", "100\nios 100%\nlondon 100% Europe/Lundon\n\n\n");
    assert_ne!(said.code, Some(0));
    assert_says(&said.err, &["did you mean `Europe/London`?", "nothing was written"]);
    assert!(!folder.path().join("wrong.toml").exists());
}

#[test]
fn a_strict_check_takes_warnings_for_errors() {
    let folder = folder(
        "cli-strict",
        "\n[[fault]]\nname = \"f\"\nkind = \"outage\"\nat = \"1m\"\nscope = { platform = \"macos\" }\n",
    );
    folder.run(&["check", "news.toml"]).exits(0);
    let said = folder.run(&["check", "news.toml", "--strict"]).exits(2);
    assert_says(&said.err, &["with 1 warning", "not strictly well"]);
    folder.run(&["check", "news.toml", "--strict", "--format", "json"]).exits(2);
}

#[test]
fn schemas_and_completions_go_to_standard_output() {
    let folder = Folder::new("cli-print");
    for of in ["scenario", "report"] {
        let said = folder.run(&["schema", of]).exits(0);
        assert!(said.json()["properties"].is_object(), "{of}");
        assert_eq!(said.err, "");
    }
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let said = folder.run(&["completions", shell]).exits(0);
        assert_says(&said.out, &["reveille", "REVEILLE_COMPLETE"]);
    }
}

#[test]
fn completions_know_scenarios_profiles_and_the_names_in_the_scenario() {
    let folder = folder("cli-complete", "[[fault]]\nname = \"fcm-north\"\nkind = \"outage\"\nat = \"5m\"\n");
    folder.write("notes.txt", "");
    folder.write("broken.toml", "[[fault]]\nname = \"half\"\nkind = 7\n");
    let offered = |words: &[&str]| -> Vec<String> {
        let mut command = program(folder.path(), &[&["--", "reveille"], words].concat());
        command.env("REVEILLE_COMPLETE", "bash").env("_CLAP_COMPLETE_INDEX", words.len().to_string());
        end_of(command.env("_CLAP_IFS", "\n")).exits(0).out.lines().map(str::to_owned).collect()
    };
    assert_eq!(offered(&["run", "example:two"]), ["example:two-teams"]);
    assert_eq!(offered(&["run", "ne"]), ["news.toml"]);
    assert_eq!(offered(&["check", "not"]), [""; 0], "a note is no scenario");
    assert_eq!(offered(&["forecast", "news.toml", "--profile", ""]), ["intune-2019", "intune-2025"]);
    assert_eq!(offered(&["forecast", "news.toml", "--without", ""]), ["fcm-north"]);
    assert_eq!(offered(&["forecast", "broken.toml", "--without", "h"]), ["half"], "it need not be valid");
    assert_eq!(offered(&["forecast", "--without", "fcm", "example:bad-weather"]), ["example:bad-weather"]);
    assert_eq!(offered(&["explain", "news.toml", "--message", ""]), ["news"]);
    assert_eq!(offered(&["init", "mine", "--from", "thr"]), ["three-offices", "throttle"]);
    assert_eq!(offered(&["forecast", "gone.toml", "--without", ""]), [""; 0]);
}

#[test]
fn check_shows_the_timeline_and_the_origin_of_every_value() {
    let folder = folder("cli-plan", "");
    let said = folder.run(&["check", "news.toml", "--plan"]).exits(0);
    assert_says(&said.out, &["0:10:00", "news", "40 users", "1 message · 40 pairs"]);
    let said = folder.run(&["check", "news.toml", "--plan", "--format", "json"]).exits(0);
    assert_eq!(said.json()[0]["plan"]["pairs"], 40);
    let said = folder.run(&["check", "news.toml", "--resolved", "--set", "send.news.at=12m"]).exits(0);
    assert_says(&said.out, &["seed = 7 # news.toml:3", "\"12m\" # --set"]);
}

#[test]
fn a_seed_gives_one_digest_by_flag_and_by_file() {
    let folder = folder("cli-seed", "");
    let run = |arguments: &[&str]| digest(&folder.run(&[&["run", "news.toml"], arguments].concat()).exits(0));
    let seven = run(&["--set", "seed=7"]);
    assert_eq!(seven.len(), 32);
    assert_eq!(seven, run(&["--set", "seed=7", "--shards", "5", "--resident-actors-max", "2"]));
    assert_eq!(seven, run(&["--seed", "7"]));
    assert_eq!(seven, run(&["--speed", "1000000"]));
    let eight = run(&["--set", "seed=8"]);
    assert_ne!(seven, eight);
    let by_environment = |arguments: &[&str]| {
        digest(
            &end_of(program(folder.path(), &[&["run", "news.toml"], arguments].concat()).env("REVEILLE_SEED", "8"))
                .exits(0),
        )
    };
    assert_eq!(by_environment(&[]), eight, "a variable beats the file");
    assert_eq!(by_environment(&["--seed", "7"]), seven, "and a flag beats the variable");
}

#[test]
fn the_printed_replay_line_runs_the_same_again() {
    let folder = folder("cli-replay", "");
    let first = folder.run(&["run", "news.toml", "--set", "fleet.users=30", "--profile", "intune-2025"]).exits(0);
    let line = first.out.lines().map(str::trim).find(|line| line.starts_with("reveille run ")).expect("a replay line");
    assert_says(line, &["--seed 7", "--profile intune-2025", "--set fleet.users=30"]);
    let words: Vec<&str> = line.split(' ').skip(1).collect();
    assert_eq!(digest(&folder.run(&words).exits(0)), digest(&first));
}

#[test]
fn the_report_is_json_in_a_file_and_alone_on_standard_output() {
    let folder = folder("cli-report", "");
    let said = folder.run(&["run", "news.toml", "--report", "out.json", "--report", "again.json"]).exits(0);
    assert_says(&said.out, &["PASSED", "gives digest"]);
    assert!(!said.out.contains("http://"), "where metrics are is no data");
    assert_says(&said.err, &["http://127.0.0.1:", "seed 7", "intune-2019"]);
    assert_eq!(folder.read("out.json"), folder.read("again.json"));
    let written: Outcome = serde_json::from_str(&folder.read("out.json")).expect("the record reads back");
    assert_eq!((written.pairs, written.schema_version, written.conservation.ok), (40, 1, true));

    let said = folder.run(&["run", "news.toml", "--report", "-"]).exits(0);
    assert_eq!(outcome(&said).digest, written.digest);
    assert_says(&said.err, &["PASSED"]);
    let said = folder.run(&["run", "news.toml", "--report", "-", "--quiet"]).exits(0);
    assert_eq!((outcome(&said).digest, said.err.as_str()), (written.digest, ""));
}

#[test]
fn a_report_that_cannot_be_written_is_an_error_before_anything_is_run() {
    let folder = folder("cli-unwritable", "");
    for verb in ["run", "forecast"] {
        let reports = ["--report", "no/such/out.json", "--report", "good.json"];
        let said = folder.run(&[&[verb, "news.toml"][..], &reports].concat()).exits(1);
        assert_says(&said.err, &["error: ", "no/such/out.json"]);
        assert_eq!(said.out, "");
        assert!(!folder.path().join("good.json").exists(), "nothing was run");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_exit_code_1() {
    let folder = folder("cli-full", "");
    std::os::unix::fs::symlink("/dev/full", folder.path().join("full.json")).expect("a link can be made");
    let said = folder.run(&["run", "news.toml", "--report", "full.json"]).exits(1);
    assert_says(&said.out, &["PASSED"]);
    assert_says(&said.err, &["error: ", "full.json"]);
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("Linux has it");
    let ended = program(folder.path(), &["run", "news.toml"]).stdout(full).stderr(std::process::Stdio::null()).status();
    assert_eq!(ended.expect("the program starts").code(), Some(1), "standard output counts as much");
}

#[test]
fn a_failed_expectation_exits_99_and_prints_the_replay_command() {
    let more = "[[expect]]\nname = \"too much\"\nmetric = \"reach\"\nwhere = { send = \"news\" }\nwithin = \"1h\"\ncheck = \"== 1\"\n";
    let folder = folder("cli-expect", more);
    let said = folder.run(&["run", "news.toml", "--report", "out.json"]).exits(99);
    assert_says(&said.out, &["FAILED", "too much", "reveille run news.toml --seed 7"]);
    assert_eq!(folder.json("out.json")["expectations"][0]["ok"], false);
    folder.run(&["run", "news.toml", "--set", "expect.\"too much\".check=\"< 1\""]).exits(0);
}

#[test]
fn a_fault_that_touches_nothing_exits_99_unless_allowed() {
    let fault = "[[fault]]\nname = \"idle\"\nkind = \"outage\"\nmode = \"hold\"\nat = \"30m\"\nfor = \"5m\"\n";
    let folder = folder("cli-idle", fault);
    let said = folder.run(&["run", "news.toml"]).exits(99);
    assert_says(&said.out, &["fault \"idle\" touched nothing", "--seed 7"]);
    let said = folder.run(&["run", "news.toml", "--set", "fault.idle.may_touch_nothing=true"]).exits(0);
    assert_says(&said.out, &["PASSED", "as it may"]);
}

#[cfg(unix)]
#[test]
fn ctrl_c_exits_130_and_reports_the_work_done() {
    let folder = folder("cli-interrupt", "");
    let mut running = folder.start(&["run", "news.toml", "--speed", "1", "--report", "out.json"]);
    let address = running.metrics_address();
    // Model time advances, so the run is under way and handles signals.
    crate::fixtures::program::look("model time", || {
        let page = crate::fixtures::program::get(&address, "/metrics");
        let line = page.lines().find(|line| line.starts_with("reveille_model_time_seconds "))?;
        line.rsplit(' ').next()?.parse::<f64>().ok().filter(|seconds| *seconds > 0.0)
    });
    running.interrupt();
    let said = running.end().exits(130);
    assert_says(&said.out, &["INTERRUPTED", "gives digest"]);
    let report = folder.json("out.json");
    assert_eq!(report["interrupted"], true);
    let at = report["interrupted_at_ms"].as_u64().expect("a time");
    assert!(at > 0 && at < 600_000, "{at}");
    assert_eq!((&report["pairs"], &report["conservation"]["ok"]), (&Value::from(0), &Value::from(true)));
}

/// What the service refuses (R1, R2, R10, R20, R27), each after a good message and before the rest of a full quota.
const REFUSED: &str = r#"
[[user]]
name = "u"
[[device]]
name = "mac"
user = "u"
platform = "macos"
[[device]]
name = "phone"
user = "u"
platform = "ios"
[[account]]
name = "intern"
[[send]]
name = "title"
at = "11m"
to = { groups = ["All users"] }
title = "123456789012345678901234567890123456789012345678901"
body = "b"
[[send]]
name = "body"
at = "11m"
to = { groups = ["All users"] }
title = "t"
body = "BODY"
[[send]]
name = "groups"
at = "11m"
to = { groups = [GROUPS] }
title = "t"
body = "b"
[[send]]
name = "permission"
at = "11m"
as = "intern"
to = { groups = ["All users"] }
title = "t"
body = "b"
[[send]]
name = "mac"
at = "11m"
to = { device = "mac" }
title = "t"
body = "b"
[[send]]
name = "full"
schedule = { from = "12m", every = "1s", count = 24 }
to = { groups = ["All users"] }
title = "t"
body = "b"
[[send]]
name = "loop"
schedule = { from = "13m", every = "1s", count = 10 }
to = { device = "phone" }
title = "t"
body = "b"
"#;

#[test]
fn what_the_service_refuses_is_counted_with_its_reason_and_uses_nothing() {
    let names: Vec<String> = (0..26).map(|at| format!("\"g{at}\"")).collect();
    let groups =
        names.iter().map(|name| format!("[[group]]\nname = {name}\nusers = []\n")).collect::<Vec<_>>().concat();
    let more = REFUSED.replace("BODY", &"b".repeat(501)).replace("GROUPS", &names.join(", "));
    let folder = folder("cli-refused", &(more + &groups));
    let said = folder.run(&["check", "news.toml"]).exits(0);
    assert_says(&said.err, &["warning", "51", "501", "26", "macos"]);

    let outcome = outcome(&folder.run(&["run", "news.toml", "--report", "-"]).exits(0));
    for (send, reason) in [
        ("title", "title_too_long"),
        ("body", "body_too_long"),
        ("groups", "too_many_groups"),
        ("permission", "permission"),
        ("mac", "unsupported_target"),
    ] {
        let line = outcome.messages.iter().find(|line| line.send == send).expect("it is reported");
        assert_eq!(line.reason.as_deref(), Some(reason), "{send}");
        assert_eq!((line.outcome.name(), line.audience, line.attempts), ("refused", 0, 1), "{send}");
        assert_eq!((line.accepted_at_ms, line.next_slot_ms), (None, None), "{send}");
    }
    // One and 24 group messages, ten to the phone: had a refused one used a slot, one of these were refused.
    assert_eq!((outcome.quota.group.accepted, outcome.quota.group.refused), (25, 0));
    assert_eq!((outcome.quota.device.accepted, outcome.quota.device.refused), (10, 0));
}

#[test]
fn a_message_is_processed_at_once_r7() {
    let folder = folder("cli-at-once", "");
    let outcome = outcome(&folder.run(&["run", "news.toml", "--report", "-"]).exits(0));
    assert_eq!(outcome.messages[0].accepted_at_ms, Some(600_000));
}

#[test]
fn colour_is_written_only_where_it_is_wanted() {
    let folder = folder("cli-colour", "");
    let never = folder.run(&["run", "news.toml", "--color", "never"]).exits(0);
    let always = folder.run(&["run", "news.toml", "--color", "always"]).exits(0);
    let quiet = end_of(program(folder.path(), &["run", "news.toml"]).env("NO_COLOR", "1")).exits(0);
    let variable = end_of(program(folder.path(), &["run", "news.toml"]).env("REVEILLE_COLOR", "always")).exits(0);
    for (said, has) in [(never, false), (always, true), (quiet, false), (variable, true)] {
        assert_eq!(said.out.contains('\u{1b}'), has, "{}", said.out);
        assert!(has || !said.err.contains('\u{1b}'), "{}", said.err);
    }
    folder.write("wrong.toml", "schema = 2");
    assert!(!folder.run(&["check", "wrong.toml", "--color", "never"]).exits(2).err.contains('\u{1b}'));
    assert!(folder.run(&["check", "wrong.toml", "--color", "always"]).exits(2).err.contains('\u{1b}'));
}
