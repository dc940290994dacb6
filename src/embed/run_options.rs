//! How a scenario is run by actors from code. Only data.

use crate::rules::model::live::ModelSpeed;

/// How [`Scenario::run`](crate::Scenario::run) drives the actors. None of it changes what becomes of a message; what is `None`
/// is as the scenario's `[live]` table says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunOptions {
    /// Thousandths of a model second per wall-clock second, at least 1: 1,000 is life.
    pub speed_thousandths: Option<u64>,
    /// Shard actors; 0 for one a core.
    pub shards: Option<u32>,
    /// Device and portal actors alive at once, at least 2.
    pub resident_actors_max: Option<u32>,
}

impl RunOptions {
    pub(super) fn speed(&self, scenario: ModelSpeed) -> ModelSpeed {
        self.speed_thousandths.map_or(scenario, |times| ModelSpeed::Times(times.max(1)))
    }
}
