//! Risk: Prometheus gets other numbers than the report has, or a series appears only once something has gone wrong.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use reveille::metrics::{Board, Label, Meters, Name, reference};
use reveille::outcome::{Driver, FaultStatus, Outcome};
use reveille::rules::base::platform::Platform;
use reveille::rules::service::journey::{BlockCause, SkipCause, WaitCause};
use reveille::rules::service::message::Reason;
use strum::VariantArray as _;

use super::exposition::{Page, SCENARIO, parsed, sum};
use crate::fixtures::drivers::world;

/// Every metric and its labels, as documented.
fn promised(faults: &[&str]) -> BTreeSet<(String, Vec<(String, String)>)> {
    let mut all = BTreeSet::new();
    let mut add = |name: &str, labels: &[(&str, &str)]| {
        let mut labels: Vec<_> =
            labels.iter().map(|(label, value)| ((*label).to_owned(), (*value).to_owned())).collect();
        labels.sort();
        all.insert((format!("reveille_{name}"), labels));
    };
    for kind in ["group", "device"] {
        add("messages_accepted_total", &[("kind", kind)]);
        for &reason in Reason::VARIANTS {
            add("messages_refused_total", &[("kind", kind), ("reason", reason.name())]);
        }
    }
    for platform in Platform::VARIANTS.iter().map(|platform| platform.name()) {
        let mut settled = |station: &str, cause: &str| {
            add("journeys_settled_total", &[("platform", platform), ("station", station), ("cause", cause)]);
        };
        for &cause in SkipCause::VARIANTS {
            settled("skipped", cause.name());
        }
        for &cause in BlockCause::VARIANTS {
            settled("blocked", cause.name());
        }
        for station in ["superseded", "discarded", "expired", "shown"] {
            settled(station, "none");
        }
        for cause in faults.iter().chain(&["gateway"]) {
            settled("lost", cause);
        }
        add("dismissals_total", &[("platform", platform)]);
        add("delivery_seconds_count", &[("platform", platform)]);
        add("delivery_seconds_sum", &[("platform", platform)]);
        for le in ["0.25", "86400", "+Inf"] {
            add("delivery_seconds_bucket", &[("platform", platform), ("le", le)]);
        }
    }
    for &cause in WaitCause::VARIANTS {
        add("journeys_open", &[("station", cause.name())]);
    }
    for gateway in ["apns", "fcm"] {
        add("gateway_backlog", &[("gateway", gateway)]);
        add("gateway_up", &[("gateway", gateway)]);
        add("gateway_stalled_seconds", &[("gateway", gateway)]);
    }
    for kind in ["device", "portal"] {
        for name in ["actors_resident", "actor_activations_total", "actor_restarts_total"] {
            add(name, &[("kind", kind)]);
        }
    }
    for fault in faults {
        add("fault_active", &[("fault", fault)]);
        add("fault_touched_total", &[("fault", fault)]);
    }
    for route in ["/metrics", "/", "other"] {
        add("http_request_seconds_count", &[("route", route)]);
        for status in ["200", "404", "405"] {
            add("http_requests_total", &[("route", route), ("status", status)]);
        }
    }
    for outcome in ["issued", "refused", "slowed"] {
        add("sign_ins_total", &[("outcome", outcome)]);
    }
    for name in [
        "audit_lost_total",
        "lag_seconds_count",
        "lag_seconds_sum",
        "conservation_error",
        "oldest_waiting_seconds",
        "actors_resident_limit",
        "timers_pending",
        "group_quota_remaining",
        "group_quota_next_slot_seconds",
        "generator_late_total",
        "clock_speed",
        "model_time_seconds",
    ] {
        add(name, &[]);
    }
    all
}

fn meters() -> Arc<Meters> {
    Arc::new(Meters::new(&world(SCENARIO), 20_000))
}

fn board_of_run() -> Board {
    Board::of_run(meters())
}

