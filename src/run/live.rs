//! Drives the actor engine through a scenario. Sleeps and counts nothing itself.

use std::sync::Arc;

use tokio::sync::watch;

use crate::metrics::Meters;
use crate::rules::world::{Speed, World};

use super::finished::Finished;
use super::progress::Progress;

/// How a scenario is run live; none of it changes a fate.
#[derive(Clone, Debug)]
pub struct LiveOptions {
    /// Model time against wall time.
    pub speed: Speed,
    /// Shard actors; 0 for one a core.
    pub shards: u32,
    /// Device and portal actors that may be alive at once.
    pub resident_actors_max: u32,
    /// Where the engine counts, if anybody looks.
    pub meters: Option<Arc<Meters>>,
    /// Becomes `true` when the run is to stop and hand over what it has.
    pub stop: watch::Receiver<bool>,
}

/// Why a run came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// This build has no engine.
    #[error("the engine is not wired yet")]
    NoEngine,
}

/// Runs a scenario to its horizon, or until it is stopped.
///
/// # Errors
/// See [`RunError`].
pub async fn live(_world: Arc<World>, _options: LiveOptions, _progress: Arc<Progress>) -> Result<Finished, RunError> {
    Err(RunError::NoEngine)
}
