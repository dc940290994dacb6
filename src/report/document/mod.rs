//! The content that all reports for people share, before it is formatted. Must not know a renderer.

mod baseline;
pub(crate) mod batch;
pub(crate) mod causes;
pub(crate) mod cell;
pub(crate) mod figures;
pub(crate) mod frames;
pub(crate) mod layer;
pub(crate) mod phrases;
pub(crate) mod plain;
pub(crate) mod ranges;
pub(crate) mod section;
pub(crate) mod sections;
pub(crate) mod setting;
pub(crate) mod slots;
pub(crate) mod variation;
mod warnings;
mod without;
