//! Where the clock of a hosted tenant goes on after its server has been started again. Must not read a clock.

use crate::rules::base::time::SimTime;

/// How model time goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RestartClock {
    /// From where it was: the time without a server does not exist in the model.
    #[default]
    Continue,
    /// As if the server had never been away.
    Wall,
}

/// Where a clock was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoppedClock {
    /// Model time.
    pub at: SimTime,
    /// Its speed, in thousandths of a model second per second.
    pub times: u64,
    /// Wall time, in ms since 1970.
    pub wall_ms: u64,
}

impl RestartClock {
    /// Where the clock goes on at this wall time: not before the last input, and before the end of model time.
    pub fn resumed(self, stopped: StoppedClock, wall_ms: u64, last_input: SimTime, horizon: SimTime) -> SimTime {
        let away = match self {
            Self::Continue => 0,
            // A wall clock that was set back has missed nothing.
            Self::Wall => u128::from(wall_ms.saturating_sub(stopped.wall_ms)) * u128::from(stopped.times) / 1_000,
        };
        let away = u64::try_from(away).unwrap_or(u64::MAX);
        let now = SimTime(stopped.at.0.saturating_add(away));
        now.max(last_input).min(horizon.just_before())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HORIZON: SimTime = SimTime(10_000_000);

    fn resumed(clock: RestartClock, times: u64, wall_ms: u64) -> u64 {
        let stopped = StoppedClock { at: SimTime(5_000), times, wall_ms: 1_000_000 };
        clock.resumed(stopped, wall_ms, SimTime::ZERO, HORIZON).0
    }

    #[test]
    fn a_clock_goes_on_where_it_was_or_as_the_wall_clock_has_gone() {
        assert_eq!(resumed(RestartClock::Continue, 1_000, 1_060_000), 5_000);
        assert_eq!(resumed(RestartClock::Wall, 1_000, 1_060_000), 65_000);
        assert_eq!(resumed(RestartClock::Wall, 60_000, 1_060_000), 3_605_000);
        assert_eq!(resumed(RestartClock::Wall, 0, 1_060_000), 5_000, "a stopped clock stays");
        assert_eq!(resumed(RestartClock::Wall, 1_000, 900_000), 5_000, "the wall clock was set back");
        assert_eq!(resumed(RestartClock::Wall, u64::MAX, u64::MAX), HORIZON.0 - 1);
    }

    #[test]
    fn it_is_never_before_the_last_input() {
        let stopped = StoppedClock { at: SimTime(5_000), times: 1_000, wall_ms: 0 };
        assert_eq!(RestartClock::Continue.resumed(stopped, 0, SimTime(6_000), HORIZON), SimTime(6_000));
    }
}