#[test]
fn every_series_is_there_from_the_start_at_0() {
    let page = parsed(&board_of_run().render());
    for series in promised(&["down", "leak", "masts", "slow", "idle"]) {
        let begins = match series.0.as_str() {
            "reveille_gateway_up" | "reveille_engine_up" => 1.0,
            "reveille_group_quota_remaining" => 25.0,
            "reveille_actors_resident_limit" => 20_000.0,
            _ => 0.0,
        };
        assert_eq!(page.get(&series).copied(), Some(begins), "{series:?}");
    }
    let info = |name: &str| page.iter().find(|((known, _), _)| known == name).expect("it is there").1;
    assert_eq!((*info("reveille_build_info"), *info("reveille_scenario_info")), (1.0, 1.0));
    for ((name, labels), value) in &page {
        let is_zero = *value == 0.0 || name.starts_with("process_") || name.ends_with("_info");
        let begins_otherwise = [
            "reveille_gateway_up",
            "reveille_engine_up",
            "reveille_group_quota_remaining",
            "reveille_actors_resident_limit",
        ];
        assert!(is_zero || begins_otherwise.contains(&name.as_str()), "{name} {labels:?} begins at {value}");
    }
    assert_eq!(sum(&page, "reveille_scenario_info", &[("scenario", "page"), ("seed", "11")]), 1);
}

/// The metric of a series; buckets, sum and count belong to a histogram.
fn metric_of(series: &str) -> Option<Name> {
    let parts = ["", "_bucket", "_sum", "_count"];
    Name::ALL.iter().copied().find(|name| parts.iter().any(|part| series == format!("{}{part}", name.name())))
}

#[test]
fn every_label_of_every_series_is_documented_with_its_value() {
    const FAULTS: [&str; 5] = ["down", "leak", "masts", "slow", "idle"];
    let page = parsed(&Board::of_server(vec![meters()]).render());
    let mut unseen: BTreeSet<(&str, &str, &str)> = BTreeSet::new();
    for name in Name::ALL {
        for label in name.labels() {
            unseen.extend(label.values().known.iter().map(|value| (name.name(), label.name(), *value)));
        }
    }
    for (series, labels) in page.keys().filter(|(series, _)| series.starts_with("reveille_")) {
        let name = metric_of(series).unwrap_or_else(|| panic!("{series} is in no table"));
        let labels: Vec<_> = labels.iter().filter(|(label, _)| label != "le").collect();
        assert_eq!(labels.len(), name.labels().len(), "{series}");
        for (label, value) in labels {
            let known = name.labels().iter().find(|known| known.name() == label);
            let known = known.unwrap_or_else(|| panic!("{series} has a label `{label}` that is in no table"));
            unseen.retain(|seen| *seen != (name.name(), label.as_str(), value.as_str()));
            let values = known.values();
            let is_fault = matches!(known, Label::Fault | Label::Cause) && FAULTS.contains(&value.as_str());
            let is_free = matches!(known, Label::Version | Label::Scenario | Label::Seed);
            assert!(values.known.contains(&value.as_str()) || is_fault || is_free, "{series} {label}=`{value}`");
        }
    }
    unseen.retain(|(_, label, _)| *label != "profile");
    assert!(unseen.is_empty(), "documented, and never there: {unseen:?}");
}

