//! What became of every pair, one record a pair, for those who ask for more than sums. Never a title or a body (R6).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::finished::Finished;
use super::selection::cause_of;
use crate::rules::agenda::Agenda;
use crate::rules::fate::PairEnd;
use crate::rules::ids::SendIx;
use crate::rules::journey::Journey;
use crate::rules::time::SimTime;
use crate::rules::world::World;

/// Pairs that are handed on at once where all are in memory anyway.
const BATCH_PAIRS: usize = 4_096;

/// A pair of an accepted message and a targeted device, at the end of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PairLine<'a> {
    /// The send's name.
    pub send: &'a str,
    /// Which occurrence, from 0.
    pub occurrence: u32,
    /// The device's id.
    pub device: &'a str,
    /// Where the pair is.
    pub station: &'a str,
    /// Why; null where the station says it all.
    pub cause: Option<&'a str>,
    /// How it was shown; null if it was not.
    pub form: Option<&'a str>,
    /// When its message was accepted, in ms since the scenario's start.
    pub accepted_at_ms: u64,
    /// When it was shown; null if it was not.
    pub shown_at_ms: Option<u64>,
    /// When it was dismissed; null if it was not.
    pub dismissed_at_ms: Option<u64>,
}

/// Takes pairs as they come: batches, from several threads, in no order.
#[derive(Clone, Copy)]
pub struct PairOutlet<'a>(pub &'a (dyn Fn(&PairBatch<'_>) + Sync));

impl fmt::Debug for PairOutlet<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("PairOutlet")
    }
}

/// Some pairs, and the names in their records.
#[derive(Clone, Copy, Debug)]
pub struct PairBatch<'a> {
    names: &'a PairNames<'a>,
    ends: &'a [PairEnd],
}

impl PairBatch<'_> {
    /// How many pairs there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Is there none?
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Hands on each pair's record; those of one device follow one another.
    pub fn each(&self, mut take: impl FnMut(&PairLine<'_>)) {
        let PairNames { world, sent } = self.names;
        for life in self.ends.chunk_by(|one, other| one.device == other.device) {
            let device = world.fleet.device_name(life[0].device);
            for PairEnd { message, fate, .. } in life {
                let Sent { send, occurrence, accepted_at } = sent[message.at()];
                let form = if let Journey::Shown(form) = fate.journey { Some(form.name()) } else { None };
                take(&PairLine {
                    send: &world.sends[send.at()].name,
                    occurrence,
                    device: &device,
                    station: fate.journey.station().name(),
                    cause: cause_of(world, fate.journey),
                    form,
                    accepted_at_ms: accepted_at.ms(),
                    shown_at_ms: form.map(|_| fate.at.ms()),
                    dismissed_at_ms: fate.dismissed_at.map(SimTime::ms),
                });
            }
        }
    }
}

/// An accepted message.
#[derive(Clone, Copy, Debug)]
struct Sent {
    send: SendIx,
    occurrence: u32,
    accepted_at: SimTime,
}

/// Whose pairs they are.
#[derive(Debug)]
pub(super) struct PairNames<'a> {
    world: &'a World,
    /// By message.
    sent: Vec<Sent>,
}

impl<'a> PairNames<'a> {
    pub(super) fn new(world: &'a World, agenda: &Agenda) -> Self {
        let accepted = agenda.ledger().iter().filter_map(|entry| {
            let sent = Sent { send: entry.send, occurrence: entry.occurrence, accepted_at: entry.at };
            Some((entry.outcome.ok()?, sent))
        });
        // A retry is accepted later than what was asked after it: the ledger is in another order.
        let mut accepted: Vec<_> = accepted.collect();
        accepted.sort_by_key(|(message, _)| *message);
        Self { world, sent: accepted.into_iter().map(|(_, sent)| sent).collect() }
    }

    pub(super) fn batch<'b>(&'b self, ends: &'b [PairEnd]) -> PairBatch<'b> {
        PairBatch { names: self, ends }
    }
}

impl Finished {
    /// Hands on every pair that was kept, in batches; none if none were.
    pub fn hand_out_pairs(&self, world: &World, PairOutlet(take): PairOutlet<'_>) {
        let names = PairNames::new(world, &self.agenda);
        let mut batch = Vec::with_capacity(BATCH_PAIRS);
        for ((message, device), fate) in self.books.fates.iter().flatten() {
            batch.push(PairEnd { message: *message, device: *device, fate: *fate });
            if batch.len() == BATCH_PAIRS {
                take(&names.batch(&batch));
                batch.clear();
            }
        }
        if !batch.is_empty() {
            take(&names.batch(&batch));
        }
    }
}
