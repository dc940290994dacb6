//! Counts and digests of a run. Must not decide anything.

mod buckets;
mod calm_counts;
mod clock_times;
mod cold_counts;
pub mod counts;
pub mod deliveries;
mod digest;
pub mod fault_tally;
mod hot_counts;
pub mod latencies;
mod minutes;
pub mod recorder;
mod slots;
