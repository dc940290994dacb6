//! Metrics, dashboards and logs.

pub(crate) mod dashboards;
pub(crate) mod exposition;
pub(crate) mod log;
pub(crate) mod metrics;
pub(crate) mod prometheus;
