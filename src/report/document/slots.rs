//! When slots of the tenant's quota become free again, computed from the record.

use crate::outcome::{Outcome, QuotaHour};

const MINUTE_MS: u64 = 60_000;
const HOUR_MS: u64 = 3_600_000;

/// When the slots that were taken in a minute become free again, in ms of model time (R45).
pub(crate) fn free_again_ms(outcome: &Outcome, minute: u64) -> u64 {
    let taken_ms = minute * MINUTE_MS;
    match outcome.quota.hour {
        QuotaHour::Sliding => taken_ms + HOUR_MS,
        QuotaHour::Clock => {
            let begun_ms = outcome.start_unix_ms.rem_euclid(HOUR_MS.cast_signed()).unsigned_abs();
            ((taken_ms + begun_ms) / HOUR_MS + 1) * HOUR_MS - begun_ms
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::fixture::usual;

    #[test]
    fn slots_are_free_again_after_an_hour_or_at_a_clock_hour_r45() {
        let mut outcome = usual("").outcome(None);
        outcome.start_unix_ms = HOUR_MS.cast_signed() * 5 + 20 * 60_000;
        let minutes = |outcome: &Outcome| [0, 39, 40].map(|minute| free_again_ms(outcome, minute) / MINUTE_MS);
        assert_eq!(minutes(&outcome), [60, 99, 100]);
        outcome.quota.hour = QuotaHour::Clock;
        assert_eq!(minutes(&outcome), [40, 40, 100]);
    }
}
