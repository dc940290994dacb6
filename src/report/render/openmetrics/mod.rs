//! The report as `OpenMetrics`: what a server of Prometheus would have scraped from a live run, in model time. Says nothing that
//! the record does not say.

mod exposition;

mod page;

pub use exposition::openmetrics;
