//! The history of a tenant that takes postings: every accepted input, in order. World and history determine every fate.
//! Must not judge an input or keep a text (R6).

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::posting::Recipients;
use super::revision::switch;
use crate::rules::base::ids::{AccountIx, DeviceIx, FaultIx, MessageIx};
use crate::rules::base::time::SimTime;
use crate::rules::faults::fault::Fault;
use crate::rules::model::world::World;
use crate::rules::service::quota::Window;

/// The latest inputs that a history holds; after more inputs it is no longer whole.
pub const INPUTS_MAX: usize = 1_000_000;

/// An executed input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordedInput {
    /// A posting was accepted: the next message.
    Accepted {
        /// The sender.
        account: AccountIx,
        /// The recipients.
        recipients: Recipients,
    },
    /// A posting was refused by a quota but took slots of it (R46). It is no message.
    Refused {
        /// The sender.
        account: AccountIx,
        /// The recipients.
        recipients: Recipients,
    },
    /// A notification was dismissed by hand (T9).
    Dismissed {
        /// The device.
        device: DeviceIx,
        /// The message.
        message: MessageIx,
    },
    /// A fault was started by hand: it becomes the last fault of the world.
    FaultStarted {
        /// The fault, from this moment on.
        fault: Arc<Fault>,
        /// The requested fault: a `[[fault]]` as JSON.
        table: Arc<str>,
    },
    /// A fault was stopped by hand, for good.
    FaultStopped {
        /// The fault.
        fault: FaultIx,
    },
}

/// An input with its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimedInput {
    /// Model time.
    pub at: SimTime,
    /// The input.
    pub operation: RecordedInput,
}

/// The inputs of a tenant, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    inputs: VecDeque<TimedInput>,
    /// The number of the earliest inputs, which were dropped.
    lost: u64,
}

impl History {
    /// Adds an input at `at`, which is not before any other.
    pub fn push(&mut self, at: SimTime, operation: RecordedInput) {
        if !self.has_room() {
            self.inputs.pop_front();
            self.lost += 1;
        }
        self.inputs.push_back(TimedInput { at, operation });
    }

    /// The number of all inputs, dropped ones included.
    pub fn inputs_ever(&self) -> u64 {
        self.lost + self.inputs.len() as u64
    }

    /// The `number`-th input, from 0; `None` if it was dropped or does not exist.
    pub fn input(&self, number: u64) -> Option<&TimedInput> {
        self.inputs.get(usize::try_from(number.checked_sub(self.lost)?).ok()?)
    }

    /// Whether one more fits.
    pub fn has_room(&self) -> bool {
        self.inputs.len() < INPUTS_MAX
    }

    /// Whether no input was dropped.
    pub const fn is_whole(&self) -> bool {
        self.lost == 0
    }

    /// The inputs that are kept, in order.
    pub fn inputs(&self) -> impl Iterator<Item = &TimedInput> {
        self.inputs.iter()
    }

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
