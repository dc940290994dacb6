//! Warnings of a scenario that bear on its figures, as a section of every report. Must not know a format.

use crate::outcome::WarningLine;

use super::phrases::plural;
use super::section::{Block, Lead, Section};

/// Warnings that a report repeats; `check` has all.
const WARNINGS_MAX: usize = 3;

/// The warnings, if there are any.
pub(crate) fn section(warnings: &[WarningLine]) -> Option<Section> {
    let more = warnings.len().saturating_sub(WARNINGS_MAX) as u64;
    let told = warnings.iter().take(WARNINGS_MAX);
    let mut notes: Vec<Block> =
        told.map(|line| Block::Note(format!("{} {}. What helps: {}.", line.code, line.text, line.help))).collect();
    if more > 0 {
        notes.push(Block::Note(format!("The same is so for {}: `reveille check` has all.", plural(more, "more send"))));
    }
    let lead = Lead::Sentence("read the figures below with this in mind".to_owned());
    (!notes.is_empty()).then(|| Section::new("warnings", "Warnings", lead, notes))
}
