//! `store`, `replay`, and what `explain` asks of a store. Must not know a table of it.

pub(crate) mod command;
pub(crate) mod history;
pub(crate) mod replay;
