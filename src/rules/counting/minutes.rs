//! The minutes of a run while they are counted, by platform: a cache line for the most frequent events, and, for
//! minutes that need it, a table of pairs that end otherwise than shown. Counts only what [`super::recorder`] passes
//! on.

use std::collections::BTreeMap;

use strum::VariantArray as _;

use super::counts::{MINUTE_MS, Minute};
use crate::rules::base::platform::Platform;
use crate::rules::base::time::SimTime;
use crate::rules::service::journey::{Journey, WaitCause};

/// Ways to end without being shown, losses to faults excepted.
const ENDS: usize = 14;

/// Every minute up to the last one with an event, by platform.
#[derive(Clone, Debug, Default)]
pub(super) struct Minutes([OfPlatform; Platform::VARIANTS.len()]);

#[derive(Clone, Debug, Default)]
struct OfPlatform {
    lines: Vec<MinuteCounts>,
    /// Notifications dismissed. Consecutive dismissals fall into minutes far apart, so they are stored separately and
    /// densely.
    dismissed: Vec<u64>,
    ends: Vec<Ends>,
    /// For each table of ends: pairs that a fault lost, by fault.
    lost_to: Vec<Vec<i64>>,
}

/// The most frequent events of a minute.
#[derive(Clone, Debug, Default)]
#[repr(C, align(64))]
pub(crate) struct MinuteCounts {
    pub(crate) opened: [i64; WaitCause::VARIANTS.len()],
    pub(crate) shown: u64,
    /// Index of its table of ends plus one, or 0 for none.
    ends: u32,
}

/// Pairs that ended otherwise, in the order of their codes.
#[derive(Clone, Debug, Default)]
#[repr(align(64))]
struct Ends([i64; ENDS]);

#[expect(clippy::inline_always, reason = "a division by a constant, which a call would double")]
#[inline(always)]
fn minute_of(at: SimTime) -> usize {
    usize::try_from(at.0 / MINUTE_MS).expect("a minute before the horizon")
}

/// Whether both moments lie in one minute.
#[inline]
pub(super) fn is_one_minute(one: SimTime, other: SimTime) -> bool {
    minute_of(one) == minute_of(other)
}

impl Minutes {
    /// The counts of a moment's minute.
    #[expect(clippy::inline_always, reason = "counting is a few additions, which a call would double")]
    #[inline(always)]
    pub(crate) fn line(&mut self, platform: Platform, at: SimTime) -> &mut MinuteCounts {
        self.0[platform as usize].line(at)
    }

    /// Counts a dismissed notification.
    #[expect(clippy::inline_always, reason = "counting is a few additions, which a call would double")]
    #[inline(always)]
    pub(crate) fn dismissed(&mut self, platform: Platform, at: SimTime) {
        let (minute, dismissed) = (minute_of(at), &mut self.0[platform as usize].dismissed);
        if dismissed.len() <= minute {
            dismissed.resize(minute + 1, 0);
        }
        dismissed[minute] += 1;
    }

    /// Counts a pair that ends otherwise than shown, or, with -1, a skipped one that sets out after all.
    #[expect(clippy::inline_always, reason = "counting is a few additions, which a call would double")]
    #[inline(always)]
    pub(crate) fn ended(&mut self, platform: Platform, at: SimTime, how: Journey, change: i64) {
        let minutes = &mut self.0[platform as usize];
        let table = match minutes.line(at).ends {
            0 => minutes.open_table(at),
            table => table,
        };
        match place(how.code()) {
            Place::Code(code) => minutes.ends[table as usize - 1].0[code] += change,
            Place::Fault(fault) => minutes.lost_to(table, fault, change),
        }
    }

