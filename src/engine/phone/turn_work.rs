//! What one phone has to do: reservations and inputs, kept until a turn with them has been applied, so that no death loses anything;
//! the turn under way; what came of it so far. Bookkeeping, no rule.

use crate::clock::Stopwatch;
use crate::engine::messages::Reservation;
use crate::engine::shard::faults::Struck;
use crate::engine::shard::lag::WantedTurn;
use crate::engine::totals::Restarts;
use crate::rules::base::time::SimTime;
use crate::rules::delivery::device::DeviceInput;

/// See the file.
#[derive(Default)]
pub(crate) struct Work {
    /// Is the phone among those that are ready for a turn?
    pub(crate) queued: bool,
    /// Given, in order.
    pub(crate) reservations: Vec<Reservation>,
    pub(crate) inputs: Vec<(SimTime, DeviceInput)>,
    /// The turn under way.
    pub(crate) turn: Option<UnderWay>,
    /// How far it may go.
    pub(crate) until: SimTime,
    /// The earliest thing that its next turn is wanted for, if anything can be late.
    pub(crate) wanted: Option<WantedTurn>,
    /// How often an actor has died over it, and since when nothing has been done.
    pub(crate) deaths: u32,
    pub(crate) died: Option<Stopwatch>,
}

/// What a shard notes of a turn under way.
pub(crate) struct UnderWay {
    /// How many of the phone's reservations and inputs are in it: its first ones.
    pub(crate) reservations: usize,
    pub(crate) inputs: usize,
    /// How far it goes.
    pub(crate) until: SimTime,
    pub(crate) wanted: Option<WantedTurn>,
    pub(crate) struck: Option<Box<Struck>>,
}

impl UnderWay {
    /// Does a fault put one of its actors to sleep?
    pub(crate) fn sleeps(&self) -> bool {
        self.struck.as_ref().is_some_and(|struck| struck.hits.iter().any(|hit| hit.sleep_ms > 0))
    }
}

impl Work {
    /// Is there anything that no turn has been given for?
    pub(crate) fn has_more(&self) -> bool {
        !self.inputs.is_empty() || !self.reservations.is_empty()
    }

    /// Is all of it done?
    pub(crate) fn is_over(&self) -> bool {
        self.turn.is_none() && !self.has_more() && !self.queued
    }

    /// The phone is to take a turn, and may go on until `until`.
    pub(crate) fn wake(&mut self, wanted: Option<WantedTurn>, until: SimTime) {
        self.until = self.until.max(until);
        if let Some(wanted) = wanted
            && self.wanted.is_none_or(|known| wanted.due < known.due)
        {
            self.wanted = Some(wanted);
        }
    }

    /// The earliest that the next turn is for, of what was given and what is due.
    pub(crate) fn begins(&self, due: SimTime, until: SimTime) -> SimTime {
        let given = self.inputs.first().map(|(at, _)| *at);
        let wanted = self.reservations.first().map(|wanted| wanted.at);
        let due = Some(due).filter(|due| *due <= until);
        [given, wanted, due].into_iter().flatten().min().unwrap_or(until)
    }

    /// A turn is applied: what was to be done in it is done, and the work goes on after deaths, if there were any.
    pub(crate) fn applied(&mut self, turn: &UnderWay, restarts: &mut Restarts) {
        self.reservations.drain(..turn.reservations);
        self.inputs.drain(..turn.inputs);
        self.deaths = 0;
        if let Some(died) = self.died.take() {
            restarts.recovered(&died);
        }
    }

    /// It is over, and for another phone from now on. Its lists are empty, and keep their room.
    pub(crate) fn renew(&mut self) {
        debug_assert!(self.is_over(), "what is not done is not forgotten");
        (self.until, self.wanted, self.deaths, self.died) = (SimTime::ZERO, None, 0, None);
    }
}
