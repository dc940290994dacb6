//! The options of `forecast` and `merge`. Must not do anything.

use clap::Args as ClapArgs;

use crate::outcome::SeedSpan;
use crate::run::Shard;

use super::completion;
use super::definition::{Against, ReportAudience, ScenarioFlags};
use super::seed_span::span;

/// Threads of a forecast, at most.
pub(super) const THREADS_MAX: i64 = 1_024;

#[derive(Clone, Debug, ClapArgs)]
pub(crate) struct ForecastArgs {
    /// The scenario's file; - reads standard input, example:NAME a shipped one
    #[arg(add = completion::scenarios())]
    pub(crate) scenario: String,
    /// Threads; one a core if not given
    #[arg(long, env = "REVEILLE_THREADS", value_name = "N", value_parser = clap::value_parser!(u32).range(1..=THREADS_MAX))]
    pub(crate) threads: Option<u32>,
    /// With --seeds or --vary: forecasts at once, each with its part of the threads, as far as the memory goes
    #[arg(long, env = "REVEILLE_PARALLEL", value_name = "N", value_parser = clap::value_parser!(u32).range(1..=THREADS_MAX), requires = "many")]
    pub(crate) parallel: Option<u32>,
    /// Only the i-th of n parts of the fleet, such as 2/3, into a report that ends in .rvl; `merge` adds them up
    #[arg(long, env = "REVEILLE_SHARD", value_name = "I/N", conflicts_with_all = ["many", "baseline"])]
    pub(crate) shard: Option<Shard>,
    /// Also say what a fault cost: the same draws without it; may be repeated
    #[arg(long = "without", env = "REVEILLE_WITHOUT", value_name = "FAULT", conflicts_with = "shard", add = completion::names_of("fault"))]
    pub(crate) without: Vec<String>,
    /// Write the report to a file, its ending chooses the format (.json, .html, .md, .xml; of one forecast also .om, .ndjson, .rvl); - is standard output; may be repeated
    #[arg(long = "report", env = "REVEILLE_REPORT", value_name = "FILE")]
    pub(crate) reports: Vec<String>,
    #[command(flatten)]
    pub(crate) audience: ReportAudience,
    #[command(flatten)]
    pub(crate) against: Against,
    #[command(flatten)]
    pub(crate) many: Many,
    #[command(flatten)]
    pub(crate) overrides: ScenarioFlags,
}

/// Many forecasts instead of one; options for a single forecast conflict with `many`.
#[derive(Clone, Debug, ClapArgs)]
#[group(id = "many", multiple = false)]
pub(crate) struct Many {
    /// Forecast every seed from the first to the last, both included, and report the range of every figure
    #[arg(long, env = "REVEILLE_SEEDS", value_name = "1..20", value_parser = span, conflicts_with = "seed")]
    pub(crate) seeds: Option<SeedSpan>,
    /// Forecast a few values of a key, such as delivery.fcm.loss=0..30% (/9 behind it for nine, not five), and report reach against it
    #[arg(long, env = "REVEILLE_VARY", value_name = "PATH=A..B")]
    pub(crate) vary: Option<String>,
}

#[derive(Clone, Debug, ClapArgs)]
pub(crate) struct MergeArgs {
    /// The parts' files (.rvl), each shard once
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<String>,
    /// Write the report to a file, its ending chooses the format (.json, .html, .md, .xml, .om, .rvl); - is standard output; may be repeated
    #[arg(long = "report", env = "REVEILLE_REPORT", value_name = "FILE")]
    pub(crate) reports: Vec<String>,
    #[command(flatten)]
    pub(crate) audience: ReportAudience,
    #[command(flatten)]
    pub(crate) against: Against,
}
