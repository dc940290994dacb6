//! Room `rules`, level 0. Door sign: no waiting, no clock, no dice of its own, no I/O: the same arguments, the same answer.
//! No async, no actors, no files, no environment, no iteration over hash maps, no floating point in a decision.

pub mod base;
pub mod population;
pub mod faults;
pub mod service;
pub mod model;
pub mod sending;
pub mod delivery;
pub mod timeline;
pub mod counting;
