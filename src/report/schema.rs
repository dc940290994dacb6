//! The JSON Schemas of the records, generated from their types, so that both always agree.

use schemars::Schema;

use crate::outcome::{Explanation, Outcome, Ranges, Variation};

/// The schema (draft 2020-12) of a report, indented, with a final line feed.
pub fn schema() -> String {
    text(&schemars::schema_for!(Outcome))
}

/// The schema of ranges over seeds, in the same way.
pub fn ranges_schema() -> String {
    text(&schemars::schema_for!(Ranges))
}

/// The schema of a sweep over one key, in the same way.
pub fn variation_schema() -> String {
    text(&schemars::schema_for!(Variation))
}

/// The schema of an explanation, in the same way.
pub fn explanation_schema() -> String {
    text(&schemars::schema_for!(Explanation))
}

fn text(schema: &Schema) -> String {
    let mut text = serde_json::to_string_pretty(schema).expect("a schema is JSON");
    text.push('\n');
    text
}
