//! Module `rules`, level 0: the pure rules of the model; the same arguments give the same answer. Must not wait, read a
//! clock, do I/O or draw from anything but [`base::chance`]: no async, no actors, no files, no environment, no
//! iteration over hash maps, no floating point in a decision.

pub mod base;
pub mod population;
pub mod faults;
pub mod service;
pub mod model;
pub mod sending;
pub mod delivery;
pub mod timeline;
pub mod counting;
