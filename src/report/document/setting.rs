//! What surrounds a run and is not in its record: when and where it was made, and where its scenario says what it asks. Only data;
//! reads neither clock nor machine.

use crate::scenario::Origins;

/// The surroundings of a run. The record leaves them out, so that the same run gives the same record anywhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Setting {
    /// When it was started, in ms since 1970.
    pub started_unix_ms: Option<u64>,
    /// The name of the machine.
    pub hostname: Option<String>,
    /// Where each expectation and each fault is written; empty where the scenario is no file.
    pub origins: Origins,
}
