//! How a hosted tenant begins again: what is repeated, and what a reset leaves as it is. Data only; `revisions` does it.

use super::request_id::RequestId;
use crate::rules::base::time::SimTime;
use crate::rules::timeline::history::TimedInput;

/// An input to be repeated, with the id of its request if it was a message's.
#[derive(Clone, Debug)]
pub struct Again {
    /// The input with its time.
    pub input: TimedInput,
    /// The caller's id of the request.
    pub request: RequestId,
}

impl Again {
    /// The inputs and the ids of their requests.
    pub(super) fn apart(all: Vec<Self>) -> (Vec<TimedInput>, Vec<RequestId>) {
        all.into_iter().map(|Self { input, request }| (input, request)).unzip()
    }
}

/// A part of a hosted tenant that a reset may leave as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeptPart {
    /// The speed of the clock; it is that of the start otherwise.
    Speed,
    /// The events and their numbers; they begin with 1 otherwise, which is the reset itself.
    Events,
}

/// How a tenant begins again.
#[derive(Debug)]
pub(super) struct Restart {
    /// What is repeated.
    pub(super) inputs: Vec<Again>,
    /// From where the clock goes on.
    pub(super) now: SimTime,
    pub(super) kept: Vec<KeptPart>,
}
