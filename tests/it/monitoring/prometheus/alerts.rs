//! The shipped rules on metrics scraped from real runs of shipped scenarios: which alerts fire, and which do not.
//! `promtool` evaluates them, with a scrape every 15 seconds of its own time.

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use reveille::metrics::{Board, Meters, MetricsBatch};
use reveille::outcome::Outcome;
use serde_json::json;

use super::server::tool;
use crate::fixtures::drivers::world;
use crate::fixtures::program::{Folder, end_of, get, look};
use crate::monitoring::dashboards::board::config;
use crate::monitoring::exposition::{Page, parsed};
use crate::scenario::shipped::SMALL_BAD_WEATHER;
#[cfg(target_os = "linux")]
use crate::store::traced::Bench;

const ALERTS: [&str; 7] = [
    "ReveilleConservationBroken",
    "ReveilleDeliveryStalled",
    "ReveilleEngineLagging",
    "ReveilleGroupQuotaNearlySpent",
    "ReveilleGeneratorLate",
    "ReveilleStoreSlow",
    "ReveilleStoreFailing",
];
/// Seconds of `promtool`'s time between two scrapes.
const EVERY_S: usize = 15;
/// Attempts at a run without lag, before the machine counts as too busy.
const RUNS_MAX: usize = 5;

fn scenario(name: &str) -> String {
    config(&format!("scenarios/{name}.toml")).display().to_string()
}

/// The pages of a run while it lasts, and its report.
fn recorded(folder: &Folder, name: &str, more: &[&str]) -> (Vec<Page>, Outcome) {
    let path = scenario(name);
    let report = folder.path().join("out.json");
    let _ = std::fs::remove_file(&report);
    let mut arguments = vec!["run", path.as_str(), "--hold", "--report", "out.json"];
    arguments.extend(more);
    let mut run = folder.start(&arguments);
    let address = run.metrics_address();
    let mut pages = Vec::new();
    while !report.exists() {
        pages.push(parsed(&get(&address, "/metrics")));
        std::thread::sleep(Duration::from_millis(100));
    }
    pages.push(parsed(&get(&address, "/metrics")));
    run.interrupt();
    run.end();
    (pages, serde_json::from_str(&folder.read("out.json")).expect("the report reads back"))
}

/// Evaluates the shipped rules on pages. An alert in `fires` must fire at some time, one in `silent` never.
#[track_caller]
fn judge(folder: &Folder, pages: &[Page], fires: &[&str], silent: &[&str]) {
    let mut series = Vec::new();
    // A server that has ended answers with an empty page.
    let all: BTreeSet<_> = pages.iter().flat_map(|page| page.keys()).collect();
    assert!(!all.is_empty(), "something was scraped");
    for (name, labels) in all.into_iter().filter(|(name, _)| name.starts_with("reveille_")) {
        let key = (name.clone(), labels.clone());
        let values: Vec<String> =
            pages.iter().map(|page| page.get(&key).map_or("stale".to_owned(), f64::to_string)).collect();
        let of_target = [("job", "reveille"), ("instance", "here")].map(|(l, v)| (l.to_owned(), v.to_owned()));
        let labels = labels.iter().chain(&of_target).map(|(label, value)| format!("{label}={value:?}"));
        let text = format!("{name}{{{}}}", labels.collect::<Vec<_>>().join(","));
        series.push(json!({ "series": text, "values": values.join(" ") }));
    }
    let end = format!("{}s", EVERY_S * (pages.len() - 1));
    let expected = |alert: &&str, fires: bool| {
        let expr =
            format!("count(count_over_time(ALERTS{{alertname=\"{alert}\",alertstate=\"firing\"}}[10d])) > bool 0");
        let samples = if fires { json!([{ "labels": "{}", "value": 1 }]) } else { json!([]) };
        json!({ "expr": expr, "eval_time": end, "exp_samples": samples })
    };
    let asked =
        fires.iter().map(|alert| expected(alert, true)).chain(silent.iter().map(|alert| expected(alert, false)));
    let every = format!("{EVERY_S}s");
    let rules = ["recording", "alerts"].map(|name| config(&format!("prometheus/rules/{name}.yml")));
    let test = json!({
        "rule_files": rules,
        "evaluation_interval": every,
        "tests": [{ "interval": every, "input_series": series, "promql_expr_test": asked.collect::<Vec<_>>() }],
    });
    // JSON is YAML.
    folder.write("rules-test.yml", &test.to_string());
    let file = folder.path().join("rules-test.yml");
    end_of(Command::new(tool("promtool")).args(["test", "rules"]).arg(file)).exits(0);
}

fn all_but(fire: &[&str]) -> Vec<&'static str> {
    ALERTS.into_iter().filter(|alert| !fire.contains(alert)).collect()
}

