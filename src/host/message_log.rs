//! The requests to a hosted tenant: its history, and for each message the caller's id of the request, because an answer
//! without a body has no id of a message. Must not hold texts (R6).

use std::collections::hash_map::{Entry, RandomState};
use std::collections::{HashMap, VecDeque};
use std::hash::BuildHasher as _;

use super::request_id::RequestId;
use crate::rules::base::ids::{AccountIx, DeviceIx, MessageIx};
use crate::rules::base::time::SimTime;
use crate::rules::timeline::history::{History, RecordedInput, TimedInput};
use crate::rules::timeline::posting::Recipients;

/// An accepted message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posted {
    /// The message.
    pub message: MessageIx,
    /// When it was accepted.
    pub at: SimTime,
    /// The sender.
    pub account: AccountIx,
    /// The recipients.
    pub recipients: Recipients,
    /// The caller's id of the request.
    pub request: RequestId,
}

/// Messages between two whose inputs are found at once: those between are looked for.
const MESSAGES_A_PLACE: u32 = 4_096;

/// The data of a message beside its input, kept as long as the history has the input, which contains the recipients.
#[derive(Clone, Debug)]
struct Known {
    /// The number of its input.
    input: u64,
    request: RequestId,
    /// The previous message with the same hash of its request, forgotten or not.
    before: Option<MessageIx>,
}

/// The history of a hosted tenant, with the ids of requests.
#[derive(Clone, Debug, Default)]
pub struct MessageLog {
    history: History,
    /// Messages that can be found; older ones are dropped.
    known: VecDeque<Known>,
    next: u32,
    /// The number of the input of each [`MESSAGES_A_PLACE`]-th message, dropped ones included.
    places: Vec<u64>,
    hashes: RandomState,
    /// By the hash of a request, its last message; each links to the one before.
    by_request: HashMap<u32, MessageIx>,
}

impl MessageLog {
    /// An empty log that holds so many inputs, the latest.
    pub(super) fn holding(inputs_max: usize) -> Self {
        Self { history: History::holding(inputs_max), ..Self::default() }
    }

    /// Records an accepted posting: the next message.
    pub fn accepted(&mut self, at: SimTime, account: AccountIx, recipients: Recipients, request: RequestId) {
        let (message, input) = (MessageIx(self.next), self.history.inputs_ever());
        if message.0.is_multiple_of(MESSAGES_A_PLACE) {
            self.places.push(input);
        }
        self.push(at, RecordedInput::Accepted { account, recipients });
        self.next += 1;
        let before = if request.is_known() { self.by_request.insert(self.hash(&request), message) } else { None };
        self.known.push_back(Known { input, request, before });
    }

    /// Records a refused posting that took slots of a quota.
    pub fn refused(&mut self, at: SimTime, account: AccountIx, recipients: Recipients) {
        self.push(at, RecordedInput::Refused { account, recipients });
    }

    /// Records a dismissal by hand.
    pub fn dismissed(&mut self, at: SimTime, device: DeviceIx, message: MessageIx) {
        self.push(at, RecordedInput::Dismissed { device, message });
    }

    /// Records an input, with the caller's id of the request if it is a message's.
    pub fn done(&mut self, input: TimedInput, request: RequestId) {
        let TimedInput { at, operation } = input;
        match operation {
            RecordedInput::Accepted { account, recipients } => self.accepted(at, account, recipients, request),
            RecordedInput::Refused { .. }
            | RecordedInput::Dismissed { .. }
            | RecordedInput::FaultStarted { .. }
            | RecordedInput::FaultStopped { .. }
            | RecordedInput::PhoneSet { .. } => {
                self.push(at, operation);
            }
        }
    }

    /// Adds an input, and drops the message whose input no longer fits.
    fn push(&mut self, at: SimTime, operation: RecordedInput) {
        self.history.push(at, operation);
        let message = MessageIx(self.next - self.known.len() as u32);
        let Some(first) = self.known.pop_front_if(|first| self.history.input(first.input).is_none()) else { return };
        if let Entry::Occupied(last) = self.by_request.entry(self.hash(&first.request))
            && *last.get() == message
        {
            last.remove();
        }
    }

    fn hash(&self, request: &RequestId) -> u32 {
        self.hashes.hash_one(request) as u32
    }

    /// The number of accepted messages, dropped ones included.
    pub const fn messages(&self) -> u32 {
        self.next
    }

    /// A message that is not dropped.
    pub fn posted(&self, message: MessageIx) -> Option<Posted> {
        let known = &self.known[place(&self.known, self.next, message)?];
        let TimedInput { at, operation: RecordedInput::Accepted { account, recipients } } =
            self.history.input(known.input)?
        else {
            return None;
        };
        let (recipients, request) = (recipients.clone(), known.request.clone());
        Some(Posted { message, at: *at, account: *account, recipients, request })
    }

