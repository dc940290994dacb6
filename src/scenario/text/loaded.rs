//! What a scenario is loaded to, and under which flags. Only data.

use crate::rules::model::world::World;

use super::origins::Origins;
use crate::scenario::diagnostics::diagnostic::Diagnostics;

/// What flags say over a scenario.
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
    /// What drivers take.
    pub world: World,
    /// What is legal and probably not meant.
    pub warnings: Diagnostics,
    /// Where each expectation and each fault is written.
    pub origins: Origins,
    /// The merged scenario as TOML, each value with the file and line that it comes from.
    pub resolved: String,
    /// The merged scenario as TOML that gives the same world elsewhere, but for the texts of messages (R6), which are masked,
    /// and so for the hash.
    pub portable: String,
}
