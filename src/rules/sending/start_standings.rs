//! The standing of each device at the start of the model, which depends on its traits alone. Must not know of changes: the
//! tenant does.

use std::ops::Range;

use roaring::RoaringBitmap;

use super::eligibility::{Standings, standing};
use crate::rules::base::ids::DeviceIx;
use crate::rules::model::world::World;

/// Devices between two checks of the stop flag: about a millisecond of work.
const DEVICES_A_LOOK: u32 = 1 << 12;

/// The standings of a part of the fleet at the start, and which of its devices are enrolled.
#[derive(Clone, Debug, Default)]
pub struct StartStandings {
    pub(super) standings: Standings,
    pub(super) enrolled: RoaringBitmap,
}

impl StartStandings {
    /// Those of some devices, unless `stop` becomes true meanwhile and stays so: then some are missing.
    pub fn of(world: &World, devices: Range<u32>, stop: &dyn Fn() -> bool) -> Self {
        let mut start = Self::default();
        for device in devices.map(DeviceIx) {
            if device.0.is_multiple_of(DEVICES_A_LOOK) && stop() {
                break;
            }
            let traits = world.fleet.traits(device);
            start.standings.push(device, standing(world.profile, &traits, traits.enrolled, traits.app));
            if traits.enrolled {
                start.enrolled.insert(device.0);
            }
        }
        start
    }

    /// Adds those of other devices.
    pub fn add(&mut self, others: Self) {
        self.standings.add(others.standings);
        self.enrolled |= others.enrolled;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::fixture::Hand;

    #[test]
    fn the_standings_of_parts_add_up_to_those_of_the_fleet() {
        let world = Hand::new("", |_| Ok(())).world;
        let whole = StartStandings::of(&world, 0..world.fleet.devices(), &|| false);
        assert!(!whole.enrolled.is_empty() && whole.standings != Standings::default());
        for part in 0..=world.fleet.devices() {
            let mut joined = StartStandings::of(&world, 0..part, &|| false);
            joined.add(StartStandings::of(&world, part..world.fleet.devices(), &|| false));
            assert_eq!((joined.enrolled, joined.standings), (whole.enrolled.clone(), whole.standings.clone()));
        }
    }
}
