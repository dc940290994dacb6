//! Devices of the directory: their properties and the sources of the values. Must only read the world.

mod registered;
mod table;
mod value;

pub(crate) use registered::DeviceEntity;
pub(super) use registered::{table_of_contents, types};
