//! Risk: a dashboard shows nothing, or not what its title says: a metric that no longer exists, a range that does not
//! fit the scrapes, an unreadable panel, a compose file with a mount that does not exist.

pub(crate) mod board;
mod lint;

use std::collections::BTreeSet;
use std::fs;

use reveille::metrics::{MetricKind, Name};
use serde_json::Value;
use serde_yaml_ng::Value as Yaml;

use board::{Board, board, config, selected, texts, tree};
use lint::{complaints, excused};

/// Series of the process and of the scrape, which queries may use as well.
const STRANGERS: [&str; 5] = [
    "process_resident_memory_bytes",
    "process_cpu_seconds_total",
    "process_threads",
    "process_open_fds",
    "scrape_duration_seconds",
];

/// Metrics that no panel shows, with the reason.
const NOT_SHOWN: [(Name, &str); 0] = [];

fn boards() -> [Board; 2] {
    texts().map(|text| board(&text))
}

/// The metric of a series, without the suffixes of its type.
fn metric(series: &str) -> Option<Name> {
    Name::ALL.iter().copied().find(|name| match name.kind() {
        MetricKind::Counter | MetricKind::Gauge => series == name.name(),
        MetricKind::Histogram => {
            ["_bucket", "_sum", "_count"].iter().any(|part| series == format!("{}{part}", name.name()))
        }
    })
}

#[test]
fn the_dashboards_keep_the_rules_of_grafanas_linter() {
    let (left, unneeded) = excused(boards().iter().flat_map(complaints).collect());
    assert!(left.is_empty(), "{left:#?}");
    assert!(unneeded.is_empty(), "exceptions that are not needed: {unneeded:?}");
}

#[test]
fn every_rule_can_fail() {
    let cases: [(&str, &str, Value); 14] = [
        ("template-datasource-rule", "/templating/list/0/name", "source".into()),
        ("template-job-rule", "/templating/list/1/multi", false.into()),
        ("template-instance-rule", "/templating/list/2/label", "Where".into()),
        ("template-label-promql-rule", "/templating/list/1/query/query", "label_values(up{, job)".into()),
        ("template-on-time-change-reload-rule", "/templating/list/1/refresh", 1.into()),
        ("panel-datasource-rule", "/panels/6/datasource/uid", "prometheus".into()),
        ("panel-title-description-rule", "/panels/6/description", "".into()),
        ("panel-units-rule", "/panels/6/fieldConfig/defaults/unit", "stones".into()),
        ("panel-no-targets-rule", "/panels/6/targets", Value::Array(Vec::new())),
        ("target-promql-rule", "/panels/6/targets/0/expr", "sum(".into()),
        (
            "target-rate-interval-rule",
            "/panels/6/targets/0/expr",
            "rate(x_total{job=~\"$job\",instance=~\"$instance\"}[5m])".into(),
        ),
        ("target-job-rule", "/panels/6/targets/0/expr", "x{instance=~\"$instance\"}".into()),
        ("target-instance-rule", "/panels/6/targets/0/expr", "x{job=~\"$job\",instance=\"$instance\"}".into()),
        ("target-counter-agg-rule", "/panels/0/targets/0/expr", "sum(x_total{job=~\"$job\"})".into()),
    ];
    for (rule, at, value) in cases {
        let mut json: Value = serde_json::from_str(&texts()[0]).expect("it is JSON");
        *json.pointer_mut(at).unwrap_or_else(|| panic!("{at} is there")) = value;
        let (left, _) = excused(complaints(&board(&json.to_string())));
        assert!(left.iter().any(|complaint| complaint.rule == rule), "{rule} does not see it: {left:?}");
    }
}

#[test]
fn every_queried_metric_exists_and_every_metric_is_queried() {
    let mut asked = BTreeSet::new();
    for board in boards() {
        let exprs = board.panels.iter().flat_map(|panel| panel.targets.iter().map(|target| target.expr.clone()));
        let marks = board.annotations.list.iter().filter(|mark| mark.built_in == 0).map(|mark| mark.expr.clone());
        for expr in exprs.chain(marks) {
            for selected in selected(&tree(&expr).expect("it is a query")) {
                let series = selected.name().to_owned();
                match metric(&series) {
                    Some(name) => drop(asked.insert(name.name())),
                    None => assert!(STRANGERS.contains(&series.as_str()), "{series} is no metric of ours: {expr}"),
                }
                labels_exist(&selected, &series, &expr);
            }
        }
    }
    for name in Name::ALL {
        let is_left_out = NOT_SHOWN.iter().any(|(left_out, _)| left_out == name);
        assert_ne!(asked.contains(name.name()), is_left_out, "{}: on a panel, or left out with a reason", name.name());
    }
}

/// A matcher on a label that a metric does not have matches nothing, without an error.
fn labels_exist(selected: &board::Selected, series: &str, expr: &str) {
    let Some(name) = metric(series) else { return };
    for matcher in &selected.selector.matchers.matchers {
        let of_target = ["job", "instance", "__name__"].contains(&matcher.name.as_str());
        let of_bucket = matcher.name == "le" && name.kind() == MetricKind::Histogram;
        let of_metric = name.labels().iter().any(|label| label.name() == matcher.name);
        assert!(of_target || of_bucket || of_metric, "{series} has no label {}: {expr}", matcher.name);
    }
}

