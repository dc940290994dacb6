//! The console as its visitors use it, and the forecast before a send that it shows.

mod access;
mod flows;
mod hostile;
mod preview;
mod troubled;
pub(crate) mod visitor;
