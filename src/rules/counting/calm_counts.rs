//! Counts what pairs of the fast paths go through at once: the same numbers as their effects one after another. Counts only
//! what the forecast passes on.

use super::minutes::{MinuteCounts, is_one_minute};
use super::recorder::{Counted, Recorder};
use crate::rules::base::time::SimTime;
use crate::rules::delivery::absence::{CalmReturn, CalmStay};
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
            self.waited(device, starts, pair.leaves, arrives)
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

    /// Counts a pair that goes into the store. Only in a world without summarised sends, as the one below.
    pub fn count_stay(&mut self, device: Counted, stay: &CalmStay) {
        let CalmStay { message, class, starts, leaves, arrives, superseded } = *stay;
        self.line(message, device.stratum).classes[class as usize] += 1;
        let minute = if is_one_minute(starts, arrives) {
            self.minutes.line(device.platform, arrives)
        } else {
            self.waited(device, starts, leaves, arrives)
        };
        match superseded {
            None => minute.opened[WaitCause::Offline as usize] += 1,
            // One pair waits instead of the other.
            Some(superseded) => {
                self.minutes.ended(device.platform, arrives, Journey::Superseded, 1);
                self.settled(device, superseded, arrives, Journey::Superseded, FaultSet::default());
            }
        }
    }

    /// Counts a pair that comes out of the store, up to `now`.
    pub fn count_return(&mut self, device: Counted, back: &CalmReturn, now: SimTime) {
        let CalmReturn { message, leaves, arrives, end, exposed, dismissed_at } = *back;
        let travels = WaitCause::InTransit as usize;
        let minute = self.minutes.line(device.platform, leaves);
        minute.opened[WaitCause::Offline as usize] -= 1;
        let minute = if is_one_minute(leaves, arrives) {
            minute
        } else {
            minute.opened[travels] += 1;
            let minute = self.minutes.line(device.platform, arrives);
            minute.opened[travels] -= 1;
            minute
        };
        match end {
            Journey::Shown(_) => minute.shown += 1,
            _ => self.minutes.ended(device.platform, arrives, end, 1),
        }
        self.settled(device, message, arrives, end, FaultSet::default());
        if exposed {
            self.line(message, device.stratum).exposed += 1;
        }
        if dismissed_at <= now {
            self.dismissed(device, message, dismissed_at);
        }
    }

    /// Counts the waits of a pair on its first way; returns the minute of its arrival.
    #[inline(never)]
    fn waited(&mut self, device: Counted, starts: SimTime, leaves: SimTime, arrives: SimTime) -> &mut MinuteCounts {
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
