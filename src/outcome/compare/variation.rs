//! The record of forecasts over the values of one key: a row for each value. Counts stay integers. Must not contain a
//! title or a body.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::batch::Batch;
use super::headline::{Headline, failures};
use crate::outcome::record::baseline::BaselineLine;

/// The version of this record; raised when a key changes its meaning.
pub const VARIATION_SCHEMA_VERSION: u32 = 1;

/// What a scenario comes to as one of its keys varies.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Variation {
    /// The version of this record: 1.
    pub schema_version: u32,
    /// What the forecasts have in common.
    #[serde(flatten)]
    pub batch: Batch,
    /// The key, as a path that `--set` takes.
    pub key: String,
    /// What did not hold, with the values at which it did not; empty when all is well.
    pub failures: Vec<ValueFailure>,
    /// A row for each value that was forecast, in order.
    pub rows: Vec<VariationRow>,
}

/// What did not hold, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ValueFailure {
    /// What.
    pub what: String,
    /// The values at which it did not, in order.
    pub values: Vec<String>,
}

/// What the scenario comes to with one value of the key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VariationRow {
    /// The value, as a scenario writes it.
    pub value: String,
    /// What came of it.
    #[serde(flatten)]
    pub headline: Headline,
    /// The comparison with a former report, whose failures are among the others; absent if there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<BaselineLine>,
}

impl Variation {
    /// The record of `rows`, one for each value that was forecast.
    pub fn new(batch: Batch, key: String, rows: Vec<VariationRow>) -> Self {
        let found = failures(rows.iter().map(|row| (row.value.clone(), &row.headline)));
        Self {
            schema_version: VARIATION_SCHEMA_VERSION,
            batch,
            key,
            failures: found.into_iter().map(|(what, values)| ValueFailure { what, values }).collect(),
            rows,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::fixture::variation;

    #[test]
    fn a_failure_names_the_values_at_which_it_is_one() {
        let record = variation();
        assert_eq!(record.failures.len(), 1);
        assert_eq!(record.failures[0].values, ["20%"]);
    }

    #[test]
    fn the_record_survives_json() {
        let record = variation();
        let json = serde_json::to_string(&record).expect("the record is JSON");
        assert_eq!(serde_json::from_str::<Variation>(&json).expect("and back"), record);
    }
}
