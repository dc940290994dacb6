//! Figures of a run under way, for the progress bar. The engine and its driver write them; nothing may be decided by them.

use std::sync::atomic::{AtomicI64, AtomicU64};

/// Figures of a run under way. Each is correct by itself; together they are only approximately of one moment.
#[derive(Debug, Default)]
pub struct EngineProgress {
    /// Model time that is done, in ms.
    pub model_time_ms: AtomicU64,
    /// The horizon, in ms of model time.
    pub horizon_ms: AtomicU64,
    /// Messages accepted.
    pub sends_accepted: AtomicU64,
    /// Attempts refused.
    pub sends_refused: AtomicU64,
    /// Pairs of message and device so far.
    pub pairs: AtomicU64,
    /// Of them, shown.
    pub shown: AtomicU64,
    /// Of them, still waiting; signed, because shards report one after the other.
    pub open: AtomicI64,
    /// The latest lag, in µs of wall time.
    pub lag_us: AtomicU64,
}
