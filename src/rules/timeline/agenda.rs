//! The sender's plan: requests to the tenant and their times, retries included (X2, X7), and the ledger of their
//! outcomes. Decides when; must not decide whether a send is accepted.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use strum::VariantArray as _;

use super::summary::{Summarised, Summary};
use crate::rules::base::ids::{ChangeIx, DeviceIx, Key, MessageIx, SendIx};
use crate::rules::base::limits::QUOTA_WINDOW_MS;
use crate::rules::base::time::SimTime;
use crate::rules::model::change::Subject;
use crate::rules::model::send::Target;
use crate::rules::model::world::World;
use crate::rules::service::message::{MessageKind, Reason, Refusal, Stamp};
use crate::rules::service::quota::retry_after_seconds;

/// One entry of the ledger: an occurrence of a send (and a device, for sends to single devices) and its last outcome.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct LedgerEntry {
    /// The send.
    pub send: SendIx,
    /// The occurrence, from 0.
    pub occurrence: u32,
    /// The single target, if it has one.
    pub device: Option<DeviceIx>,
    /// The message's stable key.
    pub key: Key,
    /// Attempts so far, at most four.
    pub attempts: u32,
    /// When the last attempt was judged.
    pub at: SimTime,
    /// The last outcome.
    pub outcome: Result<MessageIx, Refusal>,
}

impl LedgerEntry {
    /// To groups or to one device.
    pub const fn kind(&self) -> MessageKind {
        if self.device.is_some() { MessageKind::Device } else { MessageKind::Group }
    }
}

/// An attempt to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Attempt {
    /// The send.
    pub send: SendIx,
    /// The occurrence, from 0.
    pub occurrence: u32,
    /// The single target, if it has one.
    pub device: Option<DeviceIx>,
    /// The message's stable key.
    pub key: Key,
    /// The number of the attempt, from 1.
    pub number: u32,
    entry: Option<usize>,
}

impl Attempt {
    /// The first attempt of an occurrence.
    pub const fn first(send: SendIx, occurrence: u32, device: Option<DeviceIx>, key: Key) -> Self {
        Self { send, occurrence, device, key, number: 1, entry: None }
    }

    /// The identity of its message if it is accepted.
    pub const fn stamp(&self) -> Stamp {
        Stamp { send: self.send, occurrence: self.occurrence, key: self.key }
    }

    /// To groups or to one device.
    pub const fn kind(&self) -> MessageKind {
        if self.device.is_some() { MessageKind::Device } else { MessageKind::Group }
    }
}

/// The steps and attempts of one millisecond, in order (X2).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Due {
    /// Steps of changes.
    pub changes: Vec<(ChangeIx, Subject)>,
    /// Attempts to send; retries last.
    pub attempts: Vec<Attempt>,
}

/// Whether an outcome is final for an occurrence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finality {
    /// No attempt follows.
    Final,
    /// It is tried again (X7).
    Open,
}

/// Acceptances, and refusals by a quota, of one kind of message: every attempt counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct QuotaCount {
    /// Accepted messages.
    pub accepted: u64,
    /// Attempts refused by this quota.
    pub refused: u64,
}

/// The outcomes of a minute's attempts; every attempt counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Judged {
    /// Accepted, by kind in the order of [`MessageKind`].
    pub accepted: [u64; 2],
    /// Refused, by kind, then by reason in the order of [`Reason`].
    pub refused: [[u64; Reason::VARIANTS.len()]; 2],
    /// Slots of the tenant's quota that were taken (R42, R46).
    pub group_slots: u64,
}

/// The plan and the ledger.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct Agenda {
    horizon: SimTime,
    /// `(time, file order, step)` of each change's next step.
    changes: BinaryHeap<Reverse<(SimTime, u32, usize)>>,
    /// `(time, file order, occurrence)` of each send's next occurrence.
    sends: BinaryHeap<Reverse<(SimTime, u32, usize)>>,
    retries: BTreeMap<(SimTime, u64), Attempt>,
    next_retry: u64,
    ledger: Vec<LedgerEntry>,
    summarised: Summarised,
    /// Outcomes of summarised sends.
    summaries: BTreeMap<SendIx, Summary>,
    /// Outcomes of all attempts, by minute, for the series.
    judged: BTreeMap<u64, Judged>,
    group: QuotaCount,
    device: QuotaCount,
}

/// Milliseconds of a column of the series.
const MINUTE_MS: u64 = 60_000;

