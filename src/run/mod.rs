//! Room `run`, level 3. Door sign: drives engine or forecast through a scenario to an [`Outcome`]; prints nothing, touches
//! no file, decides no fate.

mod distribution;
mod expectations;
mod finished;
mod forecast;
mod live;
mod outcome;
mod plan;
mod selection;
mod series;
mod summing;
mod verdict;
pub mod words;

pub use distribution::{Distribution, Parts};
pub use expectations::{Observed, metric_name};
pub use finished::Finished;
pub use forecast::{ForecastError, ForecastOptions, ForecastProgress, forecast};
pub use live::{LiveOptions, RunError, live};
pub use outcome::{
    AssumptionLine, AudienceBy, Conservation, Counts, Dismissals, Driver, ExpectationLine, FaultLine, FaultStatus, Lag,
    Latency, LatencyShort, MODEL_VERSION, MessageLine, MessageOutcome, MinuteLine, OpenBy, Outcome, Quota, QuotaLine,
    Reach, RestartLine, SCHEMA_VERSION, Settled, Stations,
};
pub use crate::engine::Progress;
pub use plan::{OCCURRENCES_LISTED_MAX, Plan, PlanKind, PlanLine};
pub use summing::{MESSAGES_LISTED_MAX, RunFacts};
pub use verdict::{Failure, Verdict};
