//! The report as one HTML page for people. It must not load or run anything, names must stay text, and nothing may be
//! added to the record.

mod palette;

mod canvas;

mod course;
mod latency;
mod quota;
mod reach;

mod bars;
mod table;
mod sections;
mod verdict;

mod page;

pub(crate) use page::batch;
pub use page::html;
