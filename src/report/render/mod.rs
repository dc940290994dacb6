//! One renderer for each format. Must not compute a figure.

mod batch;
pub(crate) mod console;
mod contrast;
pub(crate) mod explain;
mod grid;
pub(crate) mod html;
pub(crate) mod json;
pub(crate) mod junit;
pub(crate) mod markdown;
pub(crate) mod ndjson;
pub(crate) mod openmetrics;
pub(crate) mod plan;
pub(crate) mod ranges;
mod sections;
pub(crate) mod variation;
pub(crate) mod heading;
