//! Tests of what the server promises about who may do what.

mod audit;
mod authority;
mod files;
mod guessing;
mod in_process;
mod mutated;
mod peers;
mod record;
mod roles;
mod rotation;
mod scraped;
mod secured;
mod web_config;
