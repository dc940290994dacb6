//! The fates of single pairs, for callers that need more than sums. Data only.

use std::collections::BTreeMap;

use crate::rules::base::ids::{DeviceIx, MessageIx, SendIx};
use crate::rules::base::time::SimTime;
use crate::rules::service::journey::Journey;
use crate::rules::service::message::Message;

/// One pair at the end of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PairFate {
    /// Its station.
    pub journey: Journey,
    /// When it reached the station.
    pub at: SimTime,
    /// When its notification was dismissed.
    pub dismissed_at: Option<SimTime>,
}

/// A pair and its fate, with everything that its record contains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PairEnd {
    /// The send.
    pub send: SendIx,
    /// The occurrence of the send, from 0.
    pub occurrence: u32,
    /// When the message was accepted.
    pub accepted_at: SimTime,
    /// The device.
    pub device: DeviceIx,
    /// The fate.
    pub fate: PairFate,
}

/// The fate of every pair.
pub type Fates = BTreeMap<(MessageIx, DeviceIx), PairFate>;

impl PairEnd {
    /// The end of a message on a device.
    pub const fn new(message: &Message, device: DeviceIx, fate: PairFate) -> Self {
        Self { send: message.send, occurrence: message.occurrence, accepted_at: message.accepted_at, device, fate }
    }
}
