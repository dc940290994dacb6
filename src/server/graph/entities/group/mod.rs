//! Groups: their properties and the sources of the values. Must only read the world.

mod members;
mod table;
mod value;

pub(crate) use members::GroupEntity;
pub(super) use members::{table_of_contents, types};
