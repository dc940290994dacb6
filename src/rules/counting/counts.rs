//! The totals of a run: integer counts, histograms and a digest, all of which merge exactly, in any order. Must not
//! hold ratios. Totals are read and merged here; [`super::recorder`] counts.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ops::AddAssign;

use super::deliveries::DeliveriesByMinute;
use super::fault_tally::FaultTally;
use super::latencies::Latencies;
use crate::rules::base::ids::{MessageIx, SendIx};
use crate::rules::base::platform::Platform;
use crate::rules::model::expectation::Expectation;
use crate::rules::model::reach_window::ReachLimit;
use crate::rules::model::world::World;
use crate::rules::service::journey::{Journey, Station};
use crate::rules::service::message::Message;
use crate::rules::timeline::summary::Summarised;

/// Milliseconds of a column of the series.
pub(crate) const MINUTE_MS: u64 = 60_000;
/// The windows in which reach is always counted, in ms: 1 min, 15 min, 1 h, 4 h.
pub const REACH_WINDOWS_MS: [u64; 4] = [60_000, 900_000, 3_600_000, 14_400_000];

/// Counts of one message, or of all messages of a summarised send, in one stratum. A device is one pair of a message;
/// the numbers of devices and of messages fit 32 bits.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct StratumCounts {
    /// Pairs by class, in the order of [`crate::rules::service::audience::AudienceClass`].
    pub classes: [u32; 4],
    /// Pairs by [`Journey::code`], but for those that faults lost.
    pub journeys: [u32; Journey::CODES],
    /// Pairs that faults lost, by fault; empty where none did.
    pub lost_to: Vec<u32>,
    /// Shown pairs by the first of [`RunCounts::reach_windows_ms`] that they fit in; later ones are in none.
    pub reach: Vec<u32>,
    /// Shown pairs until each of [`RunCounts::clock_times_ms`]; empty where the messages of a send are summarised.
    pub by_clock: Vec<u32>,
    /// Pairs dismissed.
    pub dismissed: u32,
    /// Pairs that another app could read.
    pub exposed: u32,
    /// Milliseconds from acceptance to display.
    pub latency: Latencies,
}

/// Counts by stratum; `None` where there is no pair.
pub type Cells = Vec<Option<Box<StratumCounts>>>;

/// Counts of one message.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct MessageTally {
    /// The message.
    pub message: Message,
    /// Its pairs.
    pub cells: Cells,
}

/// Counts of one model minute.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Minute {
    /// Pairs that began minus pairs that ceased to wait, by cause in the order of
    /// [`crate::rules::service::journey::WaitCause`].
    pub opened: [i64; 5],
    /// Pairs shown, by platform in the order of [`Platform`].
    pub shown: [u64; 5],
    /// Pairs that ended otherwise, by platform and [`Journey::code`], minus skipped pairs that set out after all (X12);
    /// sums of 0 are left out.
    pub ended: BTreeMap<(Platform, u32), i64>,
    /// Notifications dismissed, by platform.
    pub dismissed: [u64; 5],
}

impl Minute {
    /// Pairs that ended otherwise than shown, by platform and journey.
    pub fn ended(&self) -> impl Iterator<Item = (Platform, Journey, i64)> + '_ {
        self.ended.iter().map(|((platform, code), count)| (*platform, Journey::from_code(*code as usize), *count))
    }

    /// All pairs settled, minus those that set out after all.
    pub fn settled(&self) -> i64 {
        let shown: i64 = self.shown.iter().map(|count| count.cast_signed()).sum();
        shown + self.ended.values().sum::<i64>()
    }

    /// Adds the counts of another minute, or of another part of the same minute.
    pub fn add(&mut self, other: &Self) {
        add(&mut self.opened, &other.opened);
        add(&mut self.shown, &other.shown);
        add(&mut self.dismissed, &other.dismissed);
        for (end, count) in &other.ended {
            *self.ended.entry(*end).or_default() += count;
        }
        self.ended.retain(|_, count| *count != 0);
    }
}

