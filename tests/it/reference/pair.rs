//! A message, a pair and the positions of its copies, as plain data for `tenant.rs`.

use std::collections::BTreeSet;

use super::model::Ms;

#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) send: usize,
    pub(crate) occurrence: u64,
    pub(crate) accepted_at: Ms,
    /// The groups that it addresses; none for a single device.
    pub(crate) groups: Vec<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    Member,
    LateJoiner,
    StaleMember,
    StaleDevice,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Station {
    Waiting,
    Skipped(&'static str),
    Blocked(&'static str),
    /// By a fault, or by the gateway itself.
    Lost(Option<usize>),
    Superseded,
    Discarded,
    Expired,
    Shown(&'static str),
}

/// The position of a copy.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    Queued {
        leaves: Ms,
        entered: Ms,
    },
    /// `end` is the end of the holds that have begun; it leaves after a wait from then on.
    Held {
        end: Ms,
        leaves: Ms,
    },
    Travelling {
        arrives: Ms,
    },
    Stored(Stored),
    Gone,
}

/// A copy in the gateway's store.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    /// When the phone is online again, according to the windows that have begun.
    pub(crate) end: Ms,
    /// Faults that count as soon as the phone would otherwise be online, with that moment.
    pub(crate) pending: Vec<(usize, Ms)>,
}

#[derive(Clone, Debug)]
pub(crate) struct Pair {
    pub(crate) message: usize,
    pub(crate) device: usize,
    pub(crate) class: Class,
    /// When its message was accepted, and how long it is tried from then on: the send's expiry, or its gateway's (X23).
    pub(crate) accepted_at: Ms,
    pub(crate) expiry: Ms,
    pub(crate) station: Station,
    /// When it reached its station.
    pub(crate) at: Ms,
    pub(crate) copies: Vec<Place>,
    pub(crate) touched: BTreeSet<usize>,
}

impl Pair {
    /// Whether it has expired; an expiry of 0 has no timer.
    pub(crate) fn is_over(&self, now: Ms) -> bool {
        self.expiry > 0 && now >= self.accepted_at + self.expiry
    }

    pub(crate) fn is_stored(&self) -> bool {
        self.station == Station::Waiting && self.copies.iter().any(|copy| matches!(copy, Place::Stored(_)))
    }

    pub(crate) fn settle(&mut self, station: Station, now: Ms) {
        assert_eq!(self.station, Station::Waiting, "a settled pair is left alone");
        (self.station, self.at) = (station, now);
        self.copies.clear();
    }

    /// The cause of a wait: that of the copy that is furthest along.
    pub(crate) fn waits_for(&self) -> &'static str {
        let rank = |copy: &Place| match copy {
            Place::Stored(_) => (4, "offline"),
            Place::Travelling { .. } => (3, "in_transit"),
            Place::Held { .. } => (2, "outage"),
            Place::Queued { .. } => (1, "capacity"),
            Place::Gone => (0, "gone"),
        };
        self.copies.iter().map(rank).max().expect("a waiting pair has a copy").1
    }
}
