//! The Graph API as its clients use it.

pub(crate) mod bad;
pub(crate) mod bodies;
pub(crate) mod bodies_sent;
pub(crate) mod browsers;
pub(crate) mod directory;
pub(crate) mod limits;
pub(crate) mod links;
pub(crate) mod odata;
pub(crate) mod properties;
pub(crate) mod queries;
pub(crate) mod reading;
pub(crate) mod sending;
pub(crate) mod snippets;
pub(crate) mod tenants;
pub(crate) mod who;
