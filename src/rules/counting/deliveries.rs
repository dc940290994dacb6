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

#[cfg(test)]
mod tests {
    use super::*;

    /// When it was shown, on what, how long after acceptance, and how many pairs.
    type Shown = (SimTime, Platform, u64, u64);

    const SHOWN: [Shown; 6] = [
        (SimTime(59_999), Platform::Ios, 250, 3),
        (SimTime(59_999), Platform::Ios, 251, 1),
        (SimTime(60_000), Platform::Ios, 0, 2),
        (SimTime(60_000), Platform::Android, 86_400_000, 5),
        (SimTime(119_999), Platform::Android, 86_400_001, 7),
        (SimTime(120_000), Platform::Ios, 900_000, 1),
    ];

    fn all_of(shown: &[Shown]) -> DeliveriesByMinute {
        let mut all = DeliveriesByMinute::default();
        for (at, platform, after_ms, pairs) in shown {
            all.add(*at, *platform, *after_ms, *pairs);
        }
        all
    }

    #[test]
    fn a_pair_counts_in_its_minute_and_in_the_first_bucket_that_reaches_its_latency() {
        let all = all_of(&SHOWN);
        let rows: Vec<_> = all.iter().map(|(minute, platform, delivery)| (minute, platform, delivery.sum_ms)).collect();
        let (ios, android) = (Platform::Ios, Platform::Android);
        assert_eq!(
            rows,
            [(0, ios, 1_001), (1, ios, 0), (1, android, 5 * 86_400_000 + 7 * 86_400_001), (2, ios, 900_000)]
        );
        let buckets = |nth: usize| all.iter().nth(nth).expect("there are four").2.by_bound;
        assert_eq!((buckets(0)[..3].to_vec(), buckets(1)[0]), (vec![3, 1, 0], 2));
        assert_eq!(buckets(2)[DELIVERY_BOUNDS_MS.len() - 1..], [5, 7]);
    }

    #[test]
    fn joining_equals_counting_all_at_once() {
        for at in 0..=SHOWN.len() {
            let mut joined = all_of(&SHOWN[..at]);
            joined.join(&all_of(&SHOWN[at..]));
            assert_eq!(joined, all_of(&SHOWN));
        }
    }
}
