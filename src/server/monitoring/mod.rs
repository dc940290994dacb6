//! Module `monitoring`, level 3: the metrics and the runbook over HTTP, on a thread of their own. Must not count
//! anything but its own requests.

mod negotiation;
mod refusal;
mod runbook;
mod server;

pub use server::{MetricsServer, ServeError};
