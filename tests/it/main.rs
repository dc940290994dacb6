//! One test binary, one file per risk. A risk is a promise that could be broken silently.

mod chance;
mod cli;
mod conservation;
mod crash;
mod determinism;
mod dismissals;
mod drivers;
mod examples;
mod explain;
mod faults;
mod fold;
mod generated;
mod imports;
mod invariance;
mod lines;
mod many;
mod metrics;
mod privacy;
mod program;
mod readme;
mod shards;
mod shipped;
mod parity;
mod tidy;
mod without;
