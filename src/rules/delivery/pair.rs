//! An open pair: a message on its way to a device, and its copies under way. Must not decide what happens: the road and
//! the device do.

use super::observer::Observer;
use super::phone::{Arrival, DeviceWorld};
use crate::rules::base::codes::{coded, perhaps};
use crate::rules::base::few::Few;
use crate::rules::base::ids::{FaultIx, Key, MessageIx};
use crate::rules::base::time::SimTime;
use crate::rules::faults::fault::FaultSet;
use crate::rules::faults::united::Wait;
use crate::rules::population::draws::Draws;
use crate::rules::service::gateway::Gateway;
use crate::rules::service::journey::{Effect, Journey, WaitCause};
use crate::rules::service::message::Message;

/// An open pair: waiting, at least one copy under way.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Pair {
    pub(crate) message: MessageIx,
    pub(crate) key: Key,
    pub(crate) expiry: Expiry,
    pub(crate) touched: FaultSet,
    /// The last reported cause of waiting.
    pub(crate) announced: Option<WaitCause>,
    pub(crate) copies: Few<MessageCopy>,
    /// Faults that have not yet begun to prolong its wait.
    later: Option<Box<Later>>,
    /// Computed on first use; not worth serializing. Beside its flag it is shorter than an `Option`.
    #[serde(skip)]
    draws: Draws,
    #[serde(skip)]
    is_drawn: bool,
}

/// A pair takes one cache line and a half.
const _: () = assert!(size_of::<Pair>() <= 96);

/// Faults that touch a pair if it still waits then (X32), and when that is; the earliest last.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
struct Later(Vec<(EventTime, FaultIx)>);

/// When the attempts for a pair end. It takes the room of a time, because a pair is copied and searched by the million.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) struct Expiry(#[serde(with = "perhaps")] SimTime);

impl Expiry {
    /// Tried once, never stored (R53). No expiry is as late as its time.
    pub(super) const ONE_ATTEMPT: Self = Self(SimTime::NEVER);

    /// Tried until then.
    pub(super) const fn at(at: SimTime) -> Self {
        Self(at)
    }

    /// That of a message at a gateway.
    #[inline]
    pub(super) fn of(message: &Message, gateway: &Gateway) -> Self {
        match message.expiry_ms[gateway.name as usize] {
            0 => Self::ONE_ATTEMPT,
            expiry_ms => Self::at(message.accepted_at + expiry_ms),
        }
    }

    /// When it ends; never for one attempt, which ends by itself.
    pub(super) const fn end(self) -> SimTime {
        self.0
    }
}

/// One copy of a message; duplicates are copies too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct MessageCopy {
    /// 0 for the original, the fault's key for a duplicate.
    pub(crate) salt: Key,
    /// Travels and holds so far: each draws anew.
    pub(super) trips: u16,
    pub(crate) holds: u16,
    pub(crate) place: CopyPlace,
    /// Lower bound of its next event, checked again when due. The store has its own time.
    #[serde(with = "perhaps")]
    pub(crate) due: SimTime,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, strum::VariantArray)]
#[serde(into = "u8", try_from = "u8")]
pub(crate) enum CopyPlace {
    Queue,
    Held,
    Road,
    Store,
    Dozing,
}

/// The order of internal events at one millisecond (T2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum EventKind {
    /// A fault that prolongs a wait began a millisecond ago, and the wait was not over then.
    Prolonged,
    Expiry,
    Visible,
    Leave,
    Release,
    Arrival,
    /// Inputs, after all internal events.
    Input,
    /// The same as `Prolonged` in the last millisecond of the run, which has no next one.
    ProlongedLast,
}

impl EventKind {
    const ALL: [Self; 8] = [
        Self::Prolonged,
        Self::Expiry,
        Self::Visible,
        Self::Leave,
        Self::Release,
        Self::Arrival,
        Self::Input,
        Self::ProlongedLast,
    ];
}

/// The time and kind of an event in one number, in the order of events (T2), for fast comparison.
#[derive(Clone, core::marker::Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub(crate) struct EventTime(u64);

impl EventTime {
    /// Later than any event.
    pub(crate) const NEVER: Self = Self::new(SimTime::NEVER, EventKind::Expiry);
    const KIND_BITS: u32 = 3;

    /// An event at a time; [`SimTime::NEVER`] stays later than any event, because no duration reaches 2⁶¹ ms.
    #[inline]
    pub(crate) const fn new(at: SimTime, kind: EventKind) -> Self {
        Self(at.0 << Self::KIND_BITS | kind as u64)
    }

