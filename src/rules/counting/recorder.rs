//! Counts while the model runs: the same numbers as the totals of [`super::counts`], laid out for speed. The counts
//! that one effect changes are adjacent, a cache line for the pairs of a message in a stratum and one for a minute;
//! closing gives the totals. In a world with summarised sends a message is counted under a slot that `slots`
//! allocates.

use std::collections::BTreeMap;

use super::clock_times::ClockTimes;
use super::cold_counts::{ColdCounts, RECENT_MAX, SinglePair};
use super::counts::{Cells, MessageTally, Minute, RunCounts};
use super::digest::Digest;
use super::fault_tally::FaultTallies;
use super::hot_counts::{HotCounts, NO_SIDE};
use super::minutes::Minutes;
use super::slots::SlotAllocator;
use crate::rules::base::ids::{FaultIx, Key, MessageIx, StratumIx};
use crate::rules::base::platform::Platform;
use crate::rules::base::time::SimTime;
use crate::rules::faults::fault::FaultSet;
use crate::rules::model::world::World;
use crate::rules::population::traits::Traits;
use crate::rules::service::audience::AudienceClass;
use crate::rules::service::journey::{Effect, Journey, LossCause, SkipCause, Station, WaitCause};
use crate::rules::service::message::{Message, MessageKind};

/// Counts effects. Waiting pairs are counted by minute as they come and go, and by message at the end.
#[derive(Clone, Debug)]
pub struct Recorder {
    /// In a world with summarised sends: the slot under which each message is counted.
    slots: Option<Box<SlotAllocator>>,
    /// By message; `None` where it is not open.
    messages: Vec<Option<Message>>,
    /// The fields of a message that every effect needs.
    heads: Vec<Head>,
    strata: usize,
    platforms: Vec<Platform>,
    reach_windows_ms: Vec<u64>,
    clock_times: ClockTimes,
    /// By message, then stratum: index of its counts plus one, or 0 for none.
    places: Vec<u32>,
    lines: Vec<HotCounts>,
    sides: Vec<ColdCounts>,
    pub(super) minutes: Minutes,
    faults: FaultTallies,
    digest: Digest,
}

/// The device under which effects are counted.
#[derive(Clone, Copy, Debug)]
pub struct Counted {
    /// The device's key.
    pub key: Key,
    /// Its stratum.
    pub stratum: StratumIx,
    /// Its platform.
    pub platform: Platform,
}

impl Counted {
    /// A device with these traits.
    pub const fn of(traits: &Traits) -> Self {
        Self { key: traits.key, stratum: traits.stratum, platform: traits.platform }
    }

    /// A placeholder before the first device.
    pub const PLACEHOLDER: Self = Self { key: Key(0), stratum: StratumIx(0), platform: Platform::Ios };
}

#[derive(Clone, Copy, Debug)]
struct Head {
    accepted_at: SimTime,
    key: Key,
}

impl Recorder {
    /// No counts yet, for this world.
    pub fn new(world: &World) -> Self {
        let RunCounts { reach_windows_ms, clock_times_ms, faults, platforms, .. } = RunCounts::new(world);
        Self {
            slots: SlotAllocator::of(world),
            messages: Vec::new(),
            heads: Vec::new(),
            strata: platforms.len(),
            platforms,
            reach_windows_ms,
            clock_times: ClockTimes::of(world, clock_times_ms),
            places: Vec::new(),
            lines: Vec::new(),
            sides: Vec::new(),
            minutes: Minutes::default(),
            faults: FaultTallies(faults),
            digest: Digest::new(&world.chance),
        }
    }

    /// The same for a tenant that takes postings: of those to single devices only open ones are counted by themselves.
    pub fn for_postings(world: &World) -> Self {
        Self { slots: Some(SlotAllocator::of_singles(world)), ..Self::new(world) }
    }

    /// Opens a message; needed before anything of it is counted.
    pub fn open_message(&mut self, message: &Message) {
        let at = match &mut self.slots {
            Some(slots) => slots.open(message).at(),
            None => message.ix.at(),
        };
        if self.heads.len() <= at {
            self.messages.resize(at + 1, None);
            self.heads.resize(at + 1, Head { accepted_at: SimTime::ZERO, key: Key(0) });
            self.places.resize((at + 1) * self.strata, 0);
        }
        self.messages[at] = Some(*message);
        self.heads[at] = Head { accepted_at: message.accepted_at, key: message.key };
    }