    /// The minutes as totals.
    pub(crate) fn close(&self) -> Vec<Minute> {
        let last = self.0.iter().map(|of| of.lines.len().max(of.dismissed.len())).max().unwrap_or(0);
        let mut minutes = vec![Minute::default(); last];
        for (platform, of) in Platform::VARIANTS.iter().copied().zip(&self.0) {
            for (minute, line) in minutes.iter_mut().zip(&of.lines) {
                minute.opened.iter_mut().zip(line.opened).for_each(|(all, pairs)| *all += pairs);
                minute.shown[platform as usize] = line.shown;
                if let Some(table) = line.ends.checked_sub(1) {
                    minute.ended.extend(of.close(table as usize, platform));
                }
            }
            for (minute, dismissed) in minutes.iter_mut().zip(&of.dismissed) {
                minute.dismissed[platform as usize] = *dismissed;
            }
        }
        minutes
    }
}

impl OfPlatform {
    #[expect(clippy::inline_always, reason = "counting is a few additions, which a call would double")]
    #[inline(always)]
    fn line(&mut self, at: SimTime) -> &mut MinuteCounts {
        let minute = minute_of(at);
        if self.lines.len() <= minute {
            self.lines.resize(minute + 1, MinuteCounts::default());
        }
        &mut self.lines[minute]
    }

    /// Opens the table of a minute that has none; returns its index plus one.
    #[cold]
    fn open_table(&mut self, at: SimTime) -> u32 {
        self.ends.push(Ends::default());
        self.lost_to.push(Vec::new());
        let table = u32::try_from(self.ends.len()).expect("minutes are below 2³²");
        self.line(at).ends = table;
        table
    }

    fn lost_to(&mut self, table: u32, fault: usize, change: i64) {
        let lost_to = &mut self.lost_to[table as usize - 1];
        if lost_to.len() <= fault {
            lost_to.resize(fault + 1, 0);
        }
        lost_to[fault] += change;
    }

    fn close(&self, table: usize, platform: Platform) -> BTreeMap<(Platform, u32), i64> {
        let coded = self.ends[table].0.iter().enumerate().map(|(at, pairs)| (Place::Code(at), *pairs));
        let lost = self.lost_to[table].iter().enumerate().map(|(fault, pairs)| (Place::Fault(fault), *pairs));
        let counted = coded.chain(lost).filter(|(_, pairs)| *pairs != 0);
        counted.map(|(place, pairs)| ((platform, code(&place)), pairs)).collect()
    }
}

/// Where an end is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// In the table of ends that every scenario has.
    Code(usize),
    /// Under the fault that lost the pairs.
    Fault(usize),
}

/// The codes of waiting and shown pairs, none of which is counted here, lie in between.
const BETWEEN: std::ops::Range<usize> = 10..21;

const fn place(code: usize) -> Place {
    if code < BETWEEN.start {
        Place::Code(code)
    } else if code < Journey::CODES {
        Place::Code(code - (BETWEEN.end - BETWEEN.start))
    } else {
        Place::Fault(code - Journey::CODES)
    }
}

fn code(place: &Place) -> u32 {
    let code = match *place {
        Place::Code(at) if at < BETWEEN.start => at,
        Place::Code(at) => at + BETWEEN.len(),
        Place::Fault(fault) => Journey::CODES + fault,
    };
    u32::try_from(code).expect("a code counts at most the faults of a scenario")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_end_maps_to_a_place_and_back() {
        let ends = (0..Journey::CODES + 3).map(Journey::from_code);
        let ends = ends.filter(|journey| !matches!(journey, Journey::Waiting(_) | Journey::Shown(_)));
        let mut minutes = Minutes::default();
        let mut wanted = BTreeMap::new();
        for (change, end) in (1..).zip(ends) {
            minutes.ended(Platform::Ipados, SimTime(60_000), end, change);
            let code = u32::try_from(end.code()).expect("a small number");
            wanted.insert((Platform::Ipados, code), change);
        }
        assert_eq!(wanted.len(), ENDS + 3);
        let closed = minutes.close();
        assert_eq!((closed.len(), &closed[0], &closed[1].ended), (2, &Minute::default(), &wanted));
    }
}
