//! Latencies after counting: the size of each bucket that is not empty, so that a single latency takes a few bytes and
//! many merge exactly; beside the buckets their exact sum, minimum and maximum. Must not count: `buckets`
//! does.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Bits of a value that select its bucket: two significant digits, so the error is below a hundredth.
pub(crate) const BITS: u32 = 8;
pub(super) const HALF: u32 = 1 << (BITS - 1);

/// The bucket of a latency in ms. Those of up to 255 ms have one each; above, each power of two has 128.
#[inline]
pub(super) const fn bucket_of(ms: u32) -> u32 {
    let shift = u32::BITS - (ms | (2 * HALF - 1)).leading_zeros() - BITS;
    shift * HALF + (ms >> shift)
}

/// The largest latency of a bucket, in ms.
const fn upper_end(bucket: u32) -> u64 {
    let shift = (bucket / HALF).saturating_sub(1);
    (((bucket - shift * HALF) as u64 + 1) << shift) - 1
}

/// The smallest latency of a bucket, in ms.
const fn lower_end(bucket: u32) -> u64 {
    let shift = (bucket / HALF).saturating_sub(1);
    ((bucket - shift * HALF) as u64) << shift
}

/// Exact figures of some latencies, each below 2³² ms and fewer than 2³² of them, so that the sum fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_field_names, reason = "a unit stands last in a name")]
pub(crate) struct Extent {
    sum_ms: u64,
    min_ms: u32,
    max_ms: u32,
}

impl Extent {
    /// No latencies.
    pub(crate) const NONE: Self = Self { sum_ms: 0, min_ms: u32::MAX, max_ms: 0 };

    /// Adds latencies. Each figure has its own loop, which the compiler turns into vector instructions.
    pub(crate) fn add(&mut self, latencies_ms: &[u32]) {
        self.sum_ms += latencies_ms.iter().map(|ms| u64::from(*ms)).sum::<u64>();
        self.min_ms = latencies_ms.iter().copied().fold(self.min_ms, u32::min);
        self.max_ms = latencies_ms.iter().copied().fold(self.max_ms, u32::max);
    }

    fn join(&mut self, other: Self) {
        self.sum_ms += other.sum_ms;
        self.min_ms = self.min_ms.min(other.min_ms);
        self.max_ms = self.max_ms.max(other.max_ms);
    }
}

/// Latencies in ms; those of more than 49 days count as 49 days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Latencies {
    /// `(bucket, count)`, ascending, no count is 0.
    buckets: Vec<(u32, u32)>,
    extent: Extent,
}

impl Default for Latencies {
    fn default() -> Self {
        Self { buckets: Vec::new(), extent: Extent::NONE }
    }
}

impl Latencies {
    /// From counts by bucket, from the first, and their exact figures.
    pub(crate) fn of(counts: &[u32], extent: Extent) -> Self {
        let buckets = (0..).zip(counts.iter().copied()).filter(|(_, count)| *count > 0).collect();
        Self { buckets, extent }
    }

    /// The number of latencies.
    pub fn len(&self) -> u64 {
        self.buckets.iter().map(|(_, count)| u64::from(*count)).sum()
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.buckets.is_empty()
    }

    /// Their exact sum, in ms.
    pub const fn sum_ms(&self) -> u64 {
        self.extent.sum_ms
    }

    /// The exact minimum, in ms; `None` if there are none.
    pub fn min_ms(&self) -> Option<u64> {
        (!self.is_empty()).then_some(self.extent.min_ms.into())
    }

    /// The exact maximum, in ms; `None` if there are none.
    pub fn max_ms(&self) -> Option<u64> {
        (!self.is_empty()).then_some(self.extent.max_ms.into())
    }

    /// `(largest latency in ms, count)` of every bucket that is not empty, ascending.
    pub fn buckets(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        self.buckets.iter().map(|(bucket, count)| (upper_end(*bucket), u64::from(*count)))
    }

    /// Whether they can have these counts, each `(limit in ms, number of latencies up to it)`, limits ascending. Whole
    /// buckets decide that, except for the bucket that contains the limit.
    pub fn allow(&self, mut counts: impl Iterator<Item = (u64, u64)>) -> bool {
        let (mut certain, mut possible) = (0_u64, 0_u64);
        let (mut ended, mut begun) = (self.buckets.iter().peekable(), self.buckets.iter().peekable());
        counts.all(|(limit_ms, at_most)| {
            while let Some((_, count)) = ended.next_if(|(bucket, _)| upper_end(*bucket) <= limit_ms) {
                certain += u64::from(*count);
            }
            while let Some((_, count)) = begun.next_if(|(bucket, _)| lower_end(*bucket) <= limit_ms) {
                possible += u64::from(*count);
            }
            (certain..=possible).contains(&at_most)
        })
    }

