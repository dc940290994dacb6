//! Inputs of a history as they are written, in an exported state and in a store: each fault as it was requested. Parses
//! them against a world. Must not apply them.

use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};
use serde_json::value::RawValue;
use tokio_util::sync::CancellationToken;

use super::request_id::RequestId;
use super::restart::Again;
use crate::rules::base::ids::{AccountIx, DeviceIx, FaultIx, MessageIx};
use crate::rules::base::time::SimTime;
use crate::rules::model::phone_by_hand::PhonePatch;
use crate::rules::model::world::World;
use crate::rules::timeline::history::{History, RecordedInput, TimedInput};
use crate::rules::timeline::posting::Recipients;
use crate::rules::timeline::revision::{may_start, may_stop};
use crate::scenario::fault_by_hand;

/// An input, and when it was applied.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WrittenInput {
    pub(crate) at: SimTime,
    /// The exported state names it `deed`.
    #[serde(rename = "deed")]
    pub(super) operation: WrittenOperation,
}

/// What was done.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum WrittenOperation {
    Accepted { account: AccountIx, recipients: Recipients },
    Refused { account: AccountIx, recipients: Recipients },
    Dismissed { device: DeviceIx, message: MessageIx },
    FaultStarted { fault: FaultTable },
    FaultStopped { fault: FaultIx },
    PhoneSet { device: DeviceIx, set: PhonePatch },
}

/// A `[[fault]]` as JSON: itself within JSON, and a text within anything else.
#[derive(Clone, Debug)]
pub(super) struct FaultTable(Arc<str>);

/// Why inputs cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unread {
    /// The first input that is not valid for this tenant.
    Misfit(String),
    /// The caller has gone.
    Stopped,
}

impl Serialize for FaultTable {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if to.is_human_readable() {
            RawValue::from_string(self.0.to_string()).map_err(ser::Error::custom)?.serialize(to)
        } else {
            to.serialize_str(&self.0)
        }
    }
}

impl<'de> Deserialize<'de> for FaultTable {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = if from.is_human_readable() {
            Arc::from(Box::<RawValue>::deserialize(from)?.get())
        } else {
            let text = String::deserialize(from)?;
            serde_json::from_str::<&RawValue>(&text).map_err(de::Error::custom)?;
            Arc::from(text)
        };
        Ok(Self(text))
    }
}

impl From<&RecordedInput> for WrittenOperation {
    fn from(operation: &RecordedInput) -> Self {
        match operation.clone() {
            RecordedInput::Accepted { account, recipients } => Self::Accepted { account, recipients },
            RecordedInput::Refused { account, recipients } => Self::Refused { account, recipients },
            RecordedInput::Dismissed { device, message } => Self::Dismissed { device, message },
            RecordedInput::FaultStarted { table, .. } => Self::FaultStarted { fault: FaultTable(table) },
            RecordedInput::FaultStopped { fault } => Self::FaultStopped { fault },
            RecordedInput::PhoneSet { device, patch } => Self::PhoneSet { device, set: patch },
        }
    }
}

/// Writes inputs; `None` if it is stopped meanwhile.
pub(crate) fn write(inputs: &[TimedInput], stop: &CancellationToken) -> Option<Vec<WrittenInput>> {
    let written = inputs.iter().map(|TimedInput { at, operation }| {
        (!stop.is_cancelled()).then(|| WrittenInput { at: *at, operation: operation.into() })
    });
    written.collect()
}

/// The time of the last input.
///
/// # Errors
/// If the inputs are not in the order of their times: that is judged before anything is computed from them.
pub(crate) fn last(written: &[WrittenInput]) -> Result<SimTime, String> {
    match written.windows(2).position(|pair| pair[1].at < pair[0].at) {
        Some(place) => Err(format!("input {}: it comes before the one before it", place + 1)),
        None => Ok(written.last().map_or(SimTime::ZERO, |last| last.at)),
    }
}

