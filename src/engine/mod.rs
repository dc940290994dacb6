//! Room `engine`, level 2. Door sign: actors carry messages and ask `rules` for every decision; a domain `if` here is a fault.

mod books;
mod progress;
mod desk;
mod gauges;
mod device;
mod error;
mod options;
mod portal;
mod record;
mod shard;
mod tenancy;
mod tenant;
mod wheel;

pub use books::{Books, Fates, PairFate, Restarts};
pub use error::EngineError;
pub use options::{ActorKind, Moment, Options, Sabotage};
pub use progress::Progress;
pub use record::RecordError;
pub use tenancy::{Engine, Tenancy};
pub use tenant::Answers;
