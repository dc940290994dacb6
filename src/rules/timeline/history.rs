//! The history of a tenant that takes postings: every accepted input, in order. World and history determine every fate.
//! Must not judge an input or keep a text (R6).

use std::collections::VecDeque;
use std::sync::Arc;

use super::posting::Recipients;
use crate::rules::base::ids::{AccountIx, DeviceIx, FaultIx, MessageIx};
use crate::rules::base::time::SimTime;
use crate::rules::faults::fault::Fault;
use crate::rules::model::phone_by_hand::PhonePatch;

/// The latest inputs that a history holds, unless it is told otherwise; after more inputs it is no longer whole.
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
    /// A phone was set by hand.
    PhoneSet {
        /// The device.
        device: DeviceIx,
        /// What is set, released and changed.
        patch: PhonePatch,
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// How many it holds.
    max: usize,
    inputs: VecDeque<TimedInput>,
    /// The number of the earliest inputs, which were dropped.
    lost: u64,
    /// All inputs that changed the world, in order, dropped ones included.
    switches: Vec<TimedInput>,
}

impl TimedInput {
    /// Whether it changed the world: it switched a fault, or set a phone.
    pub const fn is_switch(&self) -> bool {
        match self.operation {
            RecordedInput::FaultStarted { .. }
            | RecordedInput::FaultStopped { .. }
            | RecordedInput::PhoneSet { .. } => true,
            RecordedInput::Accepted { .. } | RecordedInput::Refused { .. } | RecordedInput::Dismissed { .. } => false,
        }
    }
}

impl Default for History {
    fn default() -> Self {
        Self::holding(INPUTS_MAX)
    }
}

impl History {
    /// An empty history that holds so many inputs, the latest.
    pub const fn holding(max: usize) -> Self {
        Self { max, inputs: VecDeque::new(), lost: 0, switches: Vec::new() }
    }

    /// Adds an input at `at`, which is not before any other.
    pub fn push(&mut self, at: SimTime, operation: RecordedInput) {
        if !self.has_room() {
            self.inputs.pop_front();
            self.lost += 1;
        }
        let input = TimedInput { at, operation };
        if input.is_switch() {
            self.switches.push(input.clone());
        }
        self.inputs.push_back(input);
    }

    /// The number of all inputs, dropped ones included.
    pub fn inputs_ever(&self) -> u64 {
        self.lost + self.inputs.len() as u64
    }

    /// The `number`-th input, from 0; `None` if it was dropped or does not exist.
    pub fn input(&self, number: u64) -> Option<&TimedInput> {
        self.inputs.get(usize::try_from(number.checked_sub(self.lost)?).ok()?)
    }

    /// The inputs from the `number`-th on, from 0, except dropped ones.
    pub fn since(&self, number: u64) -> impl Iterator<Item = &TimedInput> {
        let first = usize::try_from(number.saturating_sub(self.lost)).unwrap_or(usize::MAX);
        self.inputs.range(first.min(self.inputs.len())..)
    }

    /// Whether one more fits.
    pub fn has_room(&self) -> bool {
        self.inputs.len() < self.max
    }

    /// Whether no input was dropped.
    pub const fn is_whole(&self) -> bool {
        self.lost == 0
    }

    /// All inputs, in order; `None` if one was dropped.
    pub fn whole(&self) -> Option<Vec<TimedInput>> {
        self.is_whole().then(|| self.inputs().cloned().collect())
    }

    /// All inputs that changed the world, in order, dropped ones included.
    pub fn switches(&self) -> &[TimedInput] {
        &self.switches
    }

    /// The inputs that are kept, in order.
    pub fn inputs(&self) -> impl DoubleEndedIterator<Item = &TimedInput> {
        self.inputs.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_inputs_make_room_and_then_the_history_is_not_whole() {
        let mut history = History::default();
        let push = |history: &mut History, at: u64| {
            history.push(SimTime(at), RecordedInput::FaultStopped { fault: FaultIx(0) });
        };
        for at in 0..INPUTS_MAX as u64 {
            assert!(history.has_room());
            push(&mut history, at);
        }
        assert!(!history.has_room() && history.is_whole());
        assert_eq!(history.whole().map(|inputs| inputs.len()), Some(INPUTS_MAX));
        for lost in 1..=3 {
            push(&mut history, INPUTS_MAX as u64);
            assert_eq!((history.is_whole(), history.whole(), history.has_room()), (false, None, false));
            assert_eq!((history.inputs_ever(), history.inputs().count()), (INPUTS_MAX as u64 + lost, INPUTS_MAX));
            assert_eq!(
                (history.input(lost - 1), history.input(lost).map(|input| input.at)),
                (None, Some(SimTime(lost)))
            );
        }
    }
}
