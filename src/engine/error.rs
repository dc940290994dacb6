//! What can go wrong in an engine; none of it is a refusal, which is an answer.

use std::sync::Arc;

use super::phone::record::RecordError;

/// Why a run cannot go on.
#[derive(Clone, Debug, thiserror::Error)]
pub enum EngineError {
    /// The tenant's actor did not start.
    #[error("the tenant's actor did not start: {cause}")]
    NotStarted {
        /// What it said.
        cause: String,
    },
    /// The tenant's actor is gone.
    #[error("the tenant's actor is gone")]
    Gone,
    /// A shard's actor died.
    #[error("a shard's actor died: {cause}")]
    ShardDied {
        /// What it said.
        cause: String,
    },
    /// A phone's actors die over the same turn again and again.
    #[error("the actors of device `{device}` died {deaths} times over the same turn")]
    KeepsDying {
        /// Which device.
        device: String,
        /// How often.
        deaths: u32,
    },
    /// A record at rest is broken.
    #[error(transparent)]
    Record(Arc<RecordError>),
    /// There is a tenant of this name already.
    #[error("there is a tenant `{name}` already")]
    Taken {
        /// Which name.
        name: String,
    },
}

impl From<RecordError> for EngineError {
    fn from(error: RecordError) -> Self {
        Self::Record(Arc::new(error))
    }
}
