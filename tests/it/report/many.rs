//! Risk: a range over seeds or a sweep over a key differs from the forecasts that it summarises.

use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use reveille::outcome::{Headline, Outcome, Range, Ranges, Variation};
use serde::de::DeserializeOwned;

use crate::fixtures::program::{Folder, Said, program};

/// Forty people, a loss that depends on the seed, and an expectation that holds with some seeds only.
const NEWS: &str = "schema = 1\nname = \"news\"\nseed = 7\nduration = \"1h\"\n[fleet]\nusers = 40\n\
                    [[send]]\nname = \"news\"\nat = \"10m\"\nto = { groups = [\"All users\"] }\n\
                    title = \"Canteen closed\"\nbody = \"Use the other one.\"\n\
                    [[fault]]\nname = \"leak\"\nkind = \"loss\"\nrate = \"30%\"\nat = \"5m\"\nfor = \"20m\"\n\
                    [[expect]]\nname = \"half of them\"\nmetric = \"reach\"\nwithin = \"15m\"\ncheck = \">= 0.5\"\n";

fn folder(name: &str) -> Folder {
    let folder = Folder::new(name);
    folder.write("news.toml", NEWS);
    folder
}

fn shipped(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/scenarios").join(name);
    std::fs::read_to_string(path).expect("it is shipped")
}

#[track_caller]
fn record<T: DeserializeOwned>(said: &Said) -> T {
    serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error} in:\n{}\n{}", said.out, said.err))
}

/// The headline of a plain forecast of `scenario`.
fn plain(folder: &Folder, scenario: &str, more: &[&str]) -> Headline {
    let said = folder.run(&[&["forecast", scenario, "--report", "-", "--quiet"], more].concat());
    Headline::new(&record::<Outcome>(&said))
}

#[test]
fn the_row_of_a_seed_is_the_plain_forecast_with_that_seed() {
    let folder = folder("many-rows");
    folder.write("two-teams.toml", &shipped("two-teams.toml"));
    for (scenario, first, last) in [("news.toml", 5, 9), ("two-teams.toml", 112, 114)] {
        let seeds = format!("{first}..{last}");
        let ranges: Ranges = record(&folder.run(&["forecast", scenario, "--seeds", &seeds, "--report", "-"]));
        assert_eq!(ranges.rows.iter().map(|row| row.seed).collect::<Vec<u64>>(), (first..=last).collect::<Vec<u64>>());
        for row in &ranges.rows {
            assert_eq!(*row, plain(&folder, scenario, &["--seed", &row.seed.to_string()]), "seed {}", row.seed);
        }
    }
}

