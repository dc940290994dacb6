//! A distribution of whole milliseconds for reports and expectations: sparse, exact to merge, with the only definition
//! of a quantile. Must not record: the totals do.

use std::collections::BTreeMap;

use hdrhistogram::{Counter, Histogram};

use crate::rules::counting::latencies::LatencySums;

/// A share in whole billionths, so that a rank is never a matter of rounding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts(pub u64);

impl Parts {
    /// The whole.
    const WHOLE: u64 = 1_000_000_000;

    /// A share in thousandths.
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

/// Samples by histogram value: the upper end, in ms, of the bucket of each. Exact figures are kept beside them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Distribution {
    counts: BTreeMap<u64, u64>,
    samples: u64,
    sum: u128,
    /// The smallest sample and the largest; both 0 without samples.
    extremes: Extremes,
    /// Exact numbers of samples up to some limits in ms: a quantile is on the right side of each limit.
    known: BTreeMap<u64, u64>,
}

/// The smallest and the largest of some samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Extremes {
    pub(crate) min: u64,
    pub(crate) max: u64,
}

impl Distribution {
    /// Adds a histogram with a known exact maximum; its minimum and its sum are those of the buckets.
    pub fn add<C: Counter>(&mut self, histogram: &Histogram<C>, max: u64) {
        let buckets = || {
            let buckets = histogram.iter_recorded();
            buckets.map(|bucket| (bucket.value_iterated_to(), bucket.count_at_value().as_u64()))
        };
        let Some(min) = buckets().map(|(value, _)| value.min(max)).next() else { return };
        let sum = buckets().map(|(value, count)| u128::from(value.min(max)) * u128::from(count)).sum();
        self.add_buckets(buckets(), sum, Extremes { min, max });
    }

    /// Of latencies, whose sum and extremes are exact.
    pub fn of_latencies(latencies: &LatencySums) -> Self {
        let mut distribution = Self::default();
        if let Some((min, max)) = latencies.extremes_ms() {
            distribution.add_buckets(latencies.buckets(), latencies.sum_ms(), Extremes { min, max });
        }
        distribution
    }

    /// Adds samples, of which there is at least one.
    fn add_buckets(&mut self, buckets: impl Iterator<Item = (u64, u64)>, sum: u128, extremes: Extremes) {
        self.widen(extremes);
        for (value, count) in buckets {
            *self.counts.entry(value).or_default() += count;
            self.samples += count;
        }
        self.sum += sum;
    }

    /// Extends the extremes; must be called before the samples are counted.
    fn widen(&mut self, Extremes { min, max }: Extremes) {
        let mine = self.extremes;
        let min = if self.samples == 0 { min } else { mine.min.min(min) };
        self.extremes = Extremes { min, max: mine.max.max(max) };
    }

    /// Sets the exact number of samples up to `edge_ms`.
    pub(crate) fn know(&mut self, edge_ms: u64, at_most: u64) {
        self.known.insert(edge_ms, at_most);
    }

    /// Adds another distribution with the same exact limits, or without samples.
    pub fn join(&mut self, other: &Self) {
        if let Some(extremes) = other.extremes() {
            self.widen(extremes);
        }
        for (value, count) in &other.counts {
            *self.counts.entry(*value).or_default() += count;
        }
        for (edge, at_most) in &other.known {
            *self.known.entry(*edge).or_default() += at_most;
        }
        self.samples += other.samples;
        self.sum += other.sum;
    }

    /// Removes another distribution, whose samples are all in this one; `left` are the extremes of the rest.
    pub(crate) fn part_with(&mut self, other: &Self, left: Extremes) {
        for (value, count) in &other.counts {
            let left = self.counts.get_mut(value).expect("a removed sample was added before");
            *left -= count;
            if *left == 0 {
                self.counts.remove(value);
            }
        }
        for (edge, at_most) in &other.known {
            *self.known.get_mut(edge).expect("a removed sample was added before") -= at_most;
        }
        self.samples -= other.samples;
        self.sum -= other.sum;
        self.extremes = left;
    }

    /// The number of samples.
    pub fn samples(&self) -> u64 {
        self.samples
    }

    /// The smallest value such that at least this share of the samples is no larger: the upper end of its bucket, or
    /// less if a known limit says so; `None` without samples.
    pub fn quantile(&self, share: Parts) -> Option<u64> {
        let rank = share.rank(self.samples);
        let mut sum = 0;
        let (bucket, _) = self.counts.iter().find(|(_, count)| {
            sum += **count;
            sum >= rank
        })?;
        let known = self.known.iter().find(|(_, at_most)| **at_most >= rank).map(|(edge, _)| *edge);
        Some(known.unwrap_or(u64::MAX).min(*bucket).min(self.extremes.max))
    }

    /// The smallest sample; `None` without samples.
    pub fn min(&self) -> Option<u64> {
        self.extremes().map(|extremes| extremes.min)
    }

    /// The exact maximum; `None` without samples.
    pub fn max(&self) -> Option<u64> {
        self.extremes().map(|extremes| extremes.max)
    }

    pub(crate) fn extremes(&self) -> Option<Extremes> {
        (self.samples > 0).then_some(self.extremes)
    }

    /// The sum of all samples.
    pub fn sum(&self) -> u128 {
        self.sum
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
        assert_eq!((none.quantile(Parts::thousandths(500)), none.min(), none.max(), none.sum()), (None, None, None, 0));
    }

    #[test]
    fn a_quantile_is_on_the_right_side_of_every_edge_that_is_known() {
        // All three fall into one bucket, which goes from 598,016 to 602,111.
        let mut three = of(&[599_000, 600_000, 601_000]);
        let quantiles = |of: &Distribution| [333, 667, 1_000].map(|of_1000| of.quantile(Parts::thousandths(of_1000)));
        assert_eq!(quantiles(&three), [Some(601_000); 3]);
        three.know(600_000, 2);
        assert_eq!(quantiles(&three), [600_000, 601_000, 601_000].map(Some));
        three.know(599_999, 1);
        assert_eq!(quantiles(&three), [599_999, 601_000, 601_000].map(Some));
        assert_eq!(three.quantile(Parts::thousandths(500)), Some(600_000));
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
