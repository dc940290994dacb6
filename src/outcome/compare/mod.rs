//! Baselines, seeds and sweeps: several outcomes side by side. Must not run anything.

pub(crate) mod baseline;
mod baseline_check;
pub(crate) mod batch;
mod bound;
mod compared;
pub(crate) mod former;
pub(crate) mod headline;
pub(crate) mod range;
pub(crate) mod ranges;
pub(crate) mod variation;
