//! The report as `OpenMetrics`: the samples that Prometheus would have scraped from a live run, in model time. Must not
//! add anything to the record.

mod exposition;

mod page;

pub use exposition::openmetrics;
