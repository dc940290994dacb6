//! The store: what was answered is there after any end of the program, and damage is found.

mod beyond_memory;
mod client;
mod commands;
mod damaged;
mod formats;
mod full;
mod keys;
mod killed;
mod recovering;
mod refused;
mod texts;
pub(crate) mod traced;

use reveille::store::StoreError;

use crate::fixtures::program::look;

/// Opens something of a store in this process: a program that another test starts has its lock for a moment, between its fork
/// and its first line.
fn unlocked<T>(mut open: impl FnMut() -> Result<T, StoreError>) -> Result<T, StoreError> {
    look("the lock", || match open() {
        Err(StoreError::InUse(_)) => None,
        other => Some(other),
    })
}
