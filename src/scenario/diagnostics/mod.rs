//! Sources, places in them, and everything that is wrong with a scenario. Must not know a key.

pub(crate) mod diagnostic;
pub mod limits;
pub(crate) mod render;
pub(crate) mod source;
