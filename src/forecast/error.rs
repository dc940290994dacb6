//! What can go wrong in a forecast; none of it is about the model.

/// Why there is no forecast.
#[derive(Debug, thiserror::Error)]
pub enum ForecastError {
    /// The system gives no threads.
    #[error("cannot start {threads} threads: {cause}")]
    NoThreads {
        /// How many were asked for; 0 for one a core.
        threads: usize,
        /// What it said.
        cause: String,
    },
}
