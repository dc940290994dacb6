//! How far a forecast is. Written here, read by `cli` only. Must not influence a decision.

use std::sync::atomic::AtomicU64;

/// Figures of a forecast under way; each is correct, but they are not read at one moment.
#[derive(Debug, Default)]
pub struct ForecastProgress {
    /// Model time that has been planned, in ms.
    pub planned_ms: AtomicU64,
    /// All pairs, once everything is planned; 0 before.
    pub pairs: AtomicU64,
    /// Pairs that are done.
    pub pairs_done: AtomicU64,
}
