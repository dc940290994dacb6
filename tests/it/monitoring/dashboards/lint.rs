//! The rules of Grafana's dashboard linter, by their names, checked again: the linter itself is a Go program. Its list
//! of exceptions is read too, and an exception that is not needed is a complaint.

use std::collections::BTreeMap;
use std::fs;

use serde::Deserialize;

use super::board::{Board, Panel, Source, Target, config, selected, tree};

/// A complaint: the rule, the panel if any, and the words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Complaint {
    pub(super) rule: &'static str,
    pub(super) board: String,
    pub(super) panel: String,
    pub(super) words: String,
}

/// Units that panels may have: Grafana's units in use here.
const UNITS: [&str; 10] =
    ["none", "short", "percentunit", "bool_on_off", "s", "dtdurations", "bytes", "cps", "ops", "reqps"];
/// Functions of a counter over a range.
const RATES: [&str; 3] = ["rate", "irate", "increase"];
/// The suffixes of counters' names.
const COUNTERS: [&str; 4] = ["_total", "_bucket", "_count", "_sum"];

/// All complaints about a dashboard.
pub(super) fn complaints(board: &Board) -> Vec<Complaint> {
    let mut found = Vec::new();
    variables(board, &mut found);
    for panel in &board.panels {
        of_panel(board, panel, &mut found);
        for target in &panel.targets {
            of_target(board, panel, target, &mut found);
        }
    }
    found
}

fn complain(found: &mut Vec<Complaint>, rule: &'static str, board: &Board, panel: &str, words: String) {
    found.push(Complaint { rule, board: board.title.clone(), panel: panel.to_owned(), words });
}

fn is_templated(source: &Source) -> bool {
    source.kind == "prometheus" && source.uid == "${datasource}"
}

fn variables(board: &Board, found: &mut Vec<Complaint>) {
    let variable = |name: &str| board.templating.list.iter().find(|variable| variable.name == name);
    let is_source = |name: &str| {
        variable(name).is_some_and(|variable| {
            variable.kind == "datasource" && variable.query == "prometheus" && variable.label == "Data source"
        })
    };
    if !is_source("datasource") {
        let words = "needs a variable `datasource` of type datasource, labelled `Data source`".to_owned();
        complain(found, "template-datasource-rule", board, "", words);
    }
    for (name, label, rule) in [("job", "Job", "template-job-rule"), ("instance", "Instance", "template-instance-rule")]
    {
        let is_sound = variable(name).is_some_and(|variable| {
            variable.kind == "query"
                && variable.label == label
                && variable.multi
                && variable.all == ".+"
                && variable.datasource.as_ref().is_some_and(is_templated)
        });
        if !is_sound {
            let words = format!("needs a variable `{name}`, labelled `{label}`, several at once, all of them `.+`");
            complain(found, rule, board, "", words);
        }
    }
    for variable in board.templating.list.iter().filter(|variable| variable.kind == "query") {
        if variable.refresh != 2 {
            let words = format!("`{}` is not asked for again when the range of time changes", variable.name);
            complain(found, "template-on-time-change-reload-rule", board, "", words);
        }
        let query = variable.query["query"].as_str().unwrap_or("");
        let inside = query.strip_prefix("label_values(").and_then(|rest| rest.strip_suffix(')')?.rsplit_once(", "));
        if !inside.is_some_and(|(expr, label)| tree(expr).is_ok() && label == variable.name) {
            let words = format!("`{}` is asked for by `{query}`", variable.name);
            complain(found, "template-label-promql-rule", board, "", words);
        }
    }
}

fn of_panel(board: &Board, panel: &Panel, found: &mut Vec<Complaint>) {
    let title = panel.title.as_str();
    if !is_templated(&panel.datasource) || panel.targets.iter().any(|target| !is_templated(&target.datasource)) {
        complain(found, "panel-datasource-rule", board, title, "does not use the variable `datasource`".to_owned());
    }
    if title.is_empty() || !panel.description.ends_with('.') {
        complain(found, "panel-title-description-rule", board, title, "needs a title and a description".to_owned());
    }
    if !UNITS.contains(&panel.fields.defaults.unit.as_str()) {
        let words = format!("`{}` is no unit that we use", panel.fields.defaults.unit);
        complain(found, "panel-units-rule", board, title, words);
    }
    if panel.targets.is_empty() {
        complain(found, "panel-no-targets-rule", board, title, "asks for nothing".to_owned());
    }
}

fn of_target(board: &Board, panel: &Panel, target: &Target, found: &mut Vec<Complaint>) {
    let title = panel.title.as_str();
    let tree = match tree(&target.expr) {
        Ok(tree) => tree,
        Err(error) => {
            complain(found, "target-promql-rule", board, title, format!("{error}: {}", target.expr));
            return;
        }
    };
    for selected in selected(&tree) {
        let (name, function) = (selected.name(), selected.function.as_deref().unwrap_or("nothing"));
        for (label, rule) in [("job", "target-job-rule"), ("instance", "target-instance-rule")] {
            // The variable expands to `.+`; the same matcher without the variable is a mistake too.
            let is_named = selected.matches(label, ".+") && target.expr.contains(&format!("{label}=~\"${label}\""));
            if !is_named {
                complain(found, rule, board, title, format!("`{name}` is not narrowed to the variable `{label}`"));
            }
        }
        if selected.has_range && !selected.has_rate_interval {
            let words = format!("the range of `{name}` is not $__rate_interval");
            complain(found, "target-rate-interval-rule", board, title, words);
        }
        let is_counter = COUNTERS.iter().any(|ending| name.ends_with(ending));
        if is_counter && !(selected.has_range && RATES.contains(&function)) {
            let words = format!("the counter `{name}` goes to {function}, and not to rate or increase");
            complain(found, "target-counter-agg-rule", board, title, words);
        }
    }
}

/// The linter's own file.
#[derive(Debug, Deserialize)]
struct Exceptions {
    exclusions: BTreeMap<String, Exclusion>,
}

#[derive(Debug, Deserialize)]
struct Exclusion {
    reason: String,
    entries: Vec<Entry>,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
struct Entry {
    dashboard: String,
    panel: String,
}

/// The complaints without the excepted ones, and the exceptions that matched none.
pub(super) fn excused(complaints: Vec<Complaint>) -> (Vec<Complaint>, Vec<String>) {
    let text = fs::read_to_string(config("grafana/dashboards/.lint")).expect("the exceptions can be read");
    let exceptions: Exceptions = serde_yaml_ng::from_str(&text).expect("the exceptions are in the linter's form");
    let mut unneeded = Vec::new();
    let mut left = complaints;
    for (rule, exclusion) in &exceptions.exclusions {
        assert!(exclusion.reason.len() > 40, "an exception says why");
        for entry in &exclusion.entries {
            let before = left.len();
            left.retain(|it| it.rule != rule || it.board != entry.dashboard || it.panel != entry.panel);
            if left.len() == before {
                unneeded.push(format!("{rule}: {} / {}", entry.dashboard, entry.panel));
            }
        }
    }
    (left, unneeded)
}