/// The totals of a run, or of a part of one.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct RunCounts {
    /// Times after acceptance up to which shown pairs are counted exactly, ascending, in ms: [`REACH_WINDOWS_MS`] and
    /// the times that expectations compare with.
    pub reach_windows_ms: Vec<u64>,
    /// Times of day until whose first occurrence after acceptance, in a device's local time, shown pairs are counted:
    /// ascending, in ms after midnight.
    pub clock_times_ms: Vec<u32>,
    /// By message, where this part has a pair of it and its send is not summarised.
    pub messages: BTreeMap<MessageIx, MessageTally>,
    /// By summarised send, where this part has a pair of one of its messages: all its messages together.
    pub summaries: BTreeMap<SendIx, Cells>,
    /// Deliveries of summarised sends.
    pub deliveries: DeliveriesByMinute,
    /// By model minute.
    pub minutes: Vec<Minute>,
    /// By fault.
    pub faults: Vec<FaultTally>,
    /// Notifications dismissed, by platform in the order of [`Platform`].
    pub dismissals: [u64; 5],
    /// The wrapping sum of the fates of all pairs.
    pub digest: u128,
    /// By stratum.
    pub(crate) platforms: Vec<Platform>,
}

impl RunCounts {
    /// Empty totals for a world.
    pub fn new(world: &World) -> Self {
        let mut windows = REACH_WINDOWS_MS.to_vec();
        windows.extend(world.expectations.iter().flat_map(Expectation::counted_ms));
        let mut clock_times_ms = Vec::new();
        let within = world.expectations.iter().filter_map(|expectation| expectation.within);
        for limit in world.windows.iter().map(|window| window.until).chain(within) {
            match limit {
                ReachLimit::After(ms) => windows.push(ms),
                ReachLimit::Local(time_ms) => clock_times_ms.push(time_ms),
            }
        }
        windows.sort_unstable();
        windows.dedup();
        clock_times_ms.sort_unstable();
        clock_times_ms.dedup();
        Self {
            reach_windows_ms: windows,
            clock_times_ms,
            messages: BTreeMap::new(),
            summaries: BTreeMap::new(),
            deliveries: DeliveriesByMinute::default(),
            minutes: Vec::new(),
            faults: vec![FaultTally::default(); world.faults.len()],
            dismissals: [0; 5],
            digest: 0,
            platforms: world.fleet.strata().iter().map(|stratum| stratum.platform).collect(),
        }
    }

    /// Whether totals read from a file can belong to this world. If so, they can be merged with its other totals.
    pub fn fits(&self, world: &World) -> bool {
        let empty = Self::new(world);
        let is_cell = |cell: &StratumCounts| {
            cell.lost_to.len() <= empty.faults.len() && cell.reach.len() == self.reach_windows_ms.len()
        };
        let has_clock = |cells: &Cells, number: usize| cells.iter().flatten().all(|cell| cell.by_clock.len() == number);
        let is_page = |send: SendIx, cells: &Cells| {
            send.at() < world.sends.len()
                && cells.len() == self.platforms.len()
                && cells.iter().flatten().all(|cell| is_cell(cell))
        };
        let summarised = Summarised::of(world);
        let Self { reach_windows_ms, clock_times_ms, faults, platforms, .. } = &empty;
        self.reach_windows_ms == *reach_windows_ms
            && self.clock_times_ms == *clock_times_ms
            && self.faults.len() == faults.len()
            && self.platforms == *platforms
            && self
                .messages
                .values()
                .all(|page| is_page(page.message.send, &page.cells) && has_clock(&page.cells, clock_times_ms.len()))
            && self
                .summaries
                .iter()
                .all(|(send, cells)| summarised.has(*send) && is_page(*send, cells) && has_clock(cells, 0))
    }

