//! Units of every rule: ids, time, chance, distributions, limits. Must not depend on tenants, devices or messages.

pub mod chance;
pub(crate) mod codes;
pub mod distribution;
pub(crate) mod few;
pub mod ids;
pub mod limits;
pub mod local_time;
pub mod platform;
pub mod profile;
pub mod time;
pub mod visible;
