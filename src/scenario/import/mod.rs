//! Exports of a tenant's devices, users and groups, in the formats of common tools.

mod columns;
mod directory_columns;
pub(crate) mod words;
mod forms;

mod encoding;
mod entry;
mod export_csv;
mod export_json;

pub(crate) mod export;
pub(crate) mod groups;
pub(crate) mod users;
mod fetch;

pub(crate) use fetch::{Exports, fetch};
