//! The keys of a server's tokens: the one that signs, and after a rotation the former one, which still checks until the
//! tokens that it signed have expired. Must not read a clock.

use std::sync::{Arc, PoisonError, RwLock};

use jsonwebtoken::jwk::JwkSet;

use super::issuer::TOKEN_SECONDS;
use super::key::SigningKey;

/// The keys, shared by all clones.
#[derive(Clone, Debug)]
pub struct KeyRing(Arc<RwLock<Ring>>);

#[derive(Debug)]
struct Ring {
    current: Arc<SigningKey>,
    /// The key before, and until when it checks, in Unix seconds. One is enough: a second rotation within an hour ends
    /// the tokens of the first key.
    former: Option<(Arc<SigningKey>, u64)>,
}

/// A key that checks a token.
pub(crate) struct CheckingKey {
    pub(crate) key: Arc<SigningKey>,
    /// For a former key, the last second at which a token of it may expire: who has it must not sign longer ones.
    pub(crate) until: Option<u64>,
}

impl From<SigningKey> for KeyRing {
    fn from(key: SigningKey) -> Self {
        Self(Arc::new(RwLock::new(Ring { current: Arc::new(key), former: None })))
    }
}

impl KeyRing {
    /// Signs with another key from now on, in Unix seconds. Nothing happens if it is the key that signs already.
    pub fn rotate(&self, key: SigningKey, now: u64) -> Rotation {
        let mut ring = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if ring.current.id() == key.id() {
            return Rotation::SameKey;
        }
        let former = std::mem::replace(&mut ring.current, Arc::new(key));
        ring.former = Some((former, now + TOKEN_SECONDS));
        Rotation::NewKey
    }

    /// The key that signs.
    pub(crate) fn signing(&self) -> Arc<SigningKey> {
        Arc::clone(&self.ring().current)
    }

    /// The key that checks a token which names this key.
    pub(crate) fn checking(&self, id: Option<&str>) -> CheckingKey {
        let ring = self.ring();
        match &ring.former {
            Some((key, until)) if id == Some(key.id()) => CheckingKey { key: Arc::clone(key), until: Some(*until) },
            _ => CheckingKey { key: Arc::clone(&ring.current), until: None },
        }
    }

    /// The public keys.
    pub(crate) fn key_set(&self) -> JwkSet {
        let ring = self.ring();
        let former = ring.former.iter().flat_map(|(key, _)| key.key_set().keys);
        JwkSet { keys: ring.current.key_set().keys.into_iter().chain(former).collect() }
    }

    fn ring(&self) -> std::sync::RwLockReadGuard<'_, Ring> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a rotation came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// Another key signs.
    NewKey,
    /// The same key signs.
    SameKey,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::identity::{Bearer, Distrust, Issuer};

    fn key() -> SigningKey {
        SigningKey::from_pem(&SigningKey::generate_pem().expect("there is randomness")).expect("it is a key")
    }

    fn app() -> Bearer {
        Bearer::App { app: "a".to_owned(), permissions: Vec::new() }
    }

    #[test]
    fn a_former_key_checks_until_its_tokens_have_expired_and_signs_no_longer_ones() {
        let now = crate::clock::unix_ms() / 1_000;
        let (first, second) = (key(), key());
        let stolen = Issuer::new(first.clone(), Issuer::tenant_id("small"));
        let ring = KeyRing::from(first.clone());
        let issuer = Issuer::new(ring.clone(), Issuer::tenant_id("small"));
        let before = issuer.issue(&app(), now).expect("it signs");
        assert_eq!(ring.rotate(first, now), Rotation::SameKey);
        assert_eq!((ring.rotate(second.clone(), now), ring.key_set().keys.len()), (Rotation::NewKey, 2));
        let after = issuer.issue(&app(), now).expect("it signs");
        assert!(issuer.check(&before).is_ok() && issuer.check(&after).is_ok());
        let only_new = Issuer::new(second, Issuer::tenant_id("small"));
        assert_eq!(only_new.check(&after).is_ok(), only_new.check(&before) == Err(Distrust::Signature));
        // Signed with the former key after the rotation, or for longer.
        let mut longer = stolen.claims(&app(), now);
        longer.exp = now + TOKEN_SECONDS + 1;
        assert_eq!(issuer.check(&stolen.sign(&longer).expect("it signs")), Err(Distrust::Signature));
        assert_eq!(ring.rotate(key(), now), Rotation::NewKey);
        assert_eq!(issuer.check(&before), Err(Distrust::Signature), "two rotations end it");
    }
}
