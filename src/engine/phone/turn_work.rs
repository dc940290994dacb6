//! The work of one phone: reservations and inputs, and the turn in flight. Work is kept until a turn with it has been applied, so
//! that a crash loses none. Must not decide what a turn does.

use super::turn::Reservation;
use super::turn_faults::TurnFaults;
use crate::clock::Stopwatch;
use crate::engine::shard::lag::WantedTurn;
use crate::engine::totals::Restarts;
use crate::rules::base::time::SimTime;
use crate::rules::delivery::device::DeviceInput;

/// The work of one phone.
#[derive(Default)]
pub(crate) struct Work {
    /// Whether the phone is in the queue of those that are ready for a turn.
    pub(crate) is_queued: bool,
    /// In order, like the inputs.
    pub(crate) reservations: Vec<Reservation>,
    pub(crate) inputs: Vec<(SimTime, DeviceInput)>,
    /// The turn in flight.
    pub(crate) turn: Option<UnderWay>,
    /// The latest time that its next turn may reach.
    pub(crate) until: SimTime,
    /// The earliest event that its next turn is wanted for; `None` at full speed, where nothing is late.
    pub(crate) wanted: Option<WantedTurn>,
    /// Deaths of actors since the last turn was applied.
    pub(crate) deaths: u32,
    /// Runs since the first of these deaths.
    pub(crate) died: Option<Stopwatch>,
}

/// What a shard keeps of a turn in flight.
pub(crate) struct UnderWay {
    /// How many of the phone's reservations and inputs it carries: the first ones.
    pub(crate) reservations: usize,
    pub(crate) inputs: usize,
    /// The time that it reaches.
    pub(crate) until: SimTime,
    pub(crate) wanted: Option<WantedTurn>,
    pub(crate) faults: Option<Box<TurnFaults>>,
}

/// Whether a turn in flight occupies its thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TurnPace {
    /// Its actors run.
    Running,
    /// A fault makes one of its actors sleep.
    Stalled,
}

impl UnderWay {
    pub(crate) fn pace(&self) -> TurnPace {
        match &self.faults {
            Some(faults) if faults.has_stall() => TurnPace::Stalled,
            _ => TurnPace::Running,
        }
    }
}

impl Work {
    /// Whether there is work that no applied turn has done.
    pub(crate) fn has_more(&self) -> bool {
        !self.inputs.is_empty() || !self.reservations.is_empty()
    }

    /// Whether all of it is done.
    pub(crate) fn is_over(&self) -> bool {
        self.turn.is_none() && !self.has_more() && !self.is_queued
    }

    /// Requests a turn that may go on until `until`.
    pub(crate) fn wake(&mut self, wanted: Option<WantedTurn>, until: SimTime) {
        self.until = self.until.max(until);
        if let Some(wanted) = wanted
            && self.wanted.is_none_or(|known| wanted.due < known.due)
        {
            self.wanted = Some(wanted);
        }
    }

    /// The earliest time of anything in the next turn, which reaches `until`; the phone is due by itself at `due`.
    pub(crate) fn begins(&self, due: SimTime, until: SimTime) -> SimTime {
        let given = self.inputs.first().map(|(at, _)| *at);
        let wanted = self.reservations.first().map(|wanted| wanted.at);
        let due = Some(due).filter(|due| *due <= until);
        [given, wanted, due].into_iter().flatten().min().unwrap_or(until)
    }

    /// An actor has died: takes the turn in flight, if there is one, and requests it again.
    pub(crate) fn lose_turn(&mut self) -> Option<UnderWay> {
        self.deaths += 1;
        self.died.get_or_insert_with(Stopwatch::start);
        let turn = self.turn.take()?;
        self.wake(turn.wanted, turn.until);
        Some(turn)
    }

    /// Removes what an applied turn has done. If actors died before it, they have recovered.
    pub(crate) fn applied(&mut self, turn: &UnderWay, restarts: &mut Restarts) {
        self.reservations.drain(..turn.reservations);
        self.inputs.drain(..turn.inputs);
        self.deaths = 0;
        if let Some(died) = self.died.take() {
            restarts.recovered(&died);
        }
    }

    /// Resets work that is over, for another phone. Its lists are empty, and keep their capacity.
    pub(crate) fn renew(&mut self) {
        debug_assert!(self.is_over(), "only finished work is forgotten");
        (self.until, self.wanted, self.deaths, self.died) = (SimTime::ZERO, None, 0, None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::base::ids::MessageIx;

    #[test]
    fn an_input_stays_until_a_turn_with_it_is_applied() {
        let mut work = Work::default();
        for at in 1..=3 {
            work.inputs.push((SimTime(at), DeviceInput::Dismiss(MessageIx(0))));
        }
        let turn = UnderWay { reservations: 0, inputs: 2, until: SimTime(2), wanted: None, faults: None };
        assert_eq!((turn.pace(), work.begins(SimTime::NEVER, SimTime(9))), (TurnPace::Running, SimTime(1)));
        for _ in 0..3 {
            work.turn = Some(UnderWay { reservations: 0, inputs: 2, until: SimTime(2), wanted: None, faults: None });
            assert!(work.lose_turn().is_some_and(|turn| turn.inputs == 2));
        }
        assert_eq!((work.deaths, work.until, work.inputs.len()), (3, SimTime(2), 3));
        let mut restarts = Restarts::default();
        work.applied(&turn, &mut restarts);
        assert_eq!((work.inputs.len(), work.deaths), (1, 0));
        assert_eq!(restarts.recovery_us_max, restarts.recovery_us_total);
        assert!(work.died.is_none() && work.has_more() && !work.is_over());
    }
}
