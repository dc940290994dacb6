//! What is asked of the tenant, in order, and what came of it. Must not judge a send.

pub mod agenda;
pub mod history;
pub mod posting;
pub mod revision;
pub mod summary;