    /// Its time.
    #[inline]
    pub(crate) const fn at(self) -> SimTime {
        SimTime(self.0 >> Self::KIND_BITS)
    }

    /// Its kind.
    ///
    /// # Panics
    /// If it is [`EventTime::NEVER`].
    #[inline]
    pub(crate) const fn kind(self) -> EventKind {
        EventKind::ALL[(self.0 & 7) as usize]
    }
}

/// The state of a pair after an event.
#[derive(Clone, core::marker::Copy, Debug)]
pub(crate) enum PairStep {
    /// It is still open.
    Open,
    /// It has ended before the portal.
    Settled(Journey),
    /// The portal settles it.
    Arrived,
    /// It was settled together with others and has been reported.
    Gone,
}

impl Pair {
    /// A pair whose only copy waits for its slot at the gateway.
    pub(crate) fn new(message: MessageIx, key: Key, expiry: Expiry, leaves: SimTime, draws: Option<Draws>) -> Self {
        let copy = MessageCopy { salt: Key(0), trips: 0, holds: 0, place: CopyPlace::Queue, due: leaves };
        let touched = FaultSet::default();
        Self {
            message,
            key,
            expiry,
            touched,
            announced: None,
            copies: Few::one(copy),
            later: None,
            draws: draws.unwrap_or_default(),
            is_drawn: draws.is_some(),
        }
    }

    /// A pair whose only copy has met an offline phone on its first trip, and is in the gateway's store, which opens
    /// then.
    pub(super) fn stored_until(message: MessageIx, key: Key, expiry: Expiry, opens: SimTime, draws: Draws) -> Self {
        let copy = MessageCopy { salt: Key(0), trips: 1, holds: 0, place: CopyPlace::Store, due: opens };
        let announced = Some(WaitCause::Offline);
        Self { announced, copies: Few::one(copy), ..Self::new(message, key, expiry, opens, Some(draws)) }
    }

    /// Whether no fault has a part in it, and it has one copy, which is in the store.
    pub(super) fn is_calmly_stored(&self) -> bool {
        let is_stored = self.copies.only().is_some_and(|copy| copy.place == CopyPlace::Store);
        is_stored && self.touched.is_empty() && self.later.is_none()
    }

    /// The draws of the pair.
    pub(crate) fn draws(&mut self, device_world: &DeviceWorld<'_>) -> Draws {
        if !self.is_drawn {
            self.draws = Draws::of(&device_world.world.chance, device_world.traits.key, self.key);
            self.is_drawn = true;
        }
        self.draws
    }

    /// When its attempts end.
    pub(crate) const fn expires(&self) -> SimTime {
        self.expiry.end()
    }

    /// The same as an event.
    #[inline]
    pub(super) const fn expiry_moment(&self) -> EventTime {
        EventTime::new(self.expires(), EventKind::Expiry)
    }

    /// The next event of the pair outside the store, or never, and to which copy it happens.
    #[inline]
    pub(crate) fn next(&self) -> (EventTime, usize) {
        let next = self.next_of_copies();
        match &self.later {
            None => next,
            Some(later) => later.next().map_or(next, |later| next.min((later, 0))),
        }
    }

    #[inline]
    fn next_of_copies(&self) -> (EventTime, usize) {
        if let Some(only) = self.copies.only() {
            return (only.next(), 0);
        }
        let events = self.copies.iter().enumerate().map(|(nth, copy)| (copy.next(), nth));
        events.min().unwrap_or((EventTime::NEVER, 0))
    }

    /// The copy in the store, if one is.
    #[inline]
    pub(crate) fn stored(&self) -> Option<usize> {
        if let Some(only) = self.copies.only() {
            return (only.place == CopyPlace::Store).then_some(0);
        }
        self.copies.iter().position(|copy| copy.place == CopyPlace::Store)
    }

    /// What it waits for: the cause of its most advanced copy.
    #[inline]
    pub(crate) fn waits_for(&self) -> WaitCause {
        if let Some(only) = self.copies.only() {
            return only.place.cause();
        }
        self.copies.iter().map(|copy| copy.place.cause()).max_by_key(|cause| *cause).unwrap_or(WaitCause::InTransit)
    }

