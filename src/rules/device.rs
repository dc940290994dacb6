//! A device as the cloud sees it: its 10-an-hour window and its open pairs on their way through the gateway. A state machine
//! without I/O: it is told the time and never asks for it. It never shows anything; that is the portal's.

use super::attempt::{Found, look_at_phone};
use super::crowd::Phase;
use super::draws::Draws;
use super::fault::FaultSet;
use super::gateway::{Gateway, Overflow};
use super::ids::{Key, MessageIx};
use super::journey::{Effect, Journey, WaitCause};
use super::message::{Message, Refusal};
use super::pair::{Expiry, Kind, Moment, Pair, Place, Step};
use super::pairs::Pairs;
use super::phone::{Ground, Handover, Parcel, PhoneChange};
use super::quota::Window;
use super::road;
use super::service::Service;
use super::time::SimTime;
use super::witness::{Note, Outbox};
use super::world::AudienceClass;

/// What happens to a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// A journey starts.
    Start {
        /// The message.
        message: Message,
        /// As an input, or by becoming visible.
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
    /// As an input, or by becoming visible.
    pub phase: Phase,
    /// Why the pair belongs to the message.
    pub class: AudienceClass,
    /// Its slot in the gateway's queue, in capacity units.
    pub slot: u128,
    /// When.
    pub at: SimTime,
    /// Nothing else will be given to the device before: so far the new pair may go on at once, as long as it is the next to
    /// do anything.
    pub until: SimTime,
    /// What is drawn once for the pair, if somebody knows it already.
    pub draws: Option<Draws>,
}

/// A device's changing state; what never changes is drawn again from its key. At rest it is the window, the flag and the
/// pairs: what is due follows from them.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(from = "AtRest")]
pub struct Device {
    window: Window,
    opened: bool,
    pairs: Pairs,
    /// What happens next to each pair outside the store, the earliest last. One that no longer holds is passed over.
    #[serde(skip)]
    due: Vec<Due>,
    /// Pairs in the store, and when it opens for all of them at once (T6).
    #[serde(skip)]
    stored: u32,
    #[serde(skip)]
    opens: Moment,
    /// No pair expires before this.
    #[serde(skip)]
    expires: Moment,
}

/// What a device is at rest.
#[derive(serde::Deserialize)]
struct AtRest {
    window: Window,
    opened: bool,
    pairs: Pairs,
}

/// Something that will happen to a pair; the order is that of events (T2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Due {
    moment: Moment,
    message: MessageIx,
}

impl Default for Device {
    fn default() -> Self {
        Self {
            window: Window::default(),
            opened: false,
            pairs: Pairs::default(),
            due: Vec::new(),
            stored: 0,
            opens: Moment::NEVER,
            expires: Moment::NEVER,
        }
    }
}

impl From<AtRest> for Device {
    fn from(AtRest { window, opened, pairs }: AtRest) -> Self {
        let mut device = Self { window, opened, pairs, ..Self::default() };
        for at in 0..device.pairs.len() {
            let pair = &device.pairs[at];
            device.expires = device.expires.min(expires(pair));
            if let Some(nth) = pair.stored() {
                device.stored += 1;
                device.opens = Moment::new(pair.copies[nth].due, Kind::Release);
            }
            device.schedule(at);
        }
        device
    }
}

impl Device {
    /// Takes a slot of the 10 an hour; reads and writes nothing else (T8). What counts beside messages to it alone is what
    /// [`Tenant::counted_for`](super::tenant::Tenant::counted_for) says.
    ///
    /// # Errors
    /// A refusal by its quota (R43).
    pub fn reserve(&mut self, service: &Service, now: SimTime, group_messages: &[SimTime]) -> Result<(), Refusal> {
        self.window.reserve_for_device(service, now, group_messages)
    }

    /// When something happens next by itself; a hint, never too late.
    pub fn next_due(&self) -> Option<SimTime> {
        Some(self.next()).filter(|next| *next < Moment::NEVER).map(Moment::at)
    }

