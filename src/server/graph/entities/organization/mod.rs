//! The organisation, of which a tenant has one: its properties, and where they come from. Decides nothing.

mod tenant;
mod table;
mod value;

pub(super) use tenant::{Organization, table_of_contents, types};
