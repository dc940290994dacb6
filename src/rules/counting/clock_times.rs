//! Times of day by which shown pairs are counted: for each message and zone, a time after acceptance. Must not count.

use crate::rules::base::ids::StratumIx;
use crate::rules::base::time::{SimTime, Zone};
use crate::rules::model::world::World;

/// The times of day of a world, and the zones of its strata.
#[derive(Clone, Debug, Default)]
pub(super) struct ClockTimes {
    pub(super) times_ms: Vec<u32>,
    /// By stratum; empty where there are no times.
    zones: Vec<Zone>,
}

impl ClockTimes {
    /// Those of a world.
    pub(super) fn of(world: &World, times_ms: Vec<u32>) -> Self {
        if times_ms.is_empty() {
            return Self::default();
        }
        let zones = world.fleet.strata().iter().map(|stratum| stratum.zone.clone()).collect();
        Self { times_ms, zones }
    }

    /// For each time, how long after the acceptance of a message it is in the zone of a stratum, in ms.
    pub(super) fn limits_ms(&self, accepted_at: SimTime, stratum: StratumIx) -> Vec<u32> {
        let limit = |time: &u32| {
            let until = self.zones[stratum.at()].next_local_after(accepted_at, *time);
            u32::try_from(until.since(accepted_at)).unwrap_or(u32::MAX)
        };
        self.times_ms.iter().map(limit).collect()
    }
}
