//! Room `rules`, level 0. Door sign: no waiting, no clock, no dice of its own, no I/O: the same arguments, the same answer.
//! No async, no actors, no files, no environment, no iteration over hash maps, no floating point in a decision.

pub mod access;
pub mod agenda;
pub mod chance;
pub mod device;
pub mod directory;
pub mod distribution;
pub mod eligibility;
pub mod fate;
pub mod fault;
mod few;
pub mod fleet;
pub mod gateway;
pub mod ids;
pub mod journey;
pub mod limits;
pub mod message;
pub mod phone;
pub mod portal;
pub mod presence;
pub mod profile;
pub mod quota;
pub mod tally;
pub mod tenant;
pub mod time;
pub mod world;
