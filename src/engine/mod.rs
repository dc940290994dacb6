//! Room `engine`, level 2. Door sign: actors carry messages and ask `rules` for every decision; a domain `if` here is a fault.

mod books;

pub use books::{Books, Fates, PairFate, Restarts};
