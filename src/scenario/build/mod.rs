//! From a checked document to the parts of a world. Must not measure anything.

pub(crate) mod baseline;
pub(crate) mod builder;
pub(crate) mod changes;
mod cohorts;
mod directory_users;
pub(crate) mod delivery;
mod distribution;
pub(crate) mod faults;
pub(crate) mod fleet;
mod gaps;
pub(crate) mod groups;
pub(crate) mod imported;
pub(crate) mod imported_groups;
mod named;
pub(crate) mod nights;
pub(crate) mod names;
mod schedule;
pub(crate) mod sends;
pub(crate) mod service;
pub(crate) mod sites;
pub(crate) mod traits;
pub(crate) mod windows;
pub(crate) mod zone;
