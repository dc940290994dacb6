//! A user: its properties, and where they come from. Reads the world, decides nothing.

mod person;
mod table;
mod value;

pub(crate) use person::{Person, User};
pub(super) use person::{table_of_contents, types};
