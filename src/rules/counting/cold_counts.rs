//! The rarely written counts of a message in a stratum, beside its [`super::hot_counts`]: latencies, reach and losses
//! to faults; or, for a message with one pair, the end of that pair. Counts only what [`super::recorder`] passes on.

use super::buckets::Buckets;
use super::latencies::{Extent, Latencies};
use crate::rules::base::ids::FaultIx;

/// Latencies that are buffered before they go into their histogram: many at once touch its memory once.
pub(super) const RECENT_MAX: usize = 254;

/// The end of the only pair of a message, if it is more than a journey.
#[derive(Clone, Copy, Debug)]
pub(crate) enum SinglePair {
    Nothing,
    /// It was shown, so many ms after its acceptance.
    Shown(u32),
    /// This fault lost it.
    LostTo(FaultIx),
}

/// The counts that are written less often than [`super::hot_counts::HotCounts`].
#[derive(Clone, Debug)]
#[repr(align(64))]
pub(crate) struct ColdCounts {
    pub(super) recent: [u32; RECENT_MAX],
    pub(super) lost_to: Vec<u32>,
    /// Shown pairs within each window, those within a shorter one too.
    within: Vec<u32>,
    /// Shown pairs until each time of day.
    by_clock: Vec<u32>,
    /// How long after acceptance each time of day is, in ms.
    clock_limits_ms: Vec<u32>,
    buckets: Buckets,
    extent: Extent,
}

/// The share of [`ColdCounts`] in a [`StratumCounts`](super::counts::StratumCounts).
pub(crate) struct Closed {
    pub(super) lost_to: Vec<u32>,
    pub(crate) reach: Vec<u32>,
    pub(crate) by_clock: Vec<u32>,
    pub(crate) latency: Latencies,
}

impl ColdCounts {
    pub(crate) fn new(windows: usize, clock_limits_ms: Vec<u32>) -> Self {
        Self {
            recent: [0; RECENT_MAX],
            lost_to: Vec::new(),
            within: vec![0; windows],
            by_clock: vec![0; clock_limits_ms.len()],
            clock_limits_ms,
            buckets: Buckets::default(),
            extent: Extent::NONE,
        }
    }

    /// Moves the first `recents` buffered latencies into the histogram and the windows.
    pub(crate) fn record(&mut self, recents: usize, windows_ms: &[u64]) {
        let recent = &self.recent[..recents];
        for ms in recent {
            self.buckets.count(*ms);
        }
        self.extent.add(recent);
        for (within, window_ms) in self.within.iter_mut().zip(windows_ms) {
            *within += up_to(recent, u32::try_from(*window_ms).unwrap_or(u32::MAX));
        }
        for (by_clock, limit_ms) in self.by_clock.iter_mut().zip(&self.clock_limits_ms) {
            *by_clock += up_to(recent, *limit_ms);
        }
    }

    pub(super) fn lose_to(&mut self, fault: FaultIx) {
        if self.lost_to.len() <= fault.at() {
            self.lost_to.resize(fault.at() + 1, 0);
        }
        self.lost_to[fault.at()] += 1;
    }

    /// Closes the counts; `recents` latencies are still buffered.
    pub(crate) fn close(&mut self, recents: usize, windows_ms: &[u64]) -> Closed {
        self.record(recents, windows_ms);
        // By the first window that they fit in, instead of all.
        let before = [0].iter().chain(&self.within);
        let reach = self.within.iter().zip(before).map(|(within, before)| within - before).collect();
        let (lost_to, latency) = (std::mem::take(&mut self.lost_to), self.buckets.close(self.extent));
        Closed { lost_to, reach, by_clock: std::mem::take(&mut self.by_clock), latency }
    }
}

/// How many of these times are at most `limit_ms`.
fn up_to(times_ms: &[u32], limit_ms: u32) -> u32 {
    times_ms.iter().map(|ms| u32::from(*ms <= limit_ms)).sum()
}

impl SinglePair {
    /// The same as [`ColdCounts::close`] for the one pair.
    pub(crate) fn close(self, windows_ms: &[u64], clock_limits_ms: Vec<u32>) -> Closed {
        let mut side = ColdCounts::new(windows_ms.len(), clock_limits_ms);
        match self {
            Self::Nothing => {}
            Self::Shown(ms) => side.recent[0] = ms,
            Self::LostTo(fault) => side.lose_to(fault),
        }
        side.close(usize::from(matches!(self, Self::Shown(_))), windows_ms)
    }
}
