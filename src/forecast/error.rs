//! What can go wrong in a forecast. Must not contain errors of the model.

/// Why there is no forecast.
#[derive(Debug, thiserror::Error)]
pub enum ForecastError {
    /// The system starts no threads.
    #[error("cannot start {threads} threads: {cause}")]
    NoThreads {
        /// Requested threads; 0 for one a core.
        threads: usize,
        /// The system's message.
        cause: String,
    },
}
