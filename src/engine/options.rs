//! How an engine is run: nothing here may change a fate.

use std::fmt;
use std::sync::Arc;

use tokio::sync::watch;

use super::ends::LiveFateSink;
use super::progress::EngineProgress;
use crate::clock::Clock;
pub use crate::metrics::ActorKind;
use crate::metrics::Meters;
use crate::rules::base::ids::DeviceIx;
use crate::rules::base::time::SimTime;

/// Turns under way at once in a shard: the credits between a shard and its devices. More would only wait in mailboxes, and what one
/// hop has touched would be far when the next wants it.
pub(crate) const AWAKE_MAX: usize = 64;
/// Turns beside those whose actors sleep: who is put to sleep by a fault keeps nobody else waiting.
pub(crate) const ASLEEP_MAX: usize = 1_024;
/// Fan-outs that shards have not finished yet, over all shards: past that the tenant answers nobody (back-pressure).
pub(crate) const FAN_OUTS_MAX: usize = 64;
/// Times that an actor may die over the same turn before the run is given up: it would die for ever.
pub(crate) const DEATHS_MAX: u32 = 8;

/// For tests of supervision: asked before and after each turn whether the actor shall die now.
#[derive(Clone)]
pub struct Sabotage(pub Arc<dyn Fn(DeviceIx, ActorKind, TurnMoment) -> bool + Send + Sync>);

/// When in a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TurnMoment {
    /// Nothing has been done yet.
    BeforeTurn,
    /// All has been done, and nobody has been told.
    AfterTurn,
}

impl Sabotage {
    /// Dies if it is asked to.
    ///
    /// # Panics
    /// That is its purpose.
    pub(crate) fn strike(sabotage: Option<&Self>, device: DeviceIx, kind: ActorKind, moment: TurnMoment) {
        if let Some(Self(wanted)) = sabotage {
            assert!(!wanted(device, kind, moment), "sabotage: the {} actor of device {} dies", kind.name(), device.0);
        }
    }
}

impl fmt::Debug for Sabotage {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Sabotage")
    }
}

/// How an engine is run.
#[derive(Clone, Debug)]
pub struct EngineOptions {
    /// How fast model time goes.
    pub clock: Clock,
    /// Shard actors; 0 for one a core.
    pub shards: u32,
    /// Device and portal actors alive at once.
    pub resident_actors_max: u32,
    /// Keep every pair's end, for tests.
    pub keep_fates: bool,
    /// Keep what those who watch a tenant ask for: what messages wait for, and the news.
    pub watched: bool,
    /// Where every pair's end goes as soon as it is certain.
    pub outlet: Option<LiveFateSink>,
    /// No fault strikes an actor for anything before this: it is only done again.
    pub spared_until: SimTime,
    /// For tests of supervision.
    pub sabotage: Option<Sabotage>,
    /// Where to count for Prometheus, if anybody looks.
    pub meters: Option<Arc<Meters>>,
    /// Where to say how far the run is.
    pub progress: Arc<EngineProgress>,
    /// Becomes true when the run shall stop early: a tenant that is being made is given up then.
    pub stop: watch::Receiver<bool>,
}

impl EngineOptions {
    /// The number of shards and each one's share of resident actors: at least one phone, which is two.
    pub(crate) fn shares(&self) -> (u32, usize) {
        let cores = std::thread::available_parallelism().map_or(1, |cores| u32::try_from(cores.get()).unwrap_or(1));
        let wanted = if self.shards == 0 { cores } else { self.shards };
        let shards = wanted.min(self.resident_actors_max / 2).max(1);
        (shards, (self.resident_actors_max / shards).max(2) as usize)
    }
}