impl Agenda {
    /// The plan of a world, with a ledger of all sends that are not summarised.
    pub fn new(world: &World) -> Self {
        Self { summarised: Summarised::of(world), ..Self::entire(world) }
    }

    /// The plan of a world, with a ledger of all sends.
    pub fn entire(world: &World) -> Self {
        let first = |at: usize, time: Option<SimTime>| time.map(|time| Reverse((time, at as u32, 0)));
        Self {
            horizon: world.horizon,
            changes: world
                .changes
                .iter()
                .enumerate()
                .filter_map(|(at, change)| first(at, change.steps.first().map(|(time, _)| *time)))
                .collect(),
            sends: world
                .sends
                .iter()
                .enumerate()
                .filter_map(|(at, send)| first(at, send.times.first().copied()))
                .collect(),
            retries: BTreeMap::new(),
            next_retry: 0,
            ledger: Vec::new(),
            summarised: Summarised::default(),
            summaries: BTreeMap::new(),
            judged: BTreeMap::new(),
            group: QuotaCount::default(),
            device: QuotaCount::default(),
        }
    }

    /// The moment of the next step or attempt; `None` when nothing is left before the horizon.
    pub fn next_time(&self) -> Option<SimTime> {
        let change = self.changes.peek().map(|Reverse((time, ..))| *time);
        let send = self.sends.peek().map(|Reverse((time, ..))| *time);
        let retry = self.retries.keys().next().map(|(time, _)| *time);
        [change, send, retry].into_iter().flatten().min().filter(|time| *time < self.horizon)
    }

    /// Removes and returns all that is due at `now`, which must be [`Agenda::next_time`].
    pub fn take(&mut self, world: &World, now: SimTime) -> Due {
        let mut due = Due::default();
        while let Some((file, step)) = pop_at(&mut self.changes, now) {
            let steps = &world.changes[file as usize].steps;
            due.changes.push((ChangeIx(file), steps[step].1));
            if let Some((time, _)) = steps.get(step + 1) {
                self.changes.push(Reverse((*time, file, step + 1)));
            }
        }
        while let Some((file, occurrence)) = pop_at(&mut self.sends, now) {
            let send = &world.sends[file as usize];
            let key = send.key.nth(occurrence as u64);
            let attempt = |device: Option<DeviceIx>, key| Attempt::first(SendIx(file), occurrence as u32, device, key);
            match &send.target {
                Target::Groups(_) => due.attempts.push(attempt(None, key)),
                Target::Devices { devices, .. } => due.attempts.extend(
                    devices.iter().map(|device| attempt(Some(*device), key.nth(world.fleet.device_key(*device).0))),
                ),
            }
            if let Some(time) = send.times.get(occurrence + 1) {
                self.sends.push(Reverse((*time, file, occurrence + 1)));
            }
        }
        while let Some(retry) = self.retries.first_entry().filter(|retry| retry.key().0 == now) {
            due.attempts.push(retry.remove());
        }
        due
    }

    /// Records the outcome of an attempt at `now`, and plans the retry that follows, if any (X7).
    pub fn answer(
        &mut self,
        world: &World,
        attempt: Attempt,
        outcome: Result<MessageIx, Refusal>,
        now: SimTime,
    ) -> Finality {
        let Attempt { send, occurrence, device, key, number, entry } = attempt;
        let line = LedgerEntry { send, occurrence, device, key, attempts: number, at: now, outcome };
        let judged = self.judged.entry(now.0 / MINUTE_MS).or_default();
        match outcome {
            Ok(_) => judged.accepted[line.kind() as usize] += 1,
            Err(Refusal { reason, .. }) => judged.refused[line.kind() as usize][reason as usize] += 1,
        }
        if let Target::Groups(groups) = &world.sends[send.at()].target
            && world.service.takes_slots(outcome.err().map(|refusal| refusal.reason))
        {
            judged.group_slots += world.service.slots(groups) as u64;
        }
        let quota = if device.is_some() { &mut self.device } else { &mut self.group };
        match outcome {
            Ok(_) => quota.accepted += 1,
            Err(Refusal { reason, .. }) => quota.refused += u64::from(reason.is_quota()),
        }
        let entry = match entry {
            _ if self.summarised.has(send) => {
                self.summaries.entry(send).or_default().tried(&line);
                None
            }
            Some(at) => {
                self.ledger[at] = line;
                entry
            }
            None => {
                self.ledger.push(line);
                Some(self.ledger.len() - 1)
            }
        };
        let Err(Refusal { reason, next_slot }) = outcome else { return Finality::Final };
        // Without a hint when to try again, the sender waits for an hour: the service tells nothing more (R47).
        let wait_ms = next_slot.map_or(QUOTA_WINDOW_MS, |next| retry_after_seconds(now, next) * 1_000);
        let again = now + wait_ms;
        if !reason.is_quota() || number > world.sends[send.at()].retries || again >= self.horizon {
            return Finality::Final;
        }
        let attempt = Attempt { number: number + 1, entry, ..attempt };
        self.retries.insert((again, self.next_retry), attempt);
        self.next_retry += 1;
        Finality::Open
    }