    /// A message that is open.
    pub fn message(&self, message: MessageIx) -> &Message {
        self.messages[self.number(message).at()].as_ref().expect("a message is opened before it is counted")
    }

    /// Forgets all messages of summarised sends at the end of a life. A message whose pair has ended is forgotten at
    /// once.
    pub fn forget_all(&mut self) {
        if let Some(slots) = &mut self.slots {
            slots.forget_all();
        }
    }

    /// Drops an open message whose pair does not begin after all: a message to a single device has no other pair.
    pub fn leave_out(&mut self, message: MessageIx) {
        if let Some(slots) = &mut self.slots {
            slots.forget(message);
        }
    }

    /// The slot under which a message is counted.
    fn number(&self, message: MessageIx) -> MessageIx {
        self.slots.as_ref().map_or(message, |slots| slots.number(message))
    }

    /// Counts a pair that is skipped at `at`.
    pub fn skip(&mut self, device: Counted, message: MessageIx, class: AudienceClass, cause: SkipCause, at: SimTime) {
        let to = Journey::Skipped(cause);
        self.count(device, Effect::Started { message, class });
        self.count(device, Effect::Moved { message, at, from: None, to, touched: FaultSet::default() });
    }

    /// Takes back a pair that was skipped as not enrolled and sets out after all at `at` (X12); it starts anew, as a
    /// late joiner.
    pub fn unskip(&mut self, device: Counted, message: MessageIx, class: AudienceClass, at: SimTime) {
        let was = Journey::Skipped(SkipCause::NotEnrolled);
        let message = self.number(message);
        let key = self.heads[message.at()].key;
        let line = self.line(message, device.stratum);
        line.classes[class as usize] -= 1;
        line.journeys[was.code()] -= 1;
        self.minutes.ended(device.platform, at, was, -1);
        self.digest.take_back(device.key, key, was, SimTime::ZERO);
    }

    /// Counts effects of one device, in order.
    pub fn count_all(&mut self, device: Counted, effects: &[Effect]) {
        if self.slots.is_some() {
            for effect in effects {
                self.count(device, *effect);
            }
            return;
        }
        for effect in effects {
            self.count_listed(device, *effect);
        }
    }

    /// Counts one effect of one device.
    pub fn count(&mut self, device: Counted, effect: Effect) {
        let Some(slots) = &mut self.slots else { return self.count_listed(device, effect) };
        let number = slots.number(effect.message());
        let message = self.messages[number.at()].as_ref().expect("a message is opened before it is counted");
        let is_end = message.ends_with(&effect);
        let at = number.at() * self.strata + device.stratum.at();
        let is_summarised = slots.place(message, device.stratum).map(|place| self.places[at] = *place).is_some();
        self.count_listed(device, effect.under(number));
        if let (true, Some(slots), Some(message)) = (is_summarised, &mut self.slots, &self.messages[number.at()]) {
            if let Some(place) = slots.place(message, device.stratum) {
                *place = self.places[at];
            }
            if let Effect::Moved { to: Journey::Shown(_), at, .. } = effect {
                slots.deliveries.add(at, device.platform, at.since(self.heads[number.at()].accepted_at), 1);
            }
        }
        if let (true, Some(slots)) = (is_end, &mut self.slots) {
            slots.forget(effect.message());
        }
    }

    /// The same in a world without summarised sends, without the lookup of a slot.
    #[expect(clippy::inline_always, reason = "where an effect is made, only one kind of it is counted")]
    #[inline(always)]
    pub fn count_listed(&mut self, device: Counted, effect: Effect) {
        match effect {
            Effect::Started { message, class } => self.line(message, device.stratum).classes[class as usize] += 1,
            Effect::Moved { message, at, from, to, touched } => {
                if !touched.is_empty() && from.is_some_and(Journey::is_at_gateway) && !to.is_at_gateway() {
                    self.faults.left(touched, at);
                }
                let minute = self.minutes.line(device.platform, at);
                if let Some(Journey::Waiting(cause)) = from {
                    minute.opened[cause as usize] -= 1;
                }
                match to {
                    Journey::Waiting(cause) => {
                        minute.opened[cause as usize] += 1;
                        return;
                    }
                    Journey::Shown(_) => minute.shown += 1,
                    _ => self.minutes.ended(device.platform, at, to, 1),
                }
                self.settled(device, message, at, to, touched);
            }
            Effect::Touched { faults, .. } => self.faults.touched(faults),
            Effect::Dismissed { message, at } => self.dismissed(device, message, at),
            Effect::Exposed { message } => self.line(message, device.stratum).exposed += 1,
        }
    }

