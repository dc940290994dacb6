//! How an engine runs: speed, threads, memory and outlets. No option may change a fate.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::ends::LiveFateSink;
use super::progress::EngineProgress;
use crate::clock::Clock;
use crate::metrics::Meters;
use crate::rules::base::time::SimTime;

/// Turns in flight at once in a shard. More turns would only wait in mailboxes, and evict from the cache what the next turn of the
/// same phone needs.
pub(crate) const RUNNING_TURNS_MAX: usize = 64;
/// Turns in flight in addition, for actors that a stall fault delays: a stalled turn does not hold up the others.
pub(crate) const STALLED_TURNS_MAX: usize = 1_024;
/// Fan-outs in progress over all shards. At the limit the tenant postpones its answers (back-pressure).
pub(crate) const FAN_OUTS_MAX: usize = 64;
/// Deaths of a phone's actors in the same turn before the run fails; without a limit the turn would be retried for ever.
pub(crate) const DEATHS_MAX: u32 = 8;

/// How an engine runs.
#[derive(Clone, Debug)]
pub struct EngineOptions {
    /// Model time against wall time.
    pub clock: Clock,
    /// Shard actors; 0 for one per core.
    pub shards: u32,
    /// Device and portal actors alive at once.
    pub resident_actors_max: u32,
    /// Keep every pair's end, for tests.
    pub keep_fates: bool,
    /// Keep what [`super::Tenancy`] reports of a running tenant: the pairs that wait, by message, and the news.
    pub watched: bool,
    /// Receives every pair's end as soon as it is certain.
    pub outlet: Option<LiveFateSink>,
    /// Work before this time was done before: the shards repeat it without actors, and no fault hits one.
    pub replayed_until: SimTime,
    /// Counts for Prometheus.
    pub meters: Option<Arc<Meters>>,
    /// Figures for the progress bar.
    pub progress: Arc<EngineProgress>,
    /// Becomes true when the run shall stop early; building a tenant stops then.
    pub stop: CancellationToken,
}

impl EngineOptions {
    /// The number of shards, and the actors that each may keep: two at least, which is one phone.
    pub(crate) fn shares(&self) -> (u32, usize) {
        let cores = std::thread::available_parallelism().map_or(1, |cores| u32::try_from(cores.get()).unwrap_or(1));
        let wanted = if self.shards == 0 { cores } else { self.shards };
        let shards = wanted.min(self.resident_actors_max / 2).max(1);
        (shards, (self.resident_actors_max / shards).max(2) as usize)
    }
}
