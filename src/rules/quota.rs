//! Both quotas: an exact sliding hour (R40–R47, X8). Counts acceptances only; knows neither tenant nor device.

use super::limits::QUOTA_WINDOW_MS;
use super::time::SimTime;

/// The acceptances of the last hour, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Window {
    accepted: Vec<SimTime>,
}

impl Window {
    /// Takes a slot at `now`, out of `limit` an hour.
    ///
    /// # Errors
    /// The next moment at which a slot is free: the oldest acceptance plus an hour (R45). Nothing is used (R46).
    pub fn reserve(&mut self, limit: usize, now: SimTime) -> Result<(), SimTime> {
        self.forget(now);
        if self.accepted.len() >= limit {
            return Err(self.accepted[0] + QUOTA_WINDOW_MS);
        }
        self.accepted.push(now);
        Ok(())
    }

    /// Slots left at `now`, out of `limit`.
    pub fn remaining(&self, limit: usize, now: SimTime) -> usize {
        limit.saturating_sub(self.accepted.iter().filter(|at| now.since(**at) < QUOTA_WINDOW_MS).count())
    }

    /// When the next slot is free; `now` if one is.
    pub fn next_slot(&self, limit: usize, now: SimTime) -> SimTime {
        let young = || self.accepted.iter().filter(|at| now.since(**at) < QUOTA_WINDOW_MS);
        if young().count() < limit {
            return now;
        }
        *young().next().expect("a full window has an oldest acceptance") + QUOTA_WINDOW_MS
    }

    fn forget(&mut self, now: SimTime) {
        let young = self.accepted.partition_point(|at| now.since(*at) >= QUOTA_WINDOW_MS);
        self.accepted.drain(..young);
    }
}

/// What `Retry-After` says, in whole seconds rounded up (R47).
pub fn retry_after_seconds(now: SimTime, next_slot: SimTime) -> u64 {
    next_slot.since(now).div_ceil(1_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_slot_is_free_when_the_oldest_is_exactly_an_hour_old_r45() {
        let mut window = Window::default();
        assert!((0..25).all(|at| window.reserve(25, SimTime(at)).is_ok()));
        assert_eq!(window.reserve(25, SimTime(3_599_999)), Err(SimTime(3_600_000)));
        assert_eq!(window.reserve(25, SimTime(3_600_000)), Ok(()));
    }

    proptest! {
        #[test]
        fn agrees_with_a_list_that_never_forgets(limit in 1_usize..26, gaps in prop::collection::vec(0_u64..1_000_000, 1..200)) {
            let (mut window, mut all, mut now) = (Window::default(), Vec::<u64>::new(), 0);
            for gap in gaps {
                now += gap;
                let young: Vec<u64> = all.iter().copied().filter(|at| now - at < 3_600_000).collect();
                let expected = if young.len() < limit { Ok(()) } else { Err(SimTime(young[0] + 3_600_000)) };
                prop_assert_eq!(window.remaining(limit, SimTime(now)), limit.saturating_sub(young.len()));
                prop_assert_eq!(window.reserve(limit, SimTime(now)), expected);
                if expected.is_ok() { all.push(now); }
            }
        }
    }
}