    #[expect(clippy::inline_always, reason = "counting is a few additions, which a call would double")]
    #[inline(always)]
    pub(super) fn settled(&mut self, device: Counted, message: MessageIx, at: SimTime, to: Journey, touched: FaultSet) {
        let Head { accepted_at, key } = self.heads[message.at()];
        let place = self.place(message, device.stratum);
        let line = &mut self.lines[place];
        match to {
            Journey::Shown(form) => {
                line.journeys[Journey::Shown(form).code()] += 1;
                let after_ms = u32::try_from(at.since(accepted_at)).unwrap_or(u32::MAX);
                if line.side == NO_SIDE {
                    line.alone = SinglePair::Shown(after_ms);
                } else {
                    let recents = line.recents as usize;
                    self.sides[line.side as usize].recent[recents] = after_ms;
                    line.recents += 1;
                    if recents + 1 == RECENT_MAX {
                        self.record(place);
                    }
                }
            }
            Journey::Lost(LossCause::Fault(fault)) => self.lost_to(place, fault),
            _ => line.journeys[to.code()] += 1,
        }
        if !touched.is_empty() {
            self.faults.settled(touched, at);
        }
        // The time of a skipped pair follows from its message.
        let when = if to.station() == Station::Skipped { SimTime::ZERO } else { at };
        self.digest.ends(device.key, key, to, when);
    }

    #[expect(clippy::inline_always, reason = "counting is a few additions, which a call would double")]
    #[inline(always)]
    pub(super) fn dismissed(&mut self, device: Counted, message: MessageIx, at: SimTime) {
        self.line(message, device.stratum).dismissed += 1;
        self.minutes.dismissed(device.platform, at);
        self.digest.dismissed(device.key, self.heads[message.at()].key, at);
    }

    /// Settled pairs of a message so far, by journey; returns how many were dismissed and how many another app could
    /// read. Nothing for a summarised message.
    pub fn so_far(&self, message: MessageIx, mut settled: impl FnMut(Journey, u32)) -> (u64, u64) {
        let (mut dismissed, mut exposed) = (0, 0);
        let number = match &self.slots {
            Some(slots) => slots.listed(message),
            None => Some(message),
        };
        let places = number.map(|number| self.places.iter().skip(number.at() * self.strata).take(self.strata));
        let places = places.into_iter().flatten();
        for line in places.filter_map(|place| self.lines.get(place.checked_sub(1)? as usize)) {
            line.settled(&self.sides, &mut settled);
            dismissed += u64::from(line.dismissed);
            exposed += u64::from(line.exposed);
        }
        (dismissed, exposed)
    }

    /// All minutes so far in one, and how many pairs each fault has touched.
    pub fn totals(&self) -> (Minute, Vec<u64>) {
        let mut all = Minute::default();
        self.minutes.close().iter().for_each(|minute| all.add(minute));
        (all, self.faults.0.iter().map(|fault| fault.touched).collect())
    }

    /// Whether of summarised sends only messages that wait or are on a screen are remembered: memory stays bounded.
    pub fn remembers_only_what_is_open(&self) -> bool {
        let Some(slots) = &self.slots else { return true };
        let lines = slots.sends().flat_map(|(_, places)| places).filter_map(|place| place.checked_sub(1));
        let open = lines.map(|place| self.lines[place as usize].open(&self.sides));
        open.sum::<u64>() == slots.remembered() as u64
    }

    /// Counts a pair that still waits at the end of the run.
    pub fn still_waiting(&mut self, device: Counted, message: MessageIx, cause: WaitCause) {
        let message = self.number(message);
        let (waiting, key) = (Journey::Waiting(cause), self.heads[message.at()].key);
        self.line(message, device.stratum).journeys[waiting.code()] += 1;
        self.digest.ends(device.key, key, waiting, SimTime::ZERO);
    }

