//! A distribution of whole milliseconds as reports and expectations read it: sparse, exact to merge, with the one definition
//! of a quantile. Records nothing: the books do.

use std::collections::BTreeMap;

use hdrhistogram::{Counter, Histogram};

use crate::rules::latencies::Latencies;

/// A share in whole billionths, so that a rank is never a matter of rounding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts(pub u64);

impl Parts {
    /// All of it.
    const WHOLE: u64 = 1_000_000_000;

    /// So many thousandths.
    pub const fn thousandths(thousandths: u64) -> Self {
        Self(thousandths * (Self::WHOLE / 1_000))
    }

    /// The nearest share to `share`, which is in (0, 1].
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0 ..= WHOLE before")]
    pub fn nearest(share: f64) -> Self {
        Self((share.clamp(0.0, 1.0) * 1e9).round() as u64)
    }

    /// The rank of this share among `samples`, from 1.
    fn rank(self, samples: u64) -> u64 {
        let rank = (u128::from(samples) * u128::from(self.0)).div_ceil(u128::from(Self::WHOLE));
        u64::try_from(rank).expect("a share of a count is no larger than it").max(1)
    }
}

/// Samples by histogram value: the upper end, in ms, of the bucket that each fell in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Distribution {
    counts: BTreeMap<u64, u64>,
    samples: u64,
    /// The largest sample, exactly.
    max: u64,
}

impl Distribution {
    /// Adds a histogram whose exact maximum is known.
    pub fn add<C: Counter>(&mut self, histogram: &Histogram<C>, max: u64) {
        let buckets = histogram.iter_recorded();
        self.add_buckets(buckets.map(|bucket| (bucket.value_iterated_to(), bucket.count_at_value().as_u64())), max);
    }

    /// Adds latencies whose exact maximum is known.
    pub fn add_latencies(&mut self, latencies: &Latencies, max: u64) {
        self.add_buckets(latencies.buckets(), max);
    }

    fn add_buckets(&mut self, buckets: impl Iterator<Item = (u64, u64)>, max: u64) {
        for (value, count) in buckets {
            *self.counts.entry(value).or_default() += count;
            self.samples += count;
        }
        self.max = self.max.max(max);
    }

    /// Adds another distribution.
    pub fn join(&mut self, other: &Self) {
        for (value, count) in &other.counts {
            *self.counts.entry(*value).or_default() += count;
        }
        self.samples += other.samples;
        self.max = self.max.max(other.max);
    }

    /// Takes out another distribution, whose samples are all in this one; `max` is the largest of those that stay, or 0.
    pub(super) fn part_with(&mut self, other: &Self, max: u64) {
        for (value, count) in &other.counts {
            let left = self.counts.get_mut(value).expect("what is taken out was put in");
            *left -= count;
            if *left == 0 {
                self.counts.remove(value);
            }
        }
        self.samples -= other.samples;
        self.max = max;
    }

    /// How many samples there are.
    pub fn samples(&self) -> u64 {
        self.samples
    }

    /// The smallest value such that at least this share of the samples is no larger, clamped to the exact maximum; `None`
    /// without samples.
    pub fn quantile(&self, share: Parts) -> Option<u64> {
        let rank = share.rank(self.samples);
        let mut sum = 0;
        self.counts
            .iter()
            .find(|(_, count)| {
                sum += **count;
                sum >= rank
            })
            .map(|(value, _)| (*value).min(self.max))
    }

    /// The smallest value; `None` without samples.
    pub fn min(&self) -> Option<u64> {
        self.counts.keys().next().map(|value| (*value).min(self.max))
    }

    /// The largest sample, exactly; `None` without samples.
    pub fn max(&self) -> Option<u64> {
        (self.samples > 0).then_some(self.max)
    }

    /// The mean of the values; `None` without samples.
    #[expect(clippy::cast_precision_loss, reason = "a mean is for comparing; it decides no fate")]
    pub fn mean(&self) -> Option<f64> {
        let sum: u128 =
            self.counts.iter().map(|(value, count)| u128::from((*value).min(self.max)) * u128::from(*count)).sum();
        (self.samples > 0).then(|| sum as f64 / self.samples as f64)
    }

    /// `(upper end, count)` of every bucket that has samples, ascending.
    pub fn buckets(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        self.counts.iter().map(|(value, count)| (*value, *count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(samples: &[u64]) -> Distribution {
        let mut histogram = Histogram::<u32>::new_with_bounds(1, 1 << 32, 2).expect("the bounds are valid");
        for sample in samples {
            histogram.saturating_record(*sample);
        }
        let mut distribution = Distribution::default();
        distribution.add(&histogram, samples.iter().copied().max().unwrap_or(0));
        distribution
    }

    #[test]
    fn a_quantile_is_the_smallest_value_with_at_least_that_share_below() {
        let hundred: Vec<u64> = (1..=100).collect();
        let hundred = of(&hundred);
        assert_eq!(hundred.quantile(Parts::thousandths(500)), Some(50));
        assert_eq!(hundred.quantile(Parts::nearest(0.07)), Some(7), "and not 8, for 0.07 is no sum of halves");
        assert_eq!(hundred.quantile(Parts::nearest(1.0)), Some(100));
        assert_eq!(of(&[5]).quantile(Parts::thousandths(1)), Some(5));
    }

    #[test]
    fn is_never_above_the_exact_maximum_and_nothing_without_samples() {
        let one = of(&[123_457]);
        assert_eq!(
            (one.quantile(Parts::thousandths(999)), one.min(), one.max()),
            (Some(123_457), Some(123_457), Some(123_457))
        );
        let none = of(&[]);
        assert_eq!((none.quantile(Parts::thousandths(500)), none.max(), none.mean()), (None, None, None));
    }

    #[test]
    fn errs_by_at_most_a_hundredth() {
        for sample in [300, 4_711, 1_000_003, 86_400_000] {
            let both = of(&[sample, sample * 2]);
            let low = both.quantile(Parts::thousandths(500)).expect("there are samples");
            assert!(low >= sample && low - sample <= sample / 100, "{sample} became {low}");
        }
    }
}
