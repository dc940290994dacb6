//! Risk: Prometheus rejects the report, it has other numbers than the other reports, or queries written for a live run
//! do not find its series.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use reveille::metrics::{MetricKind, Name};
use reveille::outcome::Outcome;

use crate::fixtures::program::{Folder, end_of, get};
use crate::monitoring::exposition::{Page, sum};
use crate::monitoring::metrics::compare;

/// A scenario in which everything that is counted by the minute happens: refusals of both kinds, a pair that sets out
/// after it was skipped, a loss, an outage, dismissals, and a name with every character that a label must escape.
const SCENARIO: &str = r#"
schema = 1
name = "back\\slash \"quoted\" ünï | <b>"
seed = 11
start = 2026-01-05T06:00:00Z
duration = "3h"
[live]
speed = "max"
[fleet]
users = 600
[[fleet.cohort]]
name = "iphones"
share = 0.5
platform = "ios"
[[fleet.cohort]]
name = "androids"
share = 0.4
platform = "android"
[[fleet.cohort]]
name = "macs"
share = 0.1
platform = "macos"
[[user]]
name = "u"
[[device]]
name = "phone"
user = "u"
platform = "android"
[[device]]
name = "late-phone"
user = "u"
platform = "ios"
enrolled = false
[[account]]
name = "intern"
[directory]
lag = "1m"
[[change]]
name = "late"
kind = "enroll"
devices = ["late-phone"]
at = "16m"
[[send]]
name = "news"
schedule = { from = "10m", every = "2m", count = 40 }
to = { groups = ["All users"] }
on_refusal = { retry_after = 1 }
title = "t"
body = "b"
[[send]]
name = "loop"
schedule = { from = "20m", every = "1m", count = 12 }
to = { device = "phone" }
title = "t"
body = "b"
[[send]]
name = "unauthorised"
at = "30m"
as = "intern"
to = { groups = ["All users"] }
title = "t"
body = "b"
[[fault]]
name = "down \\ \"fcm\""
kind = "outage"
mode = "hold"
at = "15m"
for = "10m"
scope = { gateway = "fcm" }
[[fault]]
name = "leak"
kind = "loss"
rate = 0.2
at = "30m"
for = "10m"
"#;

/// The model's start, in ms.
const START_MS: i64 = 1_767_592_800_000;

/// A series: its name, and its labels in alphabetical order.
type Series = (String, BTreeMap<String, String>);
/// The samples of each series: time in ms, and value.
type Samples = BTreeMap<Series, Vec<(i64, f64)>>;

/// Labels between braces; `\\`, `\"` and `\n` are unescaped.
fn labels(text: &str) -> BTreeMap<String, String> {
    let (mut found, mut rest) = (BTreeMap::new(), text);
    while !rest.is_empty() {
        let (name, after) = rest.split_once("=\"").unwrap_or_else(|| panic!("a label has a value: {text}"));
        let (mut value, mut chars) = (String::new(), after.char_indices());
        let end = loop {
            match chars.next().unwrap_or_else(|| panic!("a value ends: {text}")) {
                (at, '"') => break at,
                (_, '\\') => match chars.next() {
                    Some((_, 'n')) => value.push('\n'),
                    Some((_, c @ ('\\' | '"'))) => value.push(c),
                    other => panic!("{other:?} is escaped in {text}"),
                },
                (_, c) => value.push(c),
            }
        };
        assert_eq!(found.insert(name.trim_start_matches([',', ' ']).to_owned(), value), None, "twice: {text}");
        rest = &after[end + 1..];
    }
    found
}

/// A sample's line: `name{labels} value time`.
fn sample(line: &str, ms_per_unit: f64) -> (Series, (i64, f64)) {
    let (series, time) = line.rsplit_once(' ').unwrap_or_else(|| panic!("a sample has a time: {line}"));
    let (series, value) = series.rsplit_once(' ').unwrap_or_else(|| panic!("a sample has a value: {line}"));
    let (name, inside) = series.split_once('{').unwrap_or((series, "}"));
    let number = |text: &str| text.parse::<f64>().unwrap_or_else(|_| panic!("{text} is a number: {line}"));
    #[expect(clippy::cast_possible_truncation, reason = "whole milliseconds of this century")]
    let at = (number(time) * ms_per_unit).round() as i64;
    let labels = labels(inside.strip_suffix('}').unwrap_or_else(|| panic!("braces are closed: {line}")));
    ((name.to_owned(), labels), (at, number(value)))
}

