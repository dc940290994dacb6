//! Sums over the totals: some messages, some strata. Must only add; the callers interpret the sums.

use crate::rules::base::ids::{MessageIx, SendIx};
use crate::rules::base::time::SimTime;
use crate::rules::counting::counts::{Cells, MessageTally, RunCounts, StratumCounts};
use crate::rules::counting::latencies::LatencySums;
use crate::rules::model::expectation::{PairFilter, SendOutcome};
use crate::rules::model::reach_window::ReachLimit;
use crate::rules::model::world::World;
use crate::rules::population::fleet::Stratum;
use crate::rules::service::audience::AudienceClass;
use crate::rules::service::journey::{Form, Journey, Station};
use crate::rules::service::message::{Reason, Refusal};

use super::distribution::Distribution;

/// The counts of some pairs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sum {
    /// By class, in the order of [`AudienceClass`].
    pub(crate) classes: [u64; 4],
    /// By [`Journey::code`].
    pub(crate) journeys: Vec<u64>,
    /// By the first window of reach that they fit in.
    pub(crate) reach: Vec<u64>,
    /// Shown until each time of day of the totals.
    by_clock: Vec<u64>,
    /// Shown pairs that are not counted by the time of day.
    without_clock: u64,
    /// Pairs that another app could read.
    pub(crate) exposed: u64,
    /// Milliseconds from acceptance to display.
    pub(crate) latency: Distribution,
}

impl Sum {
    /// The sum of the counts of some strata.
    pub(crate) fn of<'a>(cells: impl IntoIterator<Item = &'a StratumCounts>) -> Self {
        let (mut sum, mut latencies) = (Self::default(), LatencySums::default());
        for cell in cells {
            sum.add(cell);
            latencies.add(&cell.latency);
        }
        sum.latency = Distribution::of_latencies(&latencies);
        sum
    }

    /// Adds all but the latencies.
    fn add(&mut self, cell: &StratumCounts) {
        self.classes.iter_mut().zip(cell.classes).for_each(|(mine, theirs)| *mine += u64::from(theirs));
        for (journey, count) in cell.by_journey() {
            let code = journey.code();
            if self.journeys.len() <= code {
                self.journeys.resize(code + 1, 0);
            }
            self.journeys[code] += count;
        }
        add_to(&mut self.reach, cell.reach.iter().copied().map(u64::from));
        add_to(&mut self.by_clock, cell.by_clock.iter().copied().map(u64::from));
        if cell.by_clock.is_empty() {
            self.without_clock += cell.station(Station::Shown);
        }
        self.exposed += u64::from(cell.exposed);
    }

    /// Adds another sum.
    pub(crate) fn join(&mut self, other: &Self) {
        self.classes.iter_mut().zip(other.classes).for_each(|(mine, theirs)| *mine += theirs);
        add_to(&mut self.journeys, other.journeys.iter().copied());
        add_to(&mut self.reach, other.reach.iter().copied());
        add_to(&mut self.by_clock, other.by_clock.iter().copied());
        self.without_clock += other.without_clock;
        self.exposed += other.exposed;
        self.latency.join(&other.latency);
    }

    /// The number of pairs.
    pub(crate) fn pairs(&self) -> u64 {
        self.classes.iter().sum()
    }

    /// Pairs of a class.
    pub(crate) fn class(&self, class: AudienceClass) -> u64 {
        self.classes[class as usize]
    }

    /// Pairs whose journey `fits`.
    pub(crate) fn journeys_that(&self, fits: impl Fn(Journey) -> bool) -> u64 {
        self.journeys.iter().enumerate().filter(|(code, _)| fits(Journey::from_code(*code))).map(|(_, n)| n).sum()
    }

    /// Pairs in a station.
    pub(crate) fn station(&self, station: Station) -> u64 {
        self.journeys_that(|journey| journey.station() == station)
    }

    /// Pairs shown in a form.
    pub(crate) fn form(&self, form: Form) -> u64 {
        self.journeys.get(Journey::Shown(form).code()).copied().unwrap_or(0)
    }

    /// Pairs shown no later than the window at this index after acceptance.
    pub(super) fn shown_within(&self, window: usize) -> u64 {
        self.reach.iter().take(window + 1).sum()
    }

    /// Pairs shown no later than this after acceptance, which is one of the windows of the totals.
    pub(crate) fn shown_within_ms(&self, ms: u64, windows_ms: &[u64]) -> u64 {
        let window = windows_ms.binary_search(&ms);
        self.shown_within(window.expect("the totals count every window of an expectation"))
    }

    /// Pairs shown until a limit that the totals count; `None` for a time of day where some pairs are not counted by it.
    pub(crate) fn shown_until(&self, limit: ReachLimit, counts: &RunCounts) -> Option<u64> {
        match limit {
            ReachLimit::After(ms) => Some(self.shown_within_ms(ms, &counts.reach_windows_ms)),
            ReachLimit::Local(_) if self.without_clock > 0 => None,
            ReachLimit::Local(time_ms) => {
                let at = counts.clock_times_ms.binary_search(&time_ms);
                let at = at.expect("the totals count every time of day that is told");
                Some(self.by_clock.get(at).copied().unwrap_or(0))
            }
        }
    }

    /// Its latencies, with exact counts up to these limits, which are among the windows of the totals.
    pub(crate) fn latency_with(&self, edges_ms: impl Iterator<Item = u64>, windows_ms: &[u64]) -> Distribution {
        let mut latency = self.latency.clone();
        for edge in edges_ms {
            latency.know(edge, self.shown_within_ms(edge, windows_ms));
        }
        latency
    }

    /// Pairs that set out (X3).
    pub(crate) fn eligible(&self) -> u64 {
        self.pairs() - self.station(Station::Skipped)
    }
}

