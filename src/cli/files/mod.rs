//! Scenarios and reports on disk. Must not know a format.

pub(crate) mod baseline;
pub(crate) mod lines;
pub(crate) mod scenario_files;
pub(crate) mod complaints;
pub(crate) mod reports;
