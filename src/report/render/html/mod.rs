//! The report as one page of HTML for people: nothing is loaded, nothing runs, and every name is text. Says nothing that the
//! record does not say.

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

pub use page::html;
