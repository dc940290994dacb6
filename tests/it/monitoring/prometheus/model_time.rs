//! A report in model time, imported into Prometheus with the one command of the docs, and the queries of the dashboard
//! on it.

use std::collections::BTreeSet;
use std::process::Command;

use reveille::metrics::Name;
use serde_json::Value;

use super::RATE_INTERVAL_OF_MINUTES;
use super::server::{Server, free_port, tool};
use crate::fixtures::program::{Folder, look};
use crate::monitoring::dashboards::board::{asked, board, config, selected, texts, tree};
use crate::monitoring::exposition::SCENARIO;

/// When the scenario begins, in seconds since 1970: older than any default retention.
const START_S: f64 = 1_767_592_800.0;
/// The length of the scenario, in seconds.
const LASTS_S: f64 = 3.0 * 3_600.0;
/// Metrics that a report does not record by the minute: these panels are for a live run.
const LIVE_ONLY: [Name; 7] = [
    Name::GatewayBacklog,
    Name::GatewayUp,
    Name::GatewayStalled,
    Name::OldestWaiting,
    Name::GeneratorLate,
    Name::TextsKept,
    Name::TextsDropped,
];

/// The command of the docs over these reports.
fn model_time(folder: &Folder, reports: &[&str], address: &str) -> Command {
    let tools = tool("prometheus").parent().expect("it lies in a folder").to_owned();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(std::iter::once(tools).chain(std::env::split_paths(&path))).expect("paths join");
    let mut command = Command::new(config("prometheus/model-time"));
    command.current_dir(folder.path()).args(reports).env("PATH", path).env("MODEL_TIME_LISTEN", address);
    command
}

#[test]
fn two_reports_are_compared_with_the_recording_rules_and_without_a_warning() {
    let folder = Folder::new("model-time-two");
    folder.write("page.toml", &SCENARIO.replace("seed = 11\n", "seed = 11\nstart = 2026-01-05T06:00:00Z\n"));
    folder.run(&["forecast", "page.toml", "--report", "one.om", "--report", "one.json"]).exits(0);
    folder.run(&["forecast", "page.toml", "--seed", "12", "--report", "two.om", "--report", "two.json"]).exits(0);
    let address = format!("127.0.0.1:{}", free_port());
    let mut command = model_time(&folder, &["one.om", "two.om"], &address);
    let said = folder.path().join("said");
    command.stderr(std::fs::File::create(&said).expect("a file for what it says"));
    let server = Server::over(command, &address);
    let end = START_S + LASTS_S;
    let found = look("the blocks are loaded", || {
        Some(server.instant("instance:reveille_reach:ratio{within=\"1h\"}", end)).filter(|found| found.len() == 2)
    });
    for series in found {
        let report: Value = folder.json(&format!("{}.json", series.labels["instance"]));
        let figure = |key: &str| report.pointer(key).and_then(Value::as_f64).expect("the report has it");
        let ratio = figure("/reach/overall/2") / figure("/pairs");
        assert!((series.values[0] - ratio).abs() < 1e-9, "{series:?}: {ratio}");
    }
    let said = std::fs::read_to_string(said).expect("it was written");
    assert!(said.contains("one: 2026-01-05 06:00 to 2026-01-05 09:00 UTC, of one.om\ntwo: "), "{said}");
    assert!(!said.contains("Overlapping") && said.lines().all(|line| line.len() < 200), "{said}");
    let refused = |reports: &[&str]| {
        let ended = model_time(&folder, reports, &address).output().expect("it runs");
        (ended.status.code(), String::from_utf8_lossy(&ended.stderr).into_owned())
    };
    let (code, why) = refused(&["one.om", "./one.om"]);
    assert!(code == Some(2) && why.contains("two reports are called one"), "{why}");
    let (code, why) = refused(&["one.json"]);
    assert!(code == Some(2) && why.contains("one.json is no whole OpenMetrics report"), "{why}");
}

#[test]
fn a_report_in_model_time_answers_the_queries_of_the_dashboard() {
    let folder = Folder::new("model-time");
    folder.write("page.toml", &SCENARIO.replace("seed = 11\n", "seed = 11\nstart = 2026-01-05T06:00:00Z\n"));
    folder.run(&["forecast", "page.toml", "--report", "page.om", "--report", "page.json"]).exits(0);
    let address = format!("127.0.0.1:{}", free_port());
    let server = Server::over(model_time(&folder, &["page.om"], &address), &address);
    let end = START_S + LASTS_S;
    look("the blocks are loaded", || server.instant("reveille_build_info", end).first().map(|_| ()));

    let report: Value = folder.json("page.json");
    let shown = server.instant("sum(reveille_journeys_settled_total{station=\"shown\"})", end)[0].values[0];
    assert_eq!(Some(shown), report["stations"]["overall"]["shown"].as_f64());
    for (query, wanted) in [("sum by (station, cause) ({})", "/stations/by_cause"), ("sum by (platform) ({})", "")] {
        let found = server.instant(&query.replace("{}", "reveille_journeys_settled_total"), end);
        assert!(found.len() > 3, "{query}: {found:?}");
        for series in found {
            let of = |label: &str| series.labels.get(label).map_or("", String::as_str);
            let stations = report.pointer(&format!("/stations/by_platform/{}", of("platform")));
            let said = match (wanted, of("cause")) {
                ("", _) => stations.and_then(Value::as_object).map(|all| {
                    all.iter().filter(|(name, _)| *name != "waiting").filter_map(|(_, pairs)| pairs.as_f64()).sum()
                }),
                (_, "none") => report.pointer(&format!("/stations/overall/{}", of("station"))).and_then(Value::as_f64),
                (_, cause) => {
                    Some(report["stations"]["by_cause"][format!("{}/{cause}", of("station"))].as_f64().unwrap_or(0.0))
                }
            };
            assert_eq!(said, Some(series.values[0]), "{query}: {series:?}");
        }
    }
    let mut asked_for = BTreeSet::new();
    for panel in board(&texts()[0]).panels {
        for target in panel.targets {
            let expr = asked(&target.expr, RATE_INTERVAL_OF_MINUTES);
            let span = (START_S, end);
            let found = if target.instant { server.instant(&expr, end) } else { server.range(&expr, span, 60.0) };
            let named = selected(&tree(&target.expr).expect("it is a query"));
            let live_only = LIVE_ONLY.iter().find(|name| named.iter().any(|it| it.name() == name.name()));
            asked_for.extend(live_only.map(|name| name.name()));
            assert_eq!(found.is_empty(), live_only.is_some(), "{}: {expr}", panel.title);
        }
    }
    assert_eq!(asked_for.len(), LIVE_ONLY.len(), "the exceptions are needed: {asked_for:?}");
}
