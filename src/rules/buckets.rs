//! Counting latencies by the buckets of [`super::tally::histogram`], as fast as an addition: a histogram keeps more than a count
//! up to date with each sample, and is filled in one go when all is counted. Knows no effects.

use hdrhistogram::Histogram;

use super::tally::histogram;

/// Bits of a value that a bucket tells apart: two significant digits.
const BITS: u32 = 8;
const HALF: u32 = 1 << (BITS - 1);

/// How many samples fell into each bucket, as far as the last that has one.
#[derive(Clone, Debug, Default)]
pub(super) struct Buckets(Vec<u32>);

impl Buckets {
    /// Counts one sample.
    #[inline]
    pub(super) fn count(&mut self, ms: u32) {
        let shift = u32::BITS - (ms | (2 * HALF - 1)).leading_zeros() - BITS;
        let bucket = (shift * HALF + (ms >> shift)) as usize;
        if self.0.len() <= bucket {
            self.grow(bucket);
        }
        self.0[bucket] += 1;
    }

    #[cold]
    fn grow(&mut self, bucket: usize) {
        self.0.resize((bucket + 1).next_multiple_of(HALF as usize), 0);
    }

    /// The histogram of all samples; `None` if there is none.
    pub(super) fn close(&self) -> Option<Box<Histogram<u32>>> {
        let mut latency = None;
        for (bucket, count) in (0_u32..).zip(&self.0).filter(|(_, count)| **count > 0) {
            let shift = (bucket / HALF).saturating_sub(1);
            let ms = u64::from(bucket - shift * HALF) << shift;
            let latency: &mut Box<Histogram<u32>> = latency.get_or_insert_with(histogram);
            latency.record_n(ms, *count).expect("a histogram takes 32 bits");
        }
        latency
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sample_falls_where_a_histogram_puts_it() {
        let (mut buckets, mut one_by_one) = (Buckets::default(), histogram());
        let edges = (0..32).flat_map(|power| [(1_u32 << power) - 1, 1 << power, (1 << power) + 1]);
        let spread = (0..40_000_u32).map(|step| step.wrapping_mul(0x9E37_79B9) >> (step % 32));
        for ms in edges.chain(0..2_000).chain(spread).chain([u32::MAX]) {
            buckets.count(ms);
            one_by_one.saturating_record(u64::from(ms));
        }
        assert_eq!(buckets.close(), Some(one_by_one));
        assert_eq!(Buckets::default().close(), None);
    }
}
