//! Room `rules`, level 0. Door sign: no waiting, no clock, no dice of its own, no I/O: the same arguments, the same answer.
//! No async, no actors, no files, no environment, no iteration over hash maps, no floating point in a decision.

pub mod limits;
pub mod profile;
pub mod time;
pub mod ids;
pub mod chance;
pub mod distribution;
pub mod world;
pub mod fleet;
pub mod presence;
pub mod access;
pub mod message;
pub mod quota;
pub mod directory;
pub mod eligibility;
pub mod fate;
pub mod fault;
mod few;
pub mod gateway;
mod control;
pub mod journey;
pub mod crowd;
pub mod tenant;
pub mod agenda;
pub mod phone;
pub mod draws;
pub mod witness;
mod pair;
mod pairs;
mod road;
mod attempt;
pub mod device;
pub mod portal;
pub mod tally;
mod buckets;
pub mod counter;
mod sparse;
