//! Both quotas: slots within an exact hour (R40–R47, X8), sliding unless a scenario says otherwise. Must not depend on
//! tenant or device.

use std::borrow::Cow;

use super::message::{Reason, Refusal};
use super::readings::{RefusedAttempts, Service};
use crate::rules::base::limits::QUOTA_WINDOW_MS;
use crate::rules::base::time::SimTime;

/// R45: the meaning of "an hour".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Hour {
    /// The hour before each moment.
    #[default]
    Sliding,
    /// From one whole hour of UTC to the next.
    Clock {
        /// How much of its hour has passed when the run begins, in ms, less than an hour.
        begun_ms: u64,
    },
}

impl Hour {
    /// When a slot taken at `at` is free again: an hour later, or at the next full hour.
    pub const fn frees(self, at: SimTime) -> SimTime {
        match self {
            Self::Sliding => SimTime(at.0 + QUOTA_WINDOW_MS),
            Self::Clock { begun_ms } => SimTime(((at.0 + begun_ms) / QUOTA_WINDOW_MS + 1) * QUOTA_WINDOW_MS - begun_ms),
        }
    }
}

/// The number of slots an hour and the way of counting them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuotaLimit {
    /// Slots an hour.
    pub limit: usize,
    /// R45.
    pub hour: Hour,
    /// R46.
    pub refused_attempts: RefusedAttempts,
}

/// When the slots of the last hour were taken, oldest first; at most as many as the quota has, the latest.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Window {
    taken: Vec<SimTime>,
}

impl Window {
    /// Takes `slots` at `now`, at most the whole quota. Slots taken `beside` it, ascending, count too.
    ///
    /// # Errors
    /// The next moment at which so many slots are free (R45), if no others are taken until then.
    pub fn reserve(
        &mut self,
        quota: QuotaLimit,
        slots: usize,
        now: SimTime,
        beside: &[SimTime],
    ) -> Result<(), SimTime> {
        self.taken.drain(..young(quota, &self.taken, now));
        let free = self.frees(quota, slots, now, beside);
        if free.is_none() || quota.refused_attempts == RefusedAttempts::Counted {
            self.taken.extend(std::iter::repeat_n(now, slots));
            self.taken.drain(..self.taken.len().saturating_sub(quota.limit));
        }
        match free {
            None => Ok(()),
            Some(next) if quota.refused_attempts == RefusedAttempts::Free => Err(next),
            Some(_) => {
                Err(self.frees(quota, slots, now, beside).expect("a window that was full has not become emptier"))
            }
        }
    }

    /// Takes one of a device's slots at `now`; the times of `group_messages` to it count too (R43, R44).
    ///
    /// # Errors
    /// [`Reason::DeviceQuota`].
    pub fn reserve_for_device(
        &mut self,
        service: &Service,
        now: SimTime,
        group_messages: &[SimTime],
    ) -> Result<(), Refusal> {
        let reserved = self.reserve(service.quota_of_device(), 1, now, group_messages);
        reserved.map_err(|next| service.refusal(Reason::DeviceQuota, next))
    }

    /// Slots left at `now`.
    pub fn remaining(&self, quota: QuotaLimit, now: SimTime) -> usize {
        quota.limit.saturating_sub(self.taken.len() - young(quota, &self.taken, now))
    }

    /// When the next slot is free; `now` if one is.
    pub fn next_slot(&self, quota: QuotaLimit, now: SimTime) -> SimTime {
        self.frees(quota, 1, now, &[]).unwrap_or(now)
    }

    /// The moment at which `slots` are free that are not free at `now`.
    fn frees(&self, quota: QuotaLimit, slots: usize, now: SimTime, beside: &[SimTime]) -> Option<SimTime> {
        let mut taken = Cow::Borrowed(&self.taken[young(quota, &self.taken, now)..]);
        if !beside.is_empty() {
            taken.to_mut().extend(&beside[young(quota, beside, now)..]);
            taken.to_mut().sort_unstable();
        }
        let over = (taken.len() + slots).checked_sub(quota.limit + 1)?;
        Some(quota.hour.frees(taken[over]))
    }
}

/// The index of the first slot that still counts at `now`.
fn young(quota: QuotaLimit, taken: &[SimTime], now: SimTime) -> usize {
    taken.partition_point(|at| quota.hour.frees(*at) <= now)
}

