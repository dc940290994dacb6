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