    /// Reports what it waits for, if that has changed.
    #[expect(clippy::inline_always, reason = "its report costs a few additions")]
    #[inline(always)]
    pub(crate) fn tell(&mut self, now: SimTime, out: &mut impl Observer) {
        let waits_for = self.waits_for();
        if self.announced != Some(waits_for) {
            let (from, to) = (self.announced.map(Journey::Waiting), Journey::Waiting(waits_for));
            out.effect(Effect::Moved { message: self.message, at: now, from, to, touched: self.touched });
            self.announced = Some(waits_for);
        }
    }

    /// Reports its end.
    pub(crate) fn settle(&self, to: Journey, now: SimTime, out: &mut impl Observer) {
        let from = self.announced.map(Journey::Waiting);
        out.effect(Effect::Moved { message: self.message, at: now, from, to, touched: self.touched });
    }

    /// Adds faults that touched it (X25); reports the new ones.
    pub(super) fn touch(&mut self, faults: FaultSet, out: &mut impl Observer) {
        let new = faults.minus(self.touched);
        if !new.is_empty() {
            self.touched = self.touched.union(new);
            out.effect(Effect::Touched { message: self.message, faults: new });
        }
    }

    /// Starts a wait because of faults: those already read touch the pair, others do if they begin before the wait is
    /// over (X32). Whether it was over is known a millisecond later, or at the end of the run's last millisecond.
    pub(super) fn wait_under(&mut self, wait: Wait, horizon: SimTime, out: &mut impl Observer) {
        self.touch(wait.read, out);
        let is_new = |(at, fault): &(SimTime, FaultIx)| *at < horizon && !self.touched.contains(*fault);
        let new = wait.later.into_iter().filter(is_new);
        let known = |at: SimTime| match at + 1 {
            next if next < horizon => EventTime::new(next, EventKind::Prolonged),
            _ => EventTime::new(at, EventKind::ProlongedLast),
        };
        let later: Vec<_> = new.map(|(at, fault)| (known(at), fault)).collect();
        if !later.is_empty() {
            self.later.get_or_insert_default().add(later);
        }
    }

    /// Applies faults that have begun and prolong its wait.
    pub(super) fn prolong(&mut self, now: EventTime, out: &mut impl Observer) {
        let begun = self.later.as_mut().map_or_else(FaultSet::default, |later| later.take_begun(now));
        self.touch(begun, out);
    }

    /// Ends the wait: faults that begin from now on do not prolong it.
    pub(super) fn end_wait(&mut self) {
        self.later = None;
    }

    /// The pair as handed over to the portal.
    pub(crate) fn arrival(&mut self, device_world: &DeviceWorld<'_>) -> Arrival {
        let draws = self.draws(device_world);
        Arrival { message: self.message, key: self.key, from: self.announced, touched: self.touched, draws }
    }
}

impl Later {
    fn next(&self) -> Option<EventTime> {
        self.0.last().map(|(at, _)| *at)
    }

    /// Adds faults; a fault that is already there keeps the earlier moment.
    fn add(&mut self, more: Vec<(EventTime, FaultIx)>) {
        self.0.extend(more);
        self.0.sort_unstable_by_key(|(at, fault)| (*fault, *at));
        self.0.dedup_by_key(|(_, fault)| *fault);
        self.0.sort_unstable_by(|one, other| other.cmp(one));
    }

    fn take_begun(&mut self, now: EventTime) -> FaultSet {
        let mut begun = FaultSet::default();
        while let Some((_, fault)) = self.0.pop_if(|(at, _)| *at <= now) {
            begun.insert(fault);
        }
        begun
    }
}

impl MessageCopy {
    /// Its next event; never while it is in the store, which opens for all copies at once.
    #[inline]
    const fn next(&self) -> EventTime {
        // Which kind it is cannot be predicted: a comparison and a selection, instead of a jump.
        let leaves = matches!(self.place, CopyPlace::Queue | CopyPlace::Held) as u64;
        let arrival = EventTime::new(self.due, EventKind::Arrival);
        let next = EventTime(arrival.0 - leaves * (EventKind::Arrival as u64 - EventKind::Leave as u64));
        if matches!(self.place, CopyPlace::Store) { EventTime::NEVER } else { next }
    }
}

coded!(CopyPlace);

impl CopyPlace {
    const fn cause(self) -> WaitCause {
        const CAUSES: [WaitCause; 5] =
            [WaitCause::Capacity, WaitCause::Outage, WaitCause::InTransit, WaitCause::Offline, WaitCause::Doze];
        CAUSES[self as usize]
    }
}
