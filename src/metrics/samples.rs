//! Histograms with fixed buckets of whole numbers: plain ones that a shard fills, and shared ones that are exported.
//! Those of the `metrics` crate keep every sample until the next scrape, which is too slow for a million deliveries a
//! second.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

/// Upper ends of the buckets of the lag, in µs of wall time: 0.1 ms to 60 s.
pub(super) const LAG_BOUNDS_US: &[u64] = &[
    100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000,
    5_000_000, 10_000_000, 30_000_000, 60_000_000,
];

/// Upper ends of the buckets of a request's time, in µs of wall time: 0.25 ms to 10 s.
pub(super) const REQUEST_BOUNDS_US: &[u64] = &[
    250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000,
    10_000_000,
];

/// A plain histogram: filled by one thread and handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Samples {
    bounds: &'static [u64],
    /// One for each bound, and one above the last.
    counts: Vec<u64>,
    sum: u64,
}

impl Samples {
    pub(super) fn new(bounds: &'static [u64]) -> Self {
        Self { bounds, counts: vec![0; bounds.len() + 1], sum: 0 }
    }

    /// Adds a sample, in the unit of the bounds.
    #[inline]
    pub fn record(&mut self, sample: u64) {
        self.counts[self.bounds.partition_point(|bound| *bound < sample)] += 1;
        self.sum = self.sum.saturating_add(sample);
    }

    pub(super) fn clear(&mut self) {
        self.counts.fill(0);
        self.sum = 0;
    }
}

/// A shared histogram: every shard adds to it, and it is rendered for Prometheus.
#[derive(Debug)]
pub(super) struct SharedSamples {
    bounds: &'static [u64],
    /// Units of the bounds in a second.
    per_second: u32,
    counts: Vec<AtomicU64>,
    sum: AtomicU64,
}

impl SharedSamples {
    pub(super) fn new(bounds: &'static [u64], per_second: u32) -> Self {
        let counts = (0..=bounds.len()).map(|_| AtomicU64::new(0)).collect();
        Self { bounds, per_second, counts, sum: AtomicU64::new(0) }
    }

    /// Adds one sample, in the unit of the bounds. For rare events.
    pub(super) fn record(&self, sample: u64) {
        self.counts[self.bounds.partition_point(|bound| *bound < sample)].fetch_add(1, Ordering::Relaxed);
        self.sum.fetch_add(sample, Ordering::Relaxed);
    }

    /// Adds the samples of a shard.
    pub(super) fn add(&self, samples: &Samples) {
        assert_eq!(self.bounds.len(), samples.bounds.len(), "samples go to the histogram they were made for");
        for (mine, theirs) in self.counts.iter().zip(&samples.counts).filter(|(_, theirs)| **theirs > 0) {
            mine.fetch_add(*theirs, Ordering::Relaxed);
        }
        if samples.sum > 0 {
            self.sum.fetch_add(samples.sum, Ordering::Relaxed);
        }
    }

    /// Writes the lines of one label set; `label` is `platform="ios"` or empty.
    pub(super) fn render(&self, out: &mut String, name: &str, label: &str) {
        let (comma, braces) = if label.is_empty() { ("", String::new()) } else { (",", format!("{{{label}}}")) };
        let mut below = 0;
        for (bound, count) in self.bounds.iter().zip(&self.counts) {
            below += count.load(Ordering::Relaxed);
            let le = self.seconds(*bound);
            writeln!(out, "{name}_bucket{{{label}{comma}le=\"{le}\"}} {below}").expect("a string takes all");
        }
        below += self.counts[self.bounds.len()].load(Ordering::Relaxed);
        let sum = self.seconds(self.sum.load(Ordering::Relaxed));
        writeln!(out, "{name}_bucket{{{label}{comma}le=\"+Inf\"}} {below}").expect("a string takes all");
        writeln!(out, "{name}_sum{braces} {sum}\n{name}_count{braces} {below}").expect("a string takes all");
    }

    #[expect(clippy::cast_precision_loss, reason = "an exported sum; nothing is decided by it")]
    fn seconds(&self, units: u64) -> f64 {
        units as f64 / f64::from(self.per_second)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::counting::deliveries::DELIVERY_BOUNDS_MS;

    #[test]
    fn a_sample_on_a_bound_belongs_to_its_bucket() {
        const BOUNDS: &[u64] = &[250, 1_000];
        let (shared, mut samples) = (SharedSamples::new(BOUNDS, 1_000), Samples::new(BOUNDS));
        for sample in [250, 251, 1_000, 9_000] {
            samples.record(sample);
        }
        shared.add(&samples);
        let mut out = String::new();
        shared.render(&mut out, "x_seconds", "platform=\"ios\"");
        insta::assert_snapshot!(out, @r#"
        x_seconds_bucket{platform="ios",le="0.25"} 1
        x_seconds_bucket{platform="ios",le="1"} 3
        x_seconds_bucket{platform="ios",le="+Inf"} 4
        x_seconds_sum{platform="ios"} 10.501
        x_seconds_count{platform="ios"} 4
        "#);
    }

    #[test]
    fn bounds_ascend() {
        assert!([DELIVERY_BOUNDS_MS, LAG_BOUNDS_US, REQUEST_BOUNDS_US].iter().all(|bounds| bounds.is_sorted()));
    }
}