/// Reads inputs for a tenant of this world; `requests` has the id of each accepted message's request.
///
/// # Errors
/// See [`Unread`].
pub(crate) fn read(
    written: Vec<WrittenInput>,
    requests: Vec<String>,
    world: &Arc<World>,
    stop: &CancellationToken,
) -> Result<Vec<Again>, Unread> {
    let mut requests = requests.into_iter();
    let mut reader = InputReader::new(world.clone());
    let mut read = Vec::with_capacity(written.len());
    for input in written {
        if stop.is_cancelled() {
            return Err(Unread::Stopped);
        }
        let request = match &input.operation {
            WrittenOperation::Accepted { .. } => requests.next().unwrap_or_default(),
            WrittenOperation::Refused { .. }
            | WrittenOperation::Dismissed { .. }
            | WrittenOperation::FaultStarted { .. }
            | WrittenOperation::FaultStopped { .. }
            | WrittenOperation::PhoneSet { .. } => String::new(),
        };
        let (input, can_be) = reader.read(input).map_err(Unread::Misfit)?;
        read.push(Again { input, request: RequestId::of(&request) });
        if !can_be {
            // The check below refuses this input. This bounds the number of worlds by the number of switches, however
            // many a file lists.
            break;
        }
    }
    let inputs: Vec<TimedInput> = read.iter().map(|again| again.input.clone()).collect();
    match History::misfit(&inputs, world) {
        Some(misfit) => Err(Unread::Misfit(misfit)),
        None => Ok(read),
    }
}

/// The same for inputs of another world, with the ids of their requests: each fault is read anew.
///
/// # Errors
/// See [`Unread`].
pub(crate) fn read_under(
    inputs: Vec<Again>,
    world: &Arc<World>,
    stop: &CancellationToken,
) -> Result<Vec<Again>, Unread> {
    let (inputs, requests) = Again::apart(inputs);
    let accepted = inputs.iter().zip(requests);
    let accepted = accepted.filter(|(input, _)| matches!(input.operation, RecordedInput::Accepted { .. }));
    let requests = accepted.map(|(_, request)| request.to_string()).collect();
    read(write(&inputs, stop).ok_or(Unread::Stopped)?, requests, world, stop)
}

/// Reads inputs one after another: a fault that was started may name what is there since an earlier switch.
#[derive(Debug)]
pub(super) struct InputReader {
    /// With the faults that were switched so far.
    world: Arc<World>,
    place: u64,
}

impl InputReader {
    /// Begins with the first input of a world.
    pub(super) const fn new(world: Arc<World>) -> Self {
        Self { world, place: 0 }
    }

    /// The next input, and whether its fault can be switched; true if it switches none.
    ///
    /// # Errors
    /// What is wrong with its fault.
    pub(super) fn read(&mut self, WrittenInput { at, operation }: WrittenInput) -> Result<(TimedInput, bool), String> {
        let world = &*self.world;
        let operation = match operation {
            WrittenOperation::Accepted { account, recipients } => RecordedInput::Accepted { account, recipients },
            WrittenOperation::Refused { account, recipients } => RecordedInput::Refused { account, recipients },
            WrittenOperation::Dismissed { device, message } => RecordedInput::Dismissed { device, message },
            WrittenOperation::FaultStarted { fault: FaultTable(table) } => {
                let fault = fault_by_hand(&table, world, at);
                let fault = fault.map_err(|found| format!("input {}: {}", self.place, found.in_one_line()))?;
                RecordedInput::FaultStarted { fault: Arc::new(fault), table }
            }
            WrittenOperation::FaultStopped { fault } => RecordedInput::FaultStopped { fault },
            WrittenOperation::PhoneSet { device, set } => RecordedInput::PhoneSet { device, patch: set },
        };
        self.place += 1;
        let input = TimedInput { at, operation };
        let switches = can_switch(&input, world);
        if switches == Some(true) {
            self.world = Arc::new(world.revision(std::slice::from_ref(&input)));
        }
        Ok((input, switches != Some(false)))
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
