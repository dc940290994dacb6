//! The requests to the tenant, in order, and their outcomes. Must not judge a send.

pub mod agenda;
pub mod history;
pub mod misfit;
pub mod posting;
pub mod restart_clock;
pub mod revision;
pub mod summary;
