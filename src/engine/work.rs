//! What one phone has to do: reservations and inputs, kept until a turn with them has been applied, so that no death loses anything;
//! the turn under way; what came of it so far. Bookkeeping, no rule.

use super::books::Restarts;
use super::lag::Wanted;
use super::messages::Reservation;
use super::strikes::Struck;
use crate::clock::Stopwatch;
use crate::rules::device::Input;
use crate::rules::time::SimTime;

/// See the file.
#[derive(Default)]
pub(super) struct Work {
    /// Is the phone among those that are ready for a turn?
    pub(super) queued: bool,
    /// Given, in order.
    pub(super) reservations: Vec<Reservation>,
    pub(super) inputs: Vec<(SimTime, Input)>,
    /// The turn under way.
    pub(super) turn: Option<UnderWay>,
    /// How far it may go.
    pub(super) until: SimTime,
    /// The earliest thing that its next turn is wanted for, if anything can be late.
    pub(super) wanted: Option<Wanted>,
    /// How often an actor has died over it, and since when nothing has been done.
    pub(super) deaths: u32,
    pub(super) died: Option<Stopwatch>,
}

/// What a shard notes of a turn under way.
pub(super) struct UnderWay {
    /// How many of the phone's reservations and inputs are in it: its first ones.
    pub(super) reservations: usize,
    pub(super) inputs: usize,
    /// How far it goes.
    pub(super) until: SimTime,
    pub(super) wanted: Option<Wanted>,
    pub(super) struck: Option<Box<Struck>>,
}

impl UnderWay {
    /// Does a fault put one of its actors to sleep?
    pub(super) fn sleeps(&self) -> bool {
        self.struck.as_ref().is_some_and(|struck| struck.hits.iter().any(|hit| hit.sleep_ms > 0))
    }
}

impl Work {
    /// Is there anything that no turn has been given for?
    pub(super) fn has_more(&self) -> bool {
        !self.inputs.is_empty() || !self.reservations.is_empty()
    }

    /// Is all of it done?
    pub(super) fn is_over(&self) -> bool {
        self.turn.is_none() && !self.has_more() && !self.queued
    }

    /// The phone is to take a turn, and may go on until `until`.
    pub(super) fn wake(&mut self, wanted: Option<Wanted>, until: SimTime) {
        self.until = self.until.max(until);
        if let Some(wanted) = wanted
            && self.wanted.is_none_or(|known| wanted.due < known.due)
        {
            self.wanted = Some(wanted);
        }
    }

    /// The earliest that the next turn is for, of what was given and what is due.
    pub(super) fn begins(&self, due: SimTime, until: SimTime) -> SimTime {
        let given = self.inputs.first().map(|(at, _)| *at);
        let wanted = self.reservations.first().map(|wanted| wanted.at);
        let due = Some(due).filter(|due| *due <= until);
        [given, wanted, due].into_iter().flatten().min().unwrap_or(until)
    }

    /// A turn is applied: what was to be done in it is done, and the work goes on after deaths, if there were any.
    pub(super) fn applied(&mut self, turn: &UnderWay, restarts: &mut Restarts) {
        self.reservations.drain(..turn.reservations);
        self.inputs.drain(..turn.inputs);
        self.deaths = 0;
        if let Some(died) = self.died.take() {
            restarts.recovered(&died);
        }
    }

    /// It is over, and for another phone from now on. Its lists are empty, and keep their room.
    pub(super) fn renew(&mut self) {
        debug_assert!(self.is_over(), "what is not done is not forgotten");
        (self.until, self.wanted, self.deaths, self.died) = (SimTime::ZERO, None, 0, None);
    }
}
