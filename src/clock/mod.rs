//! Room `clock`, level 1. Door sign: the only room that sleeps or looks at a watch; it decides nothing.

mod pace;

mod wall;

pub use pace::{Beat, Clock, Reading, Stopwatch, Wake};
pub use wall::{Tick, after, unix_ms, within};
