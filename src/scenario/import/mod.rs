//! Exports of a tenant's devices, in the formats of common tools, to users and devices of a fleet.

mod columns;
pub(crate) mod words;
mod forms;

mod encoding;
pub(crate) mod export;
mod export_csv;
mod export_json;
mod fetch;

pub(crate) use export::Export;
pub(crate) use fetch::fetch;
