//! Times of day as model time: the next moment at which the clocks of a zone show one. Must not read a clock.

use super::time::{SimTime, Zone};

const DAY_MS: i64 = 86_400_000;

/// A local time of day as a model time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NextLocal {
    /// The moment.
    pub at: SimTime,
    /// Where no clock shows the time that day: what is shown instead.
    pub left_out: Option<LeftOut>,
}

/// A local time that does not exist because clocks are put forward past it: all in local ms since 1970-01-01T00:00.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The requested time.
    pub wanted: i64,
    /// The time at which the clock is put forward.
    pub before: i64,
    /// The time to which it is put forward.
    pub after: i64,
}

impl Zone {
    /// Weekday and time of day of a moment: `Tue 21:30`.
    pub fn clock_at(&self, at: SimTime) -> String {
        const MINUTE_MS: i64 = 60_000;
        let local = i64::try_from(at.ms()).unwrap_or(i64::MAX).saturating_add(self.offset_ms(at));
        // 1970-01-01 was a Thursday.
        let weekday = local.div_euclid(DAY_MS).rem_euclid(7) as usize;
        let minute = local.rem_euclid(DAY_MS) / MINUTE_MS;
        format!("{} {:02}:{:02}", ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][weekday], minute / 60, minute % 60)
    }

    /// The first moment at or after `from` whose local time of day is `wanted_ms` after midnight; if daylight saving skips
    /// that time, the first moment after the skipped hour. `None` only at the end of representable time.
    pub fn next_local(&self, from: SimTime, wanted_ms: u32) -> Option<NextLocal> {
        let here = self.offset_ms(from).saturating_add(i64::try_from(from.ms()).unwrap_or(i64::MAX));
        let first_day = here.div_euclid(DAY_MS);
        let days =
            (first_day - 1..first_day + 4).map(|day| day.saturating_mul(DAY_MS).saturating_add(i64::from(wanted_ms)));
        let moments = days.flat_map(|local| self.moments_of(local).chain(self.left_out(local)));
        moments.filter(|found| found.at >= from).min_by_key(|found| found.at)
    }

    /// The first such moment after `now`, or [`SimTime::NEVER`].
    pub fn next_local_after(&self, now: SimTime, wanted_ms: u32) -> SimTime {
        self.next_local(now + 1, wanted_ms).map_or(SimTime::NEVER, |found| found.at)
    }

    /// The moments with a local time: one, two where clocks are put back, or none.
    fn moments_of(&self, local: i64) -> impl Iterator<Item = NextLocal> {
        self.offsets.iter().enumerate().filter_map(move |(nth, (from, offset))| {
            let at = SimTime(u64::try_from(local.checked_sub(*offset)?).ok()?);
            let until = self.offsets.get(nth + 1).map_or(SimTime::NEVER, |(until, _)| *until);
            (*from <= at && at < until).then_some(NextLocal { at, left_out: None })
        })
    }

    /// The skips of daylight saving that contain a local time.
    fn left_out(&self, local: i64) -> impl Iterator<Item = NextLocal> {
        self.offsets.windows(2).filter_map(move |pair| {
            let (at, ms) = (pair[1].0, i64::try_from(pair[1].0.ms()).ok()?);
            let [before, after] = [pair[0].1, pair[1].1].map(|offset| offset.saturating_add(ms));
            let left_out = LeftOut { wanted: local, before, after };
            (before <= local && local < after).then_some(NextLocal { at, left_out: Some(left_out) })
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HOUR: u32 = 3_600_000;

    #[test]
    fn a_clock_shows_weekday_and_time_of_day() {
        // 2026-11-24T20:30:00Z, two hours ahead.
        let zone =
            Zone { offsets: vec![(SimTime::ZERO, 1_795_552_200_000 + 2 * i64::from(HOUR)), (SimTime(60_000), 0)] };
        let shown = [0, 59_999, 60_000].map(|ms| zone.clock_at(SimTime(ms)));
        assert_eq!(shown, ["Tue 22:30", "Tue 22:30", "Thu 00:01"]);
        assert_eq!(Zone::fixed(-1).clock_at(SimTime::ZERO), "Wed 23:59");
    }

    #[test]
    fn the_next_local_time_is_today_or_tomorrow() {
        let next = |hours: i64| Zone::fixed(hours * i64::from(HOUR)).next_local(SimTime::ZERO, 22 * HOUR);
        let plain = |hours: u64| Some(NextLocal { at: SimTime(hours * u64::from(HOUR)), left_out: None });
        assert_eq!(next(6), plain(16));
        assert_eq!(next(23), plain(23));
        assert_eq!(next(22), plain(0), "at the start itself");
    }

    #[test]
    fn a_time_that_daylight_saving_leaves_out_goes_at_the_first_moment_after_it() {
        // The clock is put forward from 2:00 to 3:00 one hour after a start at 1:00.
        let zone = Zone { offsets: vec![(SimTime(0), 3_600_000), (SimTime(3_600_000), 7_200_000)] };
        for wanted in [2 * HOUR, 2 * HOUR + HOUR / 2, 3 * HOUR - 1] {
            let found = zone.next_local(SimTime::ZERO, wanted).expect("there is a next one");
            let left_out =
                LeftOut { wanted: i64::from(wanted), before: 2 * i64::from(HOUR), after: 3 * i64::from(HOUR) };
            assert_eq!((found.at, found.left_out), (SimTime(3_600_000), Some(left_out)), "{wanted}");
        }
        let plain = |ms: u64| Some(NextLocal { at: SimTime(ms), left_out: None });
        assert_eq!(zone.next_local(SimTime::ZERO, 3 * HOUR), plain(3_600_000), "three o'clock is shown");
        assert_eq!(zone.next_local(SimTime::ZERO, 2 * HOUR - 1), plain(3_599_999), "the last moment before");
    }

    #[test]
    fn a_time_that_clocks_show_twice_is_the_first_of_both() {
        // The clock is put back from 3:00 to 2:00 two hours after a start at 1:00.
        let zone = Zone { offsets: vec![(SimTime(0), 3_600_000), (SimTime(7_200_000), 0)] };
        let half_past_two = 2 * HOUR + HOUR / 2;
        let at = |ms| Some(NextLocal { at: SimTime(ms), left_out: None });
        assert_eq!(zone.next_local(SimTime::ZERO, half_past_two), at(5_400_000));
        assert_eq!(zone.next_local(SimTime(5_400_001), half_past_two), at(9_000_000), "the second, from then on");
    }

    proptest! {
        /// The naive model looks at every minute of the next two days.
        #[test]
        fn it_is_the_first_minute_that_shows_the_time(
            from in 0_u64..6_000,
            wanted in 0_u32..1_440,
            changes in prop::collection::btree_map(0_u64..9_000, -3_i64..4, 0..3),
            offset in -24_i64..25,
        ) {
            const MINUTE: u64 = 60_000;
            let hour = i64::from(HOUR);
            let changes = changes.into_iter().map(|(at, hours)| (SimTime(at * MINUTE), (offset + hours) * hour));
            let zone = Zone { offsets: std::iter::once((SimTime::ZERO, offset * hour)).chain(changes).collect() };
            let shows = |at: SimTime| (zone.offset_ms(at) + at.ms().cast_signed()).rem_euclid(DAY_MS) == i64::from(wanted * 60_000);
            let naive = (from..from + 3 * 1_440).map(|minute| SimTime(minute * MINUTE)).find(|at| shows(*at));
            let found = zone.next_local(SimTime(from * MINUTE), wanted * 60_000).expect("there is a next one");
            match found.left_out {
                None => prop_assert_eq!(Some(found.at), naive),
                Some(_) => prop_assert!(naive.is_none_or(|naive| found.at <= naive)),
            }
        }
    }
}
