//! Faults: what each one does, when it is in force and which devices it covers. Must not apply one.

pub mod actor_fault;
pub mod cover;
pub mod fault;
pub mod united;
