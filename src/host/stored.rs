//! Inputs as a store has them: `MessagePack` with a version. Must not write or read a store.

use serde::{Deserialize, Serialize};

use super::request_id::RequestId;
use super::written::{WrittenInput, WrittenOperation};
use crate::rules::base::time::SimTime;
use crate::rules::timeline::history::{RecordedInput, TimedInput};
use crate::store::StoredInput;

/// The version of [`Body`].
const VERSION: u8 = 1;

/// What a store has of an input beside its time and its kind.
#[derive(Serialize, Deserialize)]
struct Body {
    version: u8,
    /// The caller's id of the request, of an accepted message; empty if it is not known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    request: String,
    operation: WrittenOperation,
}

/// An input as it is stored.
pub(super) fn stored(TimedInput { at, operation }: &TimedInput, request: &RequestId) -> StoredInput {
    let kind = match operation {
        RecordedInput::Accepted { .. } => "accepted",
        RecordedInput::Refused { .. } => "refused",
        RecordedInput::Dismissed { .. } => "dismissed",
        RecordedInput::FaultStarted { .. } => "fault_started",
        RecordedInput::FaultStopped { .. } => "fault_stopped",
        RecordedInput::PhoneSet { .. } => "phone_set",
    };
    let body = Body { version: VERSION, request: request.to_string(), operation: operation.into() };
    let body = rmp_serde::to_vec_named(&body).expect("ids, numbers and texts can always be written");
    StoredInput { at_ms: at.ms(), kind: kind.into(), body }
}

/// An input that was stored, and the id of its request if it is an accepted message.
///
/// # Errors
/// Why it is none.
pub(crate) fn stored_input(
    StoredInput { at_ms, body, .. }: &StoredInput,
) -> Result<(WrittenInput, Option<RequestId>), String> {
    let Body { version, request, operation } = rmp_serde::from_slice(body).map_err(|error| error.to_string())?;
    if version != VERSION {
        return Err(format!("it has version {version}, and this program knows {VERSION}"));
    }
    let request = matches!(operation, WrittenOperation::Accepted { .. }).then(|| RequestId::of(&request));
    Ok((WrittenInput { at: SimTime(*at_ms), operation }, request))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::host::written::InputReader;
    use crate::outcome::fixture::Hand;
    use crate::rules::base::ids::{AccountIx, DeviceIx, FaultIx, GroupIx, MessageIx};
    use crate::rules::model::phone_by_hand::{Assignment, PhonePatch};
    use crate::rules::timeline::posting::Recipients;
    use crate::scenario::fault_by_hand;

    #[test]
    fn every_kind_of_input_comes_back_as_it_was() {
        let world = Arc::new(Hand::new("", |_| Ok(())).world.for_postings());
        let table: Arc<str> = Arc::from(r#"{ "name": "f", "kind": "loss", "rate": 0.5 }"#);
        let fault = fault_by_hand(&table, &world, SimTime(3)).expect("it fits");
        let patch = PhonePatch { online: Assignment::Released, locked: Assignment::Set(true), ..PhonePatch::default() };
        let operations = [
            RecordedInput::Accepted { account: AccountIx(1), recipients: Recipients::Device(DeviceIx(7)) },
            RecordedInput::Refused {
                account: AccountIx(0),
                recipients: Recipients::Groups(vec![GroupIx(0), GroupIx(2)]),
            },
            RecordedInput::Dismissed { device: DeviceIx(1), message: MessageIx(0) },
            RecordedInput::FaultStarted { fault: Arc::new(fault), table },
            RecordedInput::FaultStopped { fault: FaultIx(0) },
            RecordedInput::PhoneSet { device: DeviceIx(0), patch },
        ];
        let mut reader = InputReader::new(world.clone());
        for operation in operations {
            let input = TimedInput { at: SimTime(3), operation };
            for request in ["", "a word", "0b8d4b4e-61c2-4bb3-a1a1-000000000001"].map(RequestId::of) {
                let (written, read_request) = stored_input(&stored(&input, &request)).expect("it is whole");
                assert!(read_request.is_none_or(|read| read == request));
                let written = serde_json::to_string(&written).expect("it can be written as JSON too");
                let written = serde_json::from_str(&written).expect("and read");
                let (read, _) = InputReader::new(world.clone()).read(written).expect("it fits");
                assert_eq!(read, input);
            }
            let (written, _) = stored_input(&stored(&input, &RequestId::default())).expect("it is whole");
            assert_eq!(reader.read(written).map(|(read, _)| read), Ok(input));
        }
    }

    #[test]
    fn a_body_of_another_version_is_refused() {
        let input = TimedInput { at: SimTime(3), operation: RecordedInput::FaultStopped { fault: FaultIx(0) } };
        let operation = WrittenOperation::from(&input.operation);
        let body = Body { version: 2, request: String::new(), operation };
        let body = rmp_serde::to_vec_named(&body).expect("it can be written");
        let later = StoredInput { body, ..stored(&input, &RequestId::default()) };
        assert_eq!(stored_input(&later).map(drop), Err("it has version 2, and this program knows 1".to_owned()));
        let half = StoredInput { body: vec![0x81], ..later };
        assert!(stored_input(&half).is_err());
    }
}