    /// The counts of all messages and strata.
    pub fn cells(&self) -> impl Iterator<Item = &StratumCounts> {
        let pages = self.messages.values().map(|page| &page.cells).chain(self.summaries.values());
        pages.flatten().filter_map(|cell| cell.as_deref())
    }

    /// Adds the totals of another part of the same run.
    pub fn merge(&mut self, other: Self) {
        for (ix, theirs) in other.messages {
            match self.messages.entry(ix) {
                Entry::Occupied(mine) => merge(&mut mine.into_mut().cells, theirs.cells),
                Entry::Vacant(mine) => drop(mine.insert(theirs)),
            }
        }
        for (send, theirs) in other.summaries {
            match self.summaries.entry(send) {
                Entry::Occupied(mine) => merge(mine.into_mut(), theirs),
                Entry::Vacant(mine) => drop(mine.insert(theirs)),
            }
        }
        self.deliveries.join(&other.deliveries);
        if self.minutes.len() < other.minutes.len() {
            self.minutes.resize(other.minutes.len(), Minute::default());
        }
        for (mine, theirs) in self.minutes.iter_mut().zip(&other.minutes) {
            mine.add(theirs);
        }
        self.faults.iter_mut().zip(&other.faults).for_each(|(mine, theirs)| mine.join(theirs));
        add(&mut self.dismissals, &other.dismissals);
        self.digest = self.digest.wrapping_add(other.digest);
    }
}

impl StratumCounts {
    /// How many pairs there are.
    pub fn pairs(&self) -> u64 {
        self.classes.iter().copied().map(u64::from).sum()
    }

    /// Whether its counts within these windows and its latencies can be of the same pairs.
    pub fn counts_agree(&self, windows_ms: &[u64]) -> bool {
        let mut within = 0;
        let counts = windows_ms.iter().zip(&self.reach).map(|(window_ms, more)| {
            within += u64::from(*more);
            (*window_ms, within)
        });
        self.latency.allow(counts)
    }

    /// Adds other counts of the same message and stratum, or of several for a sum.
    pub fn merge(&mut self, other: &Self) {
        add(&mut self.classes, &other.classes);
        add(&mut self.journeys, &other.journeys);
        if self.lost_to.len() < other.lost_to.len() {
            self.lost_to.resize(other.lost_to.len(), 0);
        }
        add(&mut self.lost_to, &other.lost_to);
        add(&mut self.reach, &other.reach);
        add(&mut self.by_clock, &other.by_clock);
        self.dismissed += other.dismissed;
        self.exposed += other.exposed;
        self.latency.merge(&other.latency);
    }

    /// Pairs by [`Journey::code`], where there are such pairs.
    pub fn by_journey(&self) -> impl Iterator<Item = (Journey, u64)> + '_ {
        let counts = self.journeys.iter().chain(&self.lost_to).enumerate();
        counts.filter(|(_, count)| **count > 0).map(|(code, count)| (Journey::from_code(code), u64::from(*count)))
    }

    /// Pairs in a station.
    pub fn station(&self, station: Station) -> u64 {
        self.by_journey().filter(|(journey, _)| journey.station() == station).map(|(_, count)| count).sum()
    }
}

/// Adds other pairs, stratum by stratum.
fn merge(mine: &mut Cells, theirs: Cells) {
    for (mine, theirs) in mine.iter_mut().zip(theirs) {
        match (mine.as_mut(), theirs) {
            (Some(mine), Some(theirs)) => mine.merge(&theirs),
            (None, Some(theirs)) => *mine = Some(theirs),
            (_, None) => {}
        }
    }
}

