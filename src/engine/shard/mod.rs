//! The actor of a shard: the phones of some devices, their timers and their actors. Must not decide what the service does.

pub(crate) mod actor;
pub(crate) mod inbox;
pub(crate) mod lag;
pub(crate) mod messages;
pub(crate) mod setup;
pub(crate) mod thread;

mod shard_loop;
mod state;

mod fan_out;
mod feeds;
mod in_flight;
mod phone_faults;
mod repetition;
mod reservations;
mod residency;
mod shard_faults;
mod timers;
mod wheel;

mod gauges;
mod recorders;
mod watch;
