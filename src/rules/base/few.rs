//! A list that is never empty and seldom longer than one: its first entry needs no heap, and the others take the list one
//! pointer, because a pair on its way is copied and searched by the million.

use std::ops::{Index, IndexMut};

/// A list of at least one entry.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Few<T> {
    first: T,
    more: Option<Box<More<T>>>,
}

/// The entries after the first; never empty.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
struct More<T>(Vec<T>);

impl<T: Copy> Few<T> {
    /// A list of one.
    pub(crate) const fn one(first: T) -> Self {
        Self { first, more: None }
    }

    /// The only entry, if there is just one.
    pub(crate) fn only(&self) -> Option<&T> {
        self.more.is_none().then_some(&self.first)
    }

    /// All entries, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        std::iter::once(&self.first).chain(self.more.iter().flat_map(|more| &more.0))
    }

    /// Appends an entry.
    pub(crate) fn push(&mut self, last: T) {
        match &mut self.more {
            Some(more) => more.0.push(last),
            None => self.more = Some(Box::new(More(vec![last]))),
        }
    }

    /// Removes an entry.
    ///
    /// # Panics
    /// If it is the only entry.
    pub(crate) fn remove(&mut self, at: usize) {
        let more = self.more.as_mut().expect("the list must not become empty");
        match at.checked_sub(1) {
            Some(at) => {
                more.0.remove(at);
            }
            None => self.first = more.0.remove(0),
        }
        if more.0.is_empty() {
            self.more = None;
        }
    }
}

impl<T> Index<usize> for Few<T> {
    type Output = T;

    fn index(&self, at: usize) -> &T {
        match (at.checked_sub(1), &self.more) {
            (None, _) => &self.first,
            (Some(at), Some(more)) => &more.0[at],
            (Some(_), None) => panic!("the list has one entry, not {}", at + 1),
        }
    }
}

impl<T> IndexMut<usize> for Few<T> {
    fn index_mut(&mut self, at: usize) -> &mut T {
        match (at.checked_sub(1), &mut self.more) {
            (None, _) => &mut self.first,
            (Some(at), Some(more)) => &mut more.0[at],
            (Some(_), None) => panic!("the list has one entry, not {}", at + 1),
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
        few.remove(1);
        assert_eq!((few.only(), few == Few::one(1)), (Some(&1), true));
    }
}
