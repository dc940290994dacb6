//! The content that all reports for people share, before it is formatted. Must not know a renderer.

pub(crate) mod figures;
pub(crate) mod frames;
pub(crate) mod ink;
pub(crate) mod plain;
pub(crate) mod setting;
pub(crate) mod slots;
pub(crate) mod table;
pub(crate) mod phrases;