    /// The totals of everything counted.
    pub fn close(mut self) -> RunCounts {
        let mut dismissals = [0; 5];
        let (mut messages, mut summaries) = (BTreeMap::new(), BTreeMap::new());
        let (opened, places) = (std::mem::take(&mut self.messages), std::mem::take(&mut self.places));
        let slots = self.slots.take();
        let is_listed = |message: &Message| slots.as_ref().is_none_or(|slots| !slots.summarises(message));
        for (at, message) in opened.into_iter().enumerate() {
            let Some(message) = message.filter(is_listed) else { continue };
            let cells = self.cells(&places[at * self.strata..][..self.strata], message.accepted_at, &mut dismissals);
            messages.insert(message.ix, MessageTally { message, cells });
        }
        for (send, places) in slots.iter().flat_map(|slots| slots.sends()) {
            summaries.insert(send, self.cells(places, SimTime::ZERO, &mut dismissals));
        }
        RunCounts {
            reach_windows_ms: self.reach_windows_ms,
            clock_times_ms: self.clock_times.times_ms,
            messages,
            summaries,
            deliveries: slots.map(|slots| slots.deliveries).unwrap_or_default(),
            minutes: self.minutes.close(),
            faults: self.faults.0,
            dismissals,
            digest: self.digest.sum(),
            platforms: self.platforms,
        }
    }

    /// The counts at these places, by stratum, of a message accepted at this time; adds the dismissals there.
    fn cells(&mut self, places: &[u32], accepted_at: SimTime, dismissals: &mut [u64; 5]) -> Cells {
        let cells = (0..).map(StratumIx).zip(places).zip(&self.platforms).map(|((stratum, place), platform)| {
            let line = &self.lines[place.checked_sub(1)? as usize];
            dismissals[*platform as usize] += u64::from(line.dismissed);
            let clock_limits = || self.clock_times.limits_ms(accepted_at, stratum);
            Some(Box::new(line.close(&mut self.sides, &self.reach_windows_ms, clock_limits)))
        });
        cells.collect()
    }

    #[expect(clippy::inline_always, reason = "counting is a few additions, which a call would double")]
    #[inline(always)]
    pub(super) fn line(&mut self, message: MessageIx, stratum: StratumIx) -> &mut HotCounts {
        let place = self.place(message, stratum);
        &mut self.lines[place]
    }

    /// The index of the counts of a message in a stratum.
    #[expect(clippy::inline_always, reason = "counting is a few additions, which a call would double")]
    #[inline(always)]
    fn place(&mut self, message: MessageIx, stratum: StratumIx) -> usize {
        let at = message.at() * self.strata + stratum.at();
        if self.places[at] == 0 {
            self.open_line(at, message, stratum);
        }
        self.places[at] as usize - 1
    }

    #[cold]
    fn open_line(&mut self, at: usize, message: MessageIx, stratum: StratumIx) {
        let message = self.messages[message.at()].as_ref().expect("a message is opened before it is counted");
        let is_summarised = self.slots.as_ref().is_some_and(|slots| slots.summarises(message));
        let side = if message.kind == MessageKind::Device && !is_summarised {
            NO_SIDE
        } else {
            let limits =
                if is_summarised { Vec::new() } else { self.clock_times.limits_ms(message.accepted_at, stratum) };
            self.sides.push(ColdCounts::new(self.reach_windows_ms.len(), limits));
            u32::try_from(self.sides.len() - 1).expect("there are no more cold counts than hot ones")
        };
        self.lines.push(HotCounts::new(side));
        self.places[at] = u32::try_from(self.lines.len()).expect("messages and strata in use are below 2³²");
    }

    #[cold]
    fn record(&mut self, place: usize) {
        let line = &mut self.lines[place];
        let recents = std::mem::take(&mut line.recents);
        self.sides[line.side as usize].record(recents as usize, &self.reach_windows_ms);
    }

    #[cold]
    fn lost_to(&mut self, place: usize, fault: FaultIx) {
        let line = &mut self.lines[place];
        match self.sides.get_mut(line.side as usize) {
            Some(side) => side.lose_to(fault),
            None => line.alone = SinglePair::LostTo(fault),
        }
    }
}