    /// The first message that is not dropped.
    pub fn first(&self) -> MessageIx {
        MessageIx(self.next - self.known.len() as u32)
    }

    /// A message at or before this one, which may be dropped, and the number of its input; `None` if there is no such message.
    pub(super) fn place_before(&self, message: MessageIx) -> Option<(MessageIx, u64)> {
        let place = message.0 / MESSAGES_A_PLACE;
        let input = self.places.get(place as usize).filter(|_| message.0 < self.next)?;
        Some((MessageIx(place * MESSAGES_A_PLACE), *input))
    }

    /// Whether it is known to be for a single device.
    pub fn is_to_one_device(&self, message: MessageIx) -> bool {
        let input =
            place(&self.known, self.next, message).and_then(|place| self.history.input(self.known[place].input));
        matches!(
            input,
            Some(TimedInput { operation: RecordedInput::Accepted { recipients: Recipients::Device(_), .. }, .. })
        )
    }

    /// The messages that are not dropped, from this one on.
    pub fn from(&self, message: MessageIx) -> impl Iterator<Item = Posted> {
        (message.0.max(self.first().0)..self.next).filter_map(|message| self.posted(MessageIx(message)))
    }

    /// The messages of a request with this id, in order, except dropped ones.
    pub fn of_request(&self, request: &RequestId) -> Vec<MessageIx> {
        let known = |message: MessageIx| Some((message, &self.known[place(&self.known, self.next, message)?]));
        let last = self.by_request.get(&self.hash(request)).and_then(|last| known(*last));
        let alike = std::iter::successors(last, |(_, later)| known(later.before?));
        let mut found: Vec<MessageIx> =
            alike.filter(|(_, known)| known.request == *request).map(|(message, _)| message).collect();
        found.reverse();
        found
    }

    /// The inputs from the `number`-th on, from 0, except dropped ones, with the ids of their requests.
    pub(super) fn since(&self, number: u64) -> impl Iterator<Item = (&TimedInput, RequestId)> {
        let first = self.known.partition_point(|known| known.input < number);
        let mut requests = self.known.range(first..);
        self.history.since(number).map(move |input| match input.operation {
            RecordedInput::Accepted { .. } => {
                (input, requests.next().map_or_else(RequestId::default, |known| known.request.clone()))
            }
            RecordedInput::Refused { .. }
            | RecordedInput::Dismissed { .. }
            | RecordedInput::FaultStarted { .. }
            | RecordedInput::FaultStopped { .. }
            | RecordedInput::PhoneSet { .. } => (input, RequestId::default()),
        })
    }

    /// The latest inputs; all of them if the history is whole.
    pub const fn history(&self) -> &History {
        &self.history
    }
}

/// The index of a message among those known, if `next` is the one after them.
fn place(known: &VecDeque<Known>, next: u32, message: MessageIx) -> Option<usize> {
    let first = next - known.len() as u32;
    Some(message.0.checked_sub(first)? as usize).filter(|place| *place < known.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::timeline::history::INPUTS_MAX;

    #[test]
    fn a_message_is_found_by_the_id_of_its_request_until_it_is_forgotten() {
        let mut log = MessageLog::default();
        let of = |request: &str, log: &MessageLog| log.of_request(&RequestId::of(request));
        for at in 0..INPUTS_MAX as u32 + 2 {
            let request = RequestId::of(&format!("r{}", at / 2));
            log.accepted(SimTime(at.into()), AccountIx(0), Recipients::Device(DeviceIx(at)), request);
        }
        assert_eq!(of("r0", &log), []);
        assert_eq!(of("r1", &log), [MessageIx(2), MessageIx(3)]);
        assert_eq!(
            (log.posted(MessageIx(1)), log.posted(MessageIx(2)).map(|found| found.at)),
            (None, Some(SimTime(2)))
        );
        assert_eq!(log.from(MessageIx(0)).next().map(|first| first.message), Some(MessageIx(2)));
        assert_eq!(log.posted(MessageIx(log.messages())), None);
        assert!(!log.history().is_whole());
        log.dismissed(SimTime(INPUTS_MAX as u64 + 2), DeviceIx(7), MessageIx(7));
        assert_eq!(of("r1", &log), [MessageIx(3)], "the input of the other had to go");
        let last = log.posted(MessageIx(log.messages() - 1)).expect("it is the last");
        assert_eq!(last.recipients, Recipients::Device(DeviceIx(INPUTS_MAX as u32 + 1)));
    }

    #[test]
    fn unknown_requests_have_no_messages() {
        let mut log = MessageLog::default();
        for request in ["", "a", "", "a"] {
            log.accepted(SimTime(1), AccountIx(0), Recipients::Device(DeviceIx(0)), RequestId::of(request));
        }
        let found = |request: &str| log.of_request(&RequestId::of(request)).len();
        assert_eq!((found("a"), found(""), found("b")), (2, 0, 0));
    }
}
