//! A group: its properties, and where they come from. Reads the world, decides nothing.

mod members;
mod table;
mod value;

pub(crate) use members::GroupEntity;
pub(super) use members::{table_of_contents, types};
