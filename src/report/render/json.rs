//! Records as JSON, for programs. Must not add or omit anything.

use serde::{Deserialize, Serialize};

use crate::outcome::{BaselineError, FormerReport, Outcome, Ranges, Variation};
use crate::rules::base::visible::one_line;

/// The whole record of a run, indented, with a final line feed.
pub fn json(outcome: &Outcome) -> String {
    record(outcome)
}

/// Why a text is not a record of a run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// It has another shape.
    #[error("it is no JSON report of one run or of many seeds: {}", one_line(.0))]
    Shape(String),
    /// It is of another version.
    #[error(transparent)]
    Version(#[from] BaselineError),
}

/// Reads a record that [`json`] wrote, or that of a range of seeds.
///
/// # Errors
/// See [`ReadError`]; a wrong version is reported before errors that follow from it.
pub fn read_json(text: &[u8]) -> Result<FormerReport, ReadError> {
    /// The part that records of all versions have.
    #[derive(Deserialize)]
    struct Head {
        schema_version: u32,
        model_version: u32,
        seeds: Option<serde::de::IgnoredAny>,
    }
    let shape = |error: serde_json::Error| ReadError::Shape(error.to_string());
    let head: Head = serde_json::from_slice(text).map_err(shape)?;
    FormerReport::compares(head.schema_version, head.model_version)?;
    match head.seeds {
        Some(_) => serde_json::from_slice(text).map(|seeds| FormerReport::Seeds(Box::new(seeds))).map_err(shape),
        None => serde_json::from_slice(text).map(|run| FormerReport::Run(Box::new(run))).map_err(shape),
    }
}

/// The whole record of ranges over seeds, in the same way.
pub(crate) fn ranges_json(ranges: &Ranges) -> String {
    record(ranges)
}

/// The whole record of a sweep over one key, in the same way.
pub(crate) fn variation_json(variation: &Variation) -> String {
    record(variation)
}

fn record(record: &impl Serialize) -> String {
    let mut text = serde_json::to_string_pretty(record).expect("records have string keys and finite numbers only");
    text.push('\n');
    text
}
