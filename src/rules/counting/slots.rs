//! Under which number each message is counted in a world with summarised sends: few of very many are open, and numbers are given
//! again. What is counted of a summarised send stands in one place for all its messages. Counts no pair: [`super::recorder`] does.

use std::collections::BTreeMap;

use super::deliveries::DeliveriesByMinute;
use crate::rules::base::ids::{MessageIx, SendIx, StratumIx};
use crate::rules::model::world::World;
use crate::rules::service::message::Message;
use crate::rules::timeline::summary::Summarised;

/// See the file.
#[derive(Clone, Debug)]
pub(crate) struct SlotAllocator {
    summarised: Summarised,
    strata: usize,
    /// The numbers of messages that are counted by themselves, which keep them.
    own: BTreeMap<MessageIx, MessageIx>,
    /// Those of messages of summarised sends whose pair has not come to its end.
    open: BTreeMap<MessageIx, MessageIx>,
    /// Numbers that such messages have left.
    free: Vec<MessageIx>,
    /// How many numbers there are.
    numbers: u32,
    /// Of summarised sends of which a message has been opened, by stratum: the place of what is counted there, after the first, or 0
    /// for nothing.
    places: BTreeMap<SendIx, Vec<u32>>,
    /// What summarised sends delivered.
    pub(crate) deliveries: DeliveriesByMinute,
}

impl SlotAllocator {
    /// Of a world that has summarised sends.
    pub(crate) fn of(world: &World) -> Option<Box<Self>> {
        let summarised = Summarised::of(world);
        summarised.any().then(|| Box::new(Self::new(world, summarised)))
    }

    /// Of a world of which every message to a single device is summarised.
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

    /// Gives a message its number, the one that it has if it is open.
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
            // Never one that was another's: at its places nothing is counted yet.
            *self.own.entry(message.ix).or_insert_with(&mut new)
        }
    }

    /// Takes a number back, unless its message keeps it.
    pub(crate) fn forget(&mut self, message: MessageIx) {
        self.free.extend(self.open.remove(&message));
    }

    /// Takes all numbers back that are given again.
    pub(crate) fn forget_all(&mut self) {
        self.free.extend(std::mem::take(&mut self.open).into_values());
    }

    /// The number of an open message.
    pub(crate) fn number(&self, message: MessageIx) -> MessageIx {
        let number = self.open.get(&message).or_else(|| self.own.get(&message));
        *number.expect("a message is opened before it is counted")
    }

    /// The number of a message that is counted by itself, if there is such a one.
    pub(crate) fn listed(&self, message: MessageIx) -> Option<MessageIx> {
        self.own.get(&message).copied()
    }

    /// How many messages of summarised sends are remembered.
    pub(super) fn remembered(&self) -> usize {
        self.open.len()
    }

    pub(crate) fn summarises(&self, message: &Message) -> bool {
        self.summarised.takes(message)
    }

    /// The place of what is counted of a message's send in a stratum; `None` if it is counted by itself.
    pub(crate) fn place(&mut self, message: &Message, stratum: StratumIx) -> Option<&mut u32> {
        if !self.summarised.takes(message) {
            return None;
        }
        Some(&mut self.places.get_mut(&message.send)?[stratum.at()])
    }

    /// Summarised sends, with all their places.
    pub(crate) fn sends(&self) -> impl Iterator<Item = (SendIx, &[u32])> {
        self.places.iter().map(|(send, places)| (*send, places.as_slice()))
    }
}
