//! A device as the cloud sees it: its quota window (10 an hour) and its open pairs on their way through the gateway. A
//! state machine without I/O; the time is always an argument. Must not show anything: the portal does.

use super::attempt::{Found, look_at_phone};
use super::observer::{Outbox, TraceEvent};
use super::open::OpenPairs;
use super::pair::{EventKind, EventTime, Expiry, Pair, PairStep};
use super::phone::{DeviceWorld, Handover, Parcel};
use super::road;
use crate::rules::base::ids::{Key, MessageIx};
use crate::rules::base::time::SimTime;
use crate::rules::faults::fault::FaultSet;
use crate::rules::model::change::PhoneChange;
use crate::rules::population::draws::Draws;
use crate::rules::sending::crowd::Phase;
use crate::rules::service::audience::AudienceClass;
use crate::rules::service::gateway::{Gateway, Overflow};
use crate::rules::service::journey::{Effect, Journey, WaitCause};
use crate::rules::service::message::{Message, Refusal};
use crate::rules::service::quota::Window;
use crate::rules::service::readings::Service;

/// An input of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceInput {
    /// A journey starts.
    Start {
        /// The message.
        message: Message,
        /// Started by the send itself, or by becoming visible.
        phase: Phase,
        /// Why the pair belongs to the message.
        class: AudienceClass,
        /// Its slot in the gateway's queue, in capacity units.
        slot: u128,
    },
    /// The phone changes; the key is the change's.
    Change(PhoneChange, Key),
    /// The user dismisses a notification by hand (T9).
    Dismiss(MessageIx),
}

/// A journey that starts.
#[derive(Clone, Copy, Debug)]
pub struct Departure<'a> {
    /// The message.
    pub message: &'a Message,
    /// Started by the send itself, or by becoming visible.
    pub phase: Phase,
    /// Why the pair belongs to the message.
    pub class: AudienceClass,
    /// Its slot in the gateway's queue, in capacity units.
    pub slot: u128,
    /// Model time.
    pub at: SimTime,
    /// No other input reaches the device before this moment: up to it the new pair may proceed at once, as long as it
    /// is the next to do anything.
    pub until: SimTime,
    /// The draws of the pair, if they are known already.
    pub draws: Option<Draws>,
}

/// A device's mutable state; constant traits are drawn again from its key.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Device {
    window: Window,
    opened: bool,
    pub(super) open: OpenPairs,
}

impl Device {
    /// Takes a slot of the 10 an hour; reads and writes nothing else (T8). Beside messages to this device alone, the
    /// copies of [`Tenant::counted_for`](crate::rules::sending::tenant::Tenant::counted_for) count.
    ///
    /// # Errors
    /// A refusal by its quota (R43).
    pub fn reserve(&mut self, service: &Service, now: SimTime, group_messages: &[SimTime]) -> Result<(), Refusal> {
        self.window.reserve_for_device(service, now, group_messages)
    }

    /// Whether its user has opened the app since the model began.
    pub(super) const fn is_opened(&self) -> bool {
        self.opened
    }

    /// A lower bound for the next internal event.
    #[inline]
    pub(super) fn next_event(&self) -> EventTime {
        self.open.next()
    }

    /// A lower bound for the moment of the next internal event.
    pub fn next_due(&self) -> Option<SimTime> {
        Some(self.open.next()).filter(|next| *next < EventTime::NEVER).map(EventTime::at)
    }

