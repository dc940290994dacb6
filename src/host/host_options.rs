//! How a tenant is hosted. Data only; no option changes a fate.

use std::sync::Arc;

use crate::metrics::Meters;
use crate::rules::timeline::history::INPUTS_MAX;

/// Options of hosting; no option changes a fate.
#[derive(Clone, Debug)]
pub struct HostOptions {
    /// Shard actors, 0 for one a core.
    pub shards: u32,
    /// Device and portal actors alive at once, at least 2.
    pub resident_actors_max: u32,
    /// Whether to keep the end of every pair for later queries.
    pub keep_fates: bool,
    /// Where to count for Prometheus, if at all.
    pub meters: Option<Arc<Meters>>,
    /// The latest inputs that memory holds; older ones are read from the store, and are gone without one.
    pub inputs_in_memory: usize,
}

impl HostOptions {
    /// The inputs that a server holds in memory: about 200 MB of them.
    pub const INPUTS_IN_MEMORY: usize = INPUTS_MAX;
}
