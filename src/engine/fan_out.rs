//! How a shard hands a fan-out to its devices: in parts, as far as credits go. Decides for no device.

use super::books::PairFate;
use super::desk::Desk;
use super::options::TURNS_MAX;
use crate::rules::counter::Counted;
use crate::rules::crowd::{Audience, Crowd, FanOut};
use crate::rules::device::Input;
use crate::rules::fleet::{GatewayName, Platform};
use crate::rules::gateway;
use crate::rules::ids::DeviceIx;
use crate::rules::journey::{Journey, SkipCause};
use crate::rules::time::SimTime;
use crate::rules::world::AudienceClass;

impl Desk {
    /// Hands a part of a fan-out to its devices from `from` on; returns where to go on, `None` at the end.
    pub(crate) fn expand(&mut self, fan_out: &FanOut, from: u32, until: SimTime) -> Option<u32> {
        let message = &fan_out.message;
        self.counter.open_message(message);
        match &fan_out.audience {
            Audience::One { device, standing, class } => {
                match standing {
                    Ok(gateway) => {
                        let slot = fan_out.begin[*gateway as usize];
                        let input = Input::Start { message: *message, phase: fan_out.phase, class: *class, slot };
                        self.give(*device, fan_out.at, input, until);
                    }
                    Err(cause) => self.skip(fan_out, *device, *cause, *class),
                }
                None
            }
            Audience::Many(crowd) => {
                if from == self.devices.0 {
                    self.unskip_all(fan_out, crowd);
                    for cause in SkipCause::ALL {
                        for device in crowd.standings.skipped[cause as usize].range(self.devices.0..self.devices.1) {
                            let device = DeviceIx(device);
                            self.skip(fan_out, device, cause, crowd.class(device));
                        }
                    }
                }
                self.expand_carried(fan_out, crowd, from, until)
            }
        }
    }

    fn expand_carried(&mut self, fan_out: &FanOut, crowd: &Crowd, from: u32, until: SimTime) -> Option<u32> {
        let room = TURNS_MAX.saturating_sub(self.turns + self.ready.len()).max(1);
        // Both gateways' devices in one sweep, so that a part of the sweep is a range of devices.
        let mut next: Vec<(u32, GatewayName, u64)> = Vec::with_capacity(2 * room + 2);
        for gateway in GatewayName::ALL {
            let carried = &crowd.standings.carried[gateway as usize];
            let before = from.checked_sub(1).map_or(0, |last| carried.rank(last));
            // One more than there is room for tells where to go on.
            let some = carried.range(from..self.devices.1).take(room + 1).zip(before..);
            next.extend(some.map(|(device, rank)| (device, gateway, rank)));
        }
        next.sort_unstable_by_key(|(device, ..)| *device);
        let rest = next.get(room).map(|(device, ..)| *device);
        for (device, gateway, rank) in next.into_iter().take(room) {
            let device = DeviceIx(device);
            let slot = gateway::slot(fan_out.begin[gateway as usize], rank);
            let (class, phase) = (crowd.class(device), fan_out.phase);
            let input = Input::Start { message: fan_out.message, phase, class, slot };
            self.give(device, fan_out.at, input, until);
        }
        rest
    }

    fn unskip_all(&mut self, fan_out: &FanOut, crowd: &Crowd) {
        for device in crowd.reopened.range(self.devices.0..self.devices.1).map(DeviceIx) {
            let (counted, class) = (self.counted(device), crowd.class_before(device));
            self.counter.unskip(counted, fan_out.message.ix, class, fan_out.at);
            self.gauges.unskipped(&fan_out.message, self.platform(counted));
        }
    }

    fn skip(&mut self, fan_out: &FanOut, device: DeviceIx, cause: SkipCause, class: AudienceClass) {
        let counted = self.counted(device);
        self.counter.skip(counted, fan_out.message.ix, class, cause, fan_out.at);
        self.gauges.skipped(&fan_out.message, self.platform(counted), cause);
        if let Some(fates) = &mut self.fates {
            let fate = PairFate { journey: Journey::Skipped(cause), at: fan_out.at, dismissed_at: None };
            fates.insert((fan_out.message.ix, device), fate);
        }
    }

    pub(super) fn counted(&self, device: DeviceIx) -> Counted {
        let traits = self.world.fleet.traits(device);
        Counted { key: traits.key, stratum: traits.stratum }
    }

    pub(super) fn platform(&self, counted: Counted) -> Platform {
        self.world.fleet.strata()[counted.stratum.at()].platform
    }
}
