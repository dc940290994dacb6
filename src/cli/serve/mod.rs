//! `serve`, `token` and `hash`. Must not answer a request.

mod access;
mod audit_file;
mod certificates;
pub(crate) mod command;
mod controlled;
mod greeting;
pub(crate) mod hash;
mod listeners;
mod opening;
mod private_file;
mod ready;
mod recording;
mod reload;
mod sign_in;
mod state;
mod storing;
mod tenant;
pub(crate) mod token;
mod trust;
pub(crate) mod web_files;
