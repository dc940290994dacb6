//! The store: what was answered is there after any end of the program, and damage is found.

mod beyond_memory;
mod client;
mod commands;
mod damaged;
mod formats;
mod full;
mod keys;
mod killed;
mod lock;
mod recovering;
mod refused;
mod texts;
pub(crate) mod traced;