fn add<N: Copy + AddAssign>(mine: &mut [N], theirs: &[N]) {
    mine.iter_mut().zip(theirs).for_each(|(mine, theirs)| *mine += *theirs);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::fixture::Hand;
    use crate::rules::counting::latencies::{Extent, bucket_of};
    use crate::rules::service::audience::AudienceClass;
    use crate::rules::service::journey::Form;

    /// Totals with one pair in each of two messages.
    fn by_hand() -> Hand {
        let mut hand = Hand::new("", |_| Ok(()));
        let shown = [(70_000, Journey::Shown(Form::Banner))];
        hand.pair((0, "ada-phone", AudienceClass::Member, &shown), None);
        hand.pair((1, "ada-phone", AudienceClass::Member, &[(190_000, Journey::Expired)]), None);
        hand
    }

    #[test]
    fn totals_fit_their_world_and_none_that_differs() {
        let Hand { world, totals, .. } = by_hand();
        assert!(totals.counts.fits(&world));
        let fits = |change: &dyn Fn(&mut RunCounts)| {
            let mut counts = totals.counts.clone();
            change(&mut counts);
            counts.fits(&world)
        };
        let each = |counts: &mut RunCounts, change: &dyn Fn(&mut StratumCounts)| {
            let page = counts.messages.values_mut().next().expect("there are two");
            page.cells.iter_mut().flatten().for_each(|cell| change(cell));
        };
        assert!(fits(&|counts| each(counts, &|cell| cell.lost_to = vec![0; world.faults.len()])));
        assert!(!fits(&|counts| each(counts, &|cell| cell.lost_to = vec![0; world.faults.len() + 1])));
        assert!(!fits(&|counts| each(counts, &|cell| cell.reach.push(0))));
        assert!(!fits(&|counts| counts.reach_windows_ms[0] += 1));
        assert!(!fits(&|counts| counts.faults.push(FaultTally::default())));
        assert!(
            !fits(&|counts| counts.platforms.reverse())
                || totals.counts.platforms.iter().rev().eq(&totals.counts.platforms)
        );
        let sends = world.sends.len() as u32;
        for (send, is_known) in [(sends - 1, true), (sends, false), (sends + 1, false)] {
            let of = |counts: &mut RunCounts| {
                counts.messages.values_mut().next().expect("there are two").message.send = SendIx(send);
            };
            assert_eq!(fits(&of), is_known, "{send}");
        }
        let fewer =
            |counts: &mut RunCounts| drop(counts.messages.values_mut().next().expect("there are two").cells.pop());
        assert!(!fits(&fewer));
    }

    #[test]
    fn counts_within_windows_must_be_possible_with_the_latencies() {
        let Hand { totals, .. } = by_hand();
        let page = totals.counts.messages.into_values().next().expect("there are two");
        let mut cell = *page.cells.into_iter().flatten().next().expect("it has a pair");
        let (soon, late) = (bucket_of(1_000) as usize, bucket_of(120_000) as usize);
        let mut buckets = vec![0; late + 1];
        (buckets[soon], buckets[late]) = (1, 1);
        let mut extent = Extent::NONE;
        extent.add(&[1_000, 120_000]);
        cell.latency = Latencies::of(&buckets, extent);
        // By the first window that they fit in: within a minute, and within a quarter of an hour.
        for (reach, agrees) in [([1, 1], true), ([2, 0], false), ([0, 2], false), ([1, 0], false), ([1, 2], false)] {
            cell.reach = reach.into();
            assert_eq!(cell.counts_agree(&[60_000, 900_000]), agrees, "{reach:?}");
        }
    }

    #[test]
    fn only_summarised_sends_have_sums() {
        let Hand { world, totals, .. } = by_hand();
        let summarising = World { listed_max: 0, ..world.clone() };
        let with = |send: u32, strata: usize| {
            let summaries = BTreeMap::from([(SendIx(send), vec![None; strata])]);
            RunCounts { summaries, ..totals.counts.clone() }
        };
        let strata = totals.counts.platforms.len();
        // The send to one device is summarised where not even one message is listed.
        assert_eq!((with(1, strata).fits(&summarising), with(1, strata).fits(&world)), (true, false));
        assert_eq!((with(0, strata).fits(&summarising), with(1, strata - 1).fits(&summarising)), (false, false));
    }
}
