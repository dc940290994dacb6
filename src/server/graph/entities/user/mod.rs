//! Users: their properties and the sources of the values. Must only read the world.

mod person;
mod table;
mod value;

pub(crate) use person::{Person, User};
pub(super) use person::{table_of_contents, types};