#[test]
fn the_dashboards_can_be_imported() {
    let boards = boards();
    assert_ne!(boards[0].uid, boards[1].uid);
    for board in &boards {
        // Grafana 11 writes 39; later versions read it.
        assert_eq!((board.schema_version, board.id), (39, None), "{}", board.title);
        let ids: BTreeSet<u32> = board.panels.iter().map(|panel| panel.id).collect();
        let titles: BTreeSet<&str> = board.panels.iter().map(|panel| panel.title.as_str()).collect();
        assert_eq!((ids.len(), titles.len()), (board.panels.len(), board.panels.len()), "ids and titles are unique");
        let known = ["stat", "timeseries", "bargauge", "state-timeline"];
        for (at, panel) in board.panels.iter().enumerate() {
            assert!(known.contains(&panel.kind.as_str()), "{}", panel.kind);
            let place = panel.place;
            assert!(place.w > 0 && place.h > 0 && place.x + place.w <= 24, "{}: {place:?}", panel.title);
            for other in &board.panels[at + 1..] {
                let (a, b) = (place, other.place);
                let apart = a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y;
                assert!(apart, "{} lies over {}", panel.title, other.title);
            }
            for target in &panel.targets {
                assert!(target.instant != target.range, "{}: one moment or a range", panel.title);
                assert!(!target.legend.is_empty(), "{}: every line has a name", panel.title);
            }
        }
        let marks: Vec<_> = board.annotations.list.iter().filter(|mark| mark.built_in == 0).collect();
        assert_eq!(marks.len(), 1, "faults are marked");
        assert_eq!((marks[0].name.as_str(), marks[0].datasource.uid.as_str()), ("Faults", "${datasource}"));
    }
}

fn yaml(path: &str) -> Yaml {
    let text = fs::read_to_string(config(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_yaml_ng::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn strings(list: &Yaml) -> Vec<&str> {
    list.as_sequence().expect("it is a list").iter().map(|item| item.as_str().expect("it is text")).collect()
}

/// The mounts of a service in the compose file from this project: path on disk and path inside.
fn mounts(compose: &Yaml, service: &str) -> Vec<(std::path::PathBuf, String)> {
    let volumes = compose["volumes"].as_mapping().expect("there are volumes");
    let mut found = Vec::new();
    for mount in strings(&compose["services"][service]["volumes"]) {
        let (from, to) = mount.split_once(':').expect("a mount has two ends");
        match from.strip_prefix("./") {
            Some(from) => {
                let to = to.strip_suffix(":ro").unwrap_or_else(|| panic!("{mount}: what is committed is not written"));
                found.push((config(from), to.to_owned()));
            }
            None => assert!(volumes.contains_key(from), "{from} is declared"),
        }
    }
    found
}

#[test]
fn the_compose_file_mounts_existing_files_and_its_services_reach_each_other() {
    let compose = yaml("compose.yaml");
    let known = ["image", "network_mode", "command", "volumes", "restart", "environment", "depends_on"];
    for service in ["prometheus", "grafana"] {
        let keys = compose["services"][service].as_mapping().expect("it is a service").keys();
        assert!(keys.map(|key| key.as_str().unwrap_or("")).all(|key| known.contains(&key)), "{service}");
        let image = compose["services"][service]["image"].as_str().expect("it has an image");
        let tag = image.rsplit_once(':').expect("an image has a tag").1;
        assert!(tag.trim_start_matches('v').starts_with(|c: char| c.is_ascii_digit()), "{image} is of one version");
        for (from, to) in mounts(&compose, service) {
            assert!(from.is_dir(), "{} is mounted at {to} and is no folder", from.display());
        }
    }
    let inside = |service: &str, path: &str| {
        let mounted = mounts(&compose, service);
        let (from, to) = mounted
            .iter()
            .find(|(_, to)| path.starts_with(&format!("{to}/")) || path == to)
            .unwrap_or_else(|| panic!("{path} is not mounted into {service}"));
        from.join(path[to.len()..].trim_start_matches('/'))
    };
    let command = strings(&compose["services"]["prometheus"]["command"]);
    let flag = |name: &str| command.iter().find_map(|flag| flag.strip_prefix(name)).expect("the flag is there");
    assert!(inside("prometheus", flag("--config.file=")).is_file());
    let environment = &compose["services"]["grafana"]["environment"];
    let home = environment["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"].as_str().expect("there is a home");
    assert!(inside("grafana", home).is_file());
    let dashboards = yaml("grafana/provisioning/dashboards/reveille.yaml");
    let folder = dashboards["providers"][0]["options"]["path"].as_str().expect("there is a folder");
    assert!(inside("grafana", folder).join("engine.json").is_file());
    assert!(inside("grafana", "/etc/grafana/provisioning").join("datasources").is_dir());
    let source = yaml("grafana/provisioning/datasources/reveille.yaml");
    let url = source["datasources"][0]["url"].as_str().expect("a data source has an address");
    assert_eq!(url, format!("http://{}", flag("--web.listen-address=")));
    let prometheus = yaml("prometheus/prometheus.yml");
    let interval = &prometheus["global"]["scrape_interval"];
    assert_eq!(&source["datasources"][0]["jsonData"]["timeInterval"], interval, "it gives the rate interval");
    let target = strings(&prometheus["scrape_configs"][0]["static_configs"][0]["targets"])[0].to_owned();
    for path in ["compose.yaml", "prometheus/prometheus.yml"] {
        let text = fs::read_to_string(config(path)).expect("it can be read");
        assert!(text.contains(&format!("--metrics-listen {target}")), "{path} says how to be found at {target}");
    }
}
