//! The actor of the tenant and the supervisor of its shards. Must not decide what the service does.

pub(crate) mod actor;
pub(crate) mod messages;

mod admission;
mod fan_outs;
mod state;
mod supervisor;

pub(crate) mod requested_message;
