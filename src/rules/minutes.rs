//! The minutes of a run while they are counted: a cache line for what happens to most pairs, and beside it, for minutes that
//! have any, a table of pairs that end otherwise than shown. Counts only what [`super::counter`] tells it.

use std::collections::BTreeMap;

use super::journey::{Journey, WaitCause};
use super::platform::Platform;
use super::tally::{MINUTE_MS, Minute};
use super::time::SimTime;

const PLATFORMS: usize = Platform::ALL.len();
/// Ways to end without being shown, but for those that faults lose.
const ENDS: usize = 14;

/// Every minute up to the last in which something happened.
#[derive(Clone, Debug, Default)]
pub(super) struct Minutes {
    lines: Vec<Line>,
    ends: Vec<Ends>,
}

/// What happens to most pairs in a minute.
#[derive(Clone, Debug, Default)]
#[repr(C, align(64))]
pub(super) struct Line {
    opened: [i64; WaitCause::ALL.len()],
    shown: [u64; PLATFORMS],
    dismissed: [u64; PLATFORMS],
    /// The place of its table after the first, or 0 for none.
    ends: u32,
}

/// Pairs that ended, by platform: in the order of their codes, and those that faults lost.
#[derive(Clone, Debug, Default)]
struct Ends {
    by_code: [[i64; ENDS]; PLATFORMS],
    lost_to: Vec<[i64; PLATFORMS]>,
}

impl Minutes {
    /// The line of a moment's minute.
    #[expect(clippy::inline_always, reason = "counting is a few additions, which a call would double")]
    #[inline(always)]
    pub(super) fn line(&mut self, at: SimTime) -> &mut Line {
        let minute = usize::try_from(at.0 / MINUTE_MS).expect("a minute before the horizon");
        if self.lines.len() <= minute {
            self.lines.resize(minute + 1, Line::default());
        }
        &mut self.lines[minute]
    }

    /// A pair ends otherwise than shown, or one that was skipped sets out after all.
    pub(super) fn ended(&mut self, at: SimTime, platform: Platform, how: Journey, change: i64) {
        let next = u32::try_from(self.ends.len() + 1).expect("minutes are below 2³²");
        let line = self.line(at);
        if line.ends == 0 {
            line.ends = next;
        }
        let table = line.ends;
        if table == next {
            self.ends.push(Ends::default());
        }
        let ends = &mut self.ends[table as usize - 1];
        match place(how.code()) {
            Place::Code(at) => ends.by_code[platform as usize][at] += change,
            Place::Fault(fault) => {
                if ends.lost_to.len() <= fault {
                    ends.lost_to.resize(fault + 1, [0; PLATFORMS]);
                }
                ends.lost_to[fault][platform as usize] += change;
            }
        }
    }

    /// The minutes as the books have them.
    pub(super) fn close(&self) -> Vec<Minute> {
        let close = |line: &Line| Minute {
            opened: line.opened,
            shown: line.shown,
            ended: line.ends.checked_sub(1).map(|at| self.ends[at as usize].close()).unwrap_or_default(),
            dismissed: line.dismissed,
        };
        self.lines.iter().map(close).collect()
    }
}

impl Line {
    /// So many more pairs wait for something, or fewer.
    #[expect(clippy::inline_always, reason = "counting is a few additions, which a call would double")]
    #[inline(always)]
    pub(super) fn waits(&mut self, cause: WaitCause, change: i64) {
        self.opened[cause as usize] += change;
    }

    /// A pair is shown.
    #[expect(clippy::inline_always, reason = "counting is a few additions, which a call would double")]
    #[inline(always)]
    pub(super) fn shown(&mut self, platform: Platform) {
        self.shown[platform as usize] += 1;
    }

    /// A notification is dismissed.
    #[expect(clippy::inline_always, reason = "counting is a few additions, which a call would double")]
    #[inline(always)]
    pub(super) fn dismissed(&mut self, platform: Platform) {
        self.dismissed[platform as usize] += 1;
    }
}

impl Ends {
    fn close(&self) -> BTreeMap<(Platform, u32), i64> {
        let coded = Platform::ALL.iter().zip(&self.by_code).flat_map(|(platform, counts)| {
            counts.iter().enumerate().map(|(at, count)| ((*platform, code(&Place::Code(at))), *count))
        });
        let lost = self.lost_to.iter().enumerate().flat_map(|(fault, counts)| {
            Platform::ALL
                .iter()
                .zip(counts)
                .map(move |(platform, count)| ((*platform, code(&Place::Fault(fault))), *count))
        });
        coded.chain(lost).filter(|(_, count)| *count != 0).collect()
    }
}

/// Where pairs that end in a way are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Among the ways that every scenario has.
    Code(usize),
    /// Under the fault that lost them.
    Fault(usize),
}

/// Codes of what waits and what is shown, of which none is counted here, lie in between.
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
    fn every_way_to_end_has_its_place_and_comes_back() {
        let ends = (0..Journey::CODES + 3).map(Journey::from_code);
        let ends = ends.filter(|journey| !matches!(journey, Journey::Waiting(_) | Journey::Shown(_)));
        let mut minutes = Minutes::default();
        let mut wanted = BTreeMap::new();
        for (change, end) in (1..).zip(ends) {
            minutes.ended(SimTime(60_000), Platform::Ipados, end, change);
            let code = u32::try_from(end.code()).expect("a small number");
            wanted.insert((Platform::Ipados, code), change);
        }
        assert_eq!(wanted.len(), ENDS + 3);
        let closed = minutes.close();
        assert_eq!((closed.len(), &closed[0], &closed[1].ended), (2, &Minute::default(), &wanted));
    }
}
