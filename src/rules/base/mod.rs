//! Units of every rule: ids, time, chance, distributions, limits. Must not know a tenant, a device or a message.

pub mod chance;
pub(crate) mod codes;
pub mod distribution;
pub(crate) mod few;
pub mod ids;
pub mod limits;
pub mod platform;
pub mod profile;
pub mod time;
pub mod visible;
