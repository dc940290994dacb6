//! Records as JSON, for programs. Adds nothing and leaves nothing out.

use serde::{Deserialize, Serialize};

use crate::outcome::{Baseline, BaselineError, Outcome, Ranges, Variation};
use crate::rules::base::visible::one_line;

/// The whole record of a run, indented, with a final line feed.
pub fn json(outcome: &Outcome) -> String {
    record(outcome)
}

/// Why a text is no record of a run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// It is something else.
    #[error("it is no JSON report of one run: {}", one_line(.0))]
    Shape(String),
    /// It is of another version.
    #[error(transparent)]
    Version(#[from] BaselineError),
}

/// The record that [`json`] wrote.
///
/// # Errors
/// See [`ReadError`]; another version is said before anything that follows from it.
pub fn read_json(text: &[u8]) -> Result<Outcome, ReadError> {
    /// What a record of any version has.
    #[derive(Deserialize)]
    struct Head {
        schema_version: u32,
        model_version: u32,
    }
    let shape = |error: serde_json::Error| ReadError::Shape(error.to_string());
    let head: Head = serde_json::from_slice(text).map_err(shape)?;
    Baseline::compares(head.schema_version, head.model_version)?;
    serde_json::from_slice(text).map_err(shape)
}

/// The whole record of ranges over seeds, in the same way.
pub fn ranges_json(ranges: &Ranges) -> String {
    record(ranges)
}

/// The whole record of a sweep over one key, in the same way.
pub fn variation_json(variation: &Variation) -> String {
    record(variation)
}

fn record(record: &impl Serialize) -> String {
    let mut text = serde_json::to_string_pretty(record).expect("records have string keys and finite numbers only");
    text.push('\n');
    text
}
