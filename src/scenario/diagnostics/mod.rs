//! Sources, places in them, and all problems of a scenario. Must not depend on keys.

pub(crate) mod diagnostic;
pub mod limits;
pub(crate) mod render;
pub(crate) mod source;
pub(crate) mod workflow;
