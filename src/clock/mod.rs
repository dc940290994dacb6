//! Module `clock`, level 1: model time against the wall clock. The only module that sleeps or reads a clock. Must not
//! decide anything.

mod pace;

mod wall;

pub use pace::{Beat, Clock, Reading, Stopwatch, Wake};
pub use wall::{Tick, WallTimer, after, unix_ms, within};