    /// The ledger, in the order of first attempts.
    pub fn ledger(&self) -> &[LedgerEntry] {
        &self.ledger
    }

    /// The outcomes of summarised sends, which are not in the ledger.
    pub const fn summaries(&self) -> &BTreeMap<SendIx, Summary> {
        &self.summaries
    }

    /// Whether some sends are summarised.
    pub fn summarises(&self) -> bool {
        self.summarised.any()
    }

    /// Whether an agenda read from a file can belong to this world, with nothing left to do.
    pub fn fits(&self, world: &World) -> bool {
        self.ledger.iter().all(|entry| {
            entry.send.at() < world.sends.len() && entry.device.is_none_or(|device| device.0 < world.fleet.devices())
        }) && self.horizon == world.horizon
            && self.next_time().is_none()
            && self.summarised == Summarised::of(world)
            && self.summaries.keys().all(|send| self.summarised.has(*send))
    }

    /// Whether another agenda has the same requests with the same outcomes.
    pub fn says_the_same(&self, other: &Self) -> bool {
        (&self.ledger, &self.summaries, &self.judged, self.group, self.device)
            == (&other.ledger, &other.summaries, &other.judged, other.group, other.device)
    }

    /// The outcomes of group messages.
    pub fn group_quota(&self) -> QuotaCount {
        self.group
    }

    /// The outcomes of single-device messages.
    pub fn device_quota(&self) -> QuotaCount {
        self.device
    }

    /// The outcomes of attempts by model minute.
    pub fn judged_by_minute(&self) -> impl Iterator<Item = (u64, &Judged)> + '_ {
        self.judged.iter().map(|(minute, judged)| (*minute, judged))
    }
}

fn pop_at(heap: &mut BinaryHeap<Reverse<(SimTime, u32, usize)>>, now: SimTime) -> Option<(u32, usize)> {
    let Reverse((time, file, step)) = *heap.peek()?;
    if time != now {
        return None;
    }
    heap.pop();
    Some((file, step))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::fixture::Hand;

    #[test]
    fn an_agenda_that_is_done_fits_its_world_and_none_that_differs() {
        let Hand { world, agenda, .. } = Hand::new("", |_| Ok(()));
        assert!(agenda.fits(&world) && !Agenda::new(&world).fits(&world));
        let fits = |change: &dyn Fn(&mut Agenda)| {
            let mut agenda = agenda.clone();
            change(&mut agenda);
            agenda.fits(&world)
        };
        let (sends, devices) = (world.sends.len() as u32, world.fleet.devices());
        for (send, is_known) in [(sends - 1, true), (sends, false), (sends + 1, false)] {
            assert_eq!(fits(&|agenda| agenda.ledger[0].send = SendIx(send)), is_known, "{send}");
        }
        for (device, is_known) in [(devices - 1, true), (devices, false), (devices + 1, false)] {
            assert_eq!(fits(&|agenda| agenda.ledger[0].device = Some(DeviceIx(device))), is_known, "{device}");
        }
        assert!(!fits(&|agenda| agenda.horizon = SimTime(world.horizon.0 + 1)));
        assert!(!fits(&|agenda| {
            agenda.summaries.insert(SendIx(1), Summary::default());
        }));
        assert!(!agenda.fits(&World { listed_max: 0, ..world.clone() }), "there a send is summarised");
        let summarising = World { listed_max: 0, ..world.clone() };
        let mut other = agenda.clone();
        other.summarised = Summarised::of(&summarising);
        other.summaries.insert(SendIx(1), Summary::default());
        assert!(other.fits(&summarising) && !other.says_the_same(&agenda) && agenda.says_the_same(&agenda));
    }
}
