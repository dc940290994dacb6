//! One renderer for each format. Must not compute a figure.

pub(crate) mod console;
pub(crate) mod explain;
pub(crate) mod github;
mod grid;
pub(crate) mod html;
pub(crate) mod ink;
pub(crate) mod json;
pub(crate) mod junit;
pub(crate) mod junit_batch;
mod junit_suite;
pub(crate) mod markdown;
pub(crate) mod ndjson;
pub(crate) mod openmetrics;
pub(crate) mod plan;
pub(crate) mod screen;
pub(crate) mod text_table;
