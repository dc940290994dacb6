//! Module `engine`, level 2: the actors. An actor carries messages and asks `rules` for every decision; it must not decide anything
//! about the domain itself.

mod phone;
mod shard;
mod tenant;

mod options;
mod error;
mod ends;
mod progress;
mod observation;
mod totals;
mod client;
mod queries;

#[doc(hidden)]
pub mod sabotage;

#[cfg(test)]
mod fixture;

pub use crate::metrics::ActorKind;
pub use client::{Engine, Tenancy};
pub use ends::LiveFateSink;
pub use error::EngineError;
pub use observation::{EnginePart, MessageLook, News, PhoneLook, Totals};
pub use options::EngineOptions;
pub use phone::record::RecordError;
pub use progress::EngineProgress;
pub use shard::lag::LagSamples;
pub use tenant::messages::{Answers, Verdicts};
pub use totals::{Fates, PairFate, Restarts, RunTotals};
