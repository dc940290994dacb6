//! A machine's record at rest, in `MessagePack`; nothing at all for a machine that is as it was made. Judges nothing.

use std::cell::RefCell;

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

thread_local! {
    /// Records are written here first, and are then as long as they must be.
    static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// The machine of a record; a new one where there is none.
///
/// # Errors
/// [`RecordError::Read`] if it is not such a machine's.
pub(crate) fn read<Machine: DeserializeOwned + Default>(record: Option<&[u8]>) -> Result<Machine, RecordError> {
    record.map_or_else(|| Ok(Machine::default()), |record| Ok(rmp_serde::from_slice(record)?))
}

/// The record of a machine; `None` for one that is as it was made.
///
/// # Errors
/// [`RecordError::Write`] if it cannot be encoded.
pub(crate) fn write<Machine: Serialize + Default + PartialEq>(
    machine: &Machine,
) -> Result<Option<Box<[u8]>>, RecordError> {
    if *machine == Machine::default() {
        return Ok(None);
    }
    BUFFER.with_borrow_mut(|buffer| {
        buffer.clear();
        rmp_serde::encode::write(buffer, machine)?;
        Ok(Some(Box::from(buffer.as_slice())))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fault::FaultSet;

    #[test]
    fn a_record_holds_the_widest_numbers() {
        let machine = FaultSet(u128::MAX - 1);
        let record = write(&machine).expect("it is written").expect("it is not as made");
        assert_eq!(read::<FaultSet>(Some(&record)).expect("it is read"), machine);
    }

    #[test]
    fn a_machine_as_it_was_made_has_no_record() {
        assert!(write(&crate::rules::device::Device::default()).expect("it is written").is_none());
    }
}
