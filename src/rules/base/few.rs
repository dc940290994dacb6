//! A list that is never empty and seldom longer than one: its first entry needs no heap.

use std::ops::{Index, IndexMut};

/// A list of at least one entry.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Few<T> {
    first: T,
    more: Vec<T>,
}

impl<T: Copy> Few<T> {
    /// A list of one.
    pub(crate) const fn one(first: T) -> Self {
        Self { first, more: Vec::new() }
    }

    /// The only entry, if there is just one.
    pub(crate) fn only(&self) -> Option<&T> {
        self.more.is_empty().then_some(&self.first)
    }

    /// All entries, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        std::iter::once(&self.first).chain(&self.more)
    }

    /// Appends an entry.
    pub(crate) fn push(&mut self, last: T) {
        self.more.push(last);
    }

    /// Removes an entry.
    ///
    /// # Panics
    /// If it is the only entry.
    pub(crate) fn remove(&mut self, at: usize) {
        if at > 0 {
            self.more.remove(at - 1);
        } else {
            assert!(!self.more.is_empty(), "the list must not become empty");
            self.first = self.more.remove(0);
        }
    }
}

impl<T> Index<usize> for Few<T> {
    type Output = T;

    fn index(&self, at: usize) -> &T {
        match at.checked_sub(1) {
            None => &self.first,
            Some(at) => &self.more[at],
        }
    }
}

impl<T> IndexMut<usize> for Few<T> {
    fn index_mut(&mut self, at: usize) -> &mut T {
        match at.checked_sub(1) {
            None => &mut self.first,
            Some(at) => &mut self.more[at],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn removing_any_keeps_the_others_in_order() {
        let mut few = Few::one(0);
        (1..4).for_each(|next| few.push(next));
        few.remove(2);
        few.remove(0);
        assert_eq!((few.iter().copied().collect::<Vec<_>>(), few[0], few[1]), (vec![1, 3], 1, 3));
    }
}
