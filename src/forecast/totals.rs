//! The totals of a forecast or of a part of one. Must not judge them.

use crate::rules::counting::counts::RunCounts;
use crate::rules::delivery::fate::Fates;

/// The totals of some devices.
#[derive(Clone, Debug)]
pub struct ForecastTotals {
    /// All counts.
    pub counts: RunCounts,
    /// Pairs found in the audiences of these devices; the counts must have the same number (conservation).
    pub pairs_sent: u64,
    /// Every pair, if ends are kept.
    pub fates: Option<Fates>,
    /// Devices in these totals; a stopped forecast leaves some out, each entirely.
    pub devices_done: u64,
}

impl ForecastTotals {
    /// Adds the totals of other devices.
    pub(super) fn add(&mut self, other: Self) {
        self.counts.merge(other.counts);
        self.pairs_sent += other.pairs_sent;
        self.devices_done += other.devices_done;
        if let Some(theirs) = other.fates {
            self.fates.get_or_insert_default().extend(theirs);
        }
    }
}
