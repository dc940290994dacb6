//! The list of metrics of expectations, from the tables that check them. Must not measure anything.

use std::fmt::Write as _;

use crate::rules::model::expectation::Metric;

use crate::scenario::expectation::condition::Measure;
use crate::scenario::expectation::expect::{conditions, measure, metric};
use crate::scenario::grammar::expect_keys::{DIVISIONS, METRICS};

/// One metric with its figures and conditions.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct MetricLine {
    /// Its name.
    pub name: &'static str,
    /// What it measures.
    pub what: &'static str,
    /// The unit of its numbers.
    pub unit: &'static str,
    /// Figures that may precede the comparison; an empty word stands for none.
    pub figures: Vec<&'static str>,
    /// Conditions of `where`.
    pub conditions: Vec<&'static str>,
    /// Divisions of `by`.
    pub divisions: Vec<&'static str>,
}

/// Every metric, in the order of the manual.
pub fn metrics() -> Vec<MetricLine> {
    METRICS.into_iter().filter_map(|name| Some(line(name, metric(name)?))).collect()
}

/// The list as text.
pub fn metrics_text() -> String {
    let mut out = String::new();
    for line in metrics() {
        writeln!(out, "{}\n  {} ({})", line.name, line.what, line.unit).expect("a string takes all");
        for (what, words) in [("figures", &line.figures), ("where", &line.conditions), ("by", &line.divisions)] {
            if !words.is_empty() {
                writeln!(out, "  {what:<8} {}", words.join(", ")).expect("a string takes all");
            }
        }
    }
    out
}

fn line(name: &'static str, metric: Metric) -> MetricLine {
    let conditions = conditions(metric);
    let takes = |division: &&str| match division.strip_prefix("label:") {
        Some(_) => conditions.contains(&"labels"),
        None => conditions.contains(division),
    };
    let (unit, figures): (_, &[&str]) = match (measure(metric), metric) {
        (Measure::Share, _) => ("a ratio", &[]),
        (Measure::Count, _) => ("a count", &["count"]),
        (Measure::Duration, Metric::RecoveryTime) => ("a duration", &[]),
        (Measure::Duration, Metric::Lag) => ("a duration of wall time", &["p(N)", "med", "avg", "min", "max"]),
        (Measure::Duration, _) => ("a duration", &["p(N)", "med", "avg", "min", "max"]),
    };
    MetricLine {
        name,
        what: meaning(metric),
        unit,
        figures: figures.to_vec(),
        conditions: conditions.to_vec(),
        divisions: DIVISIONS.into_iter().filter(takes).collect(),
    }
}

const fn meaning(metric: Metric) -> &'static str {
    match metric {
        Metric::Sends => "sends, one for each occurrence (and device), by their last outcome",
        Metric::Reach => "pairs shown `within` a time after acceptance, of all pairs",
        Metric::ReachEligible => "the same of the pairs that are not skipped",
        Metric::Delivery => "from acceptance to display, of what was shown",
        Metric::Journeys => "pairs, by where they are at the end",
        Metric::Copies => "pairs, by why they belong to the message",
        Metric::RecoveryTime => "from the end of a fault until nothing waits any more that it touched",
        Metric::FaultTouched => {
            "pairs that a fault touched (of `directory_lag` changes, of `crash` and `stall` actors)"
        }
        Metric::Lag => {
            "how late a live run's events ran, read from a histogram: exact to 2 s, above that at most 0.1 % too long; \
             there is none at speed max"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_is_listed_with_what_goes_with_it() {
        let all = metrics();
        assert_eq!(all.len(), METRICS.len());
        let reach = &all[1];
        assert_eq!((reach.name, reach.unit), ("reach", "a ratio"));
        assert!(reach.divisions.contains(&"label:NAME") && !reach.divisions.contains(&"fault"));
        assert!(metrics_text().contains("recovery_time\n  from the end of a fault"));
    }
}
