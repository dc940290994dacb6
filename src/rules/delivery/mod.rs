//! Device and portal: a pair from the gateway's queue to the screen. Must not count.

pub mod absence;
mod attempt;
pub mod calm;
pub mod device;
pub mod fate;
pub mod hits;
pub mod observer;
mod open;
mod pair;
mod pairs;
pub mod phone;
pub mod portal;
mod road;
