//! Room `run`, level 3. Door sign: drives engine or forecast through a scenario to an [`Outcome`]; prints nothing, touches
//! no file, decides no fate.

mod causes;
mod distribution;
mod expectations;
mod explain;
mod faults;
mod finished;
#[cfg(test)]
pub(crate) mod fixture;
mod forecast;
mod live;
mod membership;
mod messages;
mod outcome;
mod plan;
mod question;
mod selection;
mod series;
mod steps;
mod summing;
mod verdict;
pub mod words;

pub use crate::engine::Progress;
pub use distribution::{Distribution, Parts};
pub use expectations::{Observed, metric_name};
pub use explain::{AskedMessage, Explainer, Explanation, Handset, PairLine};
pub use faults::{FaultLine, FaultStatus};
pub use finished::Finished;
pub use forecast::{ForecastError, ForecastOptions, ForecastProgress, forecast};
pub use live::{LiveOptions, RunError, live};
pub use messages::{AudienceBy, LatencyShort, MESSAGES_LISTED_MAX, MessageLine, MessageOutcome, Reach};
pub use outcome::{
    AssumptionLine, Conservation, Counts, Dismissals, Driver, ExpectationLine, Lag, Latency, MODEL_VERSION, Outcome,
    Quota, QuotaLine, RestartLine, SCHEMA_VERSION, Stations,
};
pub use plan::{OCCURRENCES_LISTED_MAX, Plan, PlanKind, PlanLine};
pub use question::{Question, QuestionError};
pub use series::{MinuteLine, OpenBy, Settled};
pub use steps::StepLine;
pub use summing::RunFacts;
pub use verdict::{Failure, Verdict};
