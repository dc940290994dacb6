//! The lock of a store that a test opens in its own process.

use reveille::store::StoreError;

use crate::fixtures::program::look;

/// Opens something of a store in this process: a program that another test starts has its lock for a moment, between its fork
/// and its first line.
pub(super) fn unlocked<T>(mut open: impl FnMut() -> Result<T, StoreError>) -> Result<T, StoreError> {
    look("the lock", || match open() {
        Err(StoreError::InUse(_)) => None,
        other => Some(other),
    })
}
