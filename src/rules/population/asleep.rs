//! The hours in which the user of a phone sleeps, and dismisses nothing (X27).

use crate::rules::base::time::{SimTime, Zone};

/// Two local times, in ms after midnight, which are not the same: asleep from the first to the second, which may be the
/// next day's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asleep {
    /// When the user falls asleep.
    pub from_ms: u32,
    /// When the user is awake again.
    pub to_ms: u32,
}

impl Asleep {
    /// The moment from `now` on at which the user has been awake for a span; never one of sleep. A span that ends in the
    /// very moment of falling asleep ends at the awakening. [`SimTime::NEVER`] if that is beyond representable time.
    pub fn awake_after(self, zone: &Zone, now: SimTime, span_ms: u64) -> SimTime {
        let (mut at, mut left) = (now, span_ms);
        loop {
            let (mut sleeps, wakes) = (zone.next_local_after(at, self.from_ms), zone.next_local_after(at, self.to_ms));
            if wakes < sleeps {
                at = wakes;
                sleeps = zone.next_local_after(at, self.from_ms);
            }
            if at == SimTime::NEVER || left < sleeps.since(at) {
                return at + left;
            }
            left -= sleeps.since(at);
            at = sleeps;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MINUTE: u64 = 60_000;
    const HOUR: u32 = 3_600_000;

    /// A zone that puts its clocks forward by an hour, and back.
    fn zone(forward: u64, back: u64) -> Zone {
        let hour = i64::from(HOUR);
        let (forward, back) = (SimTime(forward * MINUTE), SimTime(back * MINUTE));
        Zone { offsets: vec![(SimTime::ZERO, hour), (forward, 2 * hour), (back, hour)] }
    }

    /// Whether the clock at a moment shows a time of sleep.
    fn sleeps(asleep: Asleep, zone: &Zone, at: SimTime) -> bool {
        let local = (at.ms().cast_signed() + zone.offset_ms(at)).rem_euclid(24 * i64::from(HOUR));
        let (from, to) = (i64::from(asleep.from_ms), i64::from(asleep.to_ms));
        if from < to { (from..to).contains(&local) } else { local >= from || local < to }
    }

    #[test]
    fn a_span_that_reaches_into_the_night_goes_on_in_the_morning() {
        let (night, zone) = (Asleep { from_ms: 23 * HOUR, to_ms: 7 * HOUR }, Zone::fixed(0));
        let hour = u64::from(HOUR);
        // Quarters of an hour and minutes.
        let after = |quarters: u64, minutes: u64| {
            let at = night.awake_after(&zone, SimTime(quarters * hour / 4), minutes * MINUTE);
            (at.ms() / hour, at.ms() % hour / MINUTE)
        };
        assert_eq!((after(48, 15), after(90, 15)), ((12, 15), (22, 45)));
        assert_eq!((after(90, 45), after(90, 30)), ((31, 15), (31, 0)), "a quarter of an hour is left, and nothing");
        assert_eq!((after(8, 0), after(28, 0), after(92, 3)), ((7, 0), (7, 0), (31, 3)));
        assert_eq!(after(48, 40 * 60), (12 + 40 + 2 * 8, 0), "two nights lie between");
        assert_eq!(night.awake_after(&zone, SimTime::NEVER, 5), SimTime::NEVER);
    }

    proptest! {
        #[test]
        fn it_is_the_count_of_minutes_awake(
            from in 0_u32..1_440, length in 1_u32..1_440, forward in 1_u64..3_000, back in 3_000_u64..6_000,
            now in 0_u64..6_000, span in 0_u64..3_000,
        ) {
            let zone = zone(forward, back);
            let minutes = |minute: u32| minute % 1_440 * 60_000;
            let asleep = Asleep { from_ms: minutes(from), to_ms: minutes(from + length) };
            // Clocks that go back show some times twice, and sleep then begins or ends once: the naive count knows only
            // what the clock shows. Away from these hours both are the same.
            let odd = |at: u64| at.abs_diff(forward) < 120 || at.abs_diff(back) < 120;
            let (mut at, mut left) = (now, span);
            while left > 0 || sleeps(asleep, &zone, SimTime(at * MINUTE)) {
                prop_assume!(!odd(at));
                if !sleeps(asleep, &zone, SimTime(at * MINUTE)) {
                    left -= 1;
                }
                at += 1;
            }
            prop_assume!(!odd(at) && !odd(now));
            prop_assert_eq!(asleep.awake_after(&zone, SimTime(now * MINUTE), span * MINUTE), SimTime(at * MINUTE));
        }
    }
}
