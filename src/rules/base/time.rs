//! Model time: whole milliseconds since the scenario's start. Must not read a clock: `now` is always an argument.

use std::fmt;
use std::ops::Add;

/// A moment of the model, in whole milliseconds since the scenario's start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct SimTime(pub u64);

impl SimTime {
    /// Model time zero, the scenario's `start`.
    pub const ZERO: Self = Self(0);
    /// Later than any event.
    pub const NEVER: Self = Self(u64::MAX);

    /// Milliseconds since the scenario's start.
    pub const fn ms(self) -> u64 {
        self.0
    }

    /// Milliseconds from `earlier` to `self`, 0 if `earlier` is later.
    pub const fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The moment one millisecond before, or zero.
    #[must_use]
    pub const fn just_before(self) -> Self {
        Self(self.0.saturating_sub(1))
    }
}

impl Add<u64> for SimTime {
    type Output = Self;

    /// `ms` later; saturates at [`SimTime::NEVER`].
    fn add(self, ms: u64) -> Self {
        Self(self.0.saturating_add(ms))
    }
}

impl fmt::Display for SimTime {
    /// Writes `h:mm:ss.mmm`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, ms) = (self.0 / 1_000, self.0 % 1_000);
        write!(out, "{}:{:02}:{:02}.{ms:03}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
    }
}

/// A half-open interval of model time, [from, to).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// First moment inside.
    pub from: SimTime,
    /// First moment after.
    pub to: SimTime,
}

impl Span {
    /// Whether `now` is inside.
    pub fn contains(&self, now: SimTime) -> bool {
        self.from <= now && now < self.to
    }
}

/// A time zone: the offsets from model time to local time, and when each begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    /// `(first moment, local ms since 1970-01-01T00:00 minus model ms)`, ascending; the first entry holds before the
    /// second.
    pub offsets: Vec<(SimTime, i64)>,
}

impl Zone {
    /// A zone with one offset for ever.
    pub fn fixed(offset_ms: i64) -> Self {
        Self { offsets: vec![(SimTime::ZERO, offset_ms)] }
    }

    /// Local ms since 1970-01-01T00:00 minus model ms, at `now`.
    pub fn offset_ms(&self, now: SimTime) -> i64 {
        let after = self.offsets.partition_point(|(from, _)| *from <= now);
        self.offsets.get(after.saturating_sub(1)).map_or(0, |(_, offset)| *offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_as_hours_minutes_seconds_and_milliseconds() {
        let written = [0, 59_999, 60_000, 3_599_000, 3_600_000, 93_784_056].map(|ms| SimTime(ms).to_string());
        assert_eq!(
            written,
            ["0:00:00.000", "0:00:59.999", "0:01:00.000", "0:59:59.000", "1:00:00.000", "26:03:04.056"]
        );
    }

    #[test]
    fn an_offset_holds_from_its_first_moment_and_the_first_one_before_too() {
        let zone = Zone { offsets: vec![(SimTime(10), 1), (SimTime(20), 2), (SimTime(30), 3)] };
        let offsets = [0, 9, 10, 19, 20, 29, 30, 1_000].map(|now| zone.offset_ms(SimTime(now)));
        assert_eq!(offsets, [1, 1, 1, 1, 2, 2, 3, 3]);
        assert_eq!(Zone { offsets: Vec::new() }.offset_ms(SimTime(5)), 0);
    }
}
