//! The state of building a world: problems found, assumptions used, tables made. Must not build anything itself.

use std::collections::{BTreeMap, BTreeSet};

use tokio_util::sync::CancellationToken;

use super::distribution::Distributions;
use crate::scenario::diagnostics::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::scenario::diagnostics::source::SourceSpan;
use crate::scenario::grammar::parts::{Grammar, Need};
use crate::scenario::import::Exports;
use crate::scenario::text::view::View;

/// Passed to every step while a world is built.
#[derive(Debug, Default)]
pub(crate) struct Build {
    /// Every problem found so far.
    pub(crate) out: Diagnostics,
    /// Distributions, each table made once.
    pub(crate) distributions: Distributions,
    /// Assumptions in use, by key.
    pub(crate) assumptions: BTreeMap<String, String>,
    /// The contents of the exports that the scenario names.
    pub(crate) exports: Exports,
    /// The size of the fleet was reported and a small one replaces it: what does not fit its number of users is not
    /// reported.
    pub(crate) is_fleet_unknown: bool,
    /// Users and devices that samples have drawn so far, at most [`crate::scenario::diagnostics::limits::SAMPLED_MAX`].
    pub(crate) sampled: u64,
    /// Cohorts that have the usual presence because nothing gives them another.
    pub(crate) usual_presence: BTreeSet<String>,
    /// Cancels the loading.
    pub(crate) stop: CancellationToken,
}

impl Build {
    /// Whether loading is cancelled. Then anything may be missing in what is built.
    pub(crate) fn is_stopped(&self) -> bool {
        self.stop.is_cancelled()
    }

    /// Whether the fleet has users that are not generated because an export lists them.
    pub(crate) fn has_exports(&self) -> bool {
        !self.exports.devices.is_empty() || !self.exports.users.is_empty()
    }

    /// Reports a problem.
    pub(crate) fn report(&mut self, diagnostic: Diagnostic) {
        self.out.report(diagnostic);
    }

    /// Reports keys that exclude each other or do not belong here.
    pub(crate) fn conflict(&mut self, place: SourceSpan, message: impl Into<String>) {
        self.out.report(Diagnostic::new(Code::Conflict, place, message));
    }

    /// Records what a table chooses among undocumented behaviours: such a choice is an assumption too, under `prefix`.
    pub(crate) fn chosen(&mut self, prefix: &str, table: View<'_>, grammar: &Grammar) {
        for key in grammar.keys {
            if let Some(word) = table.text(key.name) {
                self.assumptions.insert(format!("{prefix}.{}", key.name), word.value.to_owned());
            }
        }
    }

    /// Records the assumptions that all these tables leave at their defaults, under `prefix`.
    pub(crate) fn assume(&mut self, prefix: &str, tables: &[Option<View<'_>>], grammar: &Grammar) {
        for key in grammar.keys {
            if let Need::Assumed(default) = key.need
                && tables.iter().flatten().all(|table| !table.has(key.name))
            {
                self.assumptions.insert(format!("{prefix}.{}", key.name), default.to_owned());
            }
        }
    }
}
