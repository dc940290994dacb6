//! Inputs of a history as they are written in a file: each fault as it was requested. Parses them against a world. Must
//! not apply them.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::faults::summary;
use super::problem::Problem;
use crate::host::{Again, RequestId};
use crate::rules::base::ids::{AccountIx, DeviceIx, FaultIx, MessageIx};
use crate::rules::base::time::SimTime;
use crate::rules::model::phone_by_hand::PhonePatch;
use crate::rules::model::world::World;
use crate::rules::timeline::history::{History, RecordedInput, TimedInput};
use crate::rules::timeline::posting::Recipients;
use crate::rules::timeline::revision::{may_start, may_stop};
use crate::scenario::fault_by_hand;
use crate::server::http::Cancelled;

/// An input, and when it was applied.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Written {
    at: SimTime,
    /// The exported state names it `deed`.
    #[serde(rename = "deed")]
    operation: WrittenOperation,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum WrittenOperation {
    Accepted { account: AccountIx, recipients: Recipients },
    Refused { account: AccountIx, recipients: Recipients },
    Dismissed { device: DeviceIx, message: MessageIx },
    FaultStarted { fault: Box<RawValue> },
    FaultStopped { fault: FaultIx },
    PhoneSet { device: DeviceIx, set: PhonePatch },
}

/// Writes inputs.
///
/// # Errors
/// If the client has gone; no other is known, since a fault was JSON when it was read.
pub(crate) fn write(inputs: &[TimedInput], cancelled: &Cancelled) -> Result<Vec<Written>, Problem> {
    let written = inputs.iter().map(|TimedInput { at, operation }| {
        if cancelled.is_set() {
            return Err(Problem::client_gone());
        }
        let operation = match operation.clone() {
            RecordedInput::Accepted { account, recipients } => WrittenOperation::Accepted { account, recipients },
            RecordedInput::Refused { account, recipients } => WrittenOperation::Refused { account, recipients },
            RecordedInput::Dismissed { device, message } => WrittenOperation::Dismissed { device, message },
            RecordedInput::FaultStarted { table, .. } => {
                let fault = RawValue::from_string(table.to_string());
                WrittenOperation::FaultStarted {
                    fault: fault.map_err(|error| Problem::unavailable(error.to_string()))?,
                }
            }
            RecordedInput::FaultStopped { fault } => WrittenOperation::FaultStopped { fault },
            RecordedInput::PhoneSet { device, patch } => WrittenOperation::PhoneSet { device, set: patch },
        };
        Ok(Written { at: *at, operation })
    });
    written.collect()
}

/// The time of the last input.
///
/// # Errors
/// If the inputs are not in the order of their times: that is judged before anything is computed from them.
pub(crate) fn last(written: &[Written]) -> Result<SimTime, Problem> {
    match written.windows(2).position(|pair| pair[1].at < pair[0].at) {
        Some(place) => Err(Problem::bad(format!("input {}: it comes before the one before it", place + 1))),
        None => Ok(written.last().map_or(SimTime::ZERO, |last| last.at)),
    }
}

/// Reads inputs for a tenant of this world; `requests` has the id of each accepted message's request.
///
/// # Errors
/// The first input that is not valid for this tenant.
pub(crate) fn read(
    written: Vec<Written>,
    requests: Vec<String>,
    world: &World,
    cancelled: &Cancelled,
) -> Result<Vec<Again>, Problem> {
    let (mut revision, mut requests) = (None::<World>, requests.into_iter());
    let mut read = Vec::with_capacity(written.len());
    for (place, Written { at, operation }) in written.into_iter().enumerate() {
        if cancelled.is_set() {
            return Err(Problem::client_gone());
        }
        let operation = match operation {
            WrittenOperation::Accepted { account, recipients } => RecordedInput::Accepted { account, recipients },
            WrittenOperation::Refused { account, recipients } => RecordedInput::Refused { account, recipients },
            WrittenOperation::Dismissed { device, message } => RecordedInput::Dismissed { device, message },
            WrittenOperation::FaultStarted { fault } => {
                let fault_read = fault_by_hand(fault.get(), revision.as_ref().unwrap_or(world), at);
                let read = fault_read.map_err(|found| Problem::bad(format!("input {place}: {}", summary(&found))))?;
                RecordedInput::FaultStarted { fault: Arc::new(read), table: Arc::from(fault.get()) }
            }
            WrittenOperation::FaultStopped { fault } => RecordedInput::FaultStopped { fault },
            WrittenOperation::PhoneSet { device, set } => RecordedInput::PhoneSet { device, patch: set },
        };
        let request = match &operation {
            RecordedInput::Accepted { .. } => requests.next().unwrap_or_default(),
            RecordedInput::Refused { .. }
            | RecordedInput::Dismissed { .. }
            | RecordedInput::FaultStarted { .. }
            | RecordedInput::FaultStopped { .. }
            | RecordedInput::PhoneSet { .. } => String::new(),
        };
        let input = TimedInput { at, operation };
        let switches = can_switch(&input, revision.as_ref().unwrap_or(world));
        if switches == Some(true) {
            revision = Some(revision.as_ref().unwrap_or(world).revision(std::slice::from_ref(&input)));
        }
        read.push(Again { input, request: RequestId::of(&request) });
        if switches == Some(false) {
            // The check below refuses this input. This bounds the number of worlds by the number of switches, however
            // many a file lists.
            break;
        }
    }
    let inputs: Vec<TimedInput> = read.iter().map(|again| again.input.clone()).collect();
    match History::misfit(&inputs, world) {
        Some(misfit) => Err(Problem::bad(misfit)),
        None => Ok(read),
    }
}

/// Can the fault of this input be switched in a world at that time? `None` if the input switches none.
fn can_switch(input: &TimedInput, world: &World) -> Option<bool> {
    match &input.operation {
        RecordedInput::FaultStarted { .. } => Some(may_start(&world.faults).is_ok()),
        RecordedInput::FaultStopped { fault } => Some(may_stop(&world.faults, *fault, input.at).is_ok()),
        RecordedInput::Accepted { .. }
        | RecordedInput::Refused { .. }
        | RecordedInput::Dismissed { .. }
        | RecordedInput::PhoneSet { .. } => None,
    }
}