    /// The pairs that are still open: message, key, what they wait for, what touched them.
    pub fn open(&self) -> impl Iterator<Item = (MessageIx, Key, WaitCause, FaultSet)> + '_ {
        self.pairs.iter().map(|pair| (pair.message, pair.key, pair.waits_for(), pair.touched))
    }

    /// Forgets everything, and keeps only its buffers.
    pub fn clear(&mut self) {
        let (mut pairs, mut due) = (std::mem::take(&mut self.pairs), std::mem::take(&mut self.due));
        pairs.clear();
        due.clear();
        *self = Self { pairs, due, ..Self::default() };
    }

    /// Everything that happens by itself up to and including `now`.
    pub fn advance(&mut self, ground: &Ground<'_>, now: SimTime, out: &mut impl Outbox) {
        self.advance_before(ground, Moment::new(now, Kind::Input), out);
    }

    /// An input at `now`: first everything that goes before it, then the input with its immediate consequences. Nothing else will be
    /// given to the device before `until`: a journey that starts may go on so far at once.
    pub fn accept(
        &mut self,
        ground: &Ground<'_>,
        input: &Input,
        now: SimTime,
        until: SimTime,
        out: &mut impl Outbox,
    ) {
        match *input {
            Input::Start { ref message, phase, class, slot } => {
                let departure = Departure { message, phase, class, slot, at: now, until, draws: None };
                self.start(ground, &departure, out);
            }
            Input::Change(change, key) => {
                self.advance(ground, now, out);
                if change == PhoneChange::OpenApp {
                    self.opened = true;
                } else {
                    out.hand_over(Handover { at: now, what: Parcel::Changed(change, key) });
                }
            }
            Input::Dismiss(message) => {
                self.advance(ground, now, out);
                out.hand_over(Handover { at: now, what: Parcel::Dismissed(message) });
            }
        }
    }

    /// A journey starts; first everything that goes before it.
    #[inline]
    pub fn start(&mut self, ground: &Ground<'_>, departure: &Departure<'_>, out: &mut impl Outbox) {
        let Departure { message, phase, class, slot, at: now, until, draws } = *departure;
        let before = match phase {
            Phase::Visible => Kind::Visible,
            Phase::Send => Kind::Input,
        };
        self.advance_before(ground, Moment::new(now, before), out);
        let gateway = ground.gateway();
        let expiry = match message.expiry_ms[gateway.name as usize] {
            0 => Expiry::OneAttempt,
            expiry_ms => Expiry::At(message.accepted_at + expiry_ms),
        };
        out.effect(Effect::Started { message: message.ix, class });
        if matches!(expiry, Expiry::At(at) if at <= now) {
            let (message, touched) = (message.ix, FaultSet::default());
            out.effect(Effect::Moved { message, at: now, from: None, to: Journey::Expired, touched });
            return;
        }
        let (leaves, throttles) = gateway.rates.leaves(slot, now);
        out.note(message.ix, now, Note::Slot { leaves, throttles });
        let mut pair = Pair::new(message.ix, message.key, expiry, leaves, draws);
        pair.touch(throttles, out);
        let (mut now, mut step) = (now, Step::Open);
        if leaves <= now {
            step = road::leave(ground, gateway, &mut pair, 0, now, out);
        }
        let others = self.next().min(Moment::new(until, Kind::Expiry)).min(expires(&pair));
        while let Step::Open = step {
            pair.tell(now, out);
            let (next, nth) = pair.next();
            if next >= others {
                break;
            }
            now = next.at();
            step = match next.kind() {
                Kind::Leave => road::leave(ground, gateway, &mut pair, nth, now, out),
                _ => match look_at_phone(ground, &mut pair, self.opened, now, out) {
                    Found::Offline(until) => {
                        let at = self.insert(pair);
                        let (at, step) = self.store(gateway, at, nth, until, now, out);
                        return self.conclude(ground, at, step, now, out);
                    }
                    found => found.step(&mut pair, nth),
                },
            };
        }
        match step {
            Step::Open => {
                let at = self.insert(pair);
                self.schedule(at);
            }
            Step::Settled(journey) => pair.settle(journey, now, out),
            Step::Arrived => out.hand_over(Handover { at: now, what: Parcel::Arrived(pair.arrival(ground)) }),
            Step::Gone => unreachable!("it was settled with no others"),
        }
    }

    /// Puts an open pair among the others.
    fn insert(&mut self, pair: Pair) -> usize {
        self.expires = self.expires.min(expires(&pair));
        self.pairs.insert(pair)
    }

    /// The next event.
    #[inline]
    fn next(&self) -> Moment {
        let timers = self.expires.min(self.opens);
        self.due.last().map_or(timers, |due| timers.min(due.moment))
    }

    #[inline]
    fn advance_before(&mut self, ground: &Ground<'_>, bound: Moment, out: &mut impl Outbox) {
        loop {
            let next = self.next();
            if next >= bound {
                return;
            }
            self.go_through(ground, next, out);
        }
    }

    /// The next event happens.
    fn go_through(&mut self, ground: &Ground<'_>, next: Moment, out: &mut impl Outbox) {
        match next.kind() {
            Kind::Expiry => self.expire(next.at(), out),
            Kind::Release => self.release(ground, next.at(), out),
            Kind::Leave | Kind::Arrival => self.go_on(ground, next, out),
            Kind::Visible | Kind::Input => unreachable!("pairs have no such events"),
        }
    }

    /// Settles the pairs whose time is over, and looks for the next.
    fn expire(&mut self, now: SimTime, out: &mut impl Outbox) {
        let mut at = 0;
        while at < self.pairs.len() {
            if self.pairs[at].expires() <= now {
                self.take_out(at).settle(Journey::Expired, now, out);
            } else {
                at += 1;
            }
        }
        self.expires = self.pairs.iter().map(expires).min().unwrap_or(Moment::NEVER);
    }

    /// The phone is online again: the store is emptied, in the order of messages (T6).
    fn release(&mut self, ground: &Ground<'_>, now: SimTime, out: &mut impl Outbox) {
        (self.stored, self.opens) = (0, Moment::NEVER);
        for at in 0..self.pairs.len() {
            let pair = &mut self.pairs[at];
            if let Some(nth) = pair.stored() {
                road::travel_again(ground, ground.gateway(), pair, nth, now, out);
                pair.tell(now, out);
                self.schedule(at);
            }
        }
    }

    /// The pair whose event is next goes on.
    fn go_on(&mut self, ground: &Ground<'_>, moment: Moment, out: &mut impl Outbox) {
        let Some(at) = self.due.pop().and_then(|due| self.pairs.place_of(due.message)) else { return };
        let pair = &mut self.pairs[at];
        let (next, nth) = pair.next();
        if next != moment {
            return;
        }
        let now = moment.at();
        let (at, step) = match moment.kind() {
            Kind::Leave => (at, road::leave(ground, ground.gateway(), pair, nth, now, out)),
            _ => self.attempt(ground, at, nth, now, out),
        };
        self.conclude(ground, at, step, now, out);
    }

    /// Puts the pair's next event in its order.
    fn schedule(&mut self, at: usize) {
        let pair = &self.pairs[at];
        let (moment, _) = pair.next();
        if moment < Moment::NEVER {
            let due = Due { moment, message: pair.message };
            let place = self.due.partition_point(|other| *other > due);
            self.due.insert(place, due);
        }
    }

    /// Takes a pair out that is settled, with all its copies.
    fn take_out(&mut self, at: usize) -> Pair {
        let pair = self.pairs.remove(at);
        if pair.stored().is_some() {
            self.stored -= 1;
            if self.stored == 0 {
                self.opens = Moment::NEVER;
            }
        }
        if self.pairs.is_empty() {
            self.due.clear();
            self.expires = Moment::NEVER;
        }
        pair
    }

    /// Tells what became of the pair at place `at`, and forgets it when it is no longer open.
    fn conclude(&mut self, ground: &Ground<'_>, at: usize, step: Step, now: SimTime, out: &mut impl Outbox) {
        match step {
            Step::Open => {
                self.pairs[at].tell(now, out);
                self.schedule(at);
            }
            Step::Settled(journey) => self.take_out(at).settle(journey, now, out),
            Step::Arrived => {
                let arrival = self.take_out(at).arrival(ground);
                out.hand_over(Handover { at: now, what: Parcel::Arrived(arrival) });
            }
            Step::Gone => {}
        }
    }

    /// A copy's latency is over: it arrives, or finds out why not (X22, X25). Returns where its pair is now.
    fn attempt(
        &mut self,
        ground: &Ground<'_>,
        at: usize,
        nth: usize,
        now: SimTime,
        out: &mut impl Outbox,
    ) -> (usize, Step) {
        let pair = &mut self.pairs[at];
        match look_at_phone(ground, pair, self.opened, now, out) {
            Found::Offline(until) => self.store(ground.gateway(), at, nth, until, now, out),
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
    ) -> (usize, Step) {
        let pair = &mut self.pairs[at];
        if pair.expiry == Expiry::OneAttempt || gateway.stored == 0 {
            return (at, Step::Settled(Journey::Expired));
        }
        if pair.stored().is_some() {
            out.note(pair.message, now, Note::StoredAlready);
            pair.copies.remove(nth);
            return (at, Step::Open);
        }
        (pair.copies[nth].place, pair.copies[nth].due) = (Place::Store, opens);
        (self.stored, self.opens) = (self.stored + 1, Moment::new(opens, Kind::Release));
        out.note(pair.message, now, Note::Stored { stored: self.stored, limit: gateway.stored });
        if self.stored <= gateway.stored {
            return (at, Step::Open);
        }
        match gateway.overflow {
            Overflow::Supersede => {
                let oldest = self.pairs.iter().position(|pair| pair.stored().is_some());
                let oldest = oldest.expect("the store is over its limit");
                if oldest == at {
                    return (at, Step::Settled(Journey::Superseded));
                }
                self.take_out(oldest).settle(Journey::Superseded, now, out);
                (at - 1, Step::Open)
            }
            Overflow::Discard => {
                let mut at = 0;
                while at < self.pairs.len() {
                    if self.pairs[at].stored().is_some() {
                        self.take_out(at).settle(Journey::Discarded, now, out);
                    } else {
                        at += 1;
                    }
                }
                (at, Step::Gone)
            }
        }
    }
}

/// When the time of a pair is over.
fn expires(pair: &Pair) -> Moment {
    Moment::new(pair.expires(), Kind::Expiry)
}
