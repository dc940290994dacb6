//! A hierarchical timer wheel of 16-byte entries. A timer cannot be removed: its taker ignores it. Must not read a clock.

use crate::rules::base::time::SimTime;

const BITS: u32 = 6;
const SLOTS: usize = 1 << BITS;
/// Eight levels of 64 slots reach 2⁴⁸ ms, about nine thousand years.
const LEVELS: usize = 8;

/// Timers by time; each carries a number.
#[derive(Debug)]
pub(crate) struct Wheel {
    now: u64,
    len: usize,
    levels: Vec<Level>,
}

#[derive(Debug)]
struct Level {
    occupied: u64,
    slots: Vec<Vec<(u64, u32)>>,
}

impl Wheel {
    /// An empty wheel at time zero.
    pub(crate) fn new() -> Self {
        let level = || Level { occupied: 0, slots: vec![Vec::new(); SLOTS] };
        Self { now: 0, len: 0, levels: (0..LEVELS).map(|_| level()).collect() }
    }

    /// How many timers are pending, including those that will be ignored.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Sets a timer. One that is overdue goes off next; one beyond the wheel's reach never does.
    pub(crate) fn insert(&mut self, due: SimTime, what: u32) {
        if due.0 >> (BITS * LEVELS as u32) == 0 {
            self.len += 1;
            self.place(due.0, what);
        }
    }

    fn place(&mut self, due: u64, what: u32) {
        let differing = due.max(self.now) ^ self.now;
        let level = differing.checked_ilog2().unwrap_or(0) / BITS;
        let slot = (due.max(self.now) >> (BITS * level)) as usize % SLOTS;
        let level = &mut self.levels[level as usize];
        level.occupied |= 1 << slot;
        level.slots[slot].push((due, what));
    }

    /// The next time at which a timer may be due: exact within 64 ms, a lower bound beyond.
    pub(crate) fn next(&self) -> Option<SimTime> {
        self.next_slot().map(|(.., begins)| SimTime(begins))
    }

    /// The earliest slot, which is in the lowest occupied level: `(level, slot, its first time)`.
    fn next_slot(&self) -> Option<(usize, usize, u64)> {
        self.levels.iter().enumerate().find(|(_, level)| level.occupied != 0).map(|(at, level)| {
            let slot = level.occupied.trailing_zeros() as usize;
            let shift = BITS * at as u32;
            let above = self.now >> shift >> BITS << BITS << shift;
            (at, slot, above | (slot as u64) << shift)
        })
    }

    /// Takes timers due by `until`, earliest first, as `(due, what)`: all of the earliest times that together hold at least
    /// `enough`. Returns whether there may be more.
    pub(crate) fn take(&mut self, until: SimTime, enough: usize, out: &mut Vec<(SimTime, u32)>) -> bool {
        while let Some((level, slot, begins)) = self.next_slot() {
            if begins > until.0 {
                self.now = self.now.max(until.0.min(begins));
                return false;
            }
            if level == 0 && out.len() >= enough {
                return true;
            }
            self.now = self.now.max(begins);
            self.levels[level].occupied &= !(1 << slot);
            let entries = std::mem::take(&mut self.levels[level].slots[slot]);
            if level == 0 {
                self.len -= entries.len();
                out.extend(entries.into_iter().map(|(due, what)| (SimTime(due), what)));
            } else {
                for (due, what) in entries {
                    self.place(due, what);
                }
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_wheel_returns_what_a_sorted_list_returns(steps in prop::collection::vec((0_u64..5_000_000, 0_u64..200_000), 1..200)) {
            let (mut wheel, mut list, mut now) = (Wheel::new(), Vec::new(), 0);
            for (what, (ahead, step)) in steps.into_iter().enumerate() {
                wheel.insert(SimTime(now + ahead), what as u32);
                list.push((SimTime(now + ahead), what as u32));
                now += step;
                let mut taken = Vec::new();
                prop_assert!(!wheel.take(SimTime(now), usize::MAX, &mut taken));
                prop_assert!(taken.is_sorted_by_key(|(due, _)| *due));
                let mut expected: Vec<_> = list.extract_if(.., |(due, _)| due.0 <= now).collect();
                expected.sort_unstable();
                taken.sort_unstable();
                prop_assert_eq!(taken, expected);
                prop_assert_eq!(wheel.len(), list.len());
            }
        }
    }
}
