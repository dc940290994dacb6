//! Why a hosted tenant gives no answer. Must not choose a status of HTTP.

use crate::engine::EngineError;
use crate::store::StoreError;

/// Why a host gives no answer.
#[derive(Clone, Debug, thiserror::Error)]
pub enum HostError {
    /// The engine has failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// Model time has reached the scenario's end, or would reach it.
    #[error("model time has come to its end")]
    Over,
    /// Pairs still wait after [`SETTLE_MS_MAX`](super::SETTLE_MS_MAX), or at the end of model time.
    #[error("{pairs} pairs still wait after {} h of model time", .ms / 3_600_000)]
    Unsettled {
        /// How many.
        pairs: u64,
        /// How far the clock has gone, in ms.
        ms: u64,
    },
    /// The store has failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Too much waits for the disk.
    #[error("the disk is slower than the requests")]
    StoreBusy,
    /// The tenant is doing again what its store has.
    #[error("{done} of {all} inputs of the store are done again")]
    Recovering {
        /// Inputs that are done.
        done: u64,
        /// All of them.
        all: u64,
    },
    /// An input of the store has another outcome than when it was stored.
    #[error("input {input} of the store has another outcome than it had: it is of another version of the program")]
    Unrepeatable {
        /// Which, from 1.
        input: u64,
    },
    /// Memory holds only the latest inputs, and there is no store.
    #[error("more has been done to this tenant than its history holds: reset it, or start the server with a store")]
    NotWhole,
    /// The tenant was reset meanwhile.
    #[error("the tenant was reset meanwhile")]
    WasReset,
    /// The host is stopping.
    #[error("the server stops")]
    Stopped,
}
