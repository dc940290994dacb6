//! Records as JSON, for programs. Adds nothing and leaves nothing out.

use serde::Serialize;

use crate::run::{Outcome, Ranges, Variation};

/// The whole record of a run, indented, with a final line feed.
pub fn json(outcome: &Outcome) -> String {
    record(outcome)
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
