//! `serve` and `token`. Must not answer a request.

mod certificates;
pub(crate) mod command;
mod controlled;
mod greeting;
mod listeners;
mod opening;
mod sign_in;
mod state;
mod tenant;
pub(crate) mod token;
mod trust;
