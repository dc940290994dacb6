//! `forecast` and `merge`. Must not compute a figure.

mod at_once;
pub(crate) mod command;
mod course;
pub(crate) mod merge;
pub(crate) mod seeds;
pub(crate) mod vary;
