//! The two quotas as lists of moments (R40–R47, X8). Must not know other reasons to refuse a message.

use super::model::{HOUR, Ms, Scenario};

/// Everything that took a slot, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Taken {
    slots: Vec<Ms>,
    /// Messages to groups that count towards a device's hour, from the next millisecond on (X36).
    beside: Vec<Ms>,
}

impl Taken {
    /// The moment at which `cost` slots of `limit` are free: `now`, if they are.
    pub(crate) fn free_at(&self, scenario: &Scenario, now: Ms, cost: usize, limit: usize) -> Ms {
        // A clock hour begins at a whole hour of UTC, and the run starts some minutes after one.
        let clock = |at: Ms| at + scenario.start_minutes * 60_000;
        let hour = clock(now) / HOUR;
        let by_clock = scenario.service.clock_hours;
        let beside = self.beside.iter().filter(|at| **at < now);
        let counts = |at: &&Ms| if by_clock { clock(**at) / HOUR == hour } else { now - **at < HOUR };
        let mut counting: Vec<Ms> = self.slots.iter().chain(beside).filter(counts).copied().collect();
        counting.sort_unstable();
        if scenario.service.refused_counted {
            // Of more slots than the quota has, only the latest count (X36).
            counting.drain(..counting.len().saturating_sub(limit));
        }
        let Some(surplus) = (counting.len() + cost).checked_sub(limit + 1) else { return now };
        if by_clock { (hour + 1) * HOUR - clock(0) } else { counting[surplus] + HOUR }
    }

    pub(crate) fn take(&mut self, now: Ms, cost: usize) {
        self.slots.extend(std::iter::repeat_n(now, cost));
    }

    pub(crate) fn take_beside(&mut self, now: Ms) {
        self.beside.push(now);
    }
}
