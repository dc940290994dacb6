//! The keys of a scenario as tables, and the notation of their values. Must not read a document.

pub(crate) mod delivery_keys;
pub(crate) mod expect_keys;
pub(crate) mod fleet_keys;
pub(crate) mod keys;
pub(crate) mod parts;
pub(crate) mod timeline_keys;
pub(crate) mod values;
