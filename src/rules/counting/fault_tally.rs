//! What faults did to pairs: how many they touched, and when the last of these left the gateway and settled. Counts only
//! what [`super::recorder`] passes on.

use crate::rules::base::time::SimTime;
use crate::rules::faults::fault::FaultSet;

/// The effect of a fault.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct FaultTally {
    /// Pairs it touched.
    pub touched: u64,
    /// Touched pairs that have settled.
    pub settled: u64,
    /// When the last of them settled.
    pub last_settled: SimTime,
    /// Touched pairs that waited at the gateway and have left it, for the phone or for good.
    pub left: u64,
    /// When the last of them left.
    pub last_left: SimTime,
}

impl FaultTally {
    /// Adds what the same fault did to other pairs.
    pub(super) fn join(&mut self, other: &Self) {
        self.touched += other.touched;
        self.settled += other.settled;
        self.last_settled = self.last_settled.max(other.last_settled);
        self.left += other.left;
        self.last_left = self.last_left.max(other.last_left);
    }
}

/// The tallies of all faults, in file order, while pairs are counted.
#[derive(Clone, Debug)]
pub(super) struct FaultTallies(pub(super) Vec<FaultTally>);

impl FaultTallies {
    /// These faults touch a pair for the first time.
    pub(super) fn touched(&mut self, faults: FaultSet) {
        self.each(faults, |tally| tally.touched += 1);
    }

    /// A pair that these faults touched leaves the gateway at `at`.
    pub(super) fn left(&mut self, faults: FaultSet, at: SimTime) {
        self.each(faults, |tally| {
            tally.left += 1;
            tally.last_left = tally.last_left.max(at);
        });
    }

    /// A pair that these faults touched settles at `at`.
    pub(super) fn settled(&mut self, faults: FaultSet, at: SimTime) {
        self.each(faults, |tally| {
            tally.settled += 1;
            tally.last_settled = tally.last_settled.max(at);
        });
    }

    fn each(&mut self, faults: FaultSet, mut change: impl FnMut(&mut FaultTally)) {
        faults.iter().for_each(|fault| change(&mut self.0[fault.at()]));
    }
}
