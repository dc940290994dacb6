//! How the live engine runs a world. None of it changes a fate.

/// How the live engine runs; none of it changes a fate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Live {
    /// Model time against wall time.
    pub speed: ModelSpeed,
    /// Device and portal actors that may be alive at once, at least 2.
    pub resident_actors_max: u32,
    /// Shard actors; 0 for one a core.
    pub shards: u32,
    /// The most that p99 of the lag may be, in ms of wall time.
    pub lag_p99_max_ms: Option<u64>,
    /// Where `/metrics` listens, `address:port`; port 0 takes any.
    pub metrics_listen: String,
}

/// How fast model time goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelSpeed {
    /// As fast as the work is done.
    Max,
    /// Thousandths of a model second per second: 1,000 is life.
    Times(u64),
}
