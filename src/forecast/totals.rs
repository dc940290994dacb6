//! What a forecast, or a part of one, leaves behind. Judges nothing.

use crate::rules::counting::counts::RunCounts;
use crate::rules::delivery::fate::Fates;

/// Everything that was counted of some devices.
#[derive(Clone, Debug)]
pub struct ForecastTotals {
    /// Everything counted.
    pub counts: RunCounts,
    /// Pairs that were found in the audiences of these devices, which the tally must find again: conservation.
    pub pairs_sent: u64,
    /// Every pair, if it was asked for.
    pub fates: Option<Fates>,
    /// Devices whose lives are in these books; a forecast that was stopped leaves some out, whole.
    pub devices_done: u64,
}

impl ForecastTotals {
    /// Adds the books of other devices.
    pub(super) fn add(&mut self, other: Self) {
        self.counts.merge(other.counts);
        self.pairs_sent += other.pairs_sent;
        self.devices_done += other.devices_done;
        if let Some(theirs) = other.fates {
            self.fates.get_or_insert_default().extend(theirs);
        }
    }
}
