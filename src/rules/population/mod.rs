//! Users and devices and their constant traits. Must not hold the state of a run.

pub mod asleep;
pub mod cohort;
mod device_ranges;
pub mod draws;
pub mod fleet;
pub mod presence;
pub mod reported;
pub mod site;
pub mod traits;
