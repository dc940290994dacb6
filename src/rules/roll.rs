//! The messages that are counted in a world with summarised sends: found by index and not laid out by it, for there may be very
//! many, of which few are open. Counts no pair: [`super::counter`] does.

use std::collections::BTreeMap;

use super::deliveries::Deliveries;
use super::ids::{MessageIx, SendIx, StratumIx};
use super::message::Message;
use super::summary::Summarised;
use super::world::World;

/// See the file.
#[derive(Clone, Debug)]
pub(super) struct Roll {
    summarised: Summarised,
    strata: usize,
    /// Messages that are counted by themselves, each with its row.
    pub(super) own: BTreeMap<MessageIx, (Message, usize)>,
    /// Rows of summarised sends of which a message has been opened.
    pub(super) sends: BTreeMap<SendIx, usize>,
    /// Messages of summarised sends whose pair has not come to its end.
    open: BTreeMap<MessageIx, Message>,
    /// By row, then stratum: the place of what is counted there, after the first, or 0 for nothing.
    places: Vec<u32>,
    pub(super) deliveries: Deliveries,
}

/// Where a message is counted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found<'a> {
    pub(super) message: &'a Message,
    row: usize,
    pub(super) is_summarised: bool,
}

impl Roll {
    /// Of a world that has summarised sends.
    pub(super) fn of(world: &World) -> Option<Box<Self>> {
        let summarised = Summarised::of(world);
        summarised.any().then(|| {
            Box::new(Self {
                summarised,
                strata: world.fleet.strata().len(),
                own: BTreeMap::new(),
                sends: BTreeMap::new(),
                open: BTreeMap::new(),
                places: Vec::new(),
                deliveries: Deliveries::default(),
            })
        })
    }

    pub(super) fn open(&mut self, message: &Message) {
        let next = self.own.len() + self.sends.len();
        if self.summarised.has(message.send) {
            self.sends.entry(message.send).or_insert(next);
            self.open.insert(message.ix, *message);
        } else {
            self.own.entry(message.ix).or_insert((*message, next));
        }
        self.places.resize((self.own.len() + self.sends.len()) * self.strata, 0);
    }

    /// Nothing more will be counted of a message of a summarised send; others stay.
    pub(super) fn forget(&mut self, message: MessageIx) {
        self.open.remove(&message);
    }

    /// The same of all of them.
    pub(super) fn forget_all(&mut self) {
        self.open.clear();
    }

    /// How many messages of summarised sends are remembered.
    pub(super) fn remembered(&self) -> usize {
        self.open.len()
    }

    pub(super) fn find(&self, message: MessageIx) -> Found<'_> {
        if let Some(message) = self.open.get(&message) {
            return Found { message, row: self.sends[&message.send], is_summarised: true };
        }
        let (message, row) = self.own.get(&message).expect("a message is opened before it is counted");
        Found { message, row: *row, is_summarised: false }
    }

    /// The place of what is counted of a message in a stratum.
    pub(super) fn place(&mut self, message: MessageIx, stratum: StratumIx) -> &mut u32 {
        let row = self.find(message).row;
        &mut self.places[row * self.strata + stratum.at()]
    }

    /// All places of a row, by stratum.
    pub(super) fn row(&self, row: usize) -> &[u32] {
        &self.places[row * self.strata..][..self.strata]
    }
}
