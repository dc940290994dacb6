//! A device of the directory: its properties, and where they come from. Reads the world, decides nothing.

mod registered;
mod table;
mod value;

pub(crate) use registered::DeviceEntity;
pub(super) use registered::{table_of_contents, types};
