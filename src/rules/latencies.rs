//! Latencies when all is counted: how many fell into each bucket that has any, so that a single one takes a few bytes and many
//! merge exactly. Counts none itself: buckets do.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Bits of a value that a bucket tells apart: two significant digits, so it errs by less than a hundredth.
pub(super) const BITS: u32 = 8;
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

/// `(bucket, how many)`, ascending, none of them empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Latencies(Vec<(u32, u32)>);

impl Latencies {
    /// What was counted, by bucket from the first.
    pub(super) fn of(counts: &[u32]) -> Self {
        Self((0..).zip(counts.iter().copied()).filter(|(_, count)| *count > 0).collect())
    }

    /// How many there are.
    pub fn len(&self) -> u64 {
        self.0.iter().map(|(_, count)| u64::from(*count)).sum()
    }

    /// Is there none?
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `(largest latency in ms, how many)` of every bucket that has any, ascending.
    pub fn buckets(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        self.0.iter().map(|(bucket, count)| (upper_end(*bucket), u64::from(*count)))
    }

    /// Adds others.
    pub fn merge(&mut self, others: &Self) {
        if others.is_empty() {
            return;
        }
        let mine = std::mem::take(&mut self.0);
        let (mut mine, mut theirs) = (mine.into_iter().peekable(), others.0.iter().copied().peekable());
        while let (Some(one), Some(other)) = (mine.peek(), theirs.peek()) {
            let next = match one.0.cmp(&other.0) {
                std::cmp::Ordering::Less => mine.next(),
                std::cmp::Ordering::Greater => theirs.next(),
                std::cmp::Ordering::Equal => {
                    mine.next().zip(theirs.next()).map(|(one, other)| (one.0, one.1 + other.1))
                }
            };
            self.0.extend(next);
        }
        self.0.extend(mine.chain(theirs));
    }
}

/// A latency and how often it was counted, for each bucket that has any, ascending; null for none at all.
impl Serialize for Latencies {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let buckets = (!self.is_empty()).then(|| self.buckets().collect::<Vec<_>>());
        buckets.serialize(to)
    }
}

impl<'de> Deserialize<'de> for Latencies {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let mut all = Self::default();
        for (ms, count) in Option::<Vec<(u64, u32)>>::deserialize(from)?.unwrap_or_default() {
            let short = u32::try_from(ms).map_err(|_| D::Error::custom(format!("a latency of {ms} ms")))?;
            let bucket = bucket_of(short);
            if count == 0 || all.0.last().is_some_and(|(last, _)| *last >= bucket) {
                return Err(D::Error::custom(format!("a latency of {ms} ms out of order, or none of it")));
            }
            all.0.push((bucket, count));
        }
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn carried(what: &Latencies) -> Latencies {
        let bytes = rmp_serde::to_vec(what).expect("it is written");
        rmp_serde::from_slice(&bytes).expect("it is read")
    }

    fn one(ms: u32) -> Latencies {
        Latencies(vec![(bucket_of(ms), 1)])
    }

    fn all_of(samples: impl IntoIterator<Item = u32>) -> Latencies {
        let mut all = Latencies::default();
        samples.into_iter().for_each(|ms| all.merge(&one(ms)));
        all
    }

    #[test]
    fn every_bucket_arrives_from_0_to_the_longest() {
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
        }
    }

    #[test]
    fn merging_is_counting_all() {
        let samples: Vec<u32> = (0..2_000_u32).map(|step| step.wrapping_mul(0x9E37_79B9) >> (step % 32)).collect();
        let (some, others) = samples.split_at(700);
        let mut merged = all_of(some.iter().copied());
        merged.merge(&all_of(others.iter().copied()));
        assert_eq!(merged, all_of(samples.iter().rev().copied()));
        assert_eq!(merged.len(), 2_000);
    }

    #[test]
    fn what_is_out_of_range_or_order_is_refused() {
        for wrong in [vec![(1_u64 << 40, 1_u32)], vec![(5, 1), (4, 1)], vec![(5, 1), (5, 1)], vec![(5, 0)]] {
            let bytes = rmp_serde::to_vec(&Some(wrong)).expect("it is written");
            let error = rmp_serde::from_slice::<Latencies>(&bytes).expect_err("it is refused").to_string();
            assert!(error.contains("a latency of"), "{error}");
        }
    }
}
