//! What the engine returns at the end of a run: the counts of all shards, and what only a live run has. Must not judge a result.

use super::shard::lag::LagSamples;
use crate::clock::Stopwatch;
use crate::rules::counting::counts::{RunCounts, StratumCounts};

pub use crate::rules::delivery::fate::{Fates, PairFate};

/// Actors that died and were replaced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Restarts {
    /// Device actors.
    pub device: u64,
    /// Portal actors.
    pub portal: u64,
    /// Shard actors. Actors of phones that stop with their shard do not count as dead.
    pub shard: u64,
    /// The longest time from a death to the next applied turn, in µs of wall time.
    pub recovery_us_max: u64,
    /// The sum of these times; actors of one phone that die together recover together.
    pub recovery_us_total: u64,
}

/// The totals of a run.
#[derive(Clone, Debug)]
pub struct RunTotals {
    /// Everything counted.
    pub counts: RunCounts,
    /// Pairs that the tenant sent out. The counts must add up to the same number: conservation.
    pub pairs_sent: u64,
    /// For each fault, the directory changes it slowed.
    pub changes_slowed: Vec<u64>,
    /// For each fault, the actors it hit; `None` where there are no actors.
    pub struck: Option<Vec<u64>>,
    /// How late turns were, by shard; empty at speed `max`, where nothing is due.
    pub lag: Vec<LagSamples>,
    /// Actors replaced.
    pub restarts: Restarts,
    /// Every pair, if `keep_fates` was set.
    pub fates: Option<Fates>,
}

impl RunTotals {
    /// Pairs that the tenant sent out and no shard counted; less than 0 if some were counted twice.
    pub(crate) fn conservation_error(&self) -> i64 {
        let counted: u64 = self.counts.cells().map(StratumCounts::pairs).sum();
        self.pairs_sent.cast_signed() - counted.cast_signed()
    }

    /// Adds the totals of another shard.
    pub(crate) fn add(&mut self, other: Self) {
        self.counts.merge(other.counts);
        self.restarts.add(other.restarts);
        if let (Some(mine), Some(theirs)) = (&mut self.struck, other.struck) {
            mine.iter_mut().zip(theirs).for_each(|(mine, theirs)| *mine += theirs);
        }
        self.lag.extend(other.lag);
        if let Some(theirs) = other.fates {
            self.fates.get_or_insert_default().extend(theirs);
        }
    }
}

impl Restarts {
    fn add(&mut self, other: Self) {
        self.device += other.device;
        self.portal += other.portal;
        self.shard += other.shard;
        self.recovery_us_max = self.recovery_us_max.max(other.recovery_us_max);
        self.recovery_us_total += other.recovery_us_total;
    }

    /// Records that work continues; `died` runs since the death.
    pub(super) fn recovered(&mut self, died: &Stopwatch) {
        let us = died.us();
        self.recovery_us_max = self.recovery_us_max.max(us);
        self.recovery_us_total += us;
    }

    /// The sum over all kinds.
    pub const fn actors(&self) -> u64 {
        self.device + self.portal + self.shard
    }
}
