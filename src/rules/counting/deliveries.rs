//! Shown pairs by minute, platform and latency. Summarised sends are counted here at once, because the time of
//! acceptance of each of their messages is not kept. Only adds.

use std::collections::BTreeMap;

use super::counts::MINUTE_MS;
use crate::rules::base::platform::Platform;
use crate::rules::base::time::SimTime;

/// Upper ends of the buckets of delivery, in ms of model time: 0.25 s to 24 h.
pub const DELIVERY_BOUNDS_MS: &[u64] = &[
    250, 500, 1_000, 2_000, 3_000, 5_000, 10_000, 20_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000,
    1_800_000, 3_600_000, 7_200_000, 14_400_000, 28_800_000, 43_200_000, 86_400_000,
];

/// The index of a latency's bucket in [`DELIVERY_BOUNDS_MS`]; the last is beyond all bounds.
pub fn bound_of(ms: u64) -> usize {
    DELIVERY_BOUNDS_MS.partition_point(|bound| *bound < ms)
}

/// The latencies of some pairs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Delivery {
    /// Their sum, in ms.
    pub sum_ms: u64,
    /// Pairs by the bucket of their latency.
    pub by_bound: [u64; DELIVERY_BOUNDS_MS.len() + 1],
}

impl Delivery {
    /// Adds pairs with this latency.
    pub fn add(&mut self, after_ms: u64, pairs: u64) {
        self.sum_ms += after_ms * pairs;
        self.by_bound[bound_of(after_ms)] += pairs;
    }

    fn join(&mut self, other: &Self) {
        self.sum_ms += other.sum_ms;
        self.by_bound.iter_mut().zip(other.by_bound).for_each(|(mine, theirs)| *mine += theirs);
    }
}

/// By minute and platform; empty ones are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct DeliveriesByMinute(BTreeMap<(u64, Platform), Delivery>);

impl DeliveriesByMinute {
    /// Adds pairs shown at `at`, `after_ms` after acceptance.
    pub fn add(&mut self, at: SimTime, platform: Platform, after_ms: u64, pairs: u64) {
        self.0.entry((at.ms() / MINUTE_MS, platform)).or_default().add(after_ms, pairs);
    }

    /// Adds other deliveries.
    pub fn join(&mut self, other: &Self) {
        for (place, delivery) in &other.0 {
            self.0.entry(*place).or_default().join(delivery);
        }
    }

    /// Each minute and platform, in order.
    pub fn iter(&self) -> impl Iterator<Item = (u64, Platform, &Delivery)> + '_ {
        self.0.iter().map(|((minute, platform), delivery)| (*minute, *platform, delivery))
    }
}
