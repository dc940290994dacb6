//! Room `run`, level 3. Door sign: drives engine or forecast through a scenario to an [`Outcome`]; prints nothing, touches
//! no file, decides no fate.

mod alarm;
mod baseline;
mod baseline_check;
mod batch;
mod book;
mod causes;
mod contrast;
mod decisions;
mod deliveries;
mod distribution;
mod driver;
mod expectations;
mod explain;
mod faults;
mod finished;
#[cfg(test)]
pub(crate) mod fixture;
mod forecast;
mod happenings;
mod headline;
mod host;
mod lag;
mod ledger_check;
mod live;
mod membership;
mod merge;
mod messages;
mod observed;
mod outcome;
mod pairs;
mod part;
mod part_check;
mod plan;
mod question;
mod recall;
mod range;
mod ranges;
mod replay;
mod request_id;
mod revisions;
mod selection;
mod series;
mod shard;
mod steps;
mod summing;
mod variation;
mod verdict;
mod windows;
pub mod words;

pub use crate::engine::Progress;
pub use baseline::{Baseline, BaselineError, BaselineLine, FigureLine};
pub use batch::{Batch, BatchFacts};
pub use book::{Book, Posted};
pub use contrast::{ContrastLine, Contrasts, UnknownFault, contrasts, named_faults};
pub use deliveries::{Deliveries, latency_buckets};
pub use distribution::{Distribution, Parts};
pub use expectations::metric_name;
pub use explain::{AskedMessage, Ending, Explainer, Explanation, Handset};
pub use faults::{FaultLine, FaultStatus};
pub use finished::Finished;
pub use forecast::{ForecastError, ForecastOptions, ForecastProgress, forecast};
pub use happenings::{HAPPENINGS_MAX, Happening, Happenings, Noted};
pub use headline::{Headline, LatencyHeadline, QuotaRefusals, SendCounts};
pub use host::{Again, Host, HostError, HostOptions, PostingVerdict};
pub use lag::{Lag, LagCause, LagWaited, ShardLag};
pub use live::{LiveOptions, RunError, live};
pub use merge::{Merge, MergeError, Merged};
pub use messages::{AudienceBy, LatencyShort, MessageLine, MessageOutcome, Reach};
pub use observed::Observed;
pub use outcome::{
    AssumptionLine, Conservation, Counts, Dismissals, Driver, ExpectationLine, Latency, MODEL_VERSION, Outcome, Quota,
    QuotaHour, QuotaLine, RestartLine, SCHEMA_VERSION, Stations,
};
pub use pairs::{LivePairOutlet, PairBatch, PairLine, PairOutlet};
pub use part::{Contents, Label, Part, PartError, PartFacts};
pub use plan::{OCCURRENCES_LISTED_MAX, Plan, PlanKind, PlanLine};
pub use question::{Question, QuestionError};
pub use range::{Range, Seeded, Seen, Share};
pub use ranges::{
    ExpectationRange, FaultRange, FigureRanges, RANGES_SCHEMA_VERSION, Ranges, ReachRanges, SEEDS_MAX, SeedFailure,
    SeedSpan,
};
pub use recall::{JourneyLine, Recall};
pub use replay::{Replay, ReplayError, quoted};
pub use request_id::RequestId;
pub use revisions::SwitchError;
pub(crate) use selection::cause_of;
pub use series::{MinuteLine, OpenBy, Settled};
pub use shard::{FORECAST_SHARDS_MAX, Shard, ShardError};
pub use steps::StepLine;
pub use summing::RunFacts;
pub use variation::{VARIATION_SCHEMA_VERSION, ValueFailure, Variation, VariationRow};
pub use verdict::{Failure, Verdict};
