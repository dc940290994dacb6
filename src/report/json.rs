//! The record as JSON, for programs. Adds nothing and leaves nothing out.

use crate::run::Outcome;

/// The whole record, indented, with a final line feed.
pub fn json(outcome: &Outcome) -> String {
    let mut text = serde_json::to_string_pretty(outcome).expect("the record has string keys and finite numbers only");
    text.push('\n');
    text
}