/// A report without what depends on the clock and the memory of the machine.
fn steady(report: &str) -> String {
    let words = |line: &str| {
        let mut line = line.to_owned();
        // The times of JUnit's cases, and of their file.
        for key in [" time=\"", " timestamp=\""] {
            while let Some(at) = line.find(key) {
                let end = line[at + key.len()..].find('"').expect("a value ends") + at + key.len() + 1;
                line.replace_range(at..end, "");
            }
        }
        line
    };
    let is_steady = |line: &&str| {
        !["\"wall_ms\":", "\"peak_rss_bytes\":", " of memory at most"].iter().any(|machine| line.contains(machine))
    };
    report.lines().filter(is_steady).map(words).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_few_forecasts_at_once_give_the_same_reports_as_one_after_the_other() {
    let folder = folder("many-parallel");
    folder.write("two-teams.toml", &shipped("two-teams.toml"));
    let reports = ["r.json", "r.html", "r.md", "r.xml"];
    for command in [
        &["forecast", "news.toml", "--seeds", "1..30"] as &[&str],
        &["forecast", "news.toml", "--seeds", "1..7", "--without", "leak", "--format", "github"],
        &["forecast", "news.toml", "--vary", "fleet.users=1..2000/9"],
        &["forecast", "two-teams.toml", "--seeds", "3..5"],
    ] {
        let written = |more: &[&str]| {
            let flags = reports.iter().flat_map(|report| ["--report", report]).collect::<Vec<_>>();
            let said = folder.run(&[command, &flags, more].concat());
            let all = reports.iter().map(|report| steady(&folder.read(report))).collect::<Vec<_>>();
            (said.code, steady(&said.out), all)
        };
        let one = written(&["--threads", "1"]);
        for more in [&["--threads", "7", "--parallel", "3"], &["--threads", "2", "--parallel", "64"]] {
            assert!(written(more) == one, "{command:?} {more:?}");
        }
    }
    let alone = folder.run(&["forecast", "news.toml", "--parallel", "2"]).exits(2);
    assert!(alone.err.contains("--seeds"), "{}", alone.err);
}

/// Panics unless a range is what a plain search through the rows finds.
#[track_caller]
fn assert_range(range: &Range<u64>, rows: &[Headline], figure: impl Fn(&Headline) -> Option<u64>) {
    let mut values: Vec<u64> = rows.iter().filter_map(&figure).collect();
    values.sort_unstable();
    let [min, median, max] = [range.min, range.median, range.max];
    assert_eq!((min.value, max.value), (values[0], values[values.len() - 1]));
    assert_eq!(median.value, values[values.len().div_ceil(2) - 1], "the lower middle");
    assert_eq!(range.seeds, values.len() as u64);
    for seeded in [min, median, max] {
        let first = rows.iter().find(|row| figure(row) == Some(seeded.value)).expect("a seed has this value");
        assert_eq!(seeded.seed, first.seed, "the smallest seed that gives {}", seeded.value);
    }
}

#[test]
fn every_range_is_that_of_the_rows() {
    let folder = folder("many-ranges");
    let ranges: Ranges = record(&folder.run(&["forecast", "news.toml", "--seeds", "1..20", "--report", "-"]));
    let (rows, figures) = (&ranges.rows, &ranges.ranges);
    assert_range(&figures.pairs, rows, |row| Some(row.pairs));
    assert_range(&figures.eligible, rows, |row| Some(row.eligible));
    assert_range(&figures.dismissals, rows, |row| Some(row.dismissals));
    assert_range(&figures.exposed, rows, |row| Some(row.exposed));
    assert_range(&figures.sends.accepted, rows, |row| Some(row.sends.accepted));
    for (station, range) in &figures.stations {
        assert_range(range, rows, |row| row.stations.get(station).copied());
    }
    let latency = figures.latency_ms.expect("something was shown");
    assert_range(&latency.p50, rows, |row| row.latency_ms.map(|latency| latency.p50));
    assert_range(&latency.max, rows, |row| row.latency_ms.map(|latency| latency.max));
    assert_range(&figures.faults[0].touched, rows, |row| Some(row.faults[0].touched));
    let reach = figures.reach.expect("there are pairs");
    let shown: Vec<u64> = rows.iter().map(|row| row.reach.end).collect();
    assert_eq!(Some(reach.end.min.value.part), shown.iter().copied().min());
    assert_eq!(Some(reach.end.max.value.part), shown.iter().copied().max());
    assert!(reach.end.min.value.part < reach.end.max.value.part, "seeds differ: {shown:?}");
}

#[test]
fn an_expectation_that_fails_with_some_seeds_is_99_and_names_them() {
    let folder = folder("many-expect");
    let said = folder.run(&["forecast", "news.toml", "--seeds", "1..20", "--report", "out.json"]).exits(99);
    let ranges: Ranges = serde_json::from_str(&folder.read("out.json")).expect("the record reads back");
    let failed: Vec<u64> = ranges.rows.iter().filter(|row| !row.expectations[0].ok).map(|row| row.seed).collect();
    assert!(!failed.is_empty() && failed.len() < 20, "it is for some seeds only: {failed:?}");
    assert_eq!(ranges.failures[0].seeds, failed);
    assert_eq!(ranges.expectations[0].held, 20 - failed.len() as u64);
    assert!(said.out.starts_with("FAILED  news"), "{}", said.out);
    let held = format!("{} of 20\n", 20 - failed.len());
    let line = format!("expectation \"half of them\" did not hold with seeds {}, {}", failed[0], failed[1]);
    assert!(said.out.contains(&held) && said.out.contains(&line), "{held}; {line} in\n{}", said.out);
    folder
        .run(&["forecast", "news.toml", "--seeds", "1..20", "--set", "expect.\"half of them\".check=\"> 0\""])
        .exits(0);
}

#[test]
fn every_replay_line_gives_the_digest_of_its_row() {
    let folder = folder("many-replay");
    let said = folder.run(&["forecast", "news.toml", "--seeds", "1..6", "--report", "out.json"]);
    let ranges: Ranges = serde_json::from_str(&folder.read("out.json")).expect("the record reads back");
    let lines = said.out.lines().map(str::trim).filter(|line| line.starts_with("reveille forecast "));
    let commands: Vec<Vec<&str>> =
        lines.map(|line| line.split("  #").next().expect("a line begins").split(' ').skip(1).collect()).collect();
    assert!(commands.len() > 2, "{}", said.out);
    assert_eq!(commands[0], ["forecast", "news.toml", "--seeds", "1..6"]);
    for command in &commands[1..] {
        let row = plain(&folder, "news.toml", &command[2..]);
        assert!(ranges.rows.contains(&row), "{command:?}");
    }
}

#[test]
fn a_constant_key_gives_the_plain_forecast_for_every_value() {
    let folder = folder("many-still");
    let arguments = ["forecast", "news.toml", "--vary", "fault.leak.rate=20%..20%/3", "--report", "-"];
    let sweep: Variation = record(&folder.run(&arguments));
    let expected = plain(&folder, "news.toml", &["--set", "fault.leak.rate=20%"]);
    assert_eq!(sweep.rows.len(), 3);
    for row in &sweep.rows {
        assert_eq!((row.value.as_str(), &row.headline), ("20%", &expected));
    }
}

#[test]
fn every_row_of_a_sweep_is_the_plain_forecast_with_that_value() {
    let folder = folder("many-values");
    for axis in ["fleet.users=20..40/3", "send.news.at=10m..20m/3", "fault.leak.rate=40%..10%/4"] {
        let sweep: Variation = record(&folder.run(&["forecast", "news.toml", "--vary", axis, "--report", "-"]));
        for row in &sweep.rows {
            let set = format!("{}={}", sweep.key, row.value);
            assert_eq!(row.headline, plain(&folder, "news.toml", &["--set", &set]), "{set}");
        }
    }
}

#[test]
fn a_higher_loss_reaches_a_subset_of_the_pairs() {
    let folder = Folder::new("many-monotone");
    folder.write("loss.toml", &shipped("loss.toml"));
    let arguments = ["forecast", "loss.toml", "--vary", "delivery.fcm.loss=0..100%/6", "--report", "-"];
    let sweep: Variation = record(&folder.run(&arguments));
    let reach = |of: fn(&Headline) -> u64| sweep.rows.iter().map(|row| of(&row.headline)).collect::<Vec<_>>();
    for curve in [reach(|row| row.reach.one_minute), reach(|row| row.reach.one_hour), reach(|row| row.reach.end)] {
        assert!(curve.is_sorted_by(|more, fewer| more > fewer), "{curve:?}");
    }
    assert!(reach(|row| row.reach.end)[5] > 0, "iPhones do not use Firebase");
}

#[test]
fn threads_change_nothing_and_standard_input_is_read_once() {
    let folder = folder("many-threads");
    let digests = |said: &Said| record::<Ranges>(said).rows.into_iter().map(|row| row.digest).collect::<Vec<_>>();
    let with =
        |threads| folder.run(&["forecast", "news.toml", "--seeds", "1..4", "--report", "-", "--threads", threads]);
    let one = digests(&with("1"));
    assert_eq!(one, digests(&with("3")));
    let mut child = program(folder.path(), &["forecast", "-", "--seeds", "1..4", "--report", "-", "--quiet"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    child.stdin.take().expect("it is a pipe").write_all(NEWS.as_bytes()).expect("it is read");
    let output = child.wait_with_output().expect("it ends");
    let said =
        Said { code: output.status.code(), out: String::from_utf8_lossy(&output.stdout).into(), err: String::new() };
    assert_eq!(one, digests(&said));
}

#[test]
fn wrong_ranges_are_wrong_usage_and_say_what_to_write() {
    let folder = folder("many-usage");
    for (arguments, words) in [
        (&["--seeds", "5..1"] as &[&str], "write 1..5"),
        (&["--seeds", "3"], "--seed 3"),
        (&["--seeds", "x"], "such as 1..20"),
        (&["--seeds", "1..20000"], "more than 10,000 seeds"),
        (&["--seeds", "1..2", "--seed", "3"], "cannot be used with '--seed"),
        (&["--seeds", "1..2", "--vary", "fleet.users=1..2"], "cannot be used with '--vary"),
        (&["--seeds", "1..2", "--report", "out.om"], ".json"),
        (&["--seeds", "1..2", "--report", "-", "--report", "-"], "twice"),
        (&["--vary", "fleet.usres=1..2"], "did you mean `users`?"),
        (&["--vary", "fault.leek.rate=1%..2%"], "did you mean `leak`?"),
        (&["--vary", "fault.leak.for=10m..30%"], "`30%` is a ratio"),
        (&["--vary", "fleet.users=1..2/1"], "at least 2"),
        (&["--vary", "fleet.users=1..2/1000"], "at most 100"),
        (&["--vary", "send.news.title=a..b"], "has no values between two others"),
        (&["--vary", "send.news.body=1..2"], "has no values between two others"),
        (&["--vary", "fault.leak.for=10m..0s"], "news.toml with fault.leak.for=0s"),
        (&["--vary", "fleet.users=1..2", "--report", "out.rvl"], ".json"),
    ] {
        let said = folder.run(&[&["forecast", "news.toml"], arguments].concat()).exits(2);
        assert!(said.err.contains(words), "{arguments:?} does not say `{words}`:\n{}", said.err);
        assert_eq!(said.out, "", "{arguments:?}");
    }
    for option in ["--seeds=1..2", "--vary=fleet.users=1..2"] {
        let said = folder.run(&["forecast", "nowhere.toml", option]).exits(2);
        assert!(said.err.contains("no such file"), "{}", said.err);
    }
}

#[test]
fn a_record_that_cannot_be_written_is_1_before_anything_is_run() {
    let folder = folder("many-unwritable");
    for option in ["--seeds=1..2", "--vary=fleet.users=20..40/2"] {
        let reports = ["--report", "no/such/out.json", "--report", "good.json"];
        let said = folder.run(&[&["forecast", "news.toml", option][..], &reports].concat()).exits(1);
        assert!(said.out.is_empty() && said.err.contains("no/such/out.json"), "{}\n{}", said.out, said.err);
        assert!(!folder.path().join("good.json").exists(), "nothing was run");
    }
}

#[test]
fn no_text_of_a_message_is_in_a_report_on_many_forecasts_r6() {
    let folder = folder("many-privacy");
    for option in ["--seeds=1..2", "--vary=fleet.users=10..20/2"] {
        let title = ["--set", "send.news.title=Fire drill", "--report", "out.json"];
        let said = folder.run(&[&["forecast", "news.toml", option][..], &title].concat());
        for text in [&said.out, &said.err, &folder.read("out.json")] {
            assert!(!text.contains("Fire") && !text.contains("Canteen") && !text.contains("other one"), "{text}");
        }
    }
}

#[test]
fn both_records_have_a_schema_that_names_their_keys() {
    let folder = folder("many-schema");
    for (of, option) in [("ranges", "--seeds=1..2"), ("variation", "--vary=fleet.users=10..20/2")] {
        let schema = folder.run(&["schema", of]).exits(0).json();
        let record = folder.run(&["forecast", "news.toml", option, "--report", "-"]).json();
        for key in record.as_object().expect("a record").keys() {
            assert!(schema["properties"][key].is_object(), "{of}: {key}");
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn ctrl_c_gives_up_the_forecast_under_way_and_reports_the_whole_ones() {
    let folder = folder("many-interrupt");
    let mut running = folder.start(&["forecast", "news.toml", "--seeds", "1..10000", "--report", "out.json"]);
    running.wait_for("seeds 1 to 10000");
    // A quarter of a second of work is enough for many forecasts of this size.
    let begun = running.processor_ticks();
    crate::fixtures::program::look("some forecasts", || (running.processor_ticks() >= begun + 25).then_some(()));
    running.interrupt();
    let said = running.end().exits(130);
    assert!(said.out.starts_with("INTERRUPTED  news"), "{}", said.out);
    let ranges: Ranges = serde_json::from_str(&folder.read("out.json")).expect("the record reads back");
    assert!(ranges.batch.interrupted && ranges.batch.forecasts == 10_000);
    assert!((1..10_000).contains(&ranges.batch.forecasts_done), "{}", ranges.batch.forecasts_done);
    assert_eq!(ranges.rows.len() as u64, ranges.batch.forecasts_done);
    let last = ranges.rows.last().expect("at least one forecast was made");
    assert_eq!(*last, plain(&folder, "news.toml", &["--seed", &last.seed.to_string()]), "each is whole");
}
