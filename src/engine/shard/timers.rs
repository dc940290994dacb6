//! The timers of a shard's phones and the wake-up by the clock. Timers are taken from the wheel in batches of some thousands, and
//! within a batch in the order of devices: the memory of neighbouring devices is adjacent, and their order does not matter to a
//! fate. Must not know what a timer is for.

use std::cmp::Reverse;

use super::wheel::Wheel;
use crate::clock::{Clock, Wake};
use crate::rules::base::ids::DeviceIx;
use crate::rules::base::time::SimTime;

/// Timers in a batch, at least, if so many are due.
const BATCH_MIN: usize = 16_384;

/// The timers of a shard.
#[derive(Debug)]
pub(super) struct Timers {
    wheel: Wheel,
    /// The batch taken from the wheel, the last device first.
    taken: Vec<(SimTime, u32)>,
    /// The wake-up by the clock, and its time.
    wake: Option<(SimTime, Wake)>,
}

impl Timers {
    /// No timers.
    pub(super) fn new() -> Self {
        Self { wheel: Wheel::new(), taken: Vec::new(), wake: None }
    }

    /// How many are pending, including those that were replaced.
    pub(super) fn len(&self) -> usize {
        self.wheel.len() + self.taken.len()
    }

    /// The earliest time at which one in the wheel may be due.
    pub(super) fn next(&self) -> Option<SimTime> {
        self.wheel.next()
    }

    /// Whether none is due by `limit`.
    pub(super) fn are_done(&self, limit: SimTime) -> bool {
        self.taken.is_empty() && self.next().is_none_or(|next| next > limit)
    }

    /// Sets a timer; at [`SimTime::NEVER`] it never goes off.
    pub(super) fn set(&mut self, at: SimTime, device: DeviceIx) {
        self.wheel.insert(at, device.0);
    }

    /// Takes one that is due by `limit`. It may have been replaced: the phone knows its current timer.
    pub(super) fn take(&mut self, limit: SimTime) -> Option<(SimTime, DeviceIx)> {
        if self.taken.is_empty() {
            self.wheel.take(limit, BATCH_MIN, &mut self.taken);
            self.taken.sort_unstable_by_key(|(at, device)| Reverse((*device, *at)));
        }
        self.taken.pop().map(|(at, device)| (at, DeviceIx(device)))
    }

    /// Has the clock call what `wake` makes when the next timer within `closed` may be due, unless it will do so earlier already.
    pub(super) fn wake_at_next<W: FnOnce() + Send + 'static>(
        &mut self,
        closed: SimTime,
        clock: &Clock,
        wake: impl FnOnce() -> W,
    ) {
        if let Some(next) = self.next().filter(|next| *next <= closed)
            && self.wake.as_ref().is_none_or(|(at, _)| next < *at)
        {
            self.wake = Some((next, clock.wake_at(next, wake())));
        }
    }

    /// Forgets the wake-up: it has come, or its receiver is dead.
    pub(super) fn forget_wake(&mut self) {
        self.wake = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn due_timers_are_taken_once_in_the_order_of_devices_and_none_before() {
        let mut timers = Timers::new();
        let times = [(70, 3), (5, 9), (64, 1), (5, 2), (900, 4)].map(|(at, device)| (SimTime(at), DeviceIx(device)));
        for (at, device) in times {
            timers.set(at, device);
        }
        timers.set(SimTime::NEVER, DeviceIx(7));
        let taken: Vec<_> = std::iter::from_fn(|| timers.take(SimTime(100))).collect();
        let expected = [(64, 1), (5, 2), (70, 3), (5, 9)].map(|(at, device)| (SimTime(at), DeviceIx(device)));
        assert_eq!((taken.as_slice(), timers.len()), (expected.as_slice(), 1));
        assert!(timers.are_done(SimTime(100)) && !timers.are_done(SimTime(900)));
    }

    #[tokio::test]
    async fn the_clock_wakes_for_the_earliest_timer_and_only_within_the_watermark() {
        let (mut timers, clock) = (Timers::new(), Clock::Max);
        let wake_time = |timers: &Timers| timers.wake.as_ref().map(|(at, _)| *at);
        timers.set(SimTime(50), DeviceIx(1));
        timers.wake_at_next(SimTime(49), &clock, || || ());
        assert_eq!(wake_time(&timers), None);
        timers.wake_at_next(SimTime(50), &clock, || || ());
        assert_eq!(wake_time(&timers), Some(SimTime(50)));
        timers.set(SimTime(20), DeviceIx(2));
        timers.wake_at_next(SimTime(50), &clock, || || ());
        assert_eq!(wake_time(&timers), Some(SimTime(20)));
        timers.forget_wake();
        assert_eq!(wake_time(&timers), None);
    }
}