/// The value of `Retry-After`, in whole seconds rounded up (R47).
pub fn retry_after_seconds(now: SimTime, next_slot: SimTime) -> u64 {
    next_slot.since(now).div_ceil(1_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HOUR_MS: u64 = 3_600_000;

    fn quota(limit: usize) -> QuotaLimit {
        QuotaLimit { limit, hour: Hour::Sliding, refused_attempts: RefusedAttempts::Free }
    }

    #[test]
    fn the_slot_is_free_when_the_oldest_is_exactly_an_hour_old_r45() {
        let mut window = Window::default();
        let mut reserve = |at| window.reserve(quota(25), 1, SimTime(at), &[]);
        assert!((0..25).all(|at| reserve(at).is_ok()));
        assert_eq!(reserve(3_599_999), Err(SimTime(HOUR_MS)));
        assert_eq!(reserve(HOUR_MS), Ok(()));
    }

    #[test]
    fn the_next_slot_is_now_or_an_hour_after_the_oldest() {
        let mut window = Window::default();
        assert_eq!(window.next_slot(quota(2), SimTime(7)), SimTime(7), "one is free");
        for at in [10, 20] {
            assert_eq!(window.reserve(quota(2), 1, SimTime(at), &[]), Ok(()));
        }
        assert_eq!(window.next_slot(quota(2), SimTime(30)), SimTime(HOUR_MS + 10));
        assert_eq!(window.next_slot(quota(2), SimTime(HOUR_MS + 10)), SimTime(HOUR_MS + 10));
    }

    #[test]
    fn by_the_clock_all_slots_are_free_at_the_full_hour_r45() {
        let quota = QuotaLimit { hour: Hour::Clock { begun_ms: HOUR_MS - 1_000 }, ..quota(2) };
        let mut window = Window::default();
        let mut reserve = |at| window.reserve(quota, 1, SimTime(at), &[]);
        assert_eq!([998, 999, 999].map(&mut reserve), [Ok(()), Ok(()), Err(SimTime(1_000))]);
        assert_eq!([1_000, 1_000, 1_001].map(&mut reserve), [Ok(()), Ok(()), Err(SimTime(HOUR_MS + 1_000))]);
    }

    #[test]
    fn counted_refusals_keep_a_persistent_client_refused_r46() {
        let quota = QuotaLimit { refused_attempts: RefusedAttempts::Counted, ..quota(2) };
        let mut window = Window::default();
        let mut reserve = |at| window.reserve(quota, 1, SimTime(at), &[]);
        assert_eq!([0, 1, 10].map(&mut reserve), [Ok(()), Ok(()), Err(SimTime(HOUR_MS + 1))]);
        assert_eq!(reserve(HOUR_MS), Err(SimTime(HOUR_MS + 10)));
        assert_eq!(reserve(HOUR_MS + 10), Ok(()));
    }

    #[test]
    fn several_slots_are_free_when_as_many_have_gone_r42() {
        let mut window = Window::default();
        let mut reserve = |slots, at| window.reserve(quota(5), slots, SimTime(at), &[]);
        assert_eq!((reserve(2, 0), reserve(2, 7), reserve(1, 8)), (Ok(()), Ok(()), Ok(())));
        assert_eq!((reserve(1, 9), reserve(2, 9)), (Err(SimTime(HOUR_MS)), Err(SimTime(HOUR_MS))));
        assert_eq!((reserve(3, 9), reserve(5, 9)), (Err(SimTime(HOUR_MS + 7)), Err(SimTime(HOUR_MS + 8))));
    }

    #[test]
    fn of_more_slots_than_the_quota_has_the_latest_count_x36() {
        let quota = QuotaLimit { refused_attempts: RefusedAttempts::Counted, ..quota(5) };
        let mut window = Window::default();
        let mut reserve = |slots, at| window.reserve(quota, slots, SimTime(at), &[]);
        assert_eq!(reserve(4, 0), Ok(()));
        // Of eight slots the latest five count, one of 0 and four of 7; for four more, all but one have to go.
        assert_eq!(reserve(4, 7), Err(SimTime(HOUR_MS + 7)));
        // Those of 7 and this one are five again, and the oldest of them is the next to go.
        assert_eq!(reserve(1, 8), Err(SimTime(HOUR_MS + 7)));
        assert_eq!(reserve(4, HOUR_MS + 7), Ok(()));
    }

    #[test]
    fn slots_taken_beside_the_window_count_r44() {
        let mut window = Window::default();
        assert_eq!(window.reserve(quota(2), 1, SimTime(5), &[]), Ok(()));
        assert_eq!(window.reserve(quota(2), 1, SimTime(9), &[SimTime(3)]), Err(SimTime(HOUR_MS + 3)));
        assert_eq!(window.reserve(quota(2), 1, SimTime(HOUR_MS + 3), &[SimTime(3)]), Ok(()));
    }

    proptest! {
        #[test]
        fn agrees_with_a_list_that_never_forgets(
            limit in 1_usize..26,
            asks in prop::collection::vec((0_u64..1_000_000, 1_usize..26), 1..200),
            begun_ms in prop::option::of(0..HOUR_MS),
            counted in any::<bool>(),
        ) {
            let hour = begun_ms.map_or(Hour::Sliding, |begun_ms| Hour::Clock { begun_ms });
            let refused_attempts = if counted { RefusedAttempts::Counted } else { RefusedAttempts::Free };
            let quota = QuotaLimit { limit, hour, refused_attempts };
            // Computed independently of the tested code: whether both are in the same hour.
            let counts = |at: u64, now: u64| match begun_ms {
                None => now - at < HOUR_MS,
                Some(begun) => (at + begun) / HOUR_MS == (now + begun) / HOUR_MS,
            };
            let used = |all: &[u64], now: u64| all.iter().filter(|at| counts(**at, now)).count();
            let (mut window, mut all, mut now) = (Window::default(), Vec::<u64>::new(), 0);
            for (gap, slots) in asks {
                now += gap;
                let slots = slots.min(limit);
                let fits = used(&all, now) + slots <= limit;
                prop_assert_eq!(window.remaining(quota, SimTime(now)), limit.saturating_sub(used(&all, now)));
                let answer = window.reserve(quota, slots, SimTime(now), &[]);
                if fits || counted { all.extend(std::iter::repeat_n(now, slots)); }
                prop_assert_eq!(answer.is_ok(), fits);
                if let Err(next) = answer {
                    prop_assert!(used(&all, next.0 - 1) + slots > limit && used(&all, next.0) + slots <= limit, "{next}");
                }
            }
        }
    }
}
