//! Module `run`, level 3: drives engine or forecast through a scenario to an [`crate::outcome::Outcome`]. Must not print,
//! touch a file or decide a fate.

mod contrast;
mod forecast;
mod ledger_check;
mod live;
mod merge;
mod part;
mod part_check;
mod plan;
mod replay;
mod partition;

pub use crate::engine::EngineProgress;
pub use contrast::{Contrasts, UnknownFault, contrasts, named_faults};
pub use forecast::{ForecastError, ForecastOptions, ForecastProgress, forecast};
#[doc(hidden)]
pub use live::{LiveOptions, RunError, live, live_sabotaged};
pub use merge::{Merge, MergeError, Merged};
pub use part::{Contents, Part, PartError, PartFacts, PartLabel};
pub use partition::{FORECAST_SHARDS_MAX, Shard, ShardError};
pub use plan::{OCCURRENCES_LISTED_MAX, Plan, PlanKind, PlanLine};
pub use replay::{Replay, ReplayError, quoted};
