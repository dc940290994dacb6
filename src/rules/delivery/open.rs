//! The open pairs of a device and the order of their next events: in the queue and in transit each by itself, in the
//! gateway's store all at once (T2, T6). Must not decide what happens to a pair: the device and the road do.

use super::pair::{CopyPlace, EventKind, EventTime, Pair};
use super::pairs::Pairs;
use crate::rules::base::ids::MessageIx;
use crate::rules::base::time::SimTime;

/// The open pairs and their next events. Serialized as the pairs alone: the events follow from them.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(from = "Pairs")]
pub(crate) struct OpenPairs {
    pairs: Pairs,
    /// Next events of pairs outside the store, the earliest last. Entries may be stale; those are skipped.
    due: Vec<Due>,
    /// Pairs in the store, and when it opens for all of them at once (T6).
    stored: u32,
    opens: EventTime,
    /// No pair expires before this.
    expires: EventTime,
}

/// A scheduled event of a pair, ordered as events are (T2).
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

    /// The pair at an index.
    pub(crate) fn at(&mut self, at: usize) -> &mut Pair {
        &mut self.pairs[at]
    }

    /// The next event.
    #[inline]
    pub(crate) fn next(&self) -> EventTime {
        let timers = self.expires.min(self.opens);
        self.due.last().map_or(timers, |due| timers.min(due.moment))
    }

    /// Inserts a pair and returns its index.
    pub(crate) fn insert(&mut self, pair: Pair) -> usize {
        self.expires = self.expires.min(pair.expiry_moment());
        self.pairs.insert(pair)
    }

    /// Schedules the pair's next event.
    pub(crate) fn schedule(&mut self, at: usize) {
        let pair = &self.pairs[at];
        let (moment, _) = pair.next();
        if moment < EventTime::NEVER {
            let due = Due { moment, message: pair.message };
            let place = self.due.partition_point(|other| *other > due);
            self.due.insert(place, due);
        }
    }

    /// The index of the pair whose event is next, and of its copy; `None` if the entry is stale.
    pub(crate) fn take_due(&mut self, moment: EventTime) -> Option<(usize, usize)> {
        let at = self.pairs.place_of(self.due.pop()?.message)?;
        let (next, nth) = self.pairs[at].next();
        (next == moment).then_some((at, nth))
    }

    /// Removes a settled pair with all its copies.
    pub(super) fn remove(&mut self, at: usize) {
        let was_stored = self.pairs[at].stored().is_some();
        self.pairs.remove(at);
        if was_stored {
            self.stored -= 1;
            if self.stored == 0 {
                self.opens = EventTime::NEVER;
            }
        }
        if self.pairs.is_empty() {
            self.due.clear();
            self.expires = EventTime::NEVER;
        }
    }

    /// Removes the expired pairs and computes the next expiry.
    pub(super) fn remove_expired(&mut self, now: SimTime, each: impl FnMut(&Pair)) {
        self.remove_if(|pair| pair.expires() <= now, each);
        self.expires = self.pairs.iter().map(Pair::expiry_moment).min().unwrap_or(EventTime::NEVER);
    }

    /// Removes all pairs in the store.
    pub(super) fn remove_stored(&mut self, each: impl FnMut(&Pair)) {
        self.remove_if(|pair| pair.stored().is_some(), each);
    }

    fn remove_if(&mut self, is_wanted: impl Fn(&Pair) -> bool, mut each: impl FnMut(&Pair)) {
        let mut at = 0;
        while at < self.pairs.len() {
            if is_wanted(&self.pairs[at]) {
                each(&self.pairs[at]);
                self.remove(at);
            } else {
                at += 1;
            }
        }
    }

    /// Stores a copy of a pair; the store opens at `opens`. Returns how many pairs are stored.
    pub(crate) fn store(&mut self, at: usize, nth: usize, opens: SimTime) -> u32 {
        let copy = &mut self.pairs[at].copies[nth];
        (copy.place, copy.due) = (CopyPlace::Store, opens);
        (self.stored, self.opens) = (self.stored + 1, EventTime::new(opens, EventKind::Release));
        self.stored
    }

    /// Whether every open pair is in the store; then nothing else is due but its opening and expiries.
    #[inline]
    pub(super) fn are_all_stored(&self) -> bool {
        self.stored as usize == self.pairs.len()
    }

    /// How many are in the store.
    #[inline]
    pub(super) const fn stored(&self) -> u32 {
        self.stored
    }

    /// The latest message with an open pair.
    #[inline]
    pub(super) fn latest(&self) -> Option<MessageIx> {
        self.pairs.latest()
    }

    /// Adds a pair that is in the store, which opens at `opens`.
    pub(super) fn insert_stored(&mut self, pair: Pair, opens: SimTime) {
        self.insert(pair);
        (self.stored, self.opens) = (self.stored + 1, EventTime::new(opens, EventKind::Release));
    }

    /// The index of the first pair in the store.
    pub(super) fn oldest_stored(&self) -> Option<usize> {
        self.pairs.iter().position(|pair| pair.stored().is_some())
    }

    /// Empties the store in the order of messages (T6); `each` sends a copy on.
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

    /// Removes all pairs but keeps the buffers.
    pub(crate) fn clear(&mut self) {
        self.pairs.clear();
        self.due.clear();
        (self.stored, self.opens, self.expires) = (0, EventTime::NEVER, EventTime::NEVER);
    }
}