#[test]
fn the_page_of_metrics_is_the_one_that_is_generated() {
    let (generated, target) = (reference(), env!("CARGO_TARGET_TMPDIR"));
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/metrics.md");
    if fs::read_to_string(&committed).ok().as_deref() != Some(generated.as_str()) {
        fs::write(Path::new(target).join("metrics.md"), generated).expect("the page can be written");
        panic!("docs/metrics.md is out of date. Remedy: cp {target}/metrics.md docs/metrics.md");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn the_metrics_page_has_the_process_metrics() {
    let page = parsed(&board_of_run().render());
    let served: BTreeSet<&str> =
        page.keys().map(|(name, _)| name.as_str()).filter(|name| name.starts_with("process_")).collect();
    let reference = reference();
    let documented = reference.lines().filter_map(|line| line.strip_prefix("| `process_")?.split_once('`'));
    let documented: BTreeSet<String> = documented.map(|(name, _)| format!("process_{name}")).collect();
    assert_eq!(served.iter().map(ToString::to_string).collect::<BTreeSet<_>>(), documented);
}

/// Compares every total of the report with the page.
pub(crate) fn compare(page: &Page, report: &Outcome) {
    let of = |name: &str, labels: &[(&str, &str)]| sum(page, name, labels);
    for kind in ["group", "device"] {
        let lines = || report.messages.iter().filter(|line| line.kind == kind);
        let accepted = lines().filter(|line| line.accepted_at_ms.is_some()).count() as u64;
        assert_eq!(of("reveille_messages_accepted_total", &[("kind", kind)]), accepted, "{kind}");
        let attempts: u64 = lines().map(|line| line.attempts).sum();
        assert_eq!(of("reveille_messages_refused_total", &[("kind", kind)]), attempts - accepted, "{kind}");
    }
    for (kind, reason, refused) in
        [("group", "group_quota", report.quota.group.refused), ("device", "device_quota", report.quota.device.refused)]
    {
        assert_eq!(of("reveille_messages_refused_total", &[("kind", kind), ("reason", reason)]), refused, "{reason}");
    }
    assert!(!report.stations.by_platform.is_empty());
    for (platform, stations) in &report.stations.by_platform {
        for (station, count) in stations.iter().filter(|(station, _)| *station != "waiting") {
            let labels = [("platform", platform.as_str()), ("station", station.as_str())];
            assert_eq!(of("reveille_journeys_settled_total", &labels), *count, "{platform} {station}");
        }
        let shown = of("reveille_delivery_seconds_count", &[("platform", platform)]);
        assert_eq!(shown, stations["shown"], "{platform}");
        let bucket = of("reveille_delivery_seconds_bucket", &[("platform", platform), ("le", "+Inf")]);
        assert_eq!(bucket, shown, "{platform}");
        assert_eq!(of("reveille_dismissals_total", &[("platform", platform)]), report.dismissals.by_platform[platform]);
    }
    for (cause, count) in &report.stations.by_cause {
        let (station, cause) = cause.split_once('/').expect("a station and its cause");
        let found = match station {
            "waiting" => of("reveille_journeys_open", &[("station", cause)]),
            _ => of("reveille_journeys_settled_total", &[("station", station), ("cause", cause)]),
        };
        assert_eq!(found, *count, "{station}/{cause}");
    }
    assert_eq!(of("reveille_journeys_open", &[]), report.stations.overall["waiting"]);
    assert_eq!(of("reveille_journeys_settled_total", &[]) + of("reveille_journeys_open", &[]), report.pairs);
    assert_eq!(of("reveille_dismissals_total", &[]), report.dismissals.total);
    for fault in &report.faults {
        assert_eq!(of("reveille_fault_touched_total", &[("fault", &fault.name)]), fault.touched, "{}", fault.name);
    }
    assert_eq!(of("reveille_conservation_error", &[]), 0);
    assert!(report.conservation.ok);
    if report.driver == Driver::Actors {
        assert_eq!(of("reveille_generator_late_total", &[]), report.late_sends);
    }
}

#[cfg(unix)]
#[test]
fn the_metrics_page_agrees_with_the_report() {
    let folder = crate::fixtures::program::Folder::new("metrics");
    folder.write("page.toml", SCENARIO);
    let mut running = folder.start(&["run", "page.toml", "--hold", "--report", "out.json"]);
    let address = running.metrics_address();
    let first = parsed(&crate::fixtures::program::get(&address, "/metrics"));
    // Printed after the report is written.
    running.wait_for("metrics stay at");
    let page = parsed(&crate::fixtures::program::get(&address, "/metrics"));
    let report: Outcome = serde_json::from_str(&folder.read("out.json")).expect("the report reads back");
    running.interrupt();
    running.end().exits(0);

    let names =
        |page: &Page| page.keys().filter(|(name, _)| name.starts_with("reveille_")).cloned().collect::<BTreeSet<_>>();
    assert_eq!(names(&first), names(&page), "no series comes or goes");
    compare(&page, &report);
    let of = |name: &str, labels: &[(&str, &str)]| sum(&page, name, labels);
    let refused = [("group", "group_quota"), ("device", "device_quota"), ("group", "permission")];
    for (kind, reason) in refused {
        let refused = of("reveille_messages_refused_total", &[("kind", kind), ("reason", reason)]);
        assert!(if reason == "permission" { refused == 1 } else { refused > 0 }, "{reason} happens");
    }
    for cause in ["skipped/not_enrolled", "skipped/app_missing", "blocked/permission", "lost/leak", "waiting/offline"] {
        assert!(report.stations.by_cause.contains_key(cause), "{cause} happens");
    }
    assert!(report.dismissals.total > 0);
    for fault in &report.faults {
        assert_eq!(fault.status == FaultStatus::MayTouchNothing, fault.name == "idle", "{fault:?}");
    }
    assert_eq!(of("reveille_actor_restarts_total", &[]), 0);
    assert!(of("reveille_actor_activations_total", &[("kind", "device")]) > 0);
}
