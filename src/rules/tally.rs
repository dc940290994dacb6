//! The books of a run: integer counts, histograms and a digest, all of which merge exactly, in any order. Never a ratio.

use std::ops::AddAssign;

use hdrhistogram::Histogram;

use super::chance::Chance;
use super::fault::FaultSet;
use super::fleet::Platform;
use super::ids::{Key, MessageIx, StratumIx};
use super::journey::{Effect, Journey, Station, WaitCause};
use super::message::Message;
use super::time::SimTime;
use super::world::{AudienceClass, World};

/// Milliseconds of a column of the series.
const MINUTE_MS: u64 = 60_000;
/// The windows in which reach is always counted, in ms: 1 min, 15 min, 1 h, 4 h.
pub const REACH_WINDOWS_MS: [u64; 4] = [60_000, 900_000, 3_600_000, 14_400_000];
/// The longest latency of a histogram, in ms: about 49 days, beyond any expiry; longer ones count as this.
const LATENCY_MS_MAX: u64 = u32::MAX as u64;
/// Latencies of a cell that wait until they are put into its histogram together.
const RECENT_MAX: usize = 30;
/// Significant digits of a histogram: at most 1 % relative error.
const LATENCY_DIGITS: u8 = 2;

/// What was counted of one message in one stratum. A device is one pair of a message, and devices have 32 bits.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Cell {
    /// Pairs by class, in the order of [`AudienceClass::ALL`].
    pub classes: [u32; 4],
    /// Pairs by [`Journey::code`], but for those that faults lost.
    pub journeys: [u32; Journey::CODES],
    /// Pairs that faults lost, by fault; empty where none did.
    pub lost_to: Vec<u32>,
    /// Shown pairs by the first of [`Tally::reach_windows_ms`] they fit in; later ones are in none.
    pub reach: Vec<u32>,
    /// Pairs dismissed.
    pub dismissed: u32,
    /// Pairs that another app could read.
    pub exposed: u32,
    /// Milliseconds from acceptance to display, once something was shown.
    #[serde(with = "super::sparse")]
    pub latency: Option<Box<Histogram<u32>>>,
    /// The longest of them, exactly.
    pub latency_ms_max: u64,
    /// Latencies that are not in the histogram yet: many at once touch its memory once.
    #[serde(skip)]
    recent: [u32; RECENT_MAX],
    #[serde(skip)]
    recents: u8,
}

/// What was counted of one message.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct MessageTally {
    /// The message.
    pub message: Message,
    /// By stratum; `None` where no pair is.
    pub cells: Vec<Option<Box<Cell>>>,
}

/// What happened in one model minute.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Minute {
    /// Pairs settled minus skipped pairs that set out after all (X12), by station in the order of [`Station::ALL`].
    pub settled: [i64; 8],
    /// Pairs that began minus pairs that ceased to wait, by cause in the order of [`WaitCause::ALL`].
    pub opened: [i64; 5],
    /// Notifications dismissed.
    pub dismissed: u64,
}

/// What a fault did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct FaultTally {
    /// Pairs it touched.
    pub touched: u64,
    /// Touched pairs that have settled.
    pub settled: u64,
    /// When the last of them did.
    pub last_settled: SimTime,
}

/// The books of a run, or of a part of one.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Tally {
    /// Windows of reach, ascending, in ms.
    pub reach_windows_ms: Vec<u64>,
    /// By message; `None` where this part has no pair of it.
    pub messages: Vec<Option<Box<MessageTally>>>,
    /// By model minute.
    pub minutes: Vec<Minute>,
    /// By fault.
    pub faults: Vec<FaultTally>,
    /// Notifications dismissed, by platform in the order of [`Platform::ALL`].
    pub dismissals: [u64; 5],
    /// The sum, wrapping, of every pair's fate.
    pub digest: u128,
    /// How many effects were counted.
    pub effects: u64,
    strata: usize,
    platforms: Vec<Platform>,
}

/// What is counted under: whose effects they are.
#[derive(Clone, Copy, Debug)]
pub struct Counted {
    /// The device's key.
    pub key: Key,
    /// Its stratum.
    pub stratum: StratumIx,
}

impl Tally {
    /// Empty books for a world.
    pub fn new(world: &World) -> Self {
        let mut windows = REACH_WINDOWS_MS.to_vec();
        windows.extend(world.expectations.iter().filter_map(|expectation| expectation.within_ms));
        windows.sort_unstable();
        windows.dedup();
        Self {
            reach_windows_ms: windows,
            messages: Vec::new(),
            minutes: Vec::new(),
            faults: vec![FaultTally::default(); world.faults.len()],
            dismissals: [0; 5],
            digest: 0,
            effects: 0,
            strata: world.fleet.strata().len(),
            platforms: world.fleet.strata().iter().map(|stratum| stratum.platform).collect(),
        }
    }