/// Parses a page as strictly as the format is specified.
fn read(page: &str) -> Samples {
    let body = page.strip_suffix("# EOF\n").expect("a page ends with # EOF");
    let (mut samples, mut families, mut family) = (Samples::new(), BTreeSet::new(), (String::new(), String::new()));
    let mut last_series = None;
    for line in body.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').expect("a family has a type");
            assert!(families.insert(name.to_owned()), "the family {name} is in one piece");
            family = (name.to_owned(), kind.to_owned());
            continue;
        }
        if line.starts_with('#') {
            assert!(line.starts_with(&format!("# HELP {} ", family.0)), "{line}");
            continue;
        }
        let (series, (at, value)) = sample(line, 1_000.0);
        let suffixes: &[&str] = match family.1.as_str() {
            "counter" => &["_total"],
            "gauge" => &[""],
            "info" => &["_info"],
            "histogram" => &["_bucket", "_count", "_sum"],
            other => panic!("{other} is no type of ours"),
        };
        let suffix = series.0.strip_prefix(&family.0).expect("a sample belongs to its family");
        assert!(suffixes.contains(&suffix), "{line} under {family:?}");
        // A histogram's samples of one time are consecutive.
        let mut group = series.clone();
        group.1.remove("le");
        let is_new = last_series.as_ref() != Some(&group) && family.1 != "histogram";
        assert!(!is_new || !samples.contains_key(&series), "the samples of a series stand together: {line}");
        last_series = Some(group);
        let of = samples.entry(series).or_default();
        assert!(of.last().is_none_or(|(before, _)| *before < at), "time passes: {line}");
        of.push((at, value));
    }
    samples
}

/// The report of a driver.
fn written(folder: &Folder, verb: &str) -> (String, Outcome) {
    let files = ["--report", "out.om", "--report", "out.json"];
    folder.run(&[&[verb, "page.toml"][..], &files].concat()).exits(0);
    let report = serde_json::from_str(&folder.read("out.json")).expect("the report reads back");
    (folder.read("out.om"), report)
}

/// The last value of each series.
fn ends(samples: &Samples) -> Page {
    let end = |of: &[(i64, f64)]| of.last().expect("a series has samples").1;
    samples.iter().map(|((name, labels), of)| ((name.clone(), labels.clone().into_iter().collect()), end(of))).collect()
}

fn assert_says_what_the_report_says(samples: &Samples, report: &Outcome) {
    let page = ends(samples);
    compare(&page, report);
    let of = |name: &str, labels: &[(&str, &str)]| sum(&page, name, labels);
    for kind in ["group", "device"] {
        for outcome in ["accepted", "refused"] {
            assert!(of(&format!("reveille_messages_{outcome}_total"), &[("kind", kind)]) > 0, "{kind} is {outcome}");
        }
    }
    assert_eq!(of("reveille_messages_refused_total", &[("kind", "group"), ("reason", "permission")]), 1);
    assert!(report.faults.iter().all(|fault| fault.touched > 0), "every fault touches something");
    assert!(report.dismissals.total > 0, "notifications are dismissed");
    assert_eq!(of("reveille_model_time_seconds", &[]), report.model_duration_ms / 1_000);
    let info = [("scenario", report.scenario.as_str()), ("seed", "11"), ("profile", "intune-2019")];
    assert_eq!(of("reveille_scenario_info", &info), 1);
    assert_eq!(of("reveille_build_info", &[("version", &report.version)]), 1);
}

fn assert_is_well_formed(samples: &Samples, report: &Outcome) {
    let end = START_MS + i64::try_from(report.model_duration_ms).expect("a short run");
    for ((name, labels), of) in samples {
        let metric = Name::ALL.iter().find(|metric| {
            let histogram = [
                format!("{}_bucket", metric.name()),
                format!("{}_count", metric.name()),
                format!("{}_sum", metric.name()),
            ];
            metric.name() == name || metric.kind() == MetricKind::Histogram && histogram.contains(name)
        });
        let metric = metric.unwrap_or_else(|| panic!("{name} is no live metric"));
        let known = |label: &String| metric.labels().iter().any(|known| known.name() == label) || label == "le";
        assert!(labels.keys().all(known), "{name} {labels:?}");
        assert!(of.iter().all(|(at, _)| (START_MS..=end).contains(at)), "{name} is of the run's time");
        assert_eq!(of.last().map(|(at, _)| *at), Some(end), "{name} {labels:?} is known at the end");
        let grows = metric.kind() != MetricKind::Gauge;
        assert!(!grows || of.is_sorted_by(|(_, one), (_, other)| one <= other), "{name} {labels:?} falls");
        if grows {
            assert_eq!(of.first(), Some(&(START_MS, 0.0)), "{name} {labels:?} begins at nothing");
        }
    }
}

