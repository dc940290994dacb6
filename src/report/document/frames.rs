//! The moments at which a run is sampled: its start, the end of each minute of the record, and points in between where
//! a line needs them. Must not know metrics or plots.

use crate::outcome::{MinuteLine, Outcome};

/// Milliseconds of a minute.
const MINUTE_MS: u64 = 60_000;
/// Minutes between two samples while nothing happens: Prometheus considers a series gone after five.
const QUIET_MINUTES: u64 = 4;
/// Samples of quiet stretches in total: enough for three months. In a longer run they are further apart, so that a year
/// does not take a gigabyte.
const QUIET_MAX: u64 = 32_768;

/// A moment, and what the record says of the minute that ends with it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame<'o> {
    /// Model time, in ms; includes all events before it and none at it.
    pub(crate) at_ms: u64,
    /// The last recorded minute; `None` at the start.
    pub(crate) known: Option<&'o MinuteLine>,
    /// Whether that minute ends here; if not, nothing has happened since.
    pub(crate) is_new: bool,
}

impl<'o> Frame<'o> {
    /// The minute that ends here.
    pub(crate) fn fresh(&self) -> Option<&'o MinuteLine> {
        self.known.filter(|_| self.is_new)
    }
}

/// Every moment, in ascending order; the first is the start, and the last the end.
pub(crate) fn frames(outcome: &Outcome) -> Vec<Frame<'_>> {
    let end_ms = outcome.model_duration_ms;
    let minutes = end_ms / MINUTE_MS;
    let step_ms = QUIET_MINUTES.max(minutes.div_ceil(QUIET_MAX)) * MINUTE_MS;
    let mut frames = vec![Frame { at_ms: 0, known: None, is_new: false }];
    let quiet_until = |frames: &mut Vec<Frame<'_>>, until_ms: u64| {
        let last = *frames.last().expect("there is the start");
        let mut at_ms = last.at_ms + step_ms;
        while at_ms < until_ms {
            frames.push(Frame { at_ms, is_new: false, ..last });
            at_ms += step_ms;
        }
    };
    for line in &outcome.series {
        let begins_ms = line.minute * MINUTE_MS;
        quiet_until(&mut frames, begins_ms);
        if frames.last().is_some_and(|last| last.at_ms < begins_ms) {
            // A held value must be held up to the minute in which something happens.
            let last = *frames.last().expect("there is the start");
            frames.push(Frame { at_ms: begins_ms, is_new: false, ..last });
        }
        let ends_ms = begins_ms + MINUTE_MS;
        let at_ms = if begins_ms < end_ms { ends_ms.min(end_ms) } else { ends_ms };
        frames.push(Frame { at_ms, known: Some(line), is_new: true });
    }
    quiet_until(&mut frames, end_ms);
    let last = *frames.last().expect("there is the start");
    if last.at_ms < end_ms {
        frames.push(Frame { at_ms: end_ms, is_new: false, ..last });
    }
    frames
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::fixture::usual;

    fn moments(outcome: &Outcome) -> Vec<(u64, bool)> {
        frames(outcome).iter().map(|frame| (frame.at_ms / 1_000, frame.is_new)).collect()
    }

    #[test]
    fn every_minute_ends_in_a_frame_and_the_last_with_the_run() {
        let mut outcome = usual("").outcome(None);
        assert_eq!(moments(&outcome), [(0, false), (60, true), (120, true), (180, true), (240, true), (300, true)]);
        outcome.model_duration_ms = 270_000;
        assert_eq!(moments(&outcome).last(), Some(&(270, true)));
    }

    #[test]
    fn quiet_minutes_that_the_record_leaves_out_are_held() {
        let mut outcome = usual("").outcome(None);
        outcome.model_duration_ms = 20 * MINUTE_MS;
        outcome.series.retain(|line| matches!(line.minute, 0 | 1));
        outcome.series[1].minute = 11;
        let held: Vec<_> = moments(&outcome).into_iter().map(|(at, is_new)| (at / 60, is_new)).collect();
        assert_eq!(
            held,
            [(0, false), (1, true), (5, false), (9, false), (11, false), (12, true), (16, false), (20, false)]
        );
    }
}
