//! What has happened to a hosted tenant, as those who watch it are told: numbered, and the last of it kept, so that whoever was
//! away can go on where they were. Decides nothing.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::request_id::RequestId;
use crate::rules::base::ids::{DeviceIx, MessageIx};
use crate::rules::base::time::SimTime;
use crate::rules::service::message::Reason;

/// Happenings that are kept; who was away for more is told how many are gone.
pub const HAPPENINGS_MAX: usize = 65_536;

/// See the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A message was accepted.
    Accepted {
        /// Which.
        message: MessageIx,
        /// The caller's id of the request.
        request: RequestId,
    },
    /// A message was refused.
    Refused {
        /// Why.
        reason: Reason,
        /// The caller's id of the request.
        request: RequestId,
    },
    /// No pair of a message waits any more.
    Settled {
        /// Which.
        message: MessageIx,
    },
    /// A notification left a screen.
    Dismissed {
        /// Of which message.
        message: MessageIx,
        /// On which device.
        device: DeviceIx,
    },
    /// More notifications left screens than could be noted one by one.
    DismissedMore {
        /// How many.
        notifications: u64,
    },
    /// A fault came into force, or ceased to be.
    Fault {
        /// Its name: by its place it could be another one after a reset.
        fault: Arc<str>,
        /// Is it in force?
        active: bool,
    },
    /// The tenant is as at its start, but for what was imported.
    Reset,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noted {
    /// Its number, from 1, one more than that of the one before.
    pub number: u64,
    /// When it happened, in model time.
    pub at: SimTime,
    /// What happened.
    pub what: Event,
}

/// Those that are kept.
#[derive(Debug)]
pub struct Events {
    kept: Mutex<VecDeque<Noted>>,
    last: watch::Sender<u64>,
}

impl Default for Events {
    fn default() -> Self {
        Self { kept: Mutex::default(), last: watch::Sender::new(0) }
    }
}

impl Events {
    /// Notes one.
    pub fn note(&self, at: SimTime, what: Event) {
        self.note_all(at, [what]);
    }

    /// Notes several that happened at once, in their order; those who watch are told of them together.
    pub fn note_all(&self, at: SimTime, all: impl IntoIterator<Item = Event>) {
        let mut kept = self.kept();
        let before = self.last();
        let mut number = before;
        for what in all {
            number += 1;
            if kept.len() == HAPPENINGS_MAX {
                kept.pop_front();
            }
            kept.push_back(Noted { number, at, what });
        }
        if number > before {
            self.last.send_replace(number);
        }
    }

    /// The number of the last one; 0 if there is none.
    pub fn last(&self) -> u64 {
        *self.last.borrow()
    }

    /// Those after a number, `max` at most, and how many are gone in between.
    pub fn after(&self, number: u64, max: usize) -> (u64, Vec<Noted>) {
        let kept = self.kept();
        let first = kept.front().map_or(1, |first| first.number);
        let missed = first.saturating_sub(number.saturating_add(1));
        let skip = usize::try_from(number.saturating_add(1).saturating_sub(first)).unwrap_or(usize::MAX);
        (missed, kept.iter().skip(skip).take(max).cloned().collect())
    }

    /// Tells of every new one.
    pub fn follow(&self) -> watch::Receiver<u64> {
        self.last.subscribe()
    }

    fn kept(&self) -> MutexGuard<'_, VecDeque<Noted>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_was_away_for_too_long_is_told_how_many_are_gone() {
        let events = Events::default();
        assert_eq!(events.after(0, 10), (0, Vec::new()));
        for at in 0..HAPPENINGS_MAX as u64 + 3 {
            events.note(SimTime(at), Event::Reset);
        }
        let numbers = |after| {
            let (missed, found) = events.after(after, 2);
            (missed, found.iter().map(|noted| noted.number).collect::<Vec<_>>())
        };
        assert_eq!(numbers(0), (3, vec![4, 5]));
        assert_eq!(numbers(2), (1, vec![4, 5]));
        assert_eq!(numbers(3), (0, vec![4, 5]));
        let last = events.last();
        assert_eq!(numbers(last - 1), (0, vec![last]));
        assert_eq!(numbers(last + 7), (0, vec![]));
    }
}
