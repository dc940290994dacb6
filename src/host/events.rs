//! The events of a hosted tenant, for its observers: numbered, the latest kept, so that an observer can resume after an
//! absence. Must not decide anything.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::request_id::RequestId;
use crate::rules::base::ids::{DeviceIx, MessageIx};
use crate::rules::base::time::SimTime;
use crate::rules::service::message::Reason;

/// Events that are kept; an observer that missed more gets the number of those lost.
pub const HAPPENINGS_MAX: usize = 65_536;

/// An event of a hosted tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A message was accepted.
    Accepted {
        /// The message.
        message: MessageIx,
        /// The caller's id of the request.
        request: RequestId,
    },
    /// A message was refused.
    Refused {
        /// The reason.
        reason: Reason,
        /// The caller's id of the request.
        request: RequestId,
    },
    /// The last waiting pair of a message has settled.
    Settled {
        /// The message.
        message: MessageIx,
    },
    /// A notification left a screen.
    Dismissed {
        /// The message.
        message: MessageIx,
        /// The device.
        device: DeviceIx,
    },
    /// More notifications left screens than could be recorded one by one.
    DismissedMore {
        /// How many.
        notifications: u64,
    },
    /// A fault came into force or ended.
    Fault {
        /// Its name: its index could belong to another fault after a reset.
        fault: Arc<str>,
        /// Whether it is in force.
        active: bool,
    },
    /// A phone was set by hand.
    PhoneSet {
        /// The device.
        device: DeviceIx,
    },
    /// The tenant is back at its start, except for what was imported.
    Reset,
}

/// An event with its number and time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noted {
    /// Its number, from 1, ascending by one.
    pub number: u64,
    /// Model time.
    pub at: SimTime,
    /// The event.
    pub what: Event,
}

/// How far an observer has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EventMark {
    /// How often numbers had begun anew by then.
    pub generation: u64,
    /// The number of the last event that is known; 0 for none.
    pub number: u64,
}

/// The events that are kept.
#[derive(Debug)]
pub struct Events {
    kept: Mutex<KeptEvents>,
    last: watch::Sender<u64>,
}

/// The latest events of one generation.
#[derive(Debug, Default)]
struct KeptEvents {
    generation: u64,
    noted: VecDeque<Noted>,
}

impl Default for Events {
    fn default() -> Self {
        Self { kept: Mutex::default(), last: watch::Sender::new(0) }
    }
}

impl Events {
    /// Forgets all events and begins with number 1 again, which is the reset at `at`.
    pub(super) fn begin_again(&self, at: SimTime) {
        let mut kept = self.kept();
        kept.generation += 1;
        kept.noted = VecDeque::from([Noted { number: 1, at, what: Event::Reset }]);
        self.last.send_replace(1);
    }

    /// Goes on with the number after this one; nothing has been noted yet.
    pub(super) fn go_on_after(&self, number: u64) {
        let _kept = self.kept();
        self.last.send_replace(number);
    }

    /// Records an event.
    pub fn note(&self, at: SimTime, what: Event) {
        self.note_all(at, [what]);
    }

    /// Records several events of one moment, in order; observers are notified once.
    pub fn note_all(&self, at: SimTime, all: impl IntoIterator<Item = Event>) {
        let mut kept = self.kept();
        let before = self.last();
        let mut number = before;
        for what in all {
            number += 1;
            if kept.noted.len() == HAPPENINGS_MAX {
                kept.noted.pop_front();
            }
            kept.noted.push_back(Noted { number, at, what });
        }
        if number > before {
            self.last.send_replace(number);
        }
    }

    /// The number of the last event; 0 if there is none.
    pub fn last(&self) -> u64 {
        *self.last.borrow()
    }

    /// The mark of an observer that knows this number. A number beyond the last is from before a reset: such an observer knows nothing.
    pub fn mark(&self, number: u64) -> EventMark {
        let kept = self.kept();
        EventMark { generation: kept.generation, number: if number > self.last() { 0 } else { number } }
    }

    /// The events after a mark, at most `max`, and how many between were lost; moves the mark. A mark from before a reset that began
    /// numbers anew goes on with the first event since.
    pub fn after(&self, mark: &mut EventMark, max: usize) -> (u64, Vec<Noted>) {
        let kept = self.kept();
        if mark.generation != kept.generation {
            *mark = EventMark { generation: kept.generation, number: 0 };
        }
        let number = mark.number;
        let first = kept.noted.front().map_or(1, |first| first.number);
        let missed = first.saturating_sub(number.saturating_add(1));
        let skip = usize::try_from(number.saturating_add(1).saturating_sub(first)).unwrap_or(usize::MAX);
        let found: Vec<Noted> = kept.noted.iter().skip(skip).take(max).cloned().collect();
        mark.number = found.last().map_or(number, |last| last.number);
        (missed, found)
    }

    /// Notifies of every new event.
    pub fn follow(&self) -> watch::Receiver<u64> {
        self.last.subscribe()
    }

    fn kept(&self) -> MutexGuard<'_, KeptEvents> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_observer_absent_for_too_long_learns_how_many_events_are_lost() {
        let events = Events::default();
        assert_eq!(events.after(&mut EventMark::default(), 10), (0, Vec::new()));
        for at in 0..HAPPENINGS_MAX as u64 + 3 {
            events.note(SimTime(at), Event::Reset);
        }
        let numbers = |after| {
            let mut mark = EventMark { generation: 0, number: after };
            let (missed, found) = events.after(&mut mark, 2);
            (missed, found.iter().map(|noted| noted.number).collect::<Vec<_>>())
        };
        assert_eq!(numbers(0), (3, vec![4, 5]));
        assert_eq!(numbers(2), (1, vec![4, 5]));
        assert_eq!(numbers(3), (0, vec![4, 5]));
        let last = events.last();
        assert_eq!(numbers(last - 1), (0, vec![last]));
        assert_eq!(numbers(last + 7), (0, vec![]));
    }

    #[test]
    fn an_observer_from_before_a_reset_gets_every_event_since() {
        let events = Events::default();
        for at in 0..5 {
            events.note(SimTime(at), Event::Reset);
        }
        let mut mark = events.mark(2);
        events.begin_again(SimTime::ZERO);
        let (missed, found) = events.after(&mut mark, 10);
        assert_eq!((missed, found.len(), mark), (0, 1, EventMark { generation: 1, number: 1 }));
        assert_eq!((events.mark(5).number, events.mark(1).number), (0, 1), "5 is from before");
    }
}
