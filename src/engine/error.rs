//! Why a run cannot continue. A refused message must not be among these errors: a refusal is an answer.

use std::sync::Arc;

use super::phone::record::RecordError;

/// Why a run cannot continue.
#[derive(Clone, Debug, thiserror::Error)]
pub enum EngineError {
    /// The tenant's actor did not start.
    #[error("the tenant's actor did not start: {cause}")]
    NotStarted {
        /// The error of the start.
        cause: String,
    },
    /// The tenant's actor is gone.
    #[error("the tenant's actor is gone")]
    Gone,
    /// A shard's actor died.
    #[error("a shard's actor died: {cause}")]
    ShardDied {
        /// The error of the actor.
        cause: String,
    },
    /// A phone's actors die in the same turn again and again.
    #[error("the actors of device `{device}` died {deaths} times over the same turn")]
    KeepsDying {
        /// The device.
        device: String,
        /// The number of deaths.
        deaths: u32,
    },
    /// A record at rest is broken.
    #[error(transparent)]
    Record(Arc<RecordError>),
    /// The event loop that drives the engine panicked.
    #[error("the loop that drives the engine panicked")]
    Panicked,
    /// The engine gave no answer, and was given up.
    #[error("the engine gave no answer and was given up for a reset")]
    Abandoned,
    /// There is a tenant of this name already.
    #[error("there is a tenant `{name}` already")]
    Taken {
        /// The name.
        name: String,
    },
}

impl From<RecordError> for EngineError {
    fn from(error: RecordError) -> Self {
        Self::Record(Arc::new(error))
    }
}
