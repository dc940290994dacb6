//! The end of every pair, for those who ask for more than sums. Only data.

use std::collections::BTreeMap;

use crate::rules::base::ids::{DeviceIx, MessageIx, SendIx};
use crate::rules::base::time::SimTime;
use crate::rules::service::journey::Journey;
use crate::rules::service::message::Message;

/// One pair at the end, kept only where it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PairFate {
    /// Where it is.
    pub journey: Journey,
    /// When it came there.
    pub at: SimTime,
    /// When it was dismissed.
    pub dismissed_at: Option<SimTime>,
}

/// A pair and its end, with all that its record says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PairEnd {
    /// Which send.
    pub send: SendIx,
    /// Which occurrence of it, from 0.
    pub occurrence: u32,
    /// When the message was accepted.
    pub accepted_at: SimTime,
    /// Which device.
    pub device: DeviceIx,
    /// What became of it.
    pub fate: PairFate,
}

/// Every pair at the end.
pub type Fates = BTreeMap<(MessageIx, DeviceIx), PairFate>;

impl PairEnd {
    /// The end of a message on a device.
    pub const fn new(message: &Message, device: DeviceIx, fate: PairFate) -> Self {
        Self { send: message.send, occurrence: message.occurrence, accepted_at: message.accepted_at, device, fate }
    }
}
