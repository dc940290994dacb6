//! A machine's record at rest, in `MessagePack`; a new machine has no record. Must not read what a machine means.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Why a record cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// It could not be written.
    #[error("a record at rest could not be written")]
    Write(#[from] rmp_serde::encode::Error),
    /// It could not be read.
    #[error("a record at rest could not be read")]
    Read(#[from] rmp_serde::decode::Error),
}

/// A stored record without spare capacity; none for a new machine.
#[derive(Clone, Debug, Default)]
pub(crate) struct StoredRecord(Option<Box<[u8]>>);

impl StoredRecord {
    /// The record of a new machine.
    pub(crate) const NEW: Self = Self(None);

    /// Its bytes; none for a new machine.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.as_deref().unwrap_or_default()
    }

    /// Replaces it.
    pub(crate) fn set(&mut self, bytes: &[u8]) {
        match &mut self.0 {
            Some(known) if known.len() == bytes.len() => known.copy_from_slice(bytes),
            known => *known = (!bytes.is_empty()).then(|| Box::from(bytes)),
        }
    }
}

/// The machine of a record.
///
/// # Errors
/// [`RecordError::Read`] if the record is not of such a machine.
pub(crate) fn read<Machine: DeserializeOwned>(record: &[u8]) -> Result<Machine, RecordError> {
    Ok(rmp_serde::from_slice(record)?)
}

/// Appends the record of a machine.
///
/// # Errors
/// [`RecordError::Write`] if it cannot be encoded.
pub(crate) fn write<Machine: Serialize>(machine: &Machine, to: &mut Vec<u8>) -> Result<(), RecordError> {
    Ok(rmp_serde::encode::write(to, machine)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::faults::fault::FaultSet;

    #[test]
    fn a_record_holds_the_widest_numbers() {
        let machine = FaultSet(u128::MAX - 1);
        let mut bytes = Vec::new();
        write(&machine, &mut bytes).expect("it is written");
        assert_eq!(read::<FaultSet>(&bytes).expect("it is read"), machine);
    }

    #[test]
    fn a_record_holds_the_last_bytes_that_were_set() {
        let mut record = StoredRecord::NEW;
        for bytes in [&b"ab"[..], b"cd", b"efg", b"", b"h"] {
            record.set(bytes);
            assert_eq!(record.bytes(), bytes);
        }
    }
}
