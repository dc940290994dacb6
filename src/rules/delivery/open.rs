//! The open pairs of a device, and what happens to them next: in the queue and on the road each by itself, in the gateway's store
//! all at once (T2, T6). Keeps them and their order; the device and the road decide what becomes of them.

use super::pair::{CopyPlace, EventKind, EventTime, Pair};
use super::pairs::Pairs;
use crate::rules::base::ids::MessageIx;
use crate::rules::base::time::SimTime;

/// See the file. At rest it is the pairs: what is due follows from them.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(from = "Pairs")]
pub(crate) struct OpenPairs {
    pairs: Pairs,
    /// What happens next to each pair outside the store, the earliest last. One that no longer holds is passed over.
    due: Vec<Due>,
    /// Pairs in the store, and when it opens for all of them at once (T6).
    stored: u32,
    opens: EventTime,
    /// No pair expires before this.
    expires: EventTime,
}

/// Something that will happen to a pair; the order is that of events (T2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Due {
    moment: EventTime,
    message: MessageIx,
}

impl Default for OpenPairs {
    fn default() -> Self {
        Self { pairs: Pairs::default(), due: Vec::new(), stored: 0, opens: EventTime::NEVER, expires: EventTime::NEVER }
    }
}

impl From<Pairs> for OpenPairs {
    fn from(pairs: Pairs) -> Self {
        let mut open = Self { pairs, ..Self::default() };
        for at in 0..open.pairs.len() {
            let pair = &open.pairs[at];
            open.expires = open.expires.min(pair.expiry_moment());
            if let Some(nth) = pair.stored() {
                open.stored += 1;
                open.opens = EventTime::new(pair.copies[nth].due, EventKind::Release);
            }
            open.schedule(at);
        }
        open
    }
}

impl serde::Serialize for OpenPairs {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.pairs.serialize(to)
    }
}

impl OpenPairs {
    /// All of them, in the order of messages.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Pair> {
        self.pairs.iter()
    }

    /// The pair at a place.
    pub(crate) fn at(&mut self, at: usize) -> &mut Pair {
        &mut self.pairs[at]
    }

    /// The next event.
    #[inline]
    pub(crate) fn next(&self) -> EventTime {
        let timers = self.expires.min(self.opens);
        self.due.last().map_or(timers, |due| timers.min(due.moment))
    }

    /// Puts a pair among the others, and says where.
    pub(crate) fn insert(&mut self, pair: Pair) -> usize {
        self.expires = self.expires.min(pair.expiry_moment());
        self.pairs.insert(pair)
    }

    /// Puts the pair's next event in its order.
    pub(crate) fn schedule(&mut self, at: usize) {
        let pair = &self.pairs[at];
        let (moment, _) = pair.next();
        if moment < EventTime::NEVER {
            let due = Due { moment, message: pair.message };
            let place = self.due.partition_point(|other| *other > due);
            self.due.insert(place, due);
        }
    }

    /// Where the pair is whose event is next, and which of its copies it happens to; `None` if it no longer holds.
    pub(crate) fn take_due(&mut self, moment: EventTime) -> Option<(usize, usize)> {
        let at = self.pairs.place_of(self.due.pop()?.message)?;
        let (next, nth) = self.pairs[at].next();
        (next == moment).then_some((at, nth))
    }

    /// Takes a pair out that is settled, with all its copies.
    pub(super) fn take_out(&mut self, at: usize) -> Pair {
        let pair = self.pairs.remove(at);
        if pair.stored().is_some() {
            self.stored -= 1;
            if self.stored == 0 {
                self.opens = EventTime::NEVER;
            }
        }
        if self.pairs.is_empty() {
            self.due.clear();
            self.expires = EventTime::NEVER;
        }
        pair
    }

    /// Takes out the pairs whose time is over, and looks for the next.
    pub(super) fn take_expired(&mut self, now: SimTime, each: impl FnMut(Pair)) {
        self.take_out_if(|pair| pair.expires() <= now, each);
        self.expires = self.pairs.iter().map(Pair::expiry_moment).min().unwrap_or(EventTime::NEVER);
    }

    /// Takes out all that are in the store.
    pub(super) fn take_stored(&mut self, each: impl FnMut(Pair)) {
        self.take_out_if(|pair| pair.stored().is_some(), each);
    }

    fn take_out_if(&mut self, is_wanted: impl Fn(&Pair) -> bool, mut each: impl FnMut(Pair)) {
        let mut at = 0;
        while at < self.pairs.len() {
            if is_wanted(&self.pairs[at]) {
                each(self.take_out(at));
            } else {
                at += 1;
            }
        }
    }

    /// Puts a copy of a pair into the store, which opens then; says how many pairs are in it.
    pub(crate) fn store(&mut self, at: usize, nth: usize, opens: SimTime) -> u32 {
        let copy = &mut self.pairs[at].copies[nth];
        (copy.place, copy.due) = (CopyPlace::Store, opens);
        (self.stored, self.opens) = (self.stored + 1, EventTime::new(opens, EventKind::Release));
        self.stored
    }

    /// Where the first pair of the store is.
    pub(super) fn oldest_stored(&self) -> Option<usize> {
        self.pairs.iter().position(|pair| pair.stored().is_some())
    }

    /// Empties the store, in the order of messages (T6): each copy goes on.
    pub(crate) fn release(&mut self, mut each: impl FnMut(&mut Pair, usize)) {
        (self.stored, self.opens) = (0, EventTime::NEVER);
        for at in 0..self.pairs.len() {
            let pair = &mut self.pairs[at];
            if let Some(nth) = pair.stored() {
                each(pair, nth);
                self.schedule(at);
            }
        }
    }

    /// Forgets all, and keeps the buffers.
    pub(crate) fn clear(&mut self) {
        self.pairs.clear();
        self.due.clear();
        (self.stored, self.opens, self.expires) = (0, EventTime::NEVER, EventTime::NEVER);
    }
}
