//! Shown pairs by minute, platform and latency, computed from the totals after a run: counts of a single message
//! contain its time of acceptance and the latencies of its pairs; those of summarised sends were counted by minute.
//! Must not count during a run.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::rules::base::platform::Platform;
use crate::rules::base::time::SimTime;
use crate::rules::counting::counts::RunCounts;
use crate::rules::counting::deliveries::{DELIVERY_BOUNDS_MS, Delivery};
use crate::rules::model::world::World;

use super::outcome::Counts;
use super::selection::cells;
use super::series::MINUTE_MS;

/// The latencies of one platform's pairs that were shown in a minute.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Deliveries {
    /// They added up, in ms.
    pub sum_ms: u64,
    /// Pairs by the bucket of their latency, where there are such: its upper end in seconds, as Prometheus writes it (`0.5`,
    /// `+Inf`).
    pub by_latency: Counts,
}

/// By platform, where there are such.
pub(super) type Delivered = BTreeMap<String, Deliveries>;

/// The deliveries of each minute that begins before `end`, if it has any. The histograms of the totals err by a
/// hundredth at most, always upwards; so does the minute.
pub(crate) fn deliveries(world: &World, counts: &RunCounts, end: SimTime) -> BTreeMap<u64, Delivered> {
    let mut found: BTreeMap<(u64, Platform), Delivery> =
        counts.deliveries.iter().map(|(minute, platform, delivery)| ((minute, platform), *delivery)).collect();
    for page in counts.messages.values() {
        for (stratum, cell) in cells(world, &page.cells) {
            // The latencies of one message ascend, and so do the minutes: the sum of a minute is stored once.
            let mut minutes = cell.latency.buckets().peekable();
            let longest_ms = cell.latency.max_ms().unwrap_or(0);
            while let Some((upper_end, _)) = minutes.peek() {
                let minute_of = |upper_end: u64| {
                    let after_ms = upper_end.min(longest_ms);
                    (page.message.accepted_at + after_ms).ms().min(end.ms().saturating_sub(1)) / MINUTE_MS
                };
                let minute = minute_of(*upper_end);
                let sums = found.entry((minute, stratum.platform)).or_default();
                while let Some((upper_end, pairs)) = minutes.next_if(|(upper_end, _)| minute_of(*upper_end) == minute) {
                    sums.add(upper_end.min(longest_ms), pairs);
                }
            }
        }
    }
    let names: Vec<String> = latency_buckets().collect();
    let mut delivered = BTreeMap::<u64, Delivered>::new();
    for ((minute, platform), sums) in found {
        let counts = names.iter().zip(sums.by_bound).filter(|(_, pairs)| *pairs > 0);
        let by_latency = counts.map(|(name, pairs)| (name.clone(), pairs)).collect();
        let deliveries = Deliveries { sum_ms: sums.sum_ms, by_latency };
        delivered.entry(minute).or_default().insert(platform.name().to_owned(), deliveries);
    }
    delivered
}

/// The names of all buckets of latency, ascending: their upper ends in seconds, the last one `+Inf`.
pub fn latency_buckets() -> impl Iterator<Item = String> {
    DELIVERY_BOUNDS_MS.iter().map(|bound| seconds(*bound)).chain(["+Inf".to_owned()])
}

/// Milliseconds as seconds, without trailing zeros.
fn seconds(ms: u64) -> String {
    let (whole, part) = (ms / 1_000, ms % 1_000);
    if part == 0 { whole.to_string() } else { format!("{whole}.{part:03}").trim_end_matches('0').to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::fixture::usual;
    use crate::rules::counting::deliveries::bound_of;

    #[test]
    fn pairs_are_in_the_minute_and_the_bucket_of_their_display() {
        let hand = usual("");
        let found = deliveries(&hand.world, &hand.totals.counts, SimTime(300_000));
        let of = |minute: u64, platform: &str| found[&minute][platform].by_latency.iter().collect::<Vec<_>>();
        assert_eq!(found.keys().collect::<Vec<_>>(), [&1, &2, &3]);
        assert_eq!(of(1, "ios"), [(&"1".to_owned(), &1)]);
        assert_eq!(of(2, "android"), [(&"120".to_owned(), &1)]);
        assert_eq!(of(3, "ios"), [(&"2".to_owned(), &1)]);
        assert_eq!((found[&1]["ios"].sum_ms, found[&2]["android"].sum_ms), (1_000, 63_000));
    }

    #[test]
    fn buckets_are_named_as_prometheus_does() {
        let names: Vec<String> = latency_buckets().collect();
        let named = [1, 250, 251, 86_400_000, 86_400_001].map(|ms| names[bound_of(ms)].as_str());
        assert_eq!(named, ["0.25", "0.25", "0.5", "86400", "+Inf"]);
    }
}
