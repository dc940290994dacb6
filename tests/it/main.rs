//! One test binary, one file per risk. A risk is a promise that could be broken silently.

mod chance;
mod conservation;
mod crash;
mod determinism;
mod drivers;
mod examples;
mod fold;
mod generated;
mod invariance;
mod parity;
mod tidy;
