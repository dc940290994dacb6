//! How a latency histogram is carried: only the buckets that have samples. Changes none; knows no bytes.

use hdrhistogram::Histogram;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::tally::histogram;

/// A value and how often it was recorded, for each bucket that has samples, ascending.
///
/// # Errors
/// Whatever the serializer says.
#[expect(clippy::ref_option, reason = "a field is handed over as what it is")]
pub(super) fn serialize<S: Serializer>(latency: &Option<Box<Histogram<u32>>>, to: S) -> Result<S::Ok, S::Error> {
    let buckets = latency.as_ref().map(|histogram| {
        let buckets = histogram.iter_recorded().map(|bucket| (bucket.value_iterated_to(), bucket.count_at_value()));
        buckets.collect::<Vec<_>>()
    });
    buckets.serialize(to)
}

/// The histogram of these buckets; any value of a bucket stands for all of it.
///
/// # Errors
/// A value beyond the longest latency.
pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Box<Histogram<u32>>>, D::Error> {
    let Some(buckets) = Option::<Vec<(u64, u32)>>::deserialize(from)? else { return Ok(None) };
    let mut latency = histogram();
    for (value, count) in buckets {
        latency.record_n(value, count).map_err(|_| D::Error::custom(format!("a latency of {value} ms")))?;
    }
    Ok(Some(latency))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Carried(#[serde(with = "super")] Option<Box<Histogram<u32>>>);

    fn carried(what: &Carried) -> Carried {
        let bytes = rmp_serde::to_vec(what).expect("it is written");
        rmp_serde::from_slice(&bytes).expect("it is read")
    }

    #[test]
    fn every_bucket_arrives_from_0_to_the_longest() {
        let mut latency = histogram();
        (0..40).for_each(|power| latency.saturating_record((1_u64 << power) - 1));
        latency.saturating_record(0);
        let sent = Carried(Some(latency));
        assert_eq!(carried(&sent), sent);
    }

    #[test]
    fn nothing_shown_is_not_an_empty_histogram() {
        assert_eq!(carried(&Carried(None)), Carried(None));
        assert_ne!(carried(&Carried(Some(histogram()))), Carried(None));
    }

    #[test]
    fn a_value_out_of_range_is_refused_and_not_clamped() {
        let bytes = rmp_serde::to_vec(&(Some(vec![(1_u64 << 40, 1_u32)]),)).expect("it is written");
        let error = rmp_serde::from_slice::<Carried>(&bytes).expect_err("no latency is so long");
        assert!(error.to_string().contains("1099511627776 ms"), "{error}");
    }
}
