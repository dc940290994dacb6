//! The result of loading a scenario, and the flags that apply to it. Data only.

use crate::rules::model::world::World;

use super::origins::Origins;
use crate::scenario::diagnostics::diagnostic::Diagnostics;

/// Flags that override a scenario.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    /// `--set`, each `path.of.keys=value`; elements of arrays of tables are addressed by their name.
    pub sets: Vec<String>,
    /// `--seed`.
    pub seed: Option<u64>,
    /// `--profile`.
    pub profile: Option<String>,
}

/// A valid scenario.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The input of the drivers.
    pub world: World,
    /// Problems that are legal but probably not meant.
    pub warnings: Diagnostics,
    /// The places of expectations and faults.
    pub origins: Origins,
    /// The merged scenario as TOML, each value with its file and line.
    pub resolved: String,
    /// The merged scenario as TOML that gives the same world elsewhere, except for the masked texts of messages (R6),
    /// and so for the hash.
    pub portable: String,
}
