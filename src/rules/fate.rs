//! The end of every pair, for those who ask for more than sums. Only data.

use std::collections::BTreeMap;

use super::ids::{DeviceIx, MessageIx};
use super::journey::Journey;
use super::time::SimTime;

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

/// A pair and its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PairEnd {
    /// Which message.
    pub message: MessageIx,
    /// Which device.
    pub device: DeviceIx,
    /// What became of it.
    pub fate: PairFate,
}

/// Every pair at the end.
pub type Fates = BTreeMap<(MessageIx, DeviceIx), PairFate>;
