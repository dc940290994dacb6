//! Device and portal: a pair from the gateway's queue to the screen. Must not count.

mod attempt;
pub mod calm;
pub mod calm_step;
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
