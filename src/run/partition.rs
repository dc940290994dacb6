//! The part of a fleet that a forecast covers: the i-th of n ranges of devices. Numbers only; must not compute a life.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Shards of one forecast: each is a file, and each computes the whole plan again.
pub const FORECAST_SHARDS_MAX: u32 = 4_096;

/// The i-th of n ranges of devices, which are consecutive and cover the fleet. There may be more ranges than devices:
/// then some are empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "(u32, u32)", into = "(u32, u32)")]
pub struct Shard {
    number: u32,
    of: u32,
}

/// A text or pair of numbers that is no shard.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no shard: write i/n, such as 2/3 for the second of three; i goes from 1 to n, and n to {FORECAST_SHARDS_MAX}")]
pub struct ShardError;

impl Shard {
    /// The whole fleet.
    pub const WHOLE: Self = Self { number: 1, of: 1 };

    /// The `number`-th, from 1, of `of`.
    ///
    /// # Errors
    /// [`ShardError`] unless `1 <= number <= of <= FORECAST_SHARDS_MAX`.
    pub fn new(number: u32, of: u32) -> Result<Self, ShardError> {
        let fits = number >= 1 && number <= of && of <= FORECAST_SHARDS_MAX;
        if fits { Ok(Self { number, of }) } else { Err(ShardError) }
    }

    /// Its number, from 1.
    pub const fn number(self) -> u32 {
        self.number
    }

    /// The number of shards.
    pub const fn of(self) -> u32 {
        self.of
    }

    /// Its devices in a fleet of this size.
    pub fn devices(self, fleet: u32) -> Range<u32> {
        let cut = |shards: u32| (u64::from(fleet) * u64::from(shards) / u64::from(self.of)) as u32;
        cut(self.number - 1)..cut(self.number)
    }
}

impl Default for Shard {
    fn default() -> Self {
        Self::WHOLE
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.number, self.of)
    }
}

impl FromStr for Shard {
    type Err = ShardError;

    fn from_str(text: &str) -> Result<Self, ShardError> {
        let (number, of) = text.split_once('/').ok_or(ShardError)?;
        // `parse` would accept a sign.
        let whole = |text: &str| text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
        Self::new(whole(number).ok_or(ShardError)?, whole(of).ok_or(ShardError)?)
    }
}

impl TryFrom<(u32, u32)> for Shard {
    type Error = ShardError;

    fn try_from((number, of): (u32, u32)) -> Result<Self, ShardError> {
        Self::new(number, of)
    }
}

impl From<Shard> for (u32, u32) {
    fn from(shard: Shard) -> Self {
        (shard.number, shard.of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_follow_one_another_and_cover_the_fleet() {
        for fleet in [0, 1, 2, 3, 10, 1_000, u32::MAX] {
            for of in [1, 2, 3, 7, 4_096] {
                let shards = (1..=of).map(|number| Shard::new(number, of).expect("it is one").devices(fleet));
                let end = shards.fold(0, |end, range| {
                    assert_eq!(range.start, end, "{fleet} in {of}");
                    range.end
                });
                assert_eq!(end, fleet, "{fleet} in {of}");
            }
        }
    }

    #[test]
    fn reads_what_it_writes_and_nothing_else() {
        assert_eq!("2/3".parse(), Shard::new(2, 3));
        assert_eq!(Shard::new(4_096, 4_096).map(|shard| shard.to_string()), Ok("4096/4096".to_owned()));
        for wrong in
            ["0/3", "4/3", "1/0", "x", "", "/", "1", "1/", "/1", "+1/3", "-1/3", "1/4097", " 1/3", "1/3/5", "1.5/3"]
        {
            assert_eq!(wrong.parse::<Shard>(), Err(ShardError), "{wrong}");
        }
    }
}
