//! Counts a pair of the fast path at once: the same numbers as its effects one after another. Counts only what the forecast
//! passes on.

use super::minutes::{MinuteCounts, is_one_minute};
use super::recorder::{Counted, Recorder};
use crate::rules::base::time::SimTime;
use crate::rules::delivery::calm::CalmPair;
use crate::rules::faults::fault::FaultSet;
use crate::rules::service::journey::{Journey, WaitCause};

impl Recorder {
    /// Counts a pair as its effects up to `now`, all at once. Only in a world without summarised sends.
    #[expect(clippy::inline_always, reason = "counting is a few additions, which a call would double")]
    #[inline(always)]
    pub fn count_calm(&mut self, device: Counted, pair: &CalmPair, now: SimTime) {
        let CalmPair { message, starts, arrives, end, dismissed_at, .. } = *pair;
        let line = self.line(message, device.stratum);
        line.classes[pair.class as usize] += 1;
        line.exposed += u32::from(pair.exposed);
        let minute = if is_one_minute(starts, arrives) {
            // What begins and stops waiting within a minute does not change the minute.
            self.minutes.line(device.platform, arrives)
        } else {
            self.waited(device, pair)
        };
        match end {
            Journey::Shown(_) => minute.shown += 1,
            _ => self.minutes.ended(device.platform, arrives, end, 1),
        }
        self.settled(device, message, arrives, end, FaultSet::default());
        if dismissed_at <= now {
            self.dismissed(device, message, dismissed_at);
        }
    }

    /// Counts the waits of a pair; returns the minute of its arrival.
    #[inline(never)]
    fn waited(&mut self, device: Counted, pair: &CalmPair) -> &mut MinuteCounts {
        let CalmPair { starts, leaves, arrives, .. } = *pair;
        let (queued, travels) = (WaitCause::Capacity as usize, WaitCause::InTransit as usize);
        self.minutes.line(device.platform, starts).opened[queued] += 1;
        let minute = self.minutes.line(device.platform, leaves);
        minute.opened[queued] -= 1;
        minute.opened[travels] += 1;
        let minute = self.minutes.line(device.platform, arrives);
        minute.opened[travels] -= 1;
        minute
    }
}
