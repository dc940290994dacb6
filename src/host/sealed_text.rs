//! The text of a message, encrypted with a key of its own (AES-256-GCM), so that overwriting 32 bytes ends it wherever
//! the ciphertext lies. Must not hold a text in the clear, or print one.

use std::fmt;

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom as _, SystemRandom};
use zeroize::Zeroizing;

use crate::rules::service::shown_text::{BODY_BYTES_MAX, MessageText, TITLE_BYTES_MAX};
use crate::store::{TEXT_KEY_BYTES, TextKey};

/// Bytes before the title: its length.
const LENGTH_BYTES: usize = 2;

/// A text that only its key opens. It may be written and copied.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct SealedText {
    nonce: [u8; NONCE_LEN],
    ciphertext: Box<[u8]>,
}

impl fmt::Debug for SealedText {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("SealedText").field("bytes", &self.bytes()).finish_non_exhaustive()
    }
}

impl SealedText {
    /// Encrypts a text with a new random key. `None` for a text that is too long to be accepted, or if the system has no
    /// random bytes.
    pub(crate) fn seal(title: &str, body: &str) -> Option<(TextKey, Self)> {
        if title.len() > TITLE_BYTES_MAX || body.len() > BODY_BYTES_MAX {
            return None;
        }
        let mut random = Zeroizing::new([0; TEXT_KEY_BYTES + NONCE_LEN]);
        SystemRandom::new().fill(&mut *random).ok()?;
        let (key, nonce) = random.split_first_chunk()?;
        let (key, nonce) = (TextKey::of(key), *nonce.first_chunk()?);
        let mut text = Vec::with_capacity(LENGTH_BYTES + title.len() + body.len() + AES_256_GCM.tag_len());
        text.extend_from_slice(&u16::try_from(title.len()).expect("a title is short").to_le_bytes());
        text.extend_from_slice(title.as_bytes());
        text.extend_from_slice(body.as_bytes());
        cipher(&key)?.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut text).ok()?;
        Some((key, Self { nonce, ciphertext: text.into_boxed_slice() }))
    }

    /// Decrypts it; `None` with a key that is not its own, or that was overwritten.
    pub(crate) fn open(&self, key: &TextKey) -> Option<MessageText> {
        let mut text = Zeroizing::new(self.ciphertext.to_vec());
        let nonce = Nonce::assume_unique_for_key(self.nonce);
        let text = cipher(key)?.open_in_place(nonce, Aad::empty(), &mut text).ok()?;
        let (length, text) = text.split_first_chunk::<LENGTH_BYTES>()?;
        let (title, body) = text.split_at_checked(u16::from_le_bytes(*length).into())?;
        let string = |bytes: &[u8]| str::from_utf8(bytes).ok().map(str::to_owned);
        Some(MessageText { title: string(title)?, body: string(body)? })
    }

    /// As it is stored: the nonce and the ciphertext.
    pub(super) fn stored(&self) -> Box<[u8]> {
        [&self.nonce, &*self.ciphertext].concat().into_boxed_slice()
    }

    /// What was stored; `None` if it is too short for one.
    pub(super) fn of_stored(stored: &[u8]) -> Option<Self> {
        let (nonce, ciphertext) = stored.split_first_chunk()?;
        Some(Self { nonce: *nonce, ciphertext: ciphertext.into() })
    }

    /// Bytes of its ciphertext.
    pub(crate) const fn bytes(&self) -> usize {
        self.ciphertext.len()
    }
}

/// What encrypts and decrypts with a key.
fn cipher(key: &TextKey) -> Option<LessSafeKey> {
    UnboundKey::new(&AES_256_GCM, key.bytes()).ok().map(LessSafeKey::new)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sealed(title: &str, body: &str) -> (TextKey, SealedText) {
        SealedText::seal(title, body).expect("it is not too long")
    }

    fn contains(bytes: &[u8], part: &[u8]) -> bool {
        bytes.windows(part.len()).any(|window| window == part)
    }

    proptest! {
        #[test]
        fn a_text_comes_back_with_its_key_and_with_no_other(title in ".{0,50}", body in ".{0,500}") {
            let (key, text) = sealed(&title, &body);
            let opened = text.open(&key).expect("it is the key");
            prop_assert!((opened.title, opened.body) == (title.clone(), body.clone()));
            let (other, again) = sealed(&title, &body);
            prop_assert!(text.open(&other).is_none() && again.open(&key).is_none());
            prop_assert_ne!(&text.ciphertext, &again.ciphertext, "each has a key of its own");
            prop_assert_eq!(SealedText::of_stored(&text.stored()), Some(text.clone()));
            prop_assert_eq!(text.bytes(), LENGTH_BYTES + title.len() + body.len() + AES_256_GCM.tag_len());
        }
    }

    #[test]
    fn an_erased_key_is_overwritten_and_opens_nothing() {
        let (mut key, text) = sealed("title", "body");
        assert_ne!(key.bytes(), &[0; TEXT_KEY_BYTES]);
        key.erase();
        assert_eq!(key.bytes(), &[0; TEXT_KEY_BYTES]);
        assert!(text.open(&key).is_none());
    }

    #[test]
    fn a_changed_text_does_not_open() {
        let (key, text) = sealed("title", "body");
        for at in 0..text.ciphertext.len() {
            let mut changed = text.clone();
            changed.ciphertext[at] ^= 1;
            assert!(changed.open(&key).is_none(), "{at}");
        }
        let stored = text.stored();
        for bytes in 0..stored.len() {
            let cut = SealedText::of_stored(&stored[..bytes]);
            assert!(cut.is_none_or(|cut| cut.open(&key).is_none()), "{bytes} bytes");
        }
    }

    #[test]
    fn neither_text_nor_key_is_in_the_ciphertext_or_in_what_is_printed() {
        let (key, text) = sealed("Quetzalcoatl", "Popocatepetl");
        for marker in [b"Quetzalcoatl".as_slice(), b"Popocatepetl", &key.bytes()[..8]] {
            assert!(!contains(&text.ciphertext, marker));
        }
        assert_eq!(format!("{key:?} {text:?}"), "TextKey { .. } SealedText { bytes: 42, .. }");
    }

    #[test]
    fn what_cannot_be_accepted_is_not_sealed() {
        assert!(SealedText::seal(&"\u{1d11e}".repeat(50), &"\u{1d11e}".repeat(500)).is_some());
        assert!(SealedText::seal(&"t".repeat(TITLE_BYTES_MAX + 1), "b").is_none());
        assert!(SealedText::seal("t", &"b".repeat(BODY_BYTES_MAX + 1)).is_none());
    }
}
