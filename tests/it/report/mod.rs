//! Reports, explanations and comparisons: right figures, readable by their programs.

pub(crate) mod baseline;
pub(crate) mod exact_figures;
pub(crate) mod explain;
pub(crate) mod forged;
pub(crate) mod formats;
pub(crate) mod gates;
pub(crate) mod html;
pub(crate) mod lines;
pub(crate) mod many;
pub(crate) mod openmetrics;
pub(crate) mod schemas;
pub(crate) mod shards;
pub(crate) mod summaries;
mod warnings;
pub(crate) mod windows;
pub(crate) mod without;
