//! Which assertions were presented, until they expire. The libraries use one assertion for several requests, so the
//! same assertion is accepted for another request; the same request, or another assertion with the same id, is a
//! replay.

use std::collections::HashMap;

use sha2::{Digest as _, Sha256};

use super::assertion::Assertion;
use super::denial::Denial;

/// Assertions and requests that are remembered; each takes some 50 bytes.
const REMEMBERED_MAX: usize = 65_536;

/// Presented assertions by a hash: which assertion it was, and until when it is remembered, in Unix seconds.
#[derive(Debug, Default)]
pub struct Presented(HashMap<[u8; 32], ([u8; 32], u64)>);

impl Presented {
    /// Records an assertion of a client for a request at `now`; `request` is what the assertion is used for, and `None`
    /// for a request that redeems a code, which cannot be redeemed twice anyway.
    ///
    /// # Errors
    /// [`Denial::AssertionReplayed`], or [`Denial::Busy`] if too many would have to be remembered.
    pub fn take(
        &mut self,
        client: &str,
        token: &str,
        assertion: &Assertion,
        request: Option<&str>,
        now: u64,
    ) -> Result<(), Denial> {
        let itself = hash(&["assertion", token]);
        let id = hash(&["id", client, &assertion.id]);
        if self.0.len() + 2 > REMEMBERED_MAX {
            self.0.retain(|_, (_, until)| *until > now);
            if self.0.len() + 2 > REMEMBERED_MAX {
                return Err(Denial::Busy);
            }
        }
        if self.0.get(&id).is_some_and(|(known, until)| *until > now && *known != itself) {
            return Err(Denial::AssertionReplayed);
        }
        let used = request.map(|request| hash(&["request", client, &assertion.id, request]));
        if used.is_some_and(|used| self.0.get(&used).is_some_and(|(_, until)| *until > now)) {
            return Err(Denial::AssertionReplayed);
        }
        for key in [Some(id), used].into_iter().flatten() {
            self.0.insert(key, (itself, assertion.expires));
        }
        Ok(())
    }
}

/// A hash over several words; each is length-prefixed, so that different splits differ.
fn hash(words: &[&str]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for word in words {
        hash.update((word.len() as u64).to_be_bytes());
        hash.update(word.as_bytes());
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assertion(id: &str, expires: u64) -> Assertion {
        Assertion { id: id.to_owned(), expires }
    }

    #[test]
    fn one_assertion_is_good_for_each_request_once() {
        let mut presented = Presented::default();
        let one = assertion("1", 100);
        assert_eq!(presented.take("a", "token", &one, Some("graph"), 10), Ok(()));
        assert_eq!(presented.take("a", "token", &one, Some("graph"), 11), Err(Denial::AssertionReplayed));
        assert_eq!(presented.take("a", "token", &one, Some("refresh"), 12), Ok(()));
        assert_eq!(presented.take("a", "token", &one, None, 13), Ok(()));
        assert_eq!(presented.take("a", "other token", &one, Some("x"), 14), Err(Denial::AssertionReplayed));
        assert_eq!(presented.take("b", "their token", &one, Some("graph"), 15), Ok(()));
    }

    #[test]
    fn memory_is_bounded_and_expired_assertions_are_forgotten() {
        let mut presented = Presented::default();
        let each = |presented: &mut Presented, at: usize, now: u64| {
            presented.take("a", &at.to_string(), &assertion(&at.to_string(), now + 10), Some("graph"), now)
        };
        for at in 0..REMEMBERED_MAX / 2 {
            assert_eq!(each(&mut presented, at, 0), Ok(()));
        }
        assert_eq!(each(&mut presented, usize::MAX, 5), Err(Denial::Busy));
        assert_eq!(each(&mut presented, usize::MAX, 10), Ok(()));
        assert_eq!(presented.0.len(), 2);
    }
}
