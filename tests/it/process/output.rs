//! Risk: a build log or a pull request gets more, or less, than its readers need, or a run that lost its terminal leaves
//! nothing.

use super::cli::{assert_says, folder};
use crate::fixtures::program::program;

const UNLIKELY: &str = "[[expect]]\nname = \"all\"\nmetric = \"reach\"\nwithin = \"1m\"\ncheck = \"== 1\"\n\
                        [[expect]]\nname = \"some\"\nmetric = \"reach\"\nwithin = \"15m\"\ncheck = \"> 0\"\n";

#[test]
fn quiet_prints_the_verdict_and_what_failed() {
    let folder = folder("cli-quiet", UNLIKELY);
    let whole = folder.run(&["forecast", "news.toml"]).exits(99);
    let said = folder.run(&["forecast", "news.toml", "--quiet"]).exits(99);
    assert_says(&said.out, &["FAILED  news", "✗  all", "Replay  ", "reveille forecast news.toml --seed "]);
    assert!(!said.out.contains("✓  some") && !said.out.contains("Reach  "), "{}", said.out);
    assert_eq!(said.err, "");
    let (lines, all) = (said.out.lines().count(), whole.out.lines().count());
    assert!(lines < 12 && all > 30, "{lines} lines of {all}");
    let well = ["forecast", "news.toml", "-q", "--set", "expect.all.check=> 0"];
    assert_eq!(folder.run(&well).exits(0).out.lines().filter(|line| !line.starts_with("  ")).count(), 1);
}

#[test]
fn a_summary_is_one_line() {
    let folder = folder("cli-summary", UNLIKELY);
    for (arguments, code) in [(&["--set", "expect.all.check=> 0"] as &[&str], 0), (&[], 99), (&["--seeds", "1..3"], 99)]
    {
        let said = folder.run(&[&["forecast", "news.toml", "--summary"], arguments].concat()).exits(code);
        assert_eq!(said.out.lines().count(), 1, "{}", said.out);
        assert!(said.out.starts_with(if code == 0 { "PASSED  news" } else { "FAILED  news" }), "{}", said.out);
        assert_eq!(said.out.contains("expectation \"all\" did not hold"), code == 99, "{}", said.out);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn the_end_of_a_terminal_ends_a_run_with_its_report_unless_it_is_ignored() {
    let folder = folder("cli-hangup", "");
    let slow = ["run", "news.toml", "--speed", "1", "--report", "out.json"];
    let begun = |mut command: std::process::Command| {
        let mut child = command.stderr(std::process::Stdio::piped()).spawn().expect("it starts");
        let mut line = String::new();
        let stderr = child.stderr.take().expect("it is piped");
        std::io::BufRead::read_line(&mut std::io::BufReader::new(stderr), &mut line)
            .expect("it says that it has begun");
        child
    };
    let kill = |signal: &str, child: &std::process::Child| {
        let sent = std::process::Command::new("kill").args([signal, &child.id().to_string()]).status();
        assert!(sent.expect("kill is there").success());
    };
    let itself = program(folder.path(), &slow);
    let started_by = |parent: &[&str]| {
        let mut command = std::process::Command::new(parent[0]);
        command.args(&parent[1..]).arg(itself.get_program()).args(itself.get_args());
        command.current_dir(folder.path()).stdout(std::process::Stdio::null());
        begun(command)
    };
    // The tests themselves may run under nohup.
    let mut child = started_by(&["env", "--default-signal=HUP"]);
    kill("-HUP", &child);
    assert_eq!(child.wait().expect("it ends").code(), Some(130));
    assert_eq!(folder.json("out.json")["interrupted"], true);

    let mut child = started_by(&["nohup"]);
    kill("-HUP", &child);
    kill("-TERM", &child);
    assert_eq!(child.wait().expect("it ends").code(), Some(130));
}

#[test]
fn problems_become_annotations_of_a_pull_request() {
    let folder = folder("cli-github", "[[send]]\nname = \"x, 100%\"\nwhen = \"10m\"\n");
    let said = folder.run(&["check", "news.toml", "--format", "github"]).exits(2);
    assert!(said.out.lines().all(|line| line.starts_with("::error file=news.toml,line=")), "{}", said.out);
    assert!(said.out.contains("title=S001 unknown-key::") && said.out.contains("%0A"), "{}", said.out);
}

#[test]
fn what_failed_becomes_annotations_at_its_line_of_the_scenario() {
    let folder = folder("cli-github-run", UNLIKELY);
    let line = 1 + folder.read("news.toml").lines().position(|line| line == "name = \"all\"").expect("it is there");
    // An annotation is at the table's line, the one before its name.
    let wanted =
        format!("::error file=news.toml,line={},title=expectation%3A all::expected reach == 1, observed ", line - 1);
    let annotations =
        |text: &str| text.lines().filter(|line| line.starts_with("::")).map(str::to_owned).collect::<Vec<_>>();
    for command in [
        &["run", "news.toml"] as &[&str],
        &["forecast", "news.toml"],
        &["forecast", "news.toml", "--quiet"],
        &["forecast", "news.toml", "--seeds", "1..2"],
        &["forecast", "news.toml", "--vary", "delivery.apns.loss=1%..2%/2"],
    ] {
        let said = folder.run(&[command, &["--format", "github"]].concat()).exits(99);
        let found = annotations(&said.out);
        assert_eq!(found.len(), 1, "{command:?}: {}", said.out);
        assert!(found[0].starts_with(&wanted) && found[0].contains("%0Areveille "), "{command:?}: {found:?}");
        assert!(said.out.starts_with("FAILED  news"), "the report is there too: {}", said.out);
    }
    // With a document on standard output they go where the report for people goes.
    let said = folder.run(&["forecast", "news.toml", "--format", "github", "--report", "-"]).exits(99);
    serde_json::from_str::<serde_json::Value>(&said.out).expect("standard output is the document alone");
    assert_eq!(annotations(&said.err).len(), 1, "{}", said.err);
    let well = ["forecast", "news.toml", "--format", "github", "--set", "expect.all.check=> 0"];
    assert_eq!(annotations(&folder.run(&well).exits(0).out), [""; 0]);
    assert_eq!(annotations(&folder.run(&["forecast", "news.toml"]).exits(99).out), [""; 0], "only if asked for");
}
