//! Exports of a tenant's devices, in the forms in which tools write them, to users and devices of a fleet.

mod columns;
mod words;
mod forms;

mod encoding;
mod export;
mod export_csv;
mod export_json;
mod fetch;

mod gaps;
mod imported;

pub(crate) use export::Export;
pub(crate) use fetch::fetch;
pub(crate) use imported::{IMPORTED, Imported, read};
