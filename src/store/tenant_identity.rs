//! What a tenant's inputs are inputs of: without the same scenario, seed and model they would come to something else.

use std::collections::BTreeSet;

use uuid::Uuid;

/// The identity of a tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantIdentity {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// The hash of its scenario.
    pub scenario_hash: String,
    /// The scenario with all that it includes, as TOML, without texts of messages.
    pub scenario: String,
    /// The seed of all chance.
    pub seed: u64,
    /// The version of the model.
    pub model_version: u32,
}

impl TenantIdentity {
    /// The first thing that differs from `other`, and for a scenario the lines that do.
    pub(super) fn difference(&self, other: &Self) -> Option<(String, String)> {
        if self.model_version != other.model_version {
            return Some((format!("model_version ({} in the store)", self.model_version), String::new()));
        }
        if self.seed != other.seed {
            return Some((format!("seed ({} in the store)", self.seed), String::new()));
        }
        if self.scenario_hash == other.scenario_hash {
            return None;
        }
        Some(("scenario".to_owned(), changed_lines(&self.scenario, &other.scenario)))
    }
}

/// Lines of two texts that the other does not have, at most this many.
const LINES_MAX: usize = 12;

/// The lines that only one of the texts has, in brackets.
fn changed_lines(stored: &str, given: &str) -> String {
    let only = |of: &str, other: &str, sign: char| {
        let known: BTreeSet<&str> = other.lines().collect();
        of.lines().filter(|line| !known.contains(line)).map(|line| format!("{sign} {line}")).collect::<Vec<_>>()
    };
    let mut lines = only(stored, given, '-');
    lines.extend(only(given, stored, '+'));
    let more = lines.len().saturating_sub(LINES_MAX);
    lines.truncate(LINES_MAX);
    if more > 0 {
        lines.push(format!("and {more} lines more"));
    }
    if lines.is_empty() { String::new() } else { format!(" ({})", lines.join(" · ")) }
}
