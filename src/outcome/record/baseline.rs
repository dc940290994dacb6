//! A comparison with a former report, as a plain record. Must not compare.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a run, or a run with each of many seeds, was compared with, and what came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BaselineLine {
    /// The former seed; of a report of many seeds the first.
    pub seed: u64,
    /// The former seeds, 1 for a report of one run.
    #[serde(default = "one")]
    pub seeds: u64,
    /// The former hash of the scenario.
    pub scenario_hash: String,
    /// The former digest; of a report of many seeds that of the first.
    pub digest: String,
    /// How much worse a figure without a limit of its own may be, in billionths; 0 if that comes from the former seeds.
    pub max_regression_billionths: u32,
    /// Every figure that was compared.
    pub figures: Vec<FigureLine>,
}

/// A figure then and now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FigureLine {
    /// Which: `reach within 15 min`, `pairs lost`, `latency p95`, `expectation "most"`.
    pub name: String,
    /// What it was, for people; of many seeds the least and the most.
    pub before_text: String,
    /// What it is, for people; of many seeds the median.
    pub now_text: String,
    /// What it may be, for people: `at least 38.0 %`; empty for an expectation.
    #[serde(default)]
    pub allowed_text: String,
    /// Whether it is no worse than it may be.
    pub ok: bool,
}

const fn one() -> u64 {
    1
}

impl BaselineLine {
    /// The figures that are worse than they may be.
    pub fn worse(&self) -> impl Iterator<Item = &FigureLine> {
        self.figures.iter().filter(|figure| !figure.ok)
    }
}

impl FigureLine {
    /// The figure then and now, and what it may be, in a sentence's part.
    pub fn phrase(&self) -> String {
        let Self { name, before_text, now_text, allowed_text, .. } = self;
        let allowed = if allowed_text.is_empty() { String::new() } else { format!(", allowed {allowed_text}") };
        format!("{name}: {before_text} before, {now_text} now{allowed}")
    }
}
