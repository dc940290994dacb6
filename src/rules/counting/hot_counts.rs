//! The most often written counts of a message in a stratum; the others are in its [`ColdCounts`]. Counts only what
//! [`super::recorder`] passes on.

use super::cold_counts::{Closed, ColdCounts, SinglePair};
use super::counts::StratumCounts;
use crate::rules::service::journey::Journey;

/// The frequent counts. A shown pair touches the second cache line only.
#[derive(Clone, Debug)]
#[repr(C, align(64))]
pub(crate) struct HotCounts {
    pub(crate) alone: SinglePair,
    pub(crate) exposed: u32,
    pub(crate) journeys: [u32; Journey::CODES],
    pub(crate) classes: [u32; 4],
    pub(crate) dismissed: u32,
    /// Index of its [`ColdCounts`], or [`NO_SIDE`].
    pub(crate) side: u32,
    /// Latencies in [`ColdCounts::recent`].
    pub(super) recents: u32,
}

/// Instead of an index: a message to a single device that is counted by itself has one pair and needs [`SinglePair`]
/// only.
pub(super) const NO_SIDE: u32 = u32::MAX;

impl HotCounts {
    /// Nothing counted yet.
    pub(crate) fn new(side: u32) -> Self {
        let (alone, journeys) = (SinglePair::Nothing, [0; Journey::CODES]);
        Self { alone, exposed: 0, journeys, classes: [0; 4], dismissed: 0, side, recents: 0 }
    }

    /// Settled pairs so far, by journey.
    pub(crate) fn settled(&self, sides: &[ColdCounts], mut each: impl FnMut(Journey, u32)) {
        let lost_to = match sides.get(self.side as usize) {
            Some(side) => &side.lost_to,
            None => &self.alone.close(&[], Vec::new()).lost_to,
        };
        let counts = self.journeys.iter().chain(lost_to).enumerate().filter(|(_, pairs)| **pairs > 0);
        counts.for_each(|(code, pairs)| each(Journey::from_code(code), *pairs));
    }

    /// Pairs that wait or are on a screen.
    pub(crate) fn open(&self, sides: &[ColdCounts]) -> u64 {
        let (pairs, mut over): (u64, u64) = (self.classes.iter().copied().map(u64::from).sum(), 0);
        self.settled(sides, |journey, pairs| match journey {
            Journey::Waiting(_) | Journey::Shown(_) => {}
            _ => over += u64::from(pairs),
        });
        pairs - over - u64::from(self.dismissed)
    }

    /// The totals of these counts; `clock_limits_ms` gives the times of day of a single pair.
    pub(crate) fn close(
        &self,
        sides: &mut [ColdCounts],
        windows_ms: &[u64],
        clock_limits_ms: impl FnOnce() -> Vec<u32>,
    ) -> StratumCounts {
        let Closed { lost_to, reach, by_clock, latency } = match sides.get_mut(self.side as usize) {
            Some(side) => side.close(self.recents as usize, windows_ms),
            None => self.alone.close(windows_ms, clock_limits_ms()),
        };
        let &Self { classes, journeys, dismissed, exposed, .. } = self;
        StratumCounts { classes, journeys, lost_to, reach, by_clock, dismissed, exposed, latency }
    }
}