fn add_to(mine: &mut Vec<u64>, theirs: impl ExactSizeIterator<Item = u64>) {
    if mine.len() < theirs.len() {
        mine.resize(theirs.len(), 0);
    }
    mine.iter_mut().zip(theirs).for_each(|(mine, theirs)| *mine += theirs);
}

/// The cause of a journey in reports and scenarios; `None` for stations without one.
pub(crate) fn cause_of(world: &World, journey: Journey) -> Option<&str> {
    use crate::rules::service::journey::LossCause;
    match journey {
        Journey::Skipped(cause) => Some(cause.name()),
        Journey::Blocked(cause) => Some(cause.name()),
        Journey::Waiting(cause) => Some(cause.name()),
        Journey::Lost(LossCause::Gateway) => Some("gateway"),
        Journey::Lost(LossCause::Fault(fault)) => Some(&world.faults[fault.at()].name),
        Journey::Superseded | Journey::Discarded | Journey::Expired | Journey::Shown(_) => None,
    }
}

/// Some counts with their strata.
pub(crate) fn cells<'a>(world: &'a World, cells: &'a Cells) -> impl Iterator<Item = (&'a Stratum, &'a StratumCounts)> {
    world.fleet.strata().iter().zip(cells).filter_map(|(stratum, cell)| Some((stratum, cell.as_deref()?)))
}

/// The counts of a message, or of all messages of a summarised send.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CountsPage<'a> {
    pub(crate) send: SendIx,
    /// When the message was accepted; `None` for a summarised send, whose messages have no common time.
    pub(crate) accepted_at: Option<SimTime>,
    pub(crate) cells: &'a Cells,
}

/// The counts of all messages and summarised sends.
pub(crate) fn pages(counts: &RunCounts) -> impl Iterator<Item = CountsPage<'_>> {
    let of_message = |page: &'_ MessageTally| (page.message.send, Some(page.message.accepted_at));
    let messages = counts.messages.values().map(move |page| (of_message(page), &page.cells));
    let summaries = counts.summaries.iter().map(|(send, cells)| ((*send, None), cells));
    messages.chain(summaries).map(|((send, accepted_at), cells)| CountsPage { send, accepted_at, cells })
}

/// The outcome of an attempt, without details.
pub(crate) fn answer(outcome: &Result<MessageIx, Refusal>) -> Result<(), Reason> {
    outcome.map(drop).map_err(|refusal| refusal.reason)
}

/// Whether a filter matches a send with this outcome.
pub(crate) fn lets_answer_pass(world: &World, filter: &PairFilter, send: SendIx, outcome: Result<(), Reason>) -> bool {
    let is_wanted = match (filter.outcome, outcome) {
        (None, _) | (Some(SendOutcome::Accepted), Ok(())) | (Some(SendOutcome::Refused), Err(_)) => true,
        (Some(SendOutcome::Accepted), Err(_)) | (Some(SendOutcome::Refused), Ok(())) => false,
    };
    let is_reason = |wanted: &String| outcome.is_err_and(|reason| reason.name() == wanted.as_str());
    is_wanted && filter.reason.as_ref().is_none_or(is_reason) && filter.takes_send(send, &world.sends[send.at()])
}
