//! Risk: Prometheus does not get what the documentation says: a query without an answer, a rule that cannot be loaded,
//! an alert that never fires, a total that differs from the report's. The real program is tested.

mod alerts;
mod model_time;
mod served;
pub(crate) mod server;

use std::fmt::Write as _;
use std::fs;
use std::process::{Command, Stdio};

use reveille::metrics::Name;
use reveille::outcome::Outcome;
use serde_json::{Value, json};
use serde_yaml_ng::Value as Yaml;

use crate::fixtures::caller::{Served, TENANT};
use crate::fixtures::program::{Folder, end_of, get, look};
use crate::monitoring::dashboards::board::{asked, board, config, texts};
use crate::monitoring::exposition::{Page, SCENARIO, parsed};
use crate::monitoring::metrics::compare;
use server::{Series, Server, free_port, now, shipped, tool};

/// Four scrapes of a quarter of a second, as Grafana computes it, and one more for a slow machine.
const RATE_INTERVAL: &str = "2s";
/// The same for samples that are a minute apart.
const RATE_INTERVAL_OF_MINUTES: &str = "4m";

/// In the queries about a store, which a run does not have.
const OF_A_STORE: &str = "reveille_store_";

/// The shipped rules: name and expression, recordings and alerts.
fn rules(file: &str, key: &str) -> Vec<(String, String)> {
    let text = fs::read_to_string(config(&format!("prometheus/rules/{file}.yml"))).expect("we ship rules");
    let rules: Yaml = serde_yaml_ng::from_str(&text).expect("rules are YAML");
    let text = |value: &Yaml| value.as_str().expect("it is text").to_owned();
    let rules = rules["groups"][0]["rules"].as_sequence().expect("there are rules");
    rules.iter().map(|rule| (text(&rule[key]), text(&rule["expr"]))).collect()
}

/// Queries and their results, one line each.
#[derive(Default)]
struct Table {
    lines: String,
    empty: Vec<String>,
}

impl Table {
    fn row(&mut self, place: &str, what: &str, expr: &str, found: &[Series]) {
        let values: Vec<f64> = found.iter().flat_map(|series| series.values.iter().copied()).collect();
        let (low, high) =
            (values.iter().copied().fold(f64::MAX, f64::min), values.iter().copied().fold(f64::MIN, f64::max));
        let said = if values.is_empty() {
            self.empty.push(format!("{place} / {what}: {expr}"));
            "NOTHING".to_owned()
        } else {
            format!("{} series, {} values, {low:.4} to {high:.4}", found.len(), values.len())
        };
        writeln!(self.lines, "{place} | {what} | {expr} | {said}").expect("a string takes all");
    }
}

/// Every series of the program that Prometheus has, as a page.
fn page_of(server: &Server, at: f64) -> Page {
    let series = server.instant("{__name__=~\"reveille_.+\", job=\"reveille\"}", at);
    let page = series.into_iter().map(|series| {
        let mut labels = series.labels;
        let name = labels.remove("__name__").expect("a series has a name");
        labels.remove("job");
        labels.remove("instance");
        // The OpenMetrics format writes the same bound as `60.0`; newer versions of Prometheus unify both.
        if let Some(bound) = labels.get_mut("le") {
            bound.truncate(bound.trim_end_matches(".0").len());
        }
        ((name, labels.into_iter().collect()), series.values[0])
    });
    page.collect()
}

fn firing(server: &Server, alert: &str) -> Option<Value> {
    let alerts = server.api("/api/v1/alerts");
    let alerts = alerts["alerts"].as_array().expect("there is a list").clone();
    alerts.into_iter().find(|found| found["labels"]["alertname"] == alert && found["state"] == "firing")
}

