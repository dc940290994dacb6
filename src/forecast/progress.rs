//! How far a forecast is, for whoever watches it. Written here, read by `cli`; nothing is ever decided by it.

use std::sync::atomic::AtomicU64;

/// Figures of a forecast under way; each is correct, together they are only nearly of one moment.
#[derive(Debug, Default)]
pub struct ForecastProgress {
    /// Model time that has been planned, in ms.
    pub planned_ms: AtomicU64,
    /// Pairs that there are, once everything is planned; 0 before.
    pub pairs: AtomicU64,
    /// Pairs that are done.
    pub pairs_done: AtomicU64,
}