    /// Adds other latencies.
    pub fn merge(&mut self, others: &Self) {
        if others.is_empty() {
            return;
        }
        self.extent.join(others.extent);
        let mine = std::mem::take(&mut self.buckets);
        let (mut mine, mut theirs) = (mine.into_iter().peekable(), others.buckets.iter().copied().peekable());
        while let (Some(one), Some(other)) = (mine.peek(), theirs.peek()) {
            let next = match one.0.cmp(&other.0) {
                std::cmp::Ordering::Less => mine.next(),
                std::cmp::Ordering::Greater => theirs.next(),
                std::cmp::Ordering::Equal => {
                    mine.next().zip(theirs.next()).map(|(one, other)| (one.0, one.1 + other.1))
                }
            };
            self.buckets.extend(next);
        }
        self.buckets.extend(mine.chain(theirs));
    }

    /// Whether latencies in these buckets can have these exact figures.
    fn is_possible(&self) -> bool {
        let (Some(first), Some(last)) = (self.buckets.first(), self.buckets.last()) else { return false };
        let Extent { sum_ms, min_ms, max_ms } = self.extent;
        let sum = |end: fn(u32) -> u64| -> u128 {
            self.buckets.iter().map(|(bucket, count)| u128::from(end(*bucket)) * u128::from(*count)).sum()
        };
        bucket_of(min_ms) == first.0
            && bucket_of(max_ms) == last.0
            && min_ms <= max_ms
            && (sum(lower_end)..=sum(upper_end)).contains(&u128::from(sum_ms))
    }
}

/// The serialized form: `(largest latency in ms, count)` by bucket, sum, minimum and maximum.
type Carried = (Vec<(u64, u32)>, u64, u32, u32);

/// Sums of latencies by bucket: adding takes an addition a bucket.
#[derive(Clone, Debug, Default)]
pub struct LatencySums {
    /// By bucket, from the first.
    counts: Vec<u64>,
    sum_ms: u128,
    /// The smallest latency and the largest, in ms.
    extremes_ms: Option<(u64, u64)>,
}

impl LatencySums {
    /// Adds latencies.
    pub fn add(&mut self, latencies: &Latencies) {
        let (Some(min), Some(max)) = (latencies.min_ms(), latencies.max_ms()) else { return };
        let (least, most) = self.extremes_ms.unwrap_or((min, max));
        self.extremes_ms = Some((least.min(min), most.max(max)));
        self.sum_ms += u128::from(latencies.sum_ms());
        let buckets = latencies.buckets.last().map_or(0, |(bucket, _)| *bucket as usize + 1);
        if self.counts.len() < buckets {
            self.counts.resize(buckets, 0);
        }
        for (bucket, count) in &latencies.buckets {
            self.counts[*bucket as usize] += u64::from(*count);
        }
    }

    /// The exact sum, in ms.
    pub const fn sum_ms(&self) -> u128 {
        self.sum_ms
    }

    /// The smallest latency and the largest, in ms; `None` if there are none.
    pub const fn extremes_ms(&self) -> Option<(u64, u64)> {
        self.extremes_ms
    }

    /// `(largest latency in ms, count)` of every bucket that is not empty, ascending.
    pub fn buckets(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        (0..).zip(&self.counts).filter(|(_, count)| **count > 0).map(|(bucket, count)| (upper_end(bucket), *count))
    }
}

/// Null for no latencies.
impl Serialize for Latencies {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Extent { sum_ms, min_ms, max_ms } = self.extent;
        let buckets = self.buckets.iter().map(|(bucket, count)| (upper_end(*bucket), *count));
        let carried: Option<Carried> = (!self.is_empty()).then(|| (buckets.collect(), sum_ms, min_ms, max_ms));
        carried.serialize(to)
    }
}

impl<'de> Deserialize<'de> for Latencies {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let Some((carried, sum_ms, min_ms, max_ms)) = Option::<Carried>::deserialize(from)? else {
            return Ok(Self::default());
        };
        let mut all = Self { buckets: Vec::with_capacity(carried.len()), extent: Extent { sum_ms, min_ms, max_ms } };
        for (ms, count) in carried {
            let short = u32::try_from(ms).map_err(|_| D::Error::custom(format!("a latency of {ms} ms")))?;
            let bucket = bucket_of(short);
            if count == 0 || all.buckets.last().is_some_and(|(last, _)| *last >= bucket) {
                return Err(D::Error::custom(format!("a latency of {ms} ms out of order, or none of it")));
            }
            all.buckets.push((bucket, count));
        }
        if !all.is_possible() {
            let wrong =
                format!("latencies of {min_ms} to {max_ms} ms, {sum_ms} ms in all, which their buckets do not have");
            return Err(D::Error::custom(wrong));
        }
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn carried(what: &Latencies) -> Latencies {
        let bytes = rmp_serde::to_vec(what).expect("it serializes");
        rmp_serde::from_slice(&bytes).expect("it deserializes")
    }

    fn one(ms: u32) -> Latencies {
        let mut extent = Extent::NONE;
        extent.add(&[ms]);
        Latencies { buckets: vec![(bucket_of(ms), 1)], extent }
    }

    fn all_of(samples: impl IntoIterator<Item = u32>) -> Latencies {
        let mut all = Latencies::default();
        samples.into_iter().for_each(|ms| all.merge(&one(ms)));
        all
    }