#[test]
fn every_shipped_query_is_answered_and_the_totals_match_the_report() {
    let folder = Folder::new("prometheus");
    folder.write("page.toml", SCENARIO);
    let target = format!("127.0.0.1:{}", free_port());
    let server = Server::start(&folder, &shipped(&target), &[]);
    // It begins to scrape shortly after it is ready; until then `up` is absent.
    look("the first scrape", || server.instant("up == 0", now()).first().map(|_| ()));
    let begun = now();
    let outage = "fault.down.for=\"25m\"";
    let mut run = folder.start(&[
        "run",
        "page.toml",
        "--speed",
        "360",
        "--hold",
        "--report",
        "out.json",
        "--set",
        outage,
        "--metrics-listen",
        &target,
    ]);
    assert_eq!(run.metrics_address(), target);
    for (alert, word) in [("ReveilleDeliveryStalled", "fcm"), ("ReveilleGroupQuotaNearlySpent", "of 25")] {
        let fired = look(alert, || firing(&server, alert));
        let summary = fired["annotations"]["summary"].as_str().expect("an alert has a summary");
        assert!(summary.contains(word) && summary.contains(&target), "{fired}");
        assert!(!fired.to_string().contains("<error"), "{fired}");
    }
    run.wait_for("metrics stay at");
    let ended = now();
    look("a scrape after the end", || {
        server.instant("timestamp(up)", now()).first().filter(|series| series.values[0] > ended).map(|_| ())
    });

    let report: Outcome = serde_json::from_str(&folder.read("out.json")).expect("the report reads back");
    let scraped = page_of(&server, now());
    compare(&scraped, &report);
    let mut said = parsed(&get(&target, "/metrics"));
    // Series that the scrapes themselves change.
    let by_scrapes = ["reveille_http_", "reveille_budget_"];
    said.retain(|(name, _), _| {
        name.starts_with("reveille_") && !by_scrapes.iter().any(|beginning| name.starts_with(beginning))
    });
    assert!(said.len() > 200);
    for (series, value) in &said {
        assert_eq!(scraped.get(series), Some(value), "{series:?}");
    }

    let span = (begun, now());
    let mut table = Table::default();
    for board in texts().map(|text| board(&text)) {
        for panel in &board.panels {
            for target in &panel.targets {
                if target.expr.contains(OF_A_STORE) {
                    continue;
                }
                let expr = asked(&target.expr, RATE_INTERVAL);
                let found = if target.instant { server.instant(&expr, span.1) } else { server.range(&expr, span, 0.5) };
                table.row(&board.title, &panel.title, &expr, &found);
            }
        }
        for mark in board.annotations.list.iter().filter(|mark| mark.built_in == 0) {
            let expr = asked(&mark.expr, RATE_INTERVAL);
            table.row(&board.title, &mark.name, &expr, &server.range(&expr, span, 0.5));
        }
        for label in ["job", "instance"] {
            let values = server.api(&format!("/api/v1/label/{label}/values?match[]=reveille_build_info"));
            assert_eq!(values.as_array().map(Vec::len), Some(1), "the variable {label} has its value: {values}");
        }
    }
    for (name, expr) in rules("recording", "record") {
        table.row("recording", &name, &expr, &server.range(&name, span, 0.5));
    }
    for (alert, expr) in rules("alerts", "alert") {
        let found = server.range(&expr, span, 0.25);
        match alert.as_str() {
            "ReveilleConservationBroken" => assert!(found.is_empty(), "{found:?}"),
            // The first two depend on the load of this machine, and a run has no store; other tests cover them.
            "ReveilleEngineLagging" | "ReveilleGeneratorLate" | "ReveilleStoreSlow" | "ReveilleStoreFailing" => {}
            _ => table.row("alert", &alert, &expr, &found),
        }
    }
    for name in Name::ALL {
        // The result may be anything, but the query must be understood.
        server.range(name.example(), span, 5.0);
    }
    println!("{}", table.lines);
    folder.write("queries.txt", &table.lines);
    assert!(table.empty.is_empty(), "without an answer:\n{}", table.empty.join("\n"));
    let health = server.api("/api/v1/rules");
    for rule in
        health["groups"].as_array().expect("there are groups").iter().filter_map(|it| it["rules"].as_array()).flatten()
    {
        assert_eq!(rule["health"], "ok", "{rule}");
    }
    run.interrupt();
    run.end();
}

