//! The text format: families, samples with their timestamps, the last line. Must not know the meaning of a metric.

use std::fmt::{Display, Write as _};

use crate::metrics::{MetricKind, Name};

/// A page that is being written.
#[derive(Debug)]
pub(super) struct MetricsPage {
    start_unix_ms: i64,
    text: String,
}

/// A metric's labels, as they are written in its samples.
#[derive(Clone, Debug)]
pub(super) struct Labels(String);

impl Labels {
    /// These values of the labels of a metric, in their order.
    pub(super) fn new(of: Name, values: &[&str]) -> Self {
        assert_eq!(of.labels().len(), values.len(), "a metric has a value for each of its labels");
        let mut labels = String::new();
        for (label, value) in of.labels().iter().zip(values) {
            let comma = if labels.is_empty() { "" } else { "," };
            write!(labels, "{comma}{}=\"{}\"", label.name(), escaped(value)).expect("a string takes all");
        }
        Self(labels)
    }

    fn with_bucket(&self, le: &str) -> Self {
        let comma = if self.0.is_empty() { "" } else { "," };
        Self(format!("{}{comma}le=\"{le}\"", self.0))
    }
}

impl MetricsPage {
    /// An empty page of a run that began at this time.
    pub(super) fn new(start_unix_ms: i64) -> Self {
        Self { start_unix_ms, text: String::new() }
    }

    /// Begins a family; its samples follow, label set by label set.
    pub(super) fn family(&mut self, of: Name) {
        let (kind, name) = match of.kind() {
            MetricKind::Counter => ("counter", of.name().strip_suffix("_total").expect("counters end so")),
            MetricKind::Histogram => ("histogram", of.name()),
            MetricKind::Gauge => match of.name().strip_suffix("_info") {
                Some(name) => ("info", name),
                None => ("gauge", of.name()),
            },
        };
        self.line(format_args!("# TYPE {name} {kind}"));
        self.line(format_args!("# HELP {name} {}", of.help()));
    }

    /// A sample of a counter or a gauge.
    pub(super) fn sample(&mut self, of: Name, labels: &Labels, value: impl Display, at_ms: u64) {
        self.put(of.name(), "", labels, value, at_ms);
    }

    /// A sample of a histogram: pairs up to each bound, all of them, and their sum.
    pub(super) fn histogram(&mut self, of: Name, labels: &Labels, up_to: &[(String, u64)], sum_ms: u64, at_ms: u64) {
        for (le, pairs) in up_to {
            self.put(of.name(), "_bucket", &labels.with_bucket(le), pairs, at_ms);
        }
        let count = up_to.last().map_or(0, |(_, pairs)| *pairs);
        self.put(of.name(), "_count", labels, count, at_ms);
        self.put(of.name(), "_sum", labels, Thousandths(sum_ms.into()), at_ms);
    }

    /// The whole page.
    pub(super) fn finish(mut self) -> String {
        self.text.push_str("# EOF\n");
        self.text
    }

    fn put(&mut self, name: &str, suffix: &str, Labels(labels): &Labels, value: impl Display, at_ms: u64) {
        let at = Thousandths(i128::from(self.start_unix_ms) + i128::from(at_ms));
        let (open, close) = if labels.is_empty() { ("", "") } else { ("{", "}") };
        self.line(format_args!("{name}{suffix}{open}{labels}{close} {value} {at}"));
    }

    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        writeln!(self.text, "{line}").expect("a string takes all");
    }
}

/// Thousandths as a decimal number, exactly.
#[derive(Clone, Copy, Debug)]
pub(super) struct Thousandths(pub(super) i128);

impl Display for Thousandths {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, part) = (self.0.unsigned_abs() / 1_000, self.0.unsigned_abs() % 1_000);
        match part {
            0 => write!(out, "{sign}{whole}"),
            part => write!(out, "{sign}{whole}.{part:03}"),
        }
    }
}

/// A label value. NUL, which readers take for the end, becomes U+FFFD.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n").replace('\0', "\u{FFFD}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_what_the_format_wants() {
        let mut page = MetricsPage::new(1_500);
        page.family(Name::JourneysSettled);
        let labels = Labels::new(Name::JourneysSettled, &["ios", "lost", "a\"\\\nb"]);
        page.sample(Name::JourneysSettled, &labels, 3, 500);
        page.family(Name::ScenarioInfo);
        page.family(Name::Delivery);
        let labels = Labels::new(Name::Delivery, &["ios"]);
        page.histogram(Name::Delivery, &labels, &[("0.25".into(), 1), ("+Inf".into(), 2)], 1_250, 0);
        let page = page.finish();
        // The help text of a metric is not this module's concern.
        let lines: Vec<&str> = page.lines().filter(|line| !line.starts_with("# HELP ")).collect();
        insta::assert_snapshot!(lines.join("\n"), @r#"
        # TYPE reveille_journeys_settled counter
        reveille_journeys_settled_total{platform="ios",station="lost",cause="a\"\\\nb"} 3 2
        # TYPE reveille_scenario info
        # TYPE reveille_delivery_seconds histogram
        reveille_delivery_seconds_bucket{platform="ios",le="0.25"} 1 1.500
        reveille_delivery_seconds_bucket{platform="ios",le="+Inf"} 2 1.500
        reveille_delivery_seconds_count{platform="ios"} 2 1.500
        reveille_delivery_seconds_sum{platform="ios"} 1.250 1.500
        # EOF
        "#);
    }

    #[test]
    fn thousandths_are_exact() {
        let of = |thousandths: i128| Thousandths(thousandths).to_string();
        assert_eq!([0, 1, 1_000, -1_001, 1_767_592_800_250].map(of), ["0", "0.001", "1", "-1.001", "1767592800.250"]);
    }
}
