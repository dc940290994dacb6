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
                RecordedInput::PhoneSet { device: on, patch } => {
                    if device(on)
                        && let Err(why) = patch.fits(world.fleet.traits(*on).platform, world.profile)
                    {
                        return misfit(&why.to_string());
                    }
                    device(on)
                }
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::outcome::fixture::Hand;
    use crate::rules::base::ids::{FaultIx, GroupIx, MessageIx};
    use crate::rules::faults::fault::{Fault, FaultKind, FaultScope};

    /// The message about inputs with their times in a world of four devices with a fault from 30 s to 90 s.
    fn found(world: &World, inputs: &[(u64, &RecordedInput)]) -> Option<String> {
        let timed =
            |(at, operation): &(u64, &RecordedInput)| TimedInput { at: SimTime(*at), operation: (*operation).clone() };
        History::misfit(&inputs.iter().map(timed).collect::<Vec<_>>(), world)
    }

    fn device(nth: u32) -> Recipients {
        Recipients::Device(DeviceIx(nth))
    }

    fn accepted(account: u32, recipients: &Recipients) -> RecordedInput {
        RecordedInput::Accepted { account: AccountIx(account), recipients: recipients.clone() }
    }

    fn unknown(nth: usize) -> String {
        format!("input {nth}: it names what this tenant does not have")
    }

    #[test]
    fn a_posting_names_an_account_a_device_and_groups_of_the_tenant() {
        let world = Hand::new("", |_| Ok(())).world;
        let groups = |nths: &[u32]| Recipients::Groups(nths.iter().copied().map(GroupIx).collect());
        let (accounts, devices) = (world.accounts.len() as u32, world.fleet.devices());
        let last = world.groups.len() as u32 - 1;
        let refused =
            |account, to: &Recipients| RecordedInput::Refused { account: AccountIx(account), recipients: to.clone() };
        for to in [device(0), device(devices - 1), groups(&[0]), groups(&[0, last])] {
            for operation in [accepted(accounts - 1, &to), refused(accounts - 1, &to)] {
                assert_eq!(found(&world, &[(5, &operation)]), None, "{operation:?}");
            }
        }
        for (account, to) in [
            (accounts, device(0)),
            (accounts, groups(&[0])),
            (0, device(devices)),
            (0, groups(&[])),
            (0, groups(&[last + 1])),
            (0, groups(&[0, last + 1])),
        ] {
            for operation in [accepted(account, &to), refused(account, &to)] {
                assert_eq!(found(&world, &[(5, &operation)]), Some(unknown(0)), "{operation:?}");
            }
        }
    }

    #[test]
    fn only_a_message_that_was_accepted_before_is_dismissed() {
        let world = Hand::new("", |_| Ok(())).world;
        let (taken, last) = (accepted(0, &device(0)), world.fleet.devices() - 1);
        let dismissed =
            |device, message| RecordedInput::Dismissed { device: DeviceIx(device), message: MessageIx(message) };
        assert_eq!(found(&world, &[(5, &dismissed(0, 0))]), Some(unknown(0)));
        for (device, message, misfit) in
            [(last, 0, None), (0, 1, None), (0, 2, Some(unknown(2))), (last + 1, 0, Some(unknown(2)))]
        {
            assert_eq!(found(&world, &[(5, &taken), (5, &taken), (5, &dismissed(device, message))]), misfit);
        }
    }

    #[test]
    fn a_fault_begins_with_its_input_and_covers_devices_of_the_tenant() {
        let world = Hand::new("", |_| Ok(())).world;
        let devices = world.fleet.devices();
        let started = |at, devices: Option<u32>| {
            let devices = devices.map(|nth| vec![DeviceIx(nth)]);
            let scope = FaultScope { devices, ..FaultScope::default() };
            let fault = Arc::new(Fault { scope, ..Fault::by_hand(FaultKind::Offline, at, None, None) });
            RecordedInput::FaultStarted { fault, table: "{}".into() }
        };
        let stopped = |nth| RecordedInput::FaultStopped { fault: FaultIx(nth) };
        for (at, covered) in [(5, None), (5, Some(devices - 1))] {
            assert_eq!(found(&world, &[(5, &started(at, covered))]), None);
        }
        for (at, covered) in [(6, None), (4, None), (5, Some(devices)), (6, Some(0))] {
            assert_eq!(found(&world, &[(5, &started(at, covered))]), Some(unknown(0)));
        }
        assert_eq!(found(&world, &[(40_000, &stopped(0))]), None);
        assert_eq!(found(&world, &[(40_000, &stopped(1))]), Some(unknown(0)));
        assert_eq!(found(&world, &[(5, &started(5, None)), (6, &stopped(1)), (40_000, &stopped(0))]), None);
        let early = Some("input 0: it switches a fault that cannot be switched then".to_owned());
        assert_eq!(found(&world, &[(5, &stopped(0))]), early);
    }

    #[test]
    fn inputs_come_in_order_and_before_the_end() {
        let world = Hand::new("", |_| Ok(())).world;
        let (taken, end) = (accepted(0, &device(0)), world.horizon.0);
        assert_eq!(found(&world, &[(0, &taken), (7, &taken), (7, &taken), (end - 1, &taken)]), None);
        let early = Some("input 1: it comes before the one before it".to_owned());
        assert_eq!(found(&world, &[(7, &taken), (6, &taken)]), early);
        let late = Some("input 1: it comes after the end of model time".to_owned());
        assert_eq!(found(&world, &[(7, &taken), (end, &taken)]), late);
    }
}
