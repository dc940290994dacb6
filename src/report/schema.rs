//! The JSON Schema of the report, from its types, so that it cannot lag behind them.

use crate::run::Outcome;

/// The schema (draft 2020-12), indented, with a final line feed.
pub fn schema() -> String {
    let schema = schemars::schema_for!(Outcome);
    let mut text = serde_json::to_string_pretty(&schema).expect("a schema is JSON");
    text.push('\n');
    text
}
