//! Options of the live engine. Must not contain anything that changes a fate.

/// Options of the live engine; none of them changes a fate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Live {
    /// Model time against wall time.
    pub speed: ModelSpeed,
    /// Device and portal actors that may be alive at once, at least 2.
    pub resident_actors_max: u32,
    /// Shard actors; 0 for one a core.
    pub shards: u32,
    /// The limit of the lag's p99, in ms of wall time.
    pub lag_p99_max_ms: Option<u64>,
    /// The address of `/metrics`, `address:port`; port 0 takes any free port.
    pub metrics_listen: String,
}

/// The speed of model time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelSpeed {
    /// As fast as possible.
    Max,
    /// Thousandths of a model second per second: 1,000 is real time.
    Times(u64),
}
