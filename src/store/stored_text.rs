//! What a tenant keeps encrypted beside its inputs, and what becomes of it with the inputs. Data only.

use super::text_key::TextKey;

/// The encrypted text of a message, with its key.
#[derive(Debug)]
pub struct StoredText {
    /// The number of the message, which belongs to one of the inputs.
    pub message: u32,
    /// All that the key opens; the store cannot read it.
    pub sealed: Box<[u8]>,
    /// The key, which is never written beside it.
    pub key: TextKey,
}

/// What is kept from now on, and what is over.
#[derive(Debug, Default)]
pub struct TextChanges {
    /// New texts.
    pub kept: Vec<StoredText>,
    /// The messages whose texts are over, stored ones and others.
    pub over: Vec<u32>,
}
