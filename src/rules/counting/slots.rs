//! Allocates the slot under which each message is counted in a world with summarised sends: few of very many messages
//! are open, so slots are reused. All messages of a summarised send share their counts. Must not count pairs:
//! [`super::recorder`] does.

use std::collections::BTreeMap;

use super::deliveries::DeliveriesByMinute;
use crate::rules::base::ids::{MessageIx, SendIx, StratumIx};
use crate::rules::model::world::World;
use crate::rules::service::message::Message;
use crate::rules::timeline::summary::Summarised;

/// Allocates and reuses slots of messages.
#[derive(Clone, Debug)]
pub(crate) struct SlotAllocator {
    summarised: Summarised,
    strata: usize,
    /// Slots of messages that are counted by themselves; these are never freed.
    own: BTreeMap<MessageIx, MessageIx>,
    /// Slots of open messages of summarised sends.
    open: BTreeMap<MessageIx, MessageIx>,
    /// Free slots.
    free: Vec<MessageIx>,
    /// Slots ever allocated.
    numbers: u32,
    /// By summarised send with an opened message, then stratum: index of its counts plus one, or 0 for none.
    places: BTreeMap<SendIx, Vec<u32>>,
    /// Deliveries of summarised sends.
    pub(crate) deliveries: DeliveriesByMinute,
}

impl SlotAllocator {
    /// For a world; `None` if it has no summarised sends.
    pub(crate) fn of(world: &World) -> Option<Box<Self>> {
        let summarised = Summarised::of(world);
        summarised.any().then(|| Box::new(Self::new(world, summarised)))
    }

    /// For a world in which every message to a single device is summarised.
    pub(super) fn of_singles(world: &World) -> Box<Self> {
        Box::new(Self::new(world, Summarised::singles(world)))
    }

    fn new(world: &World, summarised: Summarised) -> Self {
        Self {
            summarised,
            strata: world.fleet.strata().len(),
            own: BTreeMap::new(),
            open: BTreeMap::new(),
            free: Vec::new(),
            numbers: 0,
            places: BTreeMap::new(),
            deliveries: DeliveriesByMinute::default(),
        }
    }

    /// Gives a message a slot, or returns the one that it has.
    pub(crate) fn open(&mut self, message: &Message) -> MessageIx {
        let numbers = &mut self.numbers;
        let mut new = || {
            *numbers += 1;
            MessageIx(*numbers - 1)
        };
        if self.summarised.takes(message) {
            self.places.entry(message.send).or_insert_with(|| vec![0; self.strata]);
            *self.open.entry(message.ix).or_insert_with(|| self.free.pop().unwrap_or_else(new))
        } else {
            // Never a reused slot: at its places nothing may be counted yet.
            *self.own.entry(message.ix).or_insert_with(&mut new)
        }
    }

    /// Frees the slot of a message, unless the message is counted by itself.
    pub(crate) fn forget(&mut self, message: MessageIx) {
        self.free.extend(self.open.remove(&message));
    }

    /// Frees all slots that can be reused.
    pub(crate) fn forget_all(&mut self) {
        self.free.extend(std::mem::take(&mut self.open).into_values());
    }

    /// The slot of an open message.
    pub(crate) fn number(&self, message: MessageIx) -> MessageIx {
        let number = self.open.get(&message).or_else(|| self.own.get(&message));
        *number.expect("a message is opened before it is counted")
    }

    /// The slot of a message that is counted by itself, if it is.
    pub(crate) fn listed(&self, message: MessageIx) -> Option<MessageIx> {
        self.own.get(&message).copied()
    }

    /// The number of open messages of summarised sends.
    pub(super) fn remembered(&self) -> usize {
        self.open.len()
    }

    pub(crate) fn summarises(&self, message: &Message) -> bool {
        self.summarised.takes(message)
    }

    /// The place of the counts of a message's send in a stratum; `None` if the message is counted by itself.
    pub(crate) fn place(&mut self, message: &Message, stratum: StratumIx) -> Option<&mut u32> {
        if !self.summarised.takes(message) {
            return None;
        }
        Some(&mut self.places.get_mut(&message.send)?[stratum.at()])
    }

    /// Summarised sends with their places.
    pub(crate) fn sends(&self) -> impl Iterator<Item = (SendIx, &[u32])> {
        self.places.iter().map(|(send, places)| (*send, places.as_slice()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::fixture::Hand;
    use crate::rules::base::ids::Key;
    use crate::rules::base::time::SimTime;
    use crate::rules::counting::recorder::Recorder;
    use crate::rules::service::message::MessageKind;

    fn to_a_device(ix: u32) -> Message {
        Message {
            ix: MessageIx(ix),
            send: World::POSTED,
            occurrence: 0,
            key: Key(7),
            kind: MessageKind::Device,
            accepted_at: SimTime(1),
            expiry_ms: [1, 1],
            catch_up_until: None,
        }
    }

    #[test]
    fn slots_of_forgotten_messages_are_reused() {
        let world = Hand::new("", |_| Ok(())).world.for_postings();
        let mut slots = SlotAllocator::of_singles(&world);
        assert_eq!((slots.open(&to_a_device(0)), slots.remembered()), (MessageIx(0), 1));
        slots.forget_all();
        assert_eq!(slots.remembered(), 0);
        assert_eq!(slots.open(&to_a_device(1)), MessageIx(0));
    }

    #[test]
    fn a_recorder_forgets_all_messages_at_the_end_of_a_life() {
        let world = Hand::new("", |_| Ok(())).world.for_postings();
        let mut recorder = Recorder::for_postings(&world);
        recorder.open_message(&to_a_device(0));
        assert!(!recorder.remembers_only_what_is_open(), "no pair of it is open");
        recorder.forget_all();
        assert!(recorder.remembers_only_what_is_open());
    }
}