    /// The open pairs: message, key, cause of waiting, faults that touched them.
    pub fn open(&self) -> impl Iterator<Item = (MessageIx, Key, WaitCause, FaultSet)> + '_ {
        self.open.iter().map(|pair| (pair.message, pair.key, pair.waits_for(), pair.touched))
    }

    /// Resets all state but keeps the buffers.
    pub fn clear(&mut self) {
        let mut open = std::mem::take(&mut self.open);
        open.clear();
        *self = Self { open, ..Self::default() };
    }

    /// Runs all internal events up to and including `now`.
    pub fn advance(&mut self, device_world: &DeviceWorld<'_>, now: SimTime, out: &mut impl Outbox) {
        self.advance_before(device_world, EventTime::new(now + 1, EventKind::Prolonged), out);
    }

    /// Runs all internal events before an input at `now`, then the input with its immediate consequences. No other
    /// input comes before `until`: a journey that starts may proceed up to it at once.
    pub fn accept(
        &mut self,
        device_world: &DeviceWorld<'_>,
        input: &DeviceInput,
        now: SimTime,
        until: SimTime,
        out: &mut impl Outbox,
    ) {
        match *input {
            DeviceInput::Start { ref message, phase, class, slot } => {
                let departure = Departure { message, phase, class, slot, at: now, until, draws: None };
                self.start(device_world, &departure, out);
            }
            DeviceInput::Change(change, key) => {
                self.advance(device_world, now, out);
                if change == PhoneChange::OpenApp {
                    self.opened = true;
                } else {
                    out.hand_over(Handover { at: now, what: Parcel::Changed(change, key) });
                }
            }
            DeviceInput::Dismiss(message) => {
                self.advance(device_world, now, out);
                out.hand_over(Handover { at: now, what: Parcel::Dismissed(message) });
            }
        }
    }

    /// Starts a journey, after all internal events before it.
    #[inline]
    pub fn start(&mut self, device_world: &DeviceWorld<'_>, departure: &Departure<'_>, out: &mut impl Outbox) {
        let Departure { message, phase, class, slot, at: now, until, draws } = *departure;
        let before = match phase {
            Phase::Visible => EventKind::Visible,
            Phase::Send => EventKind::Input,
        };
        self.advance_before(device_world, EventTime::new(now, before), out);
        let gateway = device_world.gateway();
        let expiry = Expiry::of(message, gateway);
        out.effect(Effect::Started { message: message.ix, class });
        if expiry.end() <= now {
            let (message, touched) = (message.ix, FaultSet::default());
            out.effect(Effect::Moved { message, at: now, from: None, to: Journey::Expired, touched });
            return;
        }
        let leaves = gateway.rates.leaves(slot, now);
        let mut pair = Pair::new(message.ix, message.key, expiry, leaves, draws);
        let mut throttles = FaultSet::default();
        if leaves > now && gateway.rates.are_cut() {
            let wait = gateway.rates.wait(now, leaves);
            throttles = wait.faults_before(pair.expires().min(device_world.world.horizon));
            pair.wait_under(wait, device_world.world.horizon, out);
        }
        out.note(message.ix, now, TraceEvent::Slot { leaves, throttles });
        let (mut now, mut step) = (now, PairStep::Open);
        if leaves <= now {
            step = road::leave(device_world, gateway, &mut pair, 0, now, out);
        }
        let others = self.open.next().min(EventTime::new(until, EventKind::Expiry)).min(pair.expiry_moment());
        while let PairStep::Open = step {
            pair.tell(now, out);
            let (next, nth) = pair.next();
            if next >= others {
                break;
            }
            now = next.at();
            step = match next.kind() {
                EventKind::Prolonged | EventKind::ProlongedLast => {
                    pair.prolong(next, out);
                    PairStep::Open
                }
                EventKind::Leave => road::leave(device_world, gateway, &mut pair, nth, now, out),
                _ => match look_at_phone(device_world, &mut pair, self.opened, now, out) {
                    Found::Offline(until) => {
                        let at = self.open.insert(pair);
                        let (at, step) = self.store(gateway, at, nth, until, now, out);
                        return self.conclude(device_world, at, step, now, out);
                    }
                    found => found.step(&mut pair, nth),
                },
            };
        }
        match step {
            PairStep::Open => {
                let at = self.open.insert(pair);
                self.open.schedule(at);
            }
            PairStep::Settled(journey) => pair.settle(journey, now, out),
            PairStep::Arrived => out.hand_over(Handover { at: now, what: Parcel::Arrived(pair.arrival(device_world)) }),
            PairStep::Gone => unreachable!("it was settled with no others"),
        }
    }

    #[inline]
    fn advance_before(&mut self, device_world: &DeviceWorld<'_>, bound: EventTime, out: &mut impl Outbox) {
        loop {
            let next = self.open.next();
            if next >= bound {
                return;
            }
            self.go_through(device_world, next, out);
        }
    }

    /// Runs the next internal event.
    fn go_through(&mut self, device_world: &DeviceWorld<'_>, next: EventTime, out: &mut impl Outbox) {
        match next.kind() {
            EventKind::Expiry => {
                let now = next.at();
                self.open.remove_expired(now, |pair| pair.settle(Journey::Expired, now, out));
            }
            EventKind::Release => self.release(device_world, next.at(), out),
            EventKind::Prolonged | EventKind::ProlongedLast | EventKind::Leave | EventKind::Arrival => {
                self.go_on(device_world, next, out);
            }
            EventKind::Visible | EventKind::Input => unreachable!("pairs have no such events"),
        }
    }

    /// The phone is online again: the store is emptied (T6).
    fn release(&mut self, device_world: &DeviceWorld<'_>, now: SimTime, out: &mut impl Outbox) {
        self.open.release(|pair, nth| {
            road::travel_again(device_world, device_world.gateway(), pair, nth, now, out);
            pair.tell(now, out);
        });
    }

    /// Runs the next event of a pair.
    fn go_on(&mut self, device_world: &DeviceWorld<'_>, moment: EventTime, out: &mut impl Outbox) {
        let Some((at, nth)) = self.open.take_due(moment) else { return };
        let now = moment.at();
        let (at, step) = match moment.kind() {
            EventKind::Prolonged | EventKind::ProlongedLast => {
                self.open.at(at).prolong(moment, out);
                (at, PairStep::Open)
            }
            EventKind::Leave => {
                (at, road::leave(device_world, device_world.gateway(), self.open.at(at), nth, now, out))
            }
            _ => self.attempt(device_world, at, nth, now, out),
        };
        self.conclude(device_world, at, step, now, out);
    }

    /// Reports the step of the pair at index `at`, and removes the pair when it is no longer open.
    fn conclude(
        &mut self,
        device_world: &DeviceWorld<'_>,
        at: usize,
        step: PairStep,
        now: SimTime,
        out: &mut impl Outbox,
    ) {
        match step {
            PairStep::Open => {
                self.open.at(at).tell(now, out);
                self.open.schedule(at);
            }
            PairStep::Settled(journey) => {
                self.open.at(at).settle(journey, now, out);
                self.open.remove(at);
            }
            PairStep::Arrived => {
                let arrival = self.open.at(at).arrival(device_world);
                self.open.remove(at);
                out.hand_over(Handover { at: now, what: Parcel::Arrived(arrival) });
            }
            PairStep::Gone => {}
        }
    }

    /// A copy's latency is over: it arrives, or not (X22, X25). Returns the step of its pair.
    fn attempt(
        &mut self,
        device_world: &DeviceWorld<'_>,
        at: usize,
        nth: usize,
        now: SimTime,
        out: &mut impl Outbox,
    ) -> (usize, PairStep) {
        let pair = self.open.at(at);
        match look_at_phone(device_world, pair, self.opened, now, out) {
            Found::Offline(until) => self.store(device_world.gateway(), at, nth, until, now, out),
            found => (at, found.step(pair, nth)),
        }
    }

    /// The phone is offline: the copy enters the gateway's store, under its limit (R53, R54, X24).
    fn store(
        &mut self,
        gateway: &Gateway,
        at: usize,
        nth: usize,
        opens: SimTime,
        now: SimTime,
        out: &mut impl Outbox,
    ) -> (usize, PairStep) {
        let pair = self.open.at(at);
        if pair.expiry == Expiry::ONE_ATTEMPT || gateway.stored == 0 {
            return (at, PairStep::Settled(Journey::Expired));
        }
        let message = pair.message;
        if pair.stored().is_some() {
            out.note(message, now, TraceEvent::StoredAlready);
            pair.copies.remove(nth);
            return (at, PairStep::Open);
        }
        let stored = self.open.store(at, nth, opens);
        out.note(message, now, TraceEvent::Stored { stored, limit: gateway.stored });
        if stored <= gateway.stored {
            return (at, PairStep::Open);
        }
        match gateway.overflow {
            Overflow::Supersede => {
                let oldest = self.open.oldest_stored().expect("the store is over its limit");
                if oldest == at {
                    return (at, PairStep::Settled(Journey::Superseded));
                }
                self.open.at(oldest).settle(Journey::Superseded, now, out);
                self.open.remove(oldest);
                (at - 1, PairStep::Open)
            }
            Overflow::Discard => {
                self.open.remove_stored(|pair| pair.settle(Journey::Discarded, now, out));
                (at, PairStep::Gone)
            }
        }
    }
}
