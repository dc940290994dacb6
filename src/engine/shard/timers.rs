//! A shard's timers as it takes them: some thousands from the wheel at once, if so many are due, and those in the order of devices.
//! Memory of devices that follow one another lies together, and to which of them something happens first is nothing to the others.

use std::cmp::Reverse;

use super::state::ShardState;
use super::wheel::Wheel;
use crate::engine::messages::ShardMessage;
use crate::rules::base::ids::DeviceIx;
use crate::rules::base::time::SimTime;

/// Timers that are taken from the wheel at once, at least, if so many are due.
const AT_ONCE: usize = 16_384;

/// See the file.
#[derive(Debug)]
pub(crate) struct Timers {
    wheel: Wheel,
    /// Taken from the wheel, the last device first.
    taken: Vec<(SimTime, u32)>,
}

impl Timers {
    /// None yet.
    pub(crate) fn new() -> Self {
        Self { wheel: Wheel::new(), taken: Vec::new() }
    }

    /// How many are pending, cancelled ones included.
    pub(crate) fn len(&self) -> usize {
        self.wheel.len() + self.taken.len()
    }

    /// The earliest moment at which something in the wheel may be due.
    pub(crate) fn next(&self) -> Option<SimTime> {
        self.wheel.next()
    }

    /// Is none due by `limit`?
    pub(super) fn are_done(&self, limit: SimTime) -> bool {
        self.taken.is_empty() && self.next().is_none_or(|next| next > limit)
    }

    /// Sets one; at [`SimTime::NEVER`] it never comes.
    pub(crate) fn set(&mut self, at: SimTime, device: DeviceIx) {
        self.wheel.insert(at, device.0);
    }

    /// Takes one that is due by `limit`; whether it still holds, its taker knows.
    pub(crate) fn take(&mut self, limit: SimTime) -> Option<(SimTime, DeviceIx)> {
        if self.taken.is_empty() {
            self.wheel.take(limit, AT_ONCE, &mut self.taken);
            self.taken.sort_unstable_by_key(|(at, device)| Reverse((*device, *at)));
        }
        self.taken.pop().map(|(at, device)| (at, DeviceIx(device)))
    }
}

impl ShardState {
    /// Wakes phones whose timers are due; false if none is.
    pub(crate) fn take_due(&mut self, closed: SimTime) -> bool {
        let (limit, mut taken) = (self.limit(closed), 0);
        while taken < self.credits.all()
            && let Some((at, device)) = self.timers.take(limit)
        {
            taken += 1;
            let rest = self.phones.rest(device);
            if rest.armed != at {
                continue;
            }
            rest.armed = SimTime::NEVER;
            if rest.due() != at {
                continue;
            }
            self.peril.reaches(at);
            let wanted = self.lag.rung(&self.clock, at);
            self.phones.work(device).wake(wanted, limit);
            self.enqueue(device);
        }
        taken > 0
    }

    /// Wakes the shard when something is due, if the clock is what it waits for.
    pub(crate) fn sleep(&mut self, closed: SimTime) {
        // Something may have become due since it was last looked for: then it is woken at once, not never.
        if self.is_full() {
            return;
        }
        if let Some(next) = self.timers.next().filter(|next| *next <= closed)
            && self.wake.as_ref().is_none_or(|(at, _)| next < *at)
        {
            let shard = self.home.shard.clone();
            // A shard that is gone needs no waking.
            let wake = self.options.clock.wake_at(next, move || drop(shard.cast(ShardMessage::Tick)));
            self.wake = Some((next, wake));
        }
    }

    pub(crate) fn woken(&mut self) {
        self.wake = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_are_due_are_taken_once_in_the_order_of_devices_and_none_before() {
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
}
