//! Counts a step of the fast paths at once: the same numbers as its effects one after another. Counts only what the forecast
//! passes on.

use super::minutes::is_one_minute;
use super::recorder::{Counted, Recorder};
use crate::rules::base::ids::MessageIx;
use crate::rules::base::time::SimTime;
use crate::rules::delivery::calm_step::{CalmEnd, CalmStart, CalmStep};
use crate::rules::faults::fault::FaultSet;
use crate::rules::service::journey::{Journey, WaitCause};

const QUEUED: usize = WaitCause::Capacity as usize;
const TRAVELS: usize = WaitCause::InTransit as usize;
const OFFLINE: usize = WaitCause::Offline as usize;

impl Recorder {
    /// Counts a step as its effects up to `now`, all at once. Only in a world without summarised sends.
    #[expect(clippy::inline_always, reason = "counting is a few additions, which a call would double")]
    #[inline(always)]
    pub fn count_calm(&mut self, device: Counted, step: &CalmStep, now: SimTime) {
        match step {
            CalmStep::Ended(start, end) => {
                self.set_out(device, start, end.arrives);
                self.count_end(device, start.message, end, now);
            }
            CalmStep::Stored { start, arrives, superseded } => {
                self.set_out(device, start, *arrives);
                self.count_stored(device, *arrives, *superseded);
            }
            CalmStep::Returned { message, leaves, end } => {
                self.minutes.line(device.platform, *leaves).opened[OFFLINE] -= 1;
                if !is_one_minute(*leaves, end.arrives) {
                    self.minutes.line(device.platform, *leaves).opened[TRAVELS] += 1;
                    self.minutes.line(device.platform, end.arrives).opened[TRAVELS] -= 1;
                }
                self.count_end(device, *message, end, now);
            }
        }
    }

    /// Counts a pair up to its arrival. What begins and stops waiting within a minute does not change the minute.
    #[expect(clippy::inline_always, reason = "counting is a few additions, which a call would double")]
    #[inline(always)]
    fn set_out(&mut self, device: Counted, start: &CalmStart, arrives: SimTime) {
        self.line(start.message, device.stratum).classes[start.class as usize] += 1;
        if !is_one_minute(start.starts, arrives) {
            self.waited(device, start, arrives);
        }
    }

    #[inline(never)]
    fn waited(&mut self, device: Counted, start: &CalmStart, arrives: SimTime) {
        self.minutes.line(device.platform, start.starts).opened[QUEUED] += 1;
        let minute = self.minutes.line(device.platform, start.leaves);
        minute.opened[QUEUED] -= 1;
        minute.opened[TRAVELS] += 1;
        self.minutes.line(device.platform, arrives).opened[TRAVELS] -= 1;
    }

    fn count_stored(&mut self, device: Counted, at: SimTime, superseded: Option<MessageIx>) {
        match superseded {
            None => self.minutes.line(device.platform, at).opened[OFFLINE] += 1,
            // One pair waits instead of the other.
            Some(message) => {
                self.minutes.ended(device.platform, at, Journey::Superseded, 1);
                self.settled(device, message, at, Journey::Superseded, FaultSet::default());
            }
        }
    }

    #[expect(clippy::inline_always, reason = "counting is a few additions, which a call would double")]
    #[inline(always)]
    fn count_end(&mut self, device: Counted, message: MessageIx, end: &CalmEnd, now: SimTime) {
        let CalmEnd { arrives, journey, exposed, dismissed_at } = *end;
        match journey {
            Journey::Shown(_) => self.minutes.line(device.platform, arrives).shown += 1,
            _ => self.minutes.ended(device.platform, arrives, journey, 1),
        }
        self.settled(device, message, arrives, journey, FaultSet::default());
        self.line(message, device.stratum).exposed += u32::from(exposed);
        if dismissed_at <= now {
            self.dismissed(device, message, dismissed_at);
        }
    }
}
