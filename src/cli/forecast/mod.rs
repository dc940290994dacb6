//! `forecast` and `merge`. Must not compute a figure.

pub(crate) mod command;
mod course;
pub(crate) mod merge;
pub(crate) mod seeds;
pub(crate) mod vary;