    /// Opens the page of a message; needed before anything of it is counted.
    pub fn open_message(&mut self, message: &Message) {
        let at = message.ix.at();
        if self.messages.len() <= at {
            self.messages.resize(at + 1, None);
        }
        let strata = self.strata;
        self.messages[at]
            .get_or_insert_with(|| Box::new(MessageTally { message: *message, cells: vec![None; strata] }));
    }

    /// A message whose page is open.
    pub fn message(&self, message: MessageIx) -> &Message {
        &self.page(message).message
    }

    /// Counts a pair that is skipped at `at`.
    pub fn skip(
        &mut self,
        chance: &Chance,
        device: Counted,
        message: MessageIx,
        class: AudienceClass,
        cause: super::journey::SkipCause,
        at: SimTime,
    ) {
        let to = Journey::Skipped(cause);
        self.count(chance, device, Effect::Started { message, class });
        self.count(chance, device, Effect::Moved { message, at, from: None, to, touched: FaultSet::default() });
    }

    /// Takes back a pair that was skipped as not enrolled and sets out after all at `at` (X12); it starts anew, as a late joiner.
    pub fn unskip(&mut self, chance: &Chance, device: Counted, message: MessageIx, class: AudienceClass, at: SimTime) {
        let was = Journey::Skipped(super::journey::SkipCause::NotEnrolled);
        let cell = self.cell(message, device.stratum);
        cell.classes[class as usize] -= 1;
        *cell.journey(was) -= 1;
        self.minute(at).settled[Station::Skipped as usize] -= 1;
        let key = self.page(message).message.key;
        self.digest = self.digest.wrapping_sub(fate(chance, device.key, key, was, SimTime::ZERO));
    }

