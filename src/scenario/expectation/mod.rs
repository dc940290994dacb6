//! Expectations of a scenario, and those that could never be measured. Must not measure one.

pub(crate) mod condition;
mod divide;
mod during;
pub(crate) mod expect;
mod impossible;
