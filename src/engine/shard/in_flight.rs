//! The turns of a shard: the phones that are ready for one, the turns in flight and their limit, and the turns for reuse. Must not
//! build or apply a turn.

use std::collections::VecDeque;

use crate::engine::options::{RUNNING_TURNS_MAX, STALLED_TURNS_MAX};
use crate::engine::phone::slot::Phones;
use crate::engine::phone::turn::Turn;
use crate::engine::phone::turn_work::{TurnPace, UnderWay};
use crate::rules::base::ids::DeviceIx;

/// The turns of a shard.
pub(super) struct InFlight {
    ready: VecDeque<DeviceIx>,
    limiter: TurnLimiter,
    /// Turns that are over.
    #[expect(clippy::vec_box, reason = "a turn travels in its box")]
    turn_pool: Vec<Box<Turn>>,
}

impl InFlight {
    /// No turns, and room for the actors of `phones_max` phones.
    pub(super) fn new(phones_max: usize) -> Self {
        Self { ready: VecDeque::new(), limiter: TurnLimiter::new(phones_max), turn_pool: Vec::new() }
    }

    /// Makes a phone ready for a turn, if it is not so already.
    pub(super) fn enqueue(&mut self, device: DeviceIx, phones: &mut Phones) {
        if !std::mem::replace(&mut phones.work(device).is_queued, true) {
            self.ready.push_back(device);
        }
    }

    /// Makes all phones with a turn in flight ready again: no actor has survived.
    pub(super) fn retry_all(&mut self, phones: &mut Phones) {
        for device in phones.devices() {
            let Some(phone) = phones.get_mut(device) else { continue };
            if let Some(turn) = phone.end_turn() {
                self.end(&turn);
                phones.work(device).wake(turn.wanted, turn.until);
                self.enqueue(device, phones);
            } else {
                phones.release(device);
            }
        }
    }

    /// How many phones are ready.
    pub(super) fn ready(&self) -> usize {
        self.ready.len()
    }

    /// The next phone that is ready, if a turn may begin now.
    pub(super) fn next_ready(&mut self) -> Option<DeviceIx> {
        if self.limiter.left(0) == 0 { None } else { self.ready.pop_front() }
    }

    /// Puts a phone that cannot take its turn now behind the others.
    pub(super) fn postpone(&mut self, device: DeviceIx) {
        self.ready.push_back(device);
    }

    /// How many more phones may become ready now.
    pub(super) fn room(&self) -> usize {
        self.limiter.left(self.ready.len())
    }

    /// The most turns in flight at once, stalled ones aside.
    pub(super) const fn running_max(&self) -> usize {
        self.limiter.running_max
    }

    /// Whether no turn is in flight or wanted.
    pub(super) fn is_idle(&self) -> bool {
        self.limiter.is_idle() && self.ready.is_empty()
    }

    /// An empty turn.
    pub(super) fn take_turn(&mut self) -> Box<Turn> {
        self.turn_pool.pop().unwrap_or_else(Turn::empty)
    }

    /// Takes back a turn that is over.
    pub(super) fn recycle(&mut self, mut turn: Box<Turn>) {
        turn.clear();
        self.turn_pool.push(turn);
    }

    /// A turn is in flight from now on.
    pub(super) fn begin(&mut self, turn: &UnderWay) {
        self.limiter.begin(turn.pace());
    }

    /// A turn is no longer in flight: it is over or lost.
    pub(super) fn end(&mut self, turn: &UnderWay) {
        self.limiter.end(turn.pace());
    }
}

/// Limits the turns in flight.
#[derive(Debug)]
struct TurnLimiter {
    in_flight: usize,
    /// Those of them whose actors a fault stalls. Up to a limit, they do not count.
    stalled: usize,
    running_max: usize,
    stalled_max: usize,
}

impl TurnLimiter {
    /// For the actors of `phones_max` phones, at least one.
    fn new(phones_max: usize) -> Self {
        let running_max = RUNNING_TURNS_MAX.min(phones_max);
        let stalled_max = STALLED_TURNS_MAX.min(phones_max - running_max);
        Self { in_flight: 0, stalled: 0, running_max, stalled_max }
    }

    /// How many more turns may begin after `ready` others.
    fn left(&self, ready: usize) -> usize {
        let used = self.in_flight - self.stalled.min(self.stalled_max);
        self.running_max.saturating_sub(used + ready)
    }

    const fn is_idle(&self) -> bool {
        self.in_flight == 0
    }

    fn begin(&mut self, pace: TurnPace) {
        self.in_flight += 1;
        self.stalled += usize::from(pace == TurnPace::Stalled);
    }

    fn end(&mut self, pace: TurnPace) {
        self.in_flight -= 1;
        self.stalled -= usize::from(pace == TurnPace::Stalled);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::base::time::SimTime;

    #[test]
    fn stalled_turns_hold_up_no_others_and_never_exceed_the_room_for_actors() {
        let (running, stalled) = (RUNNING_TURNS_MAX, STALLED_TURNS_MAX);
        for phones_max in [1, running, running + 3, running + 2 * stalled] {
            let mut limiter = TurnLimiter::new(phones_max);
            let all = limiter.left(0);
            assert_eq!((all, limiter.left(1)), (limiter.running_max, all - 1));
            let mut begun = 0;
            while limiter.left(0) > 0 {
                limiter.begin(TurnPace::Stalled);
                begun += 1;
            }
            assert_eq!(begun, phones_max.min(running + stalled));
            for left in 1..=begun {
                limiter.end(TurnPace::Stalled);
                assert_eq!(limiter.left(0), left.min(all));
            }
            assert!(limiter.is_idle());
        }
    }

    #[test]
    fn a_phone_is_ready_once_and_takes_room_until_its_turn_begins() {
        let (mut phones, mut turns) = (Phones::new(0..4), InFlight::new(2));
        for device in [1, 1, 3].map(DeviceIx) {
            turns.enqueue(device, &mut phones);
        }
        assert_eq!((turns.ready(), turns.room(), turns.is_idle()), (2, 0, false));
        assert_eq!(turns.next_ready(), Some(DeviceIx(1)));
        turns.postpone(DeviceIx(1));
        assert_eq!(turns.next_ready(), Some(DeviceIx(3)));
        assert_eq!((turns.ready(), turns.room()), (1, 1));
    }

    #[test]
    fn every_turn_in_flight_is_given_again_without_actors() {
        let (mut phones, mut turns) = (Phones::new(0..3), InFlight::new(2));
        for device in [0, 2].map(DeviceIx) {
            let turn = UnderWay { reservations: 0, inputs: 0, until: SimTime(8), wanted: None, faults: None };
            turns.begin(&turn);
            phones.work(device).turn = Some(turn);
        }
        assert_eq!(turns.room(), 0);
        turns.retry_all(&mut phones);
        assert_eq!((turns.ready(), turns.next_ready(), turns.next_ready()), (2, Some(DeviceIx(0)), Some(DeviceIx(2))));
        assert_eq!(phones.work(DeviceIx(2)).until, SimTime(8));
        assert!(turns.is_idle());
    }

    #[test]
    fn a_turn_is_cleared_for_reuse() {
        let mut turns = InFlight::new(1);
        let mut turn = turns.take_turn();
        turn.has_reached_portal = true;
        turn.rests[0].record.extend([1, 2, 3]);
        turns.recycle(turn);
        let again = turns.take_turn();
        assert!(!again.has_reached_portal && again.rests[0].record.is_empty());
        assert!(again.rests[0].record.capacity() >= 3);
    }
}
