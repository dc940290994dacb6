//! The layout of the file of keys: an array of slots of 64 bytes, each empty or with the key of one text. A slot lies
//! within a sector, so that a disk writes it whole or not at all. Must not change the file.
//!
//! | bytes | what |
//! |---:|---|
//! | 8 | the number of the tenant, little-endian |
//! | 8 | the number of the message |
//! | 32 | the key |
//! | 16 | the first half of a SHA-256 of the slot's number and of the bytes before |

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::error::StoreError;
use super::head::io_error;
use super::stored_input::shortened;
use super::text_key::{TEXT_KEY_BYTES, TextKey};
use super::text_losses::TextLoss;

/// Bytes of a slot; zeros if it is empty.
pub(super) const SLOT_BYTES: usize = 64;
/// Bytes before the key.
const OWNER_BYTES: usize = 16;
/// Bytes before the checksum.
const CHECKED_BYTES: usize = OWNER_BYTES + TEXT_KEY_BYTES;

/// Whose text a key opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct KeyOwner {
    pub(super) tenant: i64,
    pub(super) message: u32,
}

impl KeyOwner {
    fn bytes(self) -> [u8; OWNER_BYTES] {
        let mut bytes = [0; OWNER_BYTES];
        bytes[..8].copy_from_slice(&self.tenant.to_le_bytes());
        bytes[8..].copy_from_slice(&u64::from(self.message).to_le_bytes());
        bytes
    }
}

/// Writes a key into the bytes of a slot.
pub(super) fn fill(bytes: &mut [u8], slot: u32, owner: KeyOwner, key: &TextKey) {
    bytes[..OWNER_BYTES].copy_from_slice(&owner.bytes());
    bytes[OWNER_BYTES..CHECKED_BYTES].copy_from_slice(key.bytes());
    let checksum = checksum(slot, &bytes[..CHECKED_BYTES]);
    bytes[CHECKED_BYTES..].copy_from_slice(&checksum);
}

fn checksum(slot: u32, checked: &[u8]) -> [u8; SLOT_BYTES - CHECKED_BYTES] {
    let mut hash = Sha256::new();
    hash.update(slot.to_le_bytes());
    hash.update(checked);
    shortened(hash)
}

/// The content of the file, overwritten when it is dropped.
pub(super) struct KeySlots {
    is_there: bool,
    bytes: Zeroizing<Vec<u8>>,
}

impl KeySlots {
    /// Reads the file; it need not be there.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub(super) fn read(path: &Path) -> Result<Self, StoreError> {
        let failed = |error: io::Error| io_error(path, &error);
        let mut file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Self { is_there: false, bytes: Zeroizing::default() });
            }
            Err(error) => return Err(failed(error)),
        };
        let length = usize::try_from(file.metadata().map_err(failed)?.len()).unwrap_or(usize::MAX);
        // At once: a buffer that grows leaves copies behind.
        let mut bytes = Zeroizing::new(vec![0; length]);
        file.read_exact(&mut bytes).map_err(failed)?;
        Ok(Self { is_there: true, bytes })
    }

    /// The key in a slot, which must be that of this owner.
    ///
    /// # Errors
    /// Why it is not there.
    pub(super) fn key(&self, slot: u32, owner: KeyOwner) -> Result<TextKey, TextLoss> {
        if !self.is_there {
            return Err(TextLoss::NoKeys);
        }
        let from = slot as usize * SLOT_BYTES;
        let bytes = self.bytes.get(from..from + SLOT_BYTES).ok_or(TextLoss::CutKeys)?;
        if is_empty(bytes) {
            return Err(TextLoss::ErasedKey);
        }
        let (checked, sum) = bytes.split_at(CHECKED_BYTES);
        let (of, key) = checked.split_at(OWNER_BYTES);
        let is_own = of == owner.bytes() && sum == checksum(slot, checked);
        let key = key.first_chunk().filter(|_| is_own).ok_or(TextLoss::DamagedKey)?;
        Ok(TextKey::of(key))
    }

    /// The number of slots, the last of which may be cut.
    pub(super) fn len(&self) -> u32 {
        u32::try_from(self.bytes.len().div_ceil(SLOT_BYTES)).unwrap_or(u32::MAX)
    }

    /// The slots that are not empty.
    pub(super) fn used(&self) -> impl Iterator<Item = u32> {
        (0..).zip(self.bytes.chunks(SLOT_BYTES)).filter(|(_, bytes)| !is_empty(bytes)).map(|(slot, _)| slot)
    }

    /// Bytes up to the last slot that is not empty.
    pub(super) fn used_bytes(&self) -> u64 {
        self.used().last().map_or(0, |last| (u64::from(last) + 1) * SLOT_BYTES as u64)
    }
}

fn is_empty(slot: &[u8]) -> bool {
    slot.iter().all(|byte| *byte == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWNER: KeyOwner = KeyOwner { tenant: 7, message: 4_711 };

    #[test]
    fn a_key_is_found_in_its_slot_and_by_its_owner_alone() {
        let key = TextKey::of(&[9; TEXT_KEY_BYTES]);
        let mut slots = KeySlots { is_there: true, bytes: Zeroizing::new(vec![0; 3 * SLOT_BYTES]) };
        fill(&mut slots.bytes[SLOT_BYTES..2 * SLOT_BYTES], 1, OWNER, &key);
        assert_eq!(slots.key(1, OWNER), Ok(key));
        assert_eq!((slots.len(), slots.used().collect::<Vec<_>>(), slots.used_bytes()), (3, vec![1], 128));
        assert_eq!(slots.key(0, OWNER), Err(TextLoss::ErasedKey));
        assert_eq!(slots.key(3, OWNER), Err(TextLoss::CutKeys));
        let others = [KeyOwner { tenant: 8, ..OWNER }, KeyOwner { message: 4_710, ..OWNER }];
        assert!(others.iter().all(|other| slots.key(1, *other) == Err(TextLoss::DamagedKey)));
        slots.bytes.copy_within(SLOT_BYTES..2 * SLOT_BYTES, 0);
        assert_eq!(slots.key(0, OWNER), Err(TextLoss::DamagedKey), "a slot that was moved");
        for bit in 0..SLOT_BYTES * 8 {
            slots.bytes[SLOT_BYTES + bit / 8] ^= 1 << (bit % 8);
            assert_eq!(slots.key(1, OWNER), Err(TextLoss::DamagedKey), "bit {bit}");
            slots.bytes[SLOT_BYTES + bit / 8] ^= 1 << (bit % 8);
        }
        slots.bytes.truncate(2 * SLOT_BYTES - 1);
        assert_eq!((slots.key(1, OWNER), slots.len()), (Err(TextLoss::CutKeys), 2));
        slots.is_there = false;
        assert_eq!(slots.key(1, OWNER), Err(TextLoss::NoKeys));
    }
}
