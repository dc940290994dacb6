//! A shard's credits: how many turns may be under way at once, and how many are. Knows no phone.

use crate::engine::options::{ASLEEP_MAX, AWAKE_MAX};

/// See the file.
#[derive(Debug)]
pub(crate) struct TurnLimiter {
    under_way: usize,
    /// Of those, whose actors are put to sleep by a fault: up to a number, others take turns meanwhile.
    asleep: usize,
    awake_max: usize,
    asleep_max: usize,
}

impl TurnLimiter {
    /// Where there is room for the actors of so many phones, one at least.
    pub(crate) fn new(room: usize) -> Self {
        let awake_max = AWAKE_MAX.min(room);
        Self { under_way: 0, asleep: 0, awake_max, asleep_max: ASLEEP_MAX.min(room - awake_max) }
    }

    /// How many there are.
    pub(crate) const fn all(&self) -> usize {
        self.awake_max
    }

    /// How many are left when so many turns that are ready have got theirs.
    pub(crate) fn left(&self, ready: usize) -> usize {
        let used = self.under_way - self.asleep.min(self.asleep_max);
        self.awake_max.saturating_sub(used + ready)
    }

    /// Is no turn under way?
    pub(super) const fn is_idle(&self) -> bool {
        self.under_way == 0
    }

    /// A turn is under way from now on, perhaps with actors that a fault puts to sleep.
    pub(crate) fn begin(&mut self, sleeps: bool) {
        self.under_way += 1;
        self.asleep += usize::from(sleeps);
    }

    /// It is so no longer.
    pub(crate) fn end(&mut self, sleeps: bool) {
        self.under_way -= 1;
        self.asleep -= usize::from(sleeps);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_sleeps_keeps_nobody_waiting_and_no_more_turns_are_under_way_than_there_is_room_for() {
        for room in [1, AWAKE_MAX, AWAKE_MAX + 3, AWAKE_MAX + 2 * ASLEEP_MAX] {
            let mut credits = TurnLimiter::new(room);
            let all = credits.left(0);
            assert_eq!((all, credits.left(1)), (credits.all(), all - 1));
            let mut sleepers = 0;
            while credits.left(0) > 0 {
                credits.begin(true);
                sleepers += 1;
            }
            assert_eq!(sleepers, room.min(AWAKE_MAX + ASLEEP_MAX));
            for left in 1..=sleepers {
                credits.end(true);
                assert_eq!(credits.left(0), left.min(all));
            }
            assert!(credits.is_idle());
        }
    }
}
