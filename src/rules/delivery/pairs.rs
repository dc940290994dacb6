//! The open pairs of a device in the order of messages. A phone that comes back may have a hundred, which leave in any
//! order: only their indices move, never the pairs. Must not decide anything.

use std::ops::{Index, IndexMut};

use super::pair::Pair;
use crate::rules::base::ids::MessageIx;

/// An ordered list of pairs with stable storage.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(from = "Vec<Pair>")]
pub(crate) struct Pairs {
    order: Vec<Entry>,
    /// The pair of a free slot is one that was removed: to move it out would take longer than to leave it.
    slots: Vec<Pair>,
    free: Vec<u32>,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    message: MessageIx,
    slot: u32,
}

impl Pairs {
    pub(crate) fn len(&self) -> usize {
        self.order.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// The message of the last.
    #[inline]
    pub(crate) fn latest(&self) -> Option<MessageIx> {
        self.order.last().map(|entry| entry.message)
    }

    /// All of them, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Pair> {
        self.order.iter().map(|entry| &self.slots[entry.slot as usize])
    }

    /// Inserts a pair in order and returns its index.
    pub(crate) fn insert(&mut self, pair: Pair) -> usize {
        let message = pair.message;
        let at = match self.order.last() {
            Some(last) if last.message > message => self.order.partition_point(|open| open.message < message),
            _ => self.order.len(),
        };
        let slot = if let Some(slot) = self.free.pop() {
            self.slots[slot as usize] = pair;
            slot
        } else {
            self.slots.push(pair);
            self.slots.len() as u32 - 1
        };
        self.order.insert(at, Entry { message, slot });
        at
    }

    /// Removes a pair.
    pub(crate) fn remove(&mut self, at: usize) {
        self.free.push(self.order.remove(at).slot);
    }

    /// The index of the pair of a message.
    pub(crate) fn place_of(&self, message: MessageIx) -> Option<usize> {
        match self.order.as_slice() {
            [only] => (only.message == message).then_some(0),
            order => order.binary_search_by_key(&message, |entry| entry.message).ok(),
        }
    }

    /// Removes all pairs but keeps the buffers.
    pub(crate) fn clear(&mut self) {
        self.order.clear();
        self.slots.clear();
        self.free.clear();
    }
}

impl Index<usize> for Pairs {
    type Output = Pair;

    fn index(&self, at: usize) -> &Pair {
        &self.slots[self.order[at].slot as usize]
    }
}

impl IndexMut<usize> for Pairs {
    fn index_mut(&mut self, at: usize) -> &mut Pair {
        &mut self.slots[self.order[at].slot as usize]
    }
}

impl From<Vec<Pair>> for Pairs {
    fn from(pairs: Vec<Pair>) -> Self {
        let mut all = Self::default();
        for pair in pairs {
            all.insert(pair);
        }
        all
    }
}

impl serde::Serialize for Pairs {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.iter())
    }
}

impl PartialEq for Pairs {
    /// Compares the pairs, not their storage.
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Pairs {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::base::ids::Key;
    use crate::rules::base::time::SimTime;
    use crate::rules::delivery::pair::Expiry;

    fn pair(message: u32) -> Pair {
        Pair::new(MessageIx(message), Key(u64::from(message)), Expiry::ONE_ATTEMPT, SimTime(7), None)
    }

    #[test]
    fn other_pairs_are_not_the_same() {
        let of = |messages: &[u32]| Pairs::from(messages.iter().copied().map(pair).collect::<Vec<_>>());
        assert!(of(&[1, 3]) == of(&[3, 1]), "their order of insertion does not matter");
        assert!(of(&[1, 3]) != of(&[1, 4]) && of(&[1, 3]) != of(&[1]) && of(&[]) != of(&[1]));
    }

    #[test]
    fn pairs_stay_in_order_after_insertions_and_removals() {
        let mut pairs = Pairs::default();
        let mut model: Vec<u32> = Vec::new();
        let (mut dice, mut most) = (1_u32, 0);
        for _ in 0..2_000 {
            dice = dice.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let (message, away) = (dice >> 20, (dice >> 8) as usize % model.len().max(1));
            // The low bits of these numbers repeat soon.
            if (dice >> 16).is_multiple_of(4) && !model.is_empty() {
                assert_eq!(pairs[away].message.0, model.remove(away));
                pairs.remove(away);
            } else if let Err(at) = model.binary_search(&message) {
                assert_eq!((pairs.place_of(MessageIx(message)), pairs.insert(pair(message))), (None, at));
                model.insert(at, message);
                assert_eq!((pairs.place_of(MessageIx(message)), pairs[at].message.0), (Some(at), message));
            }
            assert!(pairs.iter().map(|pair| pair.message.0).eq(model.iter().copied()));
            assert_eq!((pairs.len(), pairs.is_empty()), (model.len(), model.is_empty()));
            most = most.max(model.len());
        }
        assert!(most > 100 && pairs.slots.len() == most, "places are used again: {most}");
        assert_eq!(Pairs::from(model.into_iter().map(pair).collect::<Vec<_>>()), pairs);
        pairs.clear();
        assert_eq!(pairs, Pairs::default());
    }
}