#[test]
fn both_drivers_agree_with_their_reports_and_with_each_other_except_for_driver_metrics() {
    let folder = Folder::new("openmetrics");
    folder.write("page.toml", SCENARIO);
    let pages = ["run", "forecast"].map(|verb| {
        let (page, report) = written(&folder, verb);
        let samples = read(&page);
        assert_is_well_formed(&samples, &report);
        assert_says_what_the_report_says(&samples, &report);
        let taken_back: i64 = report.series.iter().map(|line| line.settled.skipped.min(0)).sum();
        assert!(taken_back < 0, "a pair sets out after it was skipped");
        let own = ["reveille_clock_speed", "reveille_actor_restarts", "reveille_generator_late"];
        let common = page.lines().filter(|line| !own.iter().any(|own| line.contains(own)));
        common.map(str::to_owned).collect::<Vec<_>>()
    });
    assert!(pages[0].len() > 5_000, "there is something to compare");
    assert_eq!(pages[0], pages[1]);
}

#[test]
fn a_merged_report_equals_the_whole_one() {
    let folder = Folder::new("openmetrics-merge");
    folder.write("page.toml", SCENARIO);
    let (whole, _) = written(&folder, "forecast");
    let mut parts = Vec::new();
    for shard in ["1/3", "2/3", "3/3"] {
        let part = format!("part-{}.rvl", &shard[..1]);
        folder.run(&["forecast", "page.toml", "--shard", shard, "--report", &part]).exits(0);
        parts.push(part);
    }
    let parts = parts.iter().map(String::as_str);
    folder.run(&["merge"].into_iter().chain(parts).chain(["--report", "merged.om"]).collect::<Vec<_>>()).exits(0);
    assert_eq!(folder.read("merged.om"), whole);
}

/// Compares the queries of a dashboard on a live run's page with the report of the same run.
#[cfg(unix)]
#[test]
fn every_series_is_one_of_the_live_series_and_ends_where_it_does() {
    let folder = Folder::new("openmetrics-live");
    folder.write("page.toml", SCENARIO);
    let mut running = folder.start(&["run", "page.toml", "--hold", "--report", "out.om"]);
    let address = running.metrics_address();
    running.wait_for("metrics stay at");
    let live: Vec<(Series, f64)> = get(&address, "/metrics")
        .lines()
        .filter(|line| line.starts_with("reveille_"))
        .map(|line| sample(&format!("{line} 0"), 1.0))
        .map(|(series, (_, value))| (series, value))
        .collect();
    running.interrupt();
    running.end().exits(0);
    let samples = read(&folder.read("out.om"));
    let mut compared = 0;
    for ((name, labels), of) in &samples {
        let theirs = live.iter().find(|((known, theirs), _)| known == name && theirs == labels);
        let (_, theirs) = theirs.unwrap_or_else(|| panic!("no live series is {name} {labels:?}"));
        let (_, seen) = of.last().expect("a series has samples");
        // Latencies are read from histograms, whose error is up to a hundredth; a live run ends with the millisecond
        // before its horizon; of a slot only its minute is recorded.
        let about = match name.as_str() {
            "reveille_delivery_seconds_bucket" | "reveille_delivery_seconds_sum" => 0.01 * theirs,
            "reveille_model_time_seconds" => 0.001,
            "reveille_group_quota_next_slot_seconds" => 60.0,
            _ => 0.0,
        };
        assert!((theirs - seen).abs() <= about + 1e-6, "{name} {labels:?}: {seen} here, {theirs} live");
        compared += 1;
    }
    assert!(compared > 60, "{compared} series were compared");
}

/// Runs `promtool`, or says how to install it.
fn promtool(folder: &Folder, arguments: &[&str]) -> String {
    let mut command = Command::new("promtool");
    command.args(arguments).current_dir(folder.path());
    assert!(
        Command::new("promtool").arg("--version").output().is_ok(),
        "promtool is missing. Remedy: install it (Debian: apt-get install prometheus), or let tests/all do it"
    );
    end_of(&mut command).exits(0).out
}

#[test]
fn prometheus_takes_every_sample_and_gives_it_back() {
    let folder = Folder::new("openmetrics-promtool");
    folder.write("page.toml", SCENARIO);
    let (page, _) = written(&folder, "forecast");
    promtool(&folder, &["tsdb", "create-blocks-from", "openmetrics", "out.om", "data"]);
    // A database needs a log, even an empty one.
    std::fs::create_dir_all(folder.path().join("data/wal")).expect("a folder can be made");
    let dumped = promtool(&folder, &["tsdb", "dump", "data"]);
    let mut stored = Samples::new();
    for line in dumped.lines().filter(|line| line.starts_with('{')) {
        let ((_, mut labels), value) = sample(line, 1.0);
        let name = labels.remove("__name__").expect("a series has a name");
        stored.entry((name, labels)).or_default().push(value);
    }
    for samples in stored.values_mut() {
        samples.sort_by_key(|(at, _)| *at);
    }
    let wanted = read(&page);
    assert_eq!(stored.keys().collect::<Vec<_>>(), wanted.keys().collect::<Vec<_>>());
    for (series, samples) in &wanted {
        assert_eq!(stored.get(series), Some(samples), "{series:?}");
    }
}
