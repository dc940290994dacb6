//! A second model of the service, written from the rules alone: slow, plain and complete. It must not import a rule of
//! the product; only `differential.rs` compares the two.

pub(crate) mod model;
pub(crate) mod draw;
mod draw_faults;
pub(crate) mod text;
pub(crate) mod faults;
mod presence;
mod directory;
mod gateway;
mod quota;
mod admission;
mod sending;
mod phone;
mod pair;
pub(crate) mod tenant;
mod delivery;
mod waiting;
pub(crate) mod report;
mod minutes;
pub(crate) mod shrink;
