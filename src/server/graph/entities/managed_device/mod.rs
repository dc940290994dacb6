//! A managed device: its properties, and where they come from. Reads the world, decides nothing.

mod device;
mod reported;
mod table;
mod value;

pub(crate) use device::ManagedDevice;
pub(super) use device::{table_of_contents, types};
