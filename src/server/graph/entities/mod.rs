//! The entities of Graph: which properties each has, and the sources of the values. Must only read the world.

mod choices;
mod filters;
mod records;

mod property;
mod hardware;
mod directory;
mod managed_device;
mod user;
mod group;
mod device;
mod organization;

mod row;
mod collection;
mod expand;
mod overview;
mod reference;

pub(crate) use collection::{Collection, Entities};
pub(crate) use expand::{check as check_links, linked};
pub(crate) use overview::overview;
pub use reference::reference;
pub(crate) use row::{EntityContent, Row};
pub(crate) use user::{Person, User};
