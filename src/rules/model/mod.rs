//! A valid scenario as data, the input of both drivers. Must not change during a run.

pub mod baseline_limits;
pub mod caution;
pub mod change;
pub mod expectation;
pub mod group;
pub mod live;
pub mod phone_by_hand;
pub mod reach_window;
pub mod send;
mod without_faults;
pub mod world;
