//! Module `outcome`, level 3: what a run found, judged, explained and compared. Must not run, print or touch a file.

pub(crate) mod compare;
pub(crate) mod explain;
#[cfg(test)]
pub(crate) mod fixture;
pub(crate) mod judge;
pub(crate) mod record;
pub(crate) mod summing;

pub use compare::baseline::Baseline;
pub use compare::batch::{Batch, BatchFacts, BatchSubject};
pub use compare::former::{BaselineError, FormerReport};
pub use compare::headline::{Headline, LatencyHeadline, QuotaRefusals, SendCounts, WindowHeadline};
pub use compare::range::{Range, Seeded, Seen, Share};
pub use compare::ranges::{
    ContrastRange, ExpectationRange, FaultRange, FigureRanges, RANGES_SCHEMA_VERSION, Ranges, ReachRanges, SEEDS_MAX,
    SeedFailure, SeedSpan, WindowRange,
};
pub use compare::variation::{VARIATION_SCHEMA_VERSION, ValueFailure, Variation, VariationRow};
pub use explain::explainer::{AskedMessage, DeviceSnapshot, Ending, Explainer, Explanation};
pub use explain::question::{Question, QuestionError};
pub use explain::steps::StepLine;
pub use judge::expectations::metric_name;
pub use judge::observed::Observed;
pub use judge::verdict::{Failure, Verdict};
pub use record::baseline::{BaselineLine, FigureLine};
pub use record::contrast::ContrastLine;
pub use record::deliveries::{Deliveries, latency_buckets};
pub use record::distribution::{Distribution, Parts};
pub use record::faults::{FaultLine, FaultStatus};
pub use record::finished::Finished;
pub use record::lag::{Lag, LagCause, LagWaited, ShardLag};
pub use record::messages::{AudienceBy, LatencyShort, MessageLine, MessageOutcome, Reach};
pub use record::outcome::{
    AssumptionLine, Conservation, Counts, Dismissals, Driver, ExpectationLine, Latency, MODEL_VERSION, Outcome, Quota,
    QuotaHour, QuotaLine, RestartLine, SCHEMA_VERSION, Stations, WarningLine,
};
pub use record::pairs::{LivePairOutlet, PairBatch, PairLine, PairOutlet};
pub use record::reach::{ReachByWindow, ShownUntil, WindowLine};
pub(crate) use record::selection::cause_of;
pub use record::series::{MinuteLine, OpenBy, Settled};
pub use record::words;
pub use summing::RunFacts;
