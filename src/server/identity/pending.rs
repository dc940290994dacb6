//! Issued codes that wait to be redeemed: each for a limited time, and a limited number of them. Must not generate
//! codes.

use std::collections::{HashMap, VecDeque};

/// Why a code cannot be redeemed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absent {
    /// It was never issued, or was dropped long ago.
    Unknown,
    /// It has expired.
    Expired,
}

/// Values by their codes. All have the same lifetime, so they expire in order of insertion.
#[derive(Debug)]
pub struct Pending<T> {
    lifetime: u64,
    limit: usize,
    /// With the second at which each expires.
    entries: HashMap<String, (u64, T)>,
    order: VecDeque<String>,
}

impl<T> Pending<T> {
    /// An empty one; each entry lives for `lifetime` seconds, and there are at most `limit`.
    pub fn new(lifetime: u64, limit: usize) -> Self {
        Self { lifetime, limit, entries: HashMap::new(), order: VecDeque::new() }
    }

    /// Stores a value from `now` on, in Unix seconds. At the limit, the oldest is dropped.
    pub fn insert(&mut self, code: String, thing: T, now: u64) {
        while self.order.len() >= self.limit {
            self.drop_oldest();
        }
        self.order.push_back(code.clone());
        self.entries.insert(code, (now + self.lifetime, thing));
    }

    /// The value of a code at `now`.
    ///
    /// # Errors
    /// See [`Absent`].
    pub fn get(&mut self, code: &str, now: u64) -> Result<&mut T, Absent> {
        match self.entries.get_mut(code) {
            Some((until, thing)) if now < *until => Ok(thing),
            Some(_) => Err(Absent::Expired),
            None => Err(Absent::Unknown),
        }
    }

    /// The first live value that matches, at `now`.
    pub fn find(&mut self, now: u64, is_it: impl Fn(&T) -> bool) -> Option<&mut T> {
        let mut found = self.entries.values_mut().filter(|(until, thing)| now < *until && is_it(thing));
        found.next().map(|(_, thing)| thing)
    }

    fn drop_oldest(&mut self) {
        if let Some(oldest) = self.order.pop_front() {
            self.entries.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_expires_and_the_oldest_is_dropped_at_the_limit() {
        let mut pending = Pending::new(10, 2);
        pending.insert("a".to_owned(), 1, 0);
        assert_eq!(pending.get("a", 9), Ok(&mut 1));
        assert_eq!(pending.get("a", 10), Err(Absent::Expired));
        assert_eq!(pending.get("b", 0), Err(Absent::Unknown));
        pending.insert("b".to_owned(), 2, 5);
        pending.insert("c".to_owned(), 3, 6);
        assert_eq!(pending.get("a", 6), Err(Absent::Unknown));
        assert_eq!(pending.find(6, |thing| *thing == 3), Some(&mut 3));
        assert_eq!(pending.find(16, |thing| *thing == 3), None);
        for at in 0..1_000 {
            pending.insert(at.to_string(), at, 7);
        }
        assert_eq!((pending.entries.len(), pending.order.len()), (2, 2));
    }
}