#[test]
fn every_query_about_a_store_is_answered_for_a_server_that_has_one() {
    let folder = Folder::new("prometheus_store");
    let target = format!("127.0.0.1:{}", free_port());
    let server = Server::start(&folder, &shipped(&target), &[]);
    let more = ["--store", "store", "--metrics-listen", &target, "--speed", "600"];
    let served = Served::start("prometheus_stored", Some(TENANT), &more);
    let admin = served.account("administrator");
    let device = served.id(&admin, "deviceManagement/managedDevices", "deviceName", "ann-phone");
    let path = format!("/beta/deviceManagement/managedDevices/{device}/sendCustomNotificationToCompanyPortal");
    let mut queries = 0;
    for board in texts().map(|text| board(&text)) {
        for panel in &board.panels {
            for target in panel.targets.iter().filter(|target| target.expr.contains(OF_A_STORE)) {
                let expr = asked(&target.expr, RATE_INTERVAL);
                look(&format!("an answer to {expr}"), || {
                    served.post(&admin, &path, &json!({ "notificationTitle": "t", "notificationBody": "b" }));
                    server.instant(&expr, now()).first().filter(|series| series.values[0].is_finite()).map(|_| ())
                });
                queries += 1;
            }
        }
    }
    assert!(queries >= 6, "only {queries} queries about the store");
}

#[test]
fn promtool_finds_nothing_wrong() {
    let folder = Folder::new("promtool");
    folder.write("page.toml", SCENARIO);
    let mut run = folder.start(&["run", "page.toml", "--hold"]);
    let address = run.metrics_address();
    run.wait_for("metrics stay at");
    folder.write("page.txt", &get(&address, "/metrics"));
    run.interrupt();
    run.end();
    let page = fs::File::open(folder.path().join("page.txt")).expect("it was written");
    let said = end_of(Command::new(tool("promtool")).args(["check", "metrics"]).stdin(Stdio::from(page))).exits(0);
    assert_eq!((said.out.as_str(), said.err.as_str()), ("", ""), "not even a hint");
    for (kind, file) in [
        ("config", "prometheus/prometheus.yml"),
        ("rules", "prometheus/rules/recording.yml"),
        ("rules", "prometheus/rules/alerts.yml"),
    ] {
        end_of(Command::new(tool("promtool")).args(["check", kind, "--lint=all", "--lint-fatal"]).arg(config(file)))
            .exits(0);
    }
}

#[test]
fn every_alert_has_a_runbook_section() {
    let text = fs::read_to_string(config("prometheus/rules/alerts.yml")).expect("we ship alerts");
    let alerts: Yaml = serde_yaml_ng::from_str(&text).expect("alerts are YAML");
    let runbook = fs::read_to_string(config("../docs/runbook.md")).expect("there is a runbook");
    let rules = alerts["groups"][0]["rules"].as_sequence().expect("there are alerts");
    assert_eq!(rules.len(), 7);
    for rule in rules {
        let name = rule["alert"].as_str().expect("an alert has a name");
        let of = |key: &str| rule["annotations"][key].as_str().unwrap_or_else(|| panic!("{name} has no {key}"));
        assert!(["critical", "warning", "info"].contains(&rule["labels"]["severity"].as_str().expect("a severity")));
        assert!(of("summary").contains("{{ $labels.instance }}"), "{name} says where");
        assert!(of("description").contains("speed"), "{name} says at which speeds it works");
        assert_eq!(of("runbook_url"), format!("http://{{{{ $labels.instance }}}}/runbook/{name}"));
        assert!(runbook.contains(&format!("\n## {name}\n")), "docs/runbook.md has no section {name}");
    }
    let sections = runbook.lines().filter(|line| line.starts_with("## Reveille")).count();
    assert_eq!(sections, rules.len(), "every section has its alert");
}