    /// Counts one effect of one device.
    #[expect(clippy::inline_always, reason = "where an effect is made, only one kind of it is counted")]
    #[inline(always)]
    pub fn count(&mut self, chance: &Chance, device: Counted, effect: Effect) {
        self.effects += 1;
        match effect {
            Effect::Started { message, class } => self.cell(message, device.stratum).classes[class as usize] += 1,
            Effect::Moved { message, at, from, to, touched } => {
                self.moved(chance, device, message, at, from, to, touched);
            }
            Effect::Touched { faults, .. } => {
                for fault in faults.iter() {
                    self.faults[fault.at()].touched += 1;
                }
            }
            Effect::Dismissed { message, at } => {
                self.cell(message, device.stratum).dismissed += 1;
                self.minute(at).dismissed += 1;
                let platform = self.platforms[device.stratum.at()];
                self.dismissals[platform as usize] += 1;
                let key = self.page(message).message.key;
                self.digest = self.digest.wrapping_add(mixed(
                    chance,
                    device.key,
                    key,
                    [u32::MAX, 0, at.0 as u32, (at.0 >> 32) as u32],
                ));
            }
            Effect::Exposed { message } => self.cell(message, device.stratum).exposed += 1,
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the fields of one effect")]
    #[inline]
    fn moved(
        &mut self,
        chance: &Chance,
        device: Counted,
        message: MessageIx,
        at: SimTime,
        from: Option<Journey>,
        to: Journey,
        touched: FaultSet,
    ) {
        let minute = self.minute(at);
        if let Some(Journey::Waiting(cause)) = from {
            minute.opened[cause as usize] -= 1;
        }
        match to {
            Journey::Waiting(cause) => minute.opened[cause as usize] += 1,
            settled => minute.settled[settled.station() as usize] += 1,
        }
        let page = self.messages[message.at()].as_mut().expect("a message is opened before it is counted");
        let Message { accepted_at, key, .. } = page.message;
        let cell = page.cell(device.stratum, self.reach_windows_ms.len());
        if let Some(from) = from {
            *cell.journey(from) -= 1;
        }
        *cell.journey(to) += 1;
        if let Journey::Shown(_) = to {
            cell.shown_after(at.since(accepted_at), &self.reach_windows_ms);
        }
        if to.is_settled() {
            if !touched.is_empty() {
                self.settled_touched(touched, at);
            }
            // When a pair was skipped says nothing that its message does not say.
            let when = if to.station() == Station::Skipped { SimTime::ZERO } else { at };
            self.digest = self.digest.wrapping_add(fate(chance, device.key, key, to, when));
        }
    }

    fn settled_touched(&mut self, touched: FaultSet, at: SimTime) {
        for fault in touched.iter() {
            let fault = &mut self.faults[fault.at()];
            fault.settled += 1;
            fault.last_settled = fault.last_settled.max(at);
        }
    }

    /// At the horizon: a pair that is still waiting, for the digest. It has been counted all along.
    pub fn still_waiting(&mut self, chance: &Chance, device: Key, message: Key, cause: WaitCause) {
        let fate = fate(chance, device, message, Journey::Waiting(cause), SimTime::ZERO);
        self.digest = self.digest.wrapping_add(fate);
    }

    /// Brings the histograms up to date; books are closed before they are read or merged.
    pub fn close(&mut self) {
        let cells = self.messages.iter_mut().flatten().flat_map(|page| page.cells.iter_mut().flatten());
        cells.for_each(|cell| cell.close(&self.reach_windows_ms));
    }

    /// Could these books, which were read from somewhere, be of this world? Then they merge with its other books.
    pub fn fits(&self, world: &World) -> bool {
        let empty = Self::new(world);
        let is_cell =
            |cell: &Cell| cell.lost_to.len() <= empty.faults.len() && cell.reach.len() == self.reach_windows_ms.len();
        let is_page = |page: &MessageTally| {
            page.cells.len() == self.strata && page.cells.iter().flatten().all(|cell| is_cell(cell))
        };
        let Self { reach_windows_ms, faults, strata, platforms, .. } = &empty;
        self.reach_windows_ms == *reach_windows_ms
            && self.faults.len() == faults.len()
            && (self.strata, &self.platforms) == (*strata, platforms)
            && self.messages.iter().flatten().all(|page| is_page(page))
    }

    /// Adds the closed books of another part of the same run.
    pub fn merge(&mut self, other: Self) {
        if self.messages.len() < other.messages.len() {
            self.messages.resize(other.messages.len(), None);
        }
        for (mine, theirs) in self.messages.iter_mut().zip(other.messages) {
            match (mine.as_mut(), theirs) {
                (Some(mine), Some(theirs)) => mine.merge(*theirs),
                (None, Some(theirs)) => *mine = Some(theirs),
                (_, None) => {}
            }
        }
        if self.minutes.len() < other.minutes.len() {
            self.minutes.resize(other.minutes.len(), Minute::default());
        }
        for (mine, theirs) in self.minutes.iter_mut().zip(&other.minutes) {
            mine.settled.iter_mut().zip(theirs.settled).for_each(|(mine, theirs)| *mine += theirs);
            mine.opened.iter_mut().zip(theirs.opened).for_each(|(mine, theirs)| *mine += theirs);
            mine.dismissed += theirs.dismissed;
        }
        for (mine, theirs) in self.faults.iter_mut().zip(&other.faults) {
            mine.touched += theirs.touched;
            mine.settled += theirs.settled;
            mine.last_settled = mine.last_settled.max(theirs.last_settled);
        }
        add(&mut self.dismissals, &other.dismissals);
        self.digest = self.digest.wrapping_add(other.digest);
        self.effects += other.effects;
    }

    fn page(&self, message: MessageIx) -> &MessageTally {
        self.messages[message.at()].as_ref().expect("a message is opened before it is counted")
    }

    fn cell(&mut self, message: MessageIx, stratum: StratumIx) -> &mut Cell {
        let page = self.messages[message.at()].as_mut().expect("a message is opened before it is counted");
        page.cell(stratum, self.reach_windows_ms.len())
    }

    fn minute(&mut self, at: SimTime) -> &mut Minute {
        let minute = usize::try_from(at.0 / MINUTE_MS).expect("a minute before the horizon");
        if self.minutes.len() <= minute {
            self.minutes.resize(minute + 1, Minute::default());
        }
        &mut self.minutes[minute]
    }
}

impl MessageTally {
    #[inline]
    fn cell(&mut self, stratum: StratumIx, windows: usize) -> &mut Cell {
        self.cells[stratum.at()].get_or_insert_with(|| Box::new(Cell::new(windows)))
    }

    fn merge(&mut self, other: Self) {
        for (mine, theirs) in self.cells.iter_mut().zip(other.cells) {
            match (mine.as_mut(), theirs) {
                (Some(mine), Some(theirs)) => mine.merge(&theirs),
                (None, Some(theirs)) => *mine = Some(theirs),
                (_, None) => {}
            }
        }
    }
}

impl Cell {
    fn new(windows: usize) -> Self {
        Self {
            classes: [0; 4],
            journeys: [0; Journey::CODES],
            lost_to: Vec::new(),
            reach: vec![0; windows],
            dismissed: 0,
            exposed: 0,
            latency: None,
            latency_ms_max: 0,
            recent: [0; RECENT_MAX],
            recents: 0,
        }
    }

    /// How many pairs there are.
    pub fn pairs(&self) -> u64 {
        self.classes.iter().copied().map(u64::from).sum()
    }

    #[inline]
    fn shown_after(&mut self, ms: u64, windows_ms: &[u64]) {
        self.recent[usize::from(self.recents)] = u32::try_from(ms).unwrap_or(u32::MAX);
        self.recents += 1;
        if usize::from(self.recents) == RECENT_MAX {
            self.close(windows_ms);
        }
    }

    /// Counts the latencies that wait.
    fn close(&mut self, windows_ms: &[u64]) {
        let recent = &mut self.recent[..usize::from(self.recents)];
        if recent.is_empty() {
            return;
        }
        let histogram = self.latency.get_or_insert_with(histogram);
        for ms in recent.iter().copied().map(u64::from) {
            histogram.saturating_record(ms);
            self.latency_ms_max = self.latency_ms_max.max(ms);
            if let Some(window) = windows_ms.iter().position(|window| ms <= *window) {
                self.reach[window] += 1;
            }
        }
        recent.fill(0);
        self.recents = 0;
    }

    /// Adds another cell of the same message and stratum, or of several for a sum.
    pub fn merge(&mut self, other: &Self) {
        add(&mut self.classes, &other.classes);
        add(&mut self.journeys, &other.journeys);
        if self.lost_to.len() < other.lost_to.len() {
            self.lost_to.resize(other.lost_to.len(), 0);
        }
        add(&mut self.lost_to, &other.lost_to);
        add(&mut self.reach, &other.reach);
        self.dismissed += other.dismissed;
        self.exposed += other.exposed;
        self.latency_ms_max = self.latency_ms_max.max(other.latency_ms_max);
        if let Some(theirs) = &other.latency {
            let mine = self.latency.get_or_insert_with(histogram);
            mine.add(theirs.as_ref()).expect("all histograms have one layout");
        }
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

    #[inline]
    fn journey(&mut self, journey: Journey) -> &mut u32 {
        let code = journey.code();
        if code < Journey::CODES {
            return &mut self.journeys[code];
        }
        let fault = code - Journey::CODES;
        if self.lost_to.len() <= fault {
            self.lost_to.resize(fault + 1, 0);
        }
        &mut self.lost_to[fault]
    }
}

/// An empty latency histogram; all have this layout.
pub fn histogram() -> Box<Histogram<u32>> {
    Box::new(Histogram::new_with_bounds(1, LATENCY_MS_MAX, LATENCY_DIGITS).expect("the bounds are fixed and valid"))
}

fn add<N: Copy + AddAssign>(mine: &mut [N], theirs: &[N]) {
    mine.iter_mut().zip(theirs).for_each(|(mine, theirs)| *mine += *theirs);
}

/// What a pair in its last station adds to the digest.
fn fate(chance: &Chance, device: Key, message: Key, journey: Journey, at: SimTime) -> u128 {
    mixed(chance, device, message, [journey.code() as u32, 1, at.0 as u32, (at.0 >> 32) as u32])
}

/// 128 bits that depend on everything, the seed included, by wide multiplications: keys are hashes already, and a sum of fates
/// need not stand up to somebody who chooses them.
fn mixed(chance: &Chance, device: Key, message: Key, what: [u32; 4]) -> u128 {
    let salt = chance.salt();
    let word = |half: usize| u64::from(what[2 * half + 1]) << 32 | u64::from(what[2 * half]);
    let pair = folded(device.0 ^ salt[0], message.0 ^ salt[1]);
    let (a, b) = (pair ^ word(0).wrapping_mul(ODD[0]), pair.rotate_left(32) ^ word(1).wrapping_mul(ODD[1]));
    u128::from(folded(a, b ^ ODD[2])) << 64 | u128::from(folded(a ^ ODD[3], b ^ device.0))
}

/// Odd numbers without a pattern: the first digits of the fractional parts of square roots.
const ODD: [u64; 4] = [0x6A09_E667_F3BC_C909, 0xBB67_AE85_84CA_A73B, 0x3C6E_F372_FE94_F82B, 0xA54F_F53A_5F1D_36F1];

/// Both halves of a product, one over the other.
fn folded(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    (product >> 64) as u64 ^ product as u64
}
