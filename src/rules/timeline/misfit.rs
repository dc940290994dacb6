//! Whether a history could be one of a tenant of a world: checked before it is repeated. Must not repeat anything.

use std::collections::BTreeMap;

use super::history::{History, RecordedInput, TimedInput};
use super::posting::Recipients;
use super::revision::switch;
use crate::rules::base::ids::{AccountIx, DeviceIx};
use crate::rules::base::time::SimTime;
use crate::rules::model::world::World;
use crate::rules::service::quota::Window;

impl History {
    /// A message about the first input of another history that is impossible for a tenant of this world; `None` if all
    /// are possible.
    pub fn misfit(inputs: &[TimedInput], world: &World) -> Option<String> {
        let (mut before, mut accepted) = (SimTime::ZERO, 0);
        let (mut faults, mut slots) = (world.faults.clone(), PostedSlots::default());
        for (place, input) in inputs.iter().enumerate() {
            let TimedInput { at, operation } = input;
            let misfit = |what: &str| Some(format!("input {place}: {what}"));
            if *at < before {
                return misfit("it comes before the one before it");
            }
            if *at >= world.horizon {
                return misfit("it comes after the end of model time");
            }
            before = *at;
            let device = |device: &DeviceIx| device.0 < world.fleet.devices();
            let posting = |account: &AccountIx, recipients: &Recipients| {
                account.at() < world.accounts.len()
                    && match recipients {
                        Recipients::Device(to) => device(to),
                        Recipients::Groups(to) => {
                            !to.is_empty() && to.iter().all(|group| group.at() < world.groups.len())
                        }
                    }
            };
            let fits = match operation {
                RecordedInput::Accepted { account, recipients } => {
                    accepted += 1;
                    posting(account, recipients)
                }
                RecordedInput::Refused { account, recipients } => posting(account, recipients),
                RecordedInput::Dismissed { device: on, message } => device(on) && message.0 < accepted,
                RecordedInput::FaultStarted { fault, .. } => {
                    fault.at == *at && fault.scope.devices.iter().flatten().all(device)
                }
                RecordedInput::FaultStopped { fault } => fault.at() < faults.len(),
            };
            if !fits {
                return misfit("it names what this tenant does not have");
            }
            if let RecordedInput::Accepted { recipients, .. } = operation
                && !slots.take(world, recipients, *at)
            {
                return misfit("it was accepted, though the quota of its hour was used up");
            }
            if switch(&mut faults, input).is_err() {
                return misfit("it switches a fault that cannot be switched then");
            }
        }
        None
    }
}

/// The slots of both quotas that accepted postings took. What a scenario sends itself takes more, which is not known here: a
/// history that exceeds a quota without that is impossible.
#[derive(Default)]
struct PostedSlots {
    tenant: Window,
    devices: BTreeMap<DeviceIx, Window>,
}

impl PostedSlots {
    /// Whether there was room for an accepted posting.
    fn take(&mut self, world: &World, recipients: &Recipients, at: SimTime) -> bool {
        let service = &world.service;
        match recipients {
            Recipients::Device(device) => {
                self.devices.entry(*device).or_default().reserve_for_device(service, at, &[]).is_ok()
            }
            Recipients::Groups(groups) => {
                self.tenant.reserve(service.quota_of_tenant(), service.slots(groups), at, &[]).is_ok()
            }
        }
    }
}
