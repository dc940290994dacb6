//! The control API as its callers use it.

mod api;
mod by_hand;
mod extremes;
mod failing;
pub(crate) mod hand;
mod phones;
mod stopped;
mod stopping;
mod tenants;
pub(crate) mod texts;
