//! Counts latencies by bucket, as fast as an addition; closing gives [`super::latencies`]. Must not depend on effects.

use super::latencies::{Extent, HALF, Latencies, bucket_of};

/// Samples by bucket, up to the last bucket that has one.
#[derive(Clone, Debug, Default)]
pub(super) struct Buckets(Vec<u32>);

impl Buckets {
    /// Counts one sample.
    #[inline]
    pub(crate) fn count(&mut self, ms: u32) {
        let bucket = bucket_of(ms) as usize;
        if self.0.len() <= bucket {
            self.grow(bucket);
        }
        self.0[bucket] += 1;
    }

    #[cold]
    fn grow(&mut self, bucket: usize) {
        self.0.resize((bucket + 1).next_multiple_of(HALF as usize), 0);
    }

    /// All samples; `extent` holds their exact figures.
    pub(crate) fn close(&self, extent: Extent) -> Latencies {
        Latencies::of(&self.0, extent)
    }
}

#[cfg(test)]
mod tests {
    use hdrhistogram::Histogram;

    use super::*;

    #[test]
    fn every_sample_falls_where_a_histogram_puts_it() {
        let mut buckets = Buckets::default();
        let mut histogram = Histogram::<u32>::new_with_bounds(1, u64::from(u32::MAX), 2).expect("the bounds are valid");
        let edges = (0..32).flat_map(|power| [(1_u32 << power) - 1, 1 << power, (1 << power) + 1]);
        let spread = (0..40_000_u32).map(|step| step.wrapping_mul(0x9E37_79B9) >> (step % 32));
        for ms in edges.chain(0..2_000).chain(spread).chain([u32::MAX]) {
            buckets.count(ms);
            histogram.saturating_record(u64::from(ms));
        }
        let theirs =
            histogram.iter_recorded().map(|bucket| (bucket.value_iterated_to(), bucket.count_at_value().into()));
        assert_eq!(buckets.close(Extent::NONE).buckets().collect::<Vec<_>>(), theirs.collect::<Vec<(u64, u64)>>());
        assert!(Buckets::default().close(Extent::NONE).is_empty());
    }
}
