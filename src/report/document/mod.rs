//! The content that all reports for people share, before it is formatted. Must not know a renderer.

pub(crate) mod cell;
pub(crate) mod figures;
pub(crate) mod frames;
pub(crate) mod layer;
pub(crate) mod phrases;
pub(crate) mod plain;
pub(crate) mod section;
pub(crate) mod sections;
pub(crate) mod setting;
pub(crate) mod slots;
mod without;
