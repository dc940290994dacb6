//! The history of a tenant that takes postings: every input that was taken, in order. With the world it is enough to know every
//! fate. Judges nothing, and keeps no text (R6).

use std::collections::VecDeque;
use std::sync::Arc;

use super::posting::Recipients;
use super::revision::switch;
use crate::rules::base::ids::{AccountIx, DeviceIx, FaultIx, MessageIx};
use crate::rules::base::time::SimTime;
use crate::rules::faults::fault::Fault;
use crate::rules::model::world::World;

/// Inputs that a history holds, the latest; once it has held more it is no longer whole, and says so.
pub const INPUTS_MAX: usize = 1_000_000;

/// Something that was asked and done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordedInput {
    /// A posting was accepted: the next message.
    Accepted {
        /// Who sent it.
        account: AccountIx,
        /// To whom.
        recipients: Recipients,
    },
    /// A posting was refused by a quota, and took slots of it all the same (R46). It is no message.
    Refused {
        /// Who asked.
        account: AccountIx,
        /// For whom.
        recipients: Recipients,
    },
    /// A notification was dismissed by hand (T9).
    Dismissed {
        /// On which device.
        device: DeviceIx,
        /// Of which message.
        message: MessageIx,
    },
    /// A fault was started by hand: the next of the world.
    FaultStarted {
        /// The fault, from this moment on.
        fault: Arc<Fault>,
        /// The same as it was asked for: a `[[fault]]` as JSON.
        table: Arc<str>,
    },
    /// A fault was stopped by hand, for good.
    FaultStopped {
        /// Which.
        fault: FaultIx,
    },
}

/// An input, and when it was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimedInput {
    /// Model time.
    pub at: SimTime,
    /// What was done.
    pub operation: RecordedInput,
}

/// See the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    inputs: VecDeque<TimedInput>,
    /// Inputs that there is no room for any more, the earliest.
    lost: u64,
}

impl History {
    /// Adds what was done at `at`, which is not before anything that is known.
    pub fn push(&mut self, at: SimTime, operation: RecordedInput) {
        if !self.has_room() {
            self.inputs.pop_front();
            self.lost += 1;
        }
        self.inputs.push_back(TimedInput { at, operation });
    }

    /// How many inputs there have been, the lost ones too.
    pub fn inputs_ever(&self) -> u64 {
        self.lost + self.inputs.len() as u64
    }

    /// The `number`-th input, from 0; `None` if it is lost or has not been.
    pub fn input(&self, number: u64) -> Option<&TimedInput> {
        self.inputs.get(usize::try_from(number.checked_sub(self.lost)?).ok()?)
    }

    /// Is there room for one more?
    pub fn has_room(&self) -> bool {
        self.inputs.len() < INPUTS_MAX
    }

    /// Is everything in it?
    pub const fn is_whole(&self) -> bool {
        self.lost == 0
    }

    /// Everything in it, in order.
    pub fn inputs(&self) -> impl Iterator<Item = &TimedInput> {
        self.inputs.iter()
    }

    /// Inputs of another history that could be none of a tenant of this world, in words; `None` if all is well.
    pub fn misfit(inputs: &[TimedInput], world: &World) -> Option<String> {
        let (mut before, mut accepted) = (SimTime::ZERO, 0);
        let mut faults = world.faults.clone();
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
            if switch(&mut faults, input).is_err() {
                return misfit("it switches a fault that cannot be switched then");
            }
        }
        None
    }
}
