//! The lag of a live run, and what its turns waited for: the shards' samples as figures of the record. Must not judge
//! them.

use hdrhistogram::Histogram;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::VariantArray as _;

use super::distribution::{Distribution, Parts};
use crate::engine;

pub use crate::metrics::LagCause;

/// Lag of the live engine: when turns were done minus when they were due, in ms of wall time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Lag {
    /// At least 50 % are no larger.
    pub p50: u64,
    /// At least 95 % are no larger.
    pub p95: u64,
    /// At least 99 % are no larger.
    pub p99: u64,
    /// The largest.
    pub max: u64,
    /// The most that `p99` may be; null without a limit.
    pub p99_limit: Option<u64>,
    /// Of turns for an input, which are above all starts of journeys; null if there were none.
    #[serde(default)]
    pub starts: Option<LagPart>,
    /// Of turns for a timer: arrivals and dismissals; null if there were none.
    #[serde(default)]
    pub arrivals: Option<LagPart>,
    /// What turns waited for, added up over all of them.
    pub waited: LagWaited,
    /// The same quantiles of each shard.
    pub shards: Vec<ShardLag>,
}

/// Lag of a part of the turns, in ms of wall time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LagPart {
    /// How many turns there were.
    pub turns: u64,
    /// At least 50 % are no larger.
    pub p50: u64,
    /// At least 99 % are no larger.
    pub p99: u64,
    /// The largest.
    pub max: u64,
}

impl LagPart {
    fn new(samples: &Histogram<u64>) -> Option<Self> {
        let quantile = |share| samples.value_at_quantile(share);
        let part = Self { turns: samples.len(), p50: quantile(0.5), p99: quantile(0.99), max: samples.max() };
        (part.turns > 0).then_some(part)
    }
}

/// What turns waited for, in ms of wall time, added up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LagWaited {
    /// Their input, while the shard was busy with others.
    pub fan_out: u64,
    /// Their timer, while the shard was busy with others.
    pub timer: u64,
    /// The watermark: the tenant's promise that no input comes before it.
    pub watermark: u64,
    /// A free turn, and a slot for their actors.
    pub activation: u64,
    /// The actors' own work and mailboxes.
    pub turn: u64,
}

/// Lag of one shard, in ms of wall time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ShardLag {
    /// At least 99 % are no larger.
    pub p99: u64,
    /// The largest.
    pub max: u64,
}

impl Lag {
    /// The lag of all shards; `None` if nothing was due.
    pub(crate) fn new(shards: &[engine::LagSamples], p99_limit: Option<u64>) -> Option<Self> {
        let all = together(shards)?;
        let part = |of: fn(&engine::LagSamples) -> &Histogram<u64>| {
            sum(shards.iter().map(|shard| of(shard).clone())).as_ref().and_then(LagPart::new)
        };
        let mut of = Distribution::default();
        of.add(&all, all.max());
        let quantile = |thousandths| of.quantile(Parts::thousandths(thousandths));
        let waited = |cause: LagCause| shards.iter().map(|shard| shard.waited_us[cause as usize]).sum::<u64>() / 1_000;
        Some(Self {
            p50: quantile(500)?,
            p95: quantile(950)?,
            p99: quantile(990)?,
            max: of.max()?,
            p99_limit,
            starts: part(|shard| &shard.starts),
            arrivals: part(|shard| &shard.timers),
            waited: LagWaited {
                fan_out: waited(LagCause::FanOut),
                timer: waited(LagCause::Timer),
                watermark: waited(LagCause::Watermark),
                activation: waited(LagCause::Activation),
                turn: waited(LagCause::Turn),
            },
            shards: shards
                .iter()
                .map(engine::LagSamples::all)
                .map(|all| ShardLag { p99: all.value_at_quantile(0.99), max: all.max() })
                .collect(),
        })
    }

    /// The cause with the longest wait.
    pub fn main_cause(&self) -> LagCause {
        let LagWaited { fan_out, timer, watermark, activation, turn } = self.waited;
        let waited = LagCause::VARIANTS.iter().copied().zip([fan_out, timer, watermark, activation, turn]);
        waited.max_by_key(|(_, ms)| *ms).map_or(LagCause::Turn, |(cause, _)| cause)
    }
}

/// The samples of all shards in one histogram; `None` if there are no shards.
pub(crate) fn together(shards: &[engine::LagSamples]) -> Option<Histogram<u64>> {
    sum(shards.iter().map(engine::LagSamples::all))
}

fn sum(samples: impl Iterator<Item = Histogram<u64>>) -> Option<Histogram<u64>> {
    samples.reduce(|mut all, other| {
        all.add(&other).expect("all histograms of lag have one layout");
        all
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shard(ms: &[u64], turn_us: u64) -> engine::LagSamples {
        let mut lag = engine::LagSamples::new();
        for (at, ms) in ms.iter().enumerate() {
            let samples = if at == 0 { &mut lag.starts } else { &mut lag.timers };
            samples.record(*ms).expect("it fits");
        }
        lag.waited_us[LagCause::Turn as usize] = turn_us;
        lag.waited_us[LagCause::Timer as usize] = 5_000;
        lag
    }

    #[test]
    fn shards_are_added_and_each_is_listed() {
        let lag = Lag::new(&[shard(&[1, 2, 3], 9_000), shard(&[40], 4_000)], Some(5)).expect("there are samples");
        assert_eq!((lag.p50, lag.p99, lag.max), (2, 40, 40));
        assert_eq!((lag.waited.turn, lag.waited.timer, lag.main_cause()), (13, 10, LagCause::Turn));
        assert_eq!(lag.starts, Some(LagPart { turns: 2, p50: 1, p99: 40, max: 40 }));
        assert_eq!(lag.arrivals, Some(LagPart { turns: 2, p50: 2, p99: 3, max: 3 }));
        assert_eq!(lag.shards, [ShardLag { p99: 3, max: 3 }, ShardLag { p99: 40, max: 40 }]);
    }

    #[test]
    fn a_run_at_full_speed_has_none() {
        assert_eq!(Lag::new(&[], None), None);
        assert_eq!(Lag::new(&[shard(&[], 0)], None), None, "nothing was due");
    }
}
