//! How late the turns of a shard are, and what they waited for. Idle at full speed, where nothing is due. Must not judge a lag.

use hdrhistogram::Histogram;
use strum::VariantArray as _;

use crate::clock::Reading;
use crate::metrics::LagCause;
use crate::rules::base::time::SimTime;

/// The longest lag that is recorded, in ms of wall time: a day. A longer one counts as this.
const LAG_MS_MAX: u64 = 24 * 3_600_000;

/// The lag of one shard.
#[derive(Clone, Debug)]
pub struct LagSamples {
    /// The time at which a turn for an input was applied minus the time at which it was due, in ms of wall time: starts of journeys
    /// above all.
    pub starts: Histogram<u64>,
    /// The same for turns for a timer: arrivals and dismissals.
    pub timers: Histogram<u64>,
    /// By cause, the sum of the waits, in µs of wall time.
    pub waited_us: [u64; LagCause::VARIANTS.len()],
}

impl LagSamples {
    /// No samples.
    pub fn new() -> Self {
        let ms = Histogram::new_with_bounds(1, LAG_MS_MAX, 3).expect("the bounds are fixed and valid");
        Self { starts: ms.clone(), timers: ms, waited_us: [0; LagCause::VARIANTS.len()] }
    }

    /// The lag of all turns.
    pub fn all(&self) -> Histogram<u64> {
        let mut all = self.starts.clone();
        all.add(&self.timers).expect("both have one layout");
        all
    }
}

impl Default for LagSamples {
    fn default() -> Self {
        Self::new()
    }
}

/// A turn that is wanted: its cause, and how late it was at each step so far, in µs of wall time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WantedTurn {
    pub(crate) due: SimTime,
    by: LagCause,
    asked_us: Us,
    watermark_us: Us,
    sent_us: Us,
}

impl WantedTurn {
    /// A turn for an input.
    pub(crate) fn for_input(clock: &Reading, due: SimTime) -> Option<Self> {
        let asked_us = short(clock.lag_us(due)?);
        Some(Self { due, by: LagCause::FanOut, asked_us, watermark_us: 0, sent_us: asked_us })
    }

    /// Records that the turn is sent to the actors.
    pub(crate) fn sent(&mut self, clock: &Reading) {
        if let Some(us) = clock.lag_us(self.due) {
            self.sent_us = short(us);
        }
    }
}

/// A span of wall time in µs, at most about an hour: every phone that waits keeps some of them.
type Us = u32;

fn short(us: u64) -> Us {
    Us::try_from(us).unwrap_or(Us::MAX)
}

/// How late a turn was applied, and its waits by cause, in µs of wall time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Late {
    pub(crate) us: u64,
    pub(crate) waited_us: [u64; LagCause::VARIANTS.len()],
}

/// The lag of a shard while it runs.
#[derive(Debug)]
pub(crate) struct LagBook {
    lag: Option<LagSamples>,
    /// The watermark before the last one, and the arrival of the last one, in µs of wall time since the run began.
    watermark: (SimTime, u64),
}

impl LagBook {
    pub(crate) fn new(clock: &Reading) -> Self {
        let lag = clock.lag_us(SimTime::ZERO).map(|_| LagSamples::new());
        Self { lag, watermark: (SimTime::ZERO, 0) }
    }

    /// Records the arrival of a watermark; the one before it was `closed`.
    pub(super) fn watermark_came(&mut self, clock: &Reading, closed: SimTime) {
        if let Some(us) = clock.lag_us(SimTime::ZERO) {
            self.watermark = (closed, us);
        }
    }

    /// A turn for a timer.
    pub(super) fn for_timer(&self, clock: &Reading, due: SimTime) -> Option<WantedTurn> {
        let asked_us = clock.lag_us(due)?;
        let (closed, came_us) = self.watermark;
        let watermark_us = if due > closed {
            let due_us = clock.lag_us(SimTime::ZERO)?.saturating_sub(asked_us);
            came_us.saturating_sub(due_us).min(asked_us)
        } else {
            0
        };
        let (asked_us, watermark_us) = (short(asked_us), short(watermark_us));
        Some(WantedTurn { due, by: LagCause::Timer, asked_us, watermark_us, sent_us: asked_us })
    }

    /// Records that a turn is applied.
    pub(crate) fn applied(&mut self, clock: &Reading, wanted: Option<WantedTurn>) -> Option<Late> {
        let (lag, wanted) = (self.lag.as_mut()?, wanted?);
        let us = clock.lag_us(wanted.due)?;
        let samples = if wanted.by == LagCause::FanOut { &mut lag.starts } else { &mut lag.timers };
        samples.saturating_record(us / 1_000);
        let mut waited_us = [0; LagCause::VARIANTS.len()];
        waited_us[wanted.by as usize] = (wanted.asked_us - wanted.watermark_us).into();
        waited_us[LagCause::Watermark as usize] = wanted.watermark_us.into();
        waited_us[LagCause::Activation as usize] = wanted.sent_us.saturating_sub(wanted.asked_us).into();
        waited_us[LagCause::Turn as usize] = us.saturating_sub(wanted.sent_us.into());
        lag.waited_us.iter_mut().zip(waited_us).for_each(|(all, us)| *all += us);
        Some(Late { us, waited_us })
    }

    /// Takes everything recorded.
    pub(crate) fn take(&mut self) -> Option<LagSamples> {
        self.lag.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lag_of_minutes_is_told_from_a_short_one() {
        let mut lag = LagSamples::new();
        for ms in [3, 600_000] {
            lag.starts.saturating_record(ms);
        }
        for ms in [2_500, u64::MAX] {
            lag.timers.saturating_record(ms);
        }
        let all = lag.all();
        let quantile = |share| all.value_at_quantile(share);
        assert_eq!([quantile(0.25), quantile(0.5)], [3, all.highest_equivalent(2_500)]);
        assert_eq!([quantile(0.75), quantile(1.0)], [600_000, LAG_MS_MAX].map(|ms| all.highest_equivalent(ms)));
    }
}
