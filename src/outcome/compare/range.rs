//! The range of one figure over seeds: minimum, median and maximum, with their seeds. Must not depend on the figure.

use std::cmp::Ordering;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A figure over seeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Range<V> {
    /// In how many of the seeds there was something to measure.
    pub seeds: u64,
    /// The least.
    pub min: Seeded<V>,
    /// The lower middle: with an even number of seeds the smaller of the two in the middle, so that some seed gave it.
    pub median: Seeded<V>,
    /// The most.
    pub max: Seeded<V>,
}

/// A value, and the smallest seed that gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Seeded<V> {
    /// The seed.
    pub seed: u64,
    /// What it gives.
    pub value: V,
}

/// A part of a whole, both as counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Share {
    /// The part.
    pub part: u64,
    /// The whole, at least 1.
    pub whole: u64,
}

/// What an expectation saw.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Seen {
    /// A ratio, a count, or milliseconds.
    pub figure: f64,
    /// The same for people.
    pub text: String,
}

impl<V: Clone> Range<V> {
    /// The range of `samples`, each with its seed, seeds ascending; `None` without any.
    pub(crate) fn over(samples: Vec<(u64, V)>, compare: impl Fn(&V, &V) -> Ordering) -> Option<Self> {
        let mut sorted = samples;
        // The sort is stable, so that of several seeds with one value the smallest comes first.
        sorted.sort_by(|one, other| compare(&one.1, &other.1));
        let last = sorted.len().checked_sub(1)?;
        let at = |rank: usize| {
            let first = sorted.partition_point(|sample| compare(&sample.1, &sorted[rank].1) == Ordering::Less);
            let (seed, value) = sorted[first].clone();
            Seeded { seed, value }
        };
        Some(Self { seeds: sorted.len() as u64, min: at(0), median: at(last / 2), max: at(last) })
    }
}

impl Share {
    /// A share of a whole; `None` if the whole is 0.
    pub(crate) fn of(part: u64, whole: u64) -> Option<Self> {
        (whole > 0).then_some(Self { part, whole })
    }

    /// Compares two shares exactly: a half equals two quarters.
    pub(crate) fn compare(&self, other: &Self) -> Ordering {
        let product = |part: u64, whole: u64| u128::from(part) * u128::from(whole);
        product(self.part, other.whole).cmp(&product(other.part, self.whole))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(values: &[u64]) -> [(u64, u64); 3] {
        let samples = (1..).zip(values.iter().copied()).collect();
        let range = Range::over(samples, u64::cmp).expect("there are samples");
        assert_eq!(range.seeds, values.len() as u64);
        [range.min, range.median, range.max].map(|seeded| (seeded.value, seeded.seed))
    }

    #[test]
    fn names_the_least_the_lower_middle_and_the_most_each_with_its_seed() {
        assert_eq!(range(&[30, 10, 20]), [(10, 2), (20, 3), (30, 1)]);
        assert_eq!(range(&[40, 10, 20, 30]), [(10, 2), (20, 3), (40, 1)], "of 20 and 30 the lower");
        assert_eq!(range(&[9]), [(9, 1); 3]);
        assert_eq!(Range::over(Vec::new(), u64::cmp), None);
    }

    #[test]
    fn of_equal_values_the_smallest_seed_is_named() {
        assert_eq!(range(&[5, 7, 5, 7, 7]), [(5, 1), (7, 2), (7, 2)]);
    }

    #[test]
    fn shares_compare_as_ratios_and_not_as_counts() {
        let share = |part, whole| Share::of(part, whole).expect("of something");
        let samples = vec![(1, share(50, 100)), (2, share(40, 50)), (3, share(1, 4))];
        let range = Range::over(samples, Share::compare).expect("there are samples");
        assert_eq!((range.min.seed, range.median.seed, range.max.seed), (3, 1, 2));
        assert_eq!(share(1, 2).compare(&share(2, 4)), Ordering::Equal);
        assert_eq!(share(u64::MAX - 1, u64::MAX).compare(&share(u64::MAX, u64::MAX)), Ordering::Less);
        assert_eq!(Share::of(0, 0), None);
    }
}