    #[test]
    fn every_bucket_survives_a_round_trip() {
        let sent = all_of((0..32).flat_map(|power| [0, (1 << power) - 1, 1 << power]).chain([u32::MAX]));
        assert_eq!((carried(&sent), sent.len()), (sent.clone(), 97));
        assert_eq!(sent.buckets().last(), Some((u64::from(u32::MAX), 1)));
        assert_eq!(carried(&Latencies::default()), Latencies::default());
    }

    #[test]
    fn a_bucket_errs_by_less_than_a_hundredth_and_never_downwards() {
        for ms in (0..4_000).chain((0..31).flat_map(|power| [(1 << power) - 1, 1 << power, (1 << power) + 1])) {
            let upper = upper_end(bucket_of(ms));
            assert!(upper >= u64::from(ms) && upper - u64::from(ms) <= u64::from(ms) / 100, "{ms} became {upper}");
            let lower = lower_end(bucket_of(ms));
            let lower = u32::try_from(lower).expect("it is no larger than the latency");
            assert!(lower <= ms && bucket_of(lower) == bucket_of(ms), "{ms} became {lower}");
            assert!(lower == 0 || bucket_of(lower - 1) != bucket_of(ms), "{lower} is the first of its bucket");
        }
    }

    #[test]
    fn the_sum_the_shortest_and_the_longest_are_exact() {
        let all = all_of([600_000, 3, u32::MAX, 600_001]);
        assert_eq!((all.min_ms(), all.max_ms()), (Some(3), Some(u64::from(u32::MAX))));
        assert_eq!(all.sum_ms(), 1_200_004 + u64::from(u32::MAX));
        let none = Latencies::default();
        assert_eq!((none.min_ms(), none.max_ms(), none.sum_ms()), (None, None, 0));
    }

    #[test]
    fn a_count_up_to_a_limit_is_possible_only_between_the_buckets() {
        let all = all_of([200, 600_000, 600_001, 900_000]);
        let possible =
            |limit_ms| (0..=5).filter(|count| all.allow([(limit_ms, *count)].into_iter())).collect::<Vec<_>>();
        assert_eq!((possible(199), possible(200)), (vec![0], vec![1]));
        assert_eq!((possible(600_000), possible(700_000), possible(u64::MAX)), (vec![1, 2, 3], vec![3], vec![4]));
        assert!(all.allow([(199, 0), (200, 1), (600_000, 2), (600_000, 2), (900_000, 4)].into_iter()));
        assert!(!all.allow([(199, 0), (600_000, 2), (700_000, 2)].into_iter()));
    }

    #[test]
    fn merging_equals_counting_all_at_once() {
        let samples: Vec<u32> = (0..2_000_u32).map(|step| step.wrapping_mul(0x9E37_79B9) >> (step % 32)).collect();
        let (some, others) = samples.split_at(700);
        let mut merged = all_of(some.iter().copied());
        merged.merge(&all_of(others.iter().copied()));
        assert_eq!(merged, all_of(samples.iter().rev().copied()));
        assert_eq!(merged.len(), 2_000);
    }

    #[test]
    fn sums_are_those_of_all_latencies_at_once() {
        let parts: [&[u32]; 4] = [&[600_000, 3], &[], &[70_000, 600_001, 3], &[0, u32::MAX]];
        let (mut sums, mut all) = (LatencySums::default(), Latencies::default());
        for part in parts.map(|part| all_of(part.iter().copied())) {
            sums.add(&part);
            all.merge(&part);
            assert_eq!((sums.sum_ms(), sums.extremes_ms()), (all.sum_ms().into(), all.min_ms().zip(all.max_ms())));
            assert!(sums.buckets().eq(all.buckets()));
        }
    }

    #[test]
    fn refuses_buckets_out_of_range_or_order() {
        assert_eq!(carried(&all_of([5, 5, 5, 900, 900])).len(), 5);
        let extents = [(5, 6, 5), (5, 4, 5), (5, 5, 6), (6, 5, 5)].map(|(sum, min, max)| (vec![(5, 1)], sum, min, max));
        let buckets = [vec![(1_u64 << 40, 1_u32)], vec![(5, 1), (4, 1)], vec![(5, 1), (5, 1)], vec![(5, 0)], vec![]];
        let sums = [
            (vec![(5, 1), (6, 0), (7, 1)], 12, 5, 7),
            (vec![(5, 1), (9, 1), (7, 1), (9, 1)], 30, 5, 9),
            (vec![(5, 2)], 11, 5, 5),
            (vec![(5, 2)], 9, 5, 5),
        ];
        for wrong in buckets.map(|buckets| (buckets, 5, 5, 5)).into_iter().chain(extents).chain(sums) {
            let bytes = rmp_serde::to_vec(&Some(wrong)).expect("it serializes");
            let error = rmp_serde::from_slice::<Latencies>(&bytes).expect_err("it is refused").to_string();
            assert!(error.contains("a latency of") || error.contains("latencies of"), "{error}");
        }
    }
}
