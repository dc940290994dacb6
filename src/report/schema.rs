//! The JSON Schemas of the report and of an explanation, from their types, so that they cannot lag behind them.

use crate::run::{Explanation, Outcome};

/// The report's schema (draft 2020-12), indented, with a final line feed.
pub fn schema() -> String {
    text_of(&schemars::schema_for!(Outcome))
}

/// An explanation's schema, in the same manner.
pub fn explanation_schema() -> String {
    text_of(&schemars::schema_for!(Explanation))
}

fn text_of(schema: &schemars::Schema) -> String {
    let mut text = serde_json::to_string_pretty(schema).expect("a schema is JSON");
    text.push('\n');
    text
}
