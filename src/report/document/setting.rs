//! The setting of a run that its record omits: when and where it was made, and where its scenario states each
//! expectation and fault. Must contain data only, and must not read a clock or the machine.

use crate::scenario::Origins;

/// The setting of a run. The record omits it, so that the same run gives the same record anywhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Setting {
    /// When it was started, in ms since 1970.
    pub started_unix_ms: Option<u64>,
    /// The name of the machine.
    pub hostname: Option<String>,
    /// Where each expectation and each fault is written; empty if the scenario is not a file.
    pub origins: Origins,
}
