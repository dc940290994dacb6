//! The organisation, one for each tenant: its properties and the sources of the values. Must only read the world.

mod tenant;
mod table;
mod value;

pub(super) use tenant::{Organization, table_of_contents, types};