#[test]
fn no_alert_fires_on_a_quiet_day_and_a_missing_pair_fires_one() {
    let folder = Folder::new("alerts-quiet");
    // A busy machine can make any run late, and then an alert is right to fire.
    let quiet = (0..RUNS_MAX).map(|_| recorded(&folder, "joiners", &["--speed", "900"]));
    let is_quiet =
        |(_, report): &(_, Outcome)| report.late_sends == 0 && report.lag_ms.as_ref().is_some_and(|lag| lag.p99 < 250);
    let (mut pages, _) = quiet.into_iter().find(is_quiet).expect("the machine has time for one quiet run");
    judge(&folder, &pages, &[], &ALERTS);
    // No scenario loses a pair, so one is removed by hand: it sets out and never reaches a station.
    let text = std::fs::read_to_string(scenario("joiners")).expect("it can be read");
    let world = world(&text);
    let meters = Arc::new(Meters::new(&world, 2));
    let mut batch = MetricsBatch::new(&world, 0);
    batch.set_out(1);
    meters.add(&batch);
    let lost = parsed(&Board::of_run(meters).render());
    let key = ("reveille_conservation_error".to_owned(), Vec::new());
    let mut broken = pages.last().expect("it was scraped").clone();
    broken.insert(key.clone(), lost[&key]);
    pages.push(broken);
    judge(&folder, &pages, &["ReveilleConservationBroken"], &all_but(&["ReveilleConservationBroken"]));
}

#[test]
fn a_gateway_outage_fires_the_alert_about_stalled_delivery() {
    let folder = Folder::new("alerts-outage");
    let (pages, _) = recorded(&folder, "outage-hold", &["--speed", "240", "--set", "duration=\"40m\""]);
    let silent = ["ReveilleConservationBroken", "ReveilleGroupQuotaNearlySpent"];
    judge(&folder, &pages, &["ReveilleDeliveryStalled"], &silent);
}

#[test]
fn a_used_up_quota_fires_its_alert() {
    let folder = Folder::new("alerts-quota");
    let (pages, _) = recorded(&folder, "two-teams", &["--speed", "1500"]);
    let silent = ["ReveilleConservationBroken", "ReveilleDeliveryStalled"];
    judge(&folder, &pages, &["ReveilleGroupQuotaNearlySpent"], &silent);
}

#[test]
fn more_speed_than_the_machine_has_makes_the_engine_lag_and_the_generator_late() {
    let folder = Folder::new("alerts-overload");
    let mut more = vec!["--speed", "1000000", "--set", "fleet.users=1000000"];
    // The groups of a small fleet, and all users.
    let groups = SMALL_BAD_WEATHER.iter().filter(|set| !set.starts_with("fleet.users="));
    more.extend(groups.flat_map(|set| ["--set", *set]));
    let (pages, report) = recorded(&folder, "bad-weather", &more);
    assert!(report.late_sends > 0, "four hours in 14 ms");
    judge(&folder, &pages, &["ReveilleEngineLagging", "ReveilleGeneratorLate"], &["ReveilleConservationBroken"]);
}

/// The pages of a server with a store, under `strace` with these options, while messages are sent to it one after another, until it ends
/// or `pages` were read.
#[cfg(target_os = "linux")]
fn stored(name: &str, traced: &[&str], pages: usize) -> (Folder, Vec<Page>) {
    let bench = Bench::new(name);
    let (mut running, address) = bench.start(traced);
    let address = address.expect("the first commits do not fail");
    let metrics = running.said().split("metrics at http://").nth(1).and_then(|rest| rest.split('/').next());
    let metrics = metrics.expect("it says where they are").to_owned();
    let mut read = vec![parsed(&get(&metrics, "/metrics"))];
    for number in 0.. {
        if read.len() == pages || bench.send(&address, number) != Some(204) {
            break;
        }
        read.push(parsed(&get(&metrics, "/metrics")));
    }
    if read.len() == pages {
        running.terminate_traced();
    }
    look("its end", || running.has_ended().then_some(()));
    (bench.folder, read)
}

#[test]
#[cfg(target_os = "linux")]
fn a_slow_disk_and_a_failed_one_fire_the_alerts_about_the_store() {
    let delayed = ["-e", "trace=fsync,fdatasync", "-e", "inject=fsync,fdatasync:delay_enter=400000:when=8+"];
    let (folder, pages) = stored("alerts_slow_store", &delayed, 16);
    judge(&folder, &pages, &["ReveilleStoreSlow"], &["ReveilleStoreFailing", "ReveilleConservationBroken"]);
    let failing = ["-e", "trace=fsync,fdatasync", "-e", "inject=fsync,fdatasync:error=EIO:when=12+"];
    let (folder, mut pages) = stored("alerts_failed_store", &failing, 1_000);
    let silent = ["ReveilleStoreSlow", "ReveilleConservationBroken"];
    judge(&folder, &pages, &[], &["ReveilleStoreFailing"]);
    // From now on nothing answers.
    pages.extend(std::iter::repeat_n(Page::new(), 6));
    judge(&folder, &pages, &["ReveilleStoreFailing"], &silent);
}
