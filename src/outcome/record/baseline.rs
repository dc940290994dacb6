//! A comparison with a former report, as a plain record. Must not compare.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::words::per_cent;
use crate::rules::base::chance::Ratio;

/// What a run was compared with, and what came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BaselineLine {
    /// The former seed.
    pub seed: u64,
    /// The former hash of the scenario.
    pub scenario_hash: String,
    /// The former digest.
    pub digest: String,
    /// How much worse a figure may be, in billionths.
    pub max_regression_billionths: u32,
    /// Every figure that was compared.
    pub figures: Vec<FigureLine>,
}

/// A figure then and now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FigureLine {
    /// Which: `reach within 15 min`, `pairs lost`, `latency p95`, `expectation "most"`.
    pub name: String,
    /// What it was, for people.
    pub before_text: String,
    /// What it is, for people.
    pub now_text: String,
    /// Whether it is no worse than it may be.
    pub ok: bool,
}

impl BaselineLine {
    /// How much worse a figure may be, for people.
    pub fn max_regression(&self) -> String {
        per_cent(Ratio::from_billionths(self.max_regression_billionths.min(1_000_000_000)))
    }
}
