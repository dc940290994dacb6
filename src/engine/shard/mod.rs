//! The actor of a shard: records, timers, resident actors of its devices. Must not decide what the service does.

pub(crate) mod actor;
mod fan_out;
mod fault_injector;
pub(crate) mod faults;
mod gauges;
mod in_flight;
pub(crate) mod inbox;
pub(crate) mod lag;
pub(crate) mod look;
mod residency;
pub(crate) mod state;
pub(crate) mod thread;
mod timers;
mod wheel;
