//! The key of something that is stored encrypted: 32 bytes that are overwritten when they are dropped. Must not encrypt, or
//! print them.

use std::fmt;

use zeroize::{Zeroize as _, Zeroizing};

/// Bytes of a key.
pub const TEXT_KEY_BYTES: usize = 32;

/// The key of one text, and of no other. It lies in one place of the heap, which is overwritten when it is dropped.
#[derive(PartialEq, Eq)]
pub struct TextKey(Box<Zeroizing<[u8; TEXT_KEY_BYTES]>>);

impl fmt::Debug for TextKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("TextKey").finish_non_exhaustive()
    }
}

impl TextKey {
    /// The key of these bytes, which stay with the caller.
    pub fn of(bytes: &[u8; TEXT_KEY_BYTES]) -> Self {
        let mut key = Self(Box::new(Zeroizing::new([0; TEXT_KEY_BYTES])));
        key.0.copy_from_slice(bytes);
        key
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8; TEXT_KEY_BYTES] {
        &self.0
    }

    /// The same key in a place of its own.
    #[must_use]
    pub fn copy(&self) -> Self {
        Self::of(self.bytes())
    }

    /// Overwrites it: what it opened is gone. Dropping it does the same.
    pub fn erase(&mut self) {
        self.0.zeroize();
    }
}
