//! Module `embed`, level 7: the crate as a library: a scenario, its forecast and its run. Must not print or decide anything.

mod error;
mod run_options;
mod scenario;

pub use error::{Error, ServerError};
pub use run_options::RunOptions;
pub use scenario::Scenario;
