//! Room `engine`, level 2. Door sign: actors carry messages and ask `rules` for every decision; a domain `if` here is a fault.

mod phone;
mod shard;
mod tenant;

mod options;
mod error;
mod messages;
mod ends;
mod progress;
mod client;
mod totals;

pub use client::{Engine, Tenancy};
pub use ends::LiveFateSink;
pub use error::EngineError;
pub use messages::{Answers, Verdicts};
pub use options::{ActorKind, EngineOptions, Sabotage, TurnMoment};
pub use phone::record::RecordError;
pub use progress::EngineProgress;
pub use shard::lag::LagSamples;
pub use shard::look::{MessageLook, News, PhoneLook, Totals};
pub use totals::{Fates, PairFate, Restarts, RunTotals};
