//! Managed devices: their properties and the sources of the values. Must only read the world.

mod device;
mod reported;
mod table;
mod value;

pub(crate) use device::ManagedDevice;
pub(super) use device::{table_of_contents, types};
