//! What a series of forecasts has in common, in every record of them. Must not compare them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::outcome::record::outcome::{Driver, MODEL_VERSION, WarningLine};
use crate::rules::base::profile::Profile;
use crate::rules::model::world::World;

/// Many forecasts in a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Batch {
    /// The scenario's name.
    pub scenario: String,
    /// The edition of the service: `intune-2019` or `intune-2025`.
    pub profile: String,
    /// What ran them: the forecast.
    pub driver: Driver,
    /// The program's version.
    pub version: String,
    /// The model's version; results of different ones do not compare.
    pub model_version: u32,
    /// Forecasts that were asked for.
    pub forecasts: u64,
    /// Forecasts that were made; each is whole.
    pub forecasts_done: u64,
    /// How long they took, in ms of wall time.
    pub wall_ms: u64,
    /// The most memory that the process held, in bytes; null where it is not known.
    pub peak_rss_bytes: Option<u64>,
    /// The command that runs all of them again.
    pub replay: String,
    /// Warnings of the scenario that bear on the figures, of a sweep those of its first value; absent if there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<WarningLine>,
    /// They were interrupted; everything here is of those that were made until then.
    pub interrupted: bool,
}

/// Facts that only the driver of the forecasts has.
#[derive(Clone, Debug)]
pub struct BatchFacts {
    /// How many were requested.
    pub forecasts: u64,
    /// How many were completed.
    pub forecasts_done: u64,
    /// How long they took, in ms of wall time.
    pub wall_ms: u64,
    /// The most memory that the process held, in bytes, where that is known.
    pub peak_rss_bytes: Option<u64>,
    /// The command that runs all of them again.
    pub replay: String,
}

/// What a batch tells of its scenario.
#[derive(Clone, Debug)]
pub struct BatchSubject {
    scenario: String,
    profile: Profile,
    warnings: Vec<WarningLine>,
}

impl BatchSubject {
    /// What it tells of this world.
    pub fn of(world: &World) -> Self {
        let warnings = world.cautions.iter().map(WarningLine::of).collect();
        Self { scenario: world.name.clone(), profile: world.profile, warnings }
    }
}

impl Batch {
    /// The batch of a scenario.
    pub fn new(subject: BatchSubject, facts: BatchFacts) -> Self {
        let BatchSubject { scenario, profile, warnings } = subject;
        assert!(facts.forecasts_done <= facts.forecasts, "nothing is forecast that was not asked for");
        Self {
            scenario,
            profile: profile.name().to_owned(),
            driver: Driver::Forecast,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            model_version: MODEL_VERSION,
            forecasts: facts.forecasts,
            forecasts_done: facts.forecasts_done,
            wall_ms: facts.wall_ms,
            peak_rss_bytes: facts.peak_rss_bytes,
            replay: facts.replay,
            warnings,
            interrupted: facts.forecasts_done < facts.forecasts,
        }
    }
}
