//! The store: what was answered is there after any end of the program, and damage is found.

mod beyond_memory;
mod client;
mod commands;
mod damaged;
mod formats;
mod killed;
mod recovering;
mod refused;
pub(crate) mod traced;
