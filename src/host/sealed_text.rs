//! The text of a message, encrypted with a key of its own (AES-256-GCM), so that overwriting 32 bytes ends it wherever
//! the ciphertext lies. Must not hold a text in the clear, or print one.

use std::fmt;

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom as _, SystemRandom};
use zeroize::{Zeroize as _, Zeroizing};

use crate::rules::service::shown_text::{BODY_BYTES_MAX, MessageText, TITLE_BYTES_MAX};

/// Bytes of a key.
const KEY_BYTES: usize = 32;
/// Bytes before the title: its length.
const LENGTH_BYTES: usize = 2;

/// A text that only its key opens. It may be written and copied.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct SealedText {
    nonce: [u8; NONCE_LEN],
    ciphertext: Box<[u8]>,
}

/// The key of one text, and of no other. It lies in one place of the heap, which is overwritten when it is dropped.
pub(crate) struct TextKey(Box<Zeroizing<[u8; KEY_BYTES]>>);

impl fmt::Debug for SealedText {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("SealedText").field("bytes", &self.bytes()).finish_non_exhaustive()
    }
}

impl fmt::Debug for TextKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("TextKey").finish_non_exhaustive()
    }
}

impl SealedText {
    /// Encrypts a text with a new random key. `None` for a text that is too long to be accepted, or if the system has no
    /// random bytes.
    pub(crate) fn seal(title: &str, body: &str) -> Option<(TextKey, Self)> {
        if title.len() > TITLE_BYTES_MAX || body.len() > BODY_BYTES_MAX {
            return None;
        }
        let mut random = Zeroizing::new([0; KEY_BYTES + NONCE_LEN]);
        SystemRandom::new().fill(&mut *random).ok()?;
        let mut key = TextKey(Box::new(Zeroizing::new([0; KEY_BYTES])));
        key.0.copy_from_slice(&random[..KEY_BYTES]);
        let mut nonce = [0; NONCE_LEN];
        nonce.copy_from_slice(&random[KEY_BYTES..]);
        let mut text = Vec::with_capacity(LENGTH_BYTES + title.len() + body.len() + AES_256_GCM.tag_len());
        text.extend_from_slice(&u16::try_from(title.len()).expect("a title is short").to_le_bytes());
        text.extend_from_slice(title.as_bytes());
        text.extend_from_slice(body.as_bytes());
        key.cipher()?.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut text).ok()?;
        Some((key, Self { nonce, ciphertext: text.into_boxed_slice() }))
    }

    /// Decrypts it; `None` with a key that is not its own, or that was overwritten.
    pub(crate) fn open(&self, key: &TextKey) -> Option<MessageText> {
        let mut text = Zeroizing::new(self.ciphertext.to_vec());
        let nonce = Nonce::assume_unique_for_key(self.nonce);
        let text = key.cipher()?.open_in_place(nonce, Aad::empty(), &mut text).ok()?;
        let (length, text) = text.split_first_chunk::<LENGTH_BYTES>()?;
        let (title, body) = text.split_at_checked(u16::from_le_bytes(*length).into())?;
        let string = |bytes: &[u8]| str::from_utf8(bytes).ok().map(str::to_owned);
        Some(MessageText { title: string(title)?, body: string(body)? })
    }

    /// Bytes of its ciphertext.
    pub(crate) const fn bytes(&self) -> usize {
        self.ciphertext.len()
    }
}

impl TextKey {
    /// Overwrites it: what it opened is gone. Dropping it does the same.
    pub(crate) fn erase(&mut self) {
        self.0.zeroize();
    }

    /// Its bytes, for tests that search for them.
    #[cfg(test)]
    pub(super) fn bytes(&self) -> [u8; KEY_BYTES] {
        **self.0
    }

    fn cipher(&self) -> Option<LessSafeKey> {
        UnboundKey::new(&AES_256_GCM, &self.0[..]).ok().map(LessSafeKey::new)
    }
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
            prop_assert_eq!(text.bytes(), LENGTH_BYTES + title.len() + body.len() + AES_256_GCM.tag_len());
        }
    }

    #[test]
    fn an_erased_key_is_overwritten_and_opens_nothing() {
        let (mut key, text) = sealed("title", "body");
        assert_ne!(**key.0, [0; KEY_BYTES]);
        key.erase();
        assert_eq!(**key.0, [0; KEY_BYTES]);
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
    }

    #[test]
    fn neither_text_nor_key_is_in_the_ciphertext_or_in_what_is_printed() {
        let (key, text) = sealed("Quetzalcoatl", "Popocatepetl");
        for marker in [b"Quetzalcoatl".as_slice(), b"Popocatepetl", &key.0[..8]] {
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
