//! A device as the cloud sees it: its 10-an-hour window and its open pairs on their way through the gateway. A state machine
//! without I/O: it is told the time and never asks for it. It never shows anything; that is the portal's.

use super::chance::Purpose;
use super::fault::{FaultKind, FaultSet, Sort};
use super::few::Few;
use super::fleet::{Doze, GatewayName, Platform};
use super::gateway::{Gateway, Overflow, Priority};
use super::ids::{FaultIx, Key, MessageIx};
use super::journey::{BlockCause, Effect, Journey, LossCause, WaitCause};
use super::limits::DEVICE_MESSAGES_PER_HOUR;
use super::message::Message;
use super::phone::{Arrival, Ground, Handover, Parcel, PhoneChange};
use super::profile::Profile;
use super::quota::Window;
use super::tenant::Phase;
use super::time::SimTime;
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

/// A device's changing state; what never changes is drawn again from its key. This is its record at rest.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Device {
    window: Window,
    opened: bool,
    pairs: Vec<Pair>,
}

/// An open pair: waiting, at least one copy under way.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
struct Pair {
    message: MessageIx,
    key: Key,
    expiry: Expiry,
    touched: FaultSet,
    /// What was last told about it.
    told: Option<WaitCause>,
    copies: Few<Copy>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
enum Expiry {
    /// Tried until then.
    At(SimTime),
    /// Tried once, never stored (R53).
    OneAttempt,
}

/// One copy of a message; duplicates are copies too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
struct Copy {
    /// 0 for the original, the fault's key for a duplicate.
    salt: Key,
    /// Travels and holds so far: each draws anew.
    trips: u16,
    holds: u16,
    place: Place,
    /// When it goes on; a hint, checked again when it is due.
    due: SimTime,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
enum Place {
    Queue,
    Held,
    Road,
    Store,
    Dozing,
}

/// The order of internal events at one millisecond (T2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Expiry,
    Visible,
    Leave,
    Release,
    Arrival,
    /// After everything: inputs.
    Input,
}

/// What a turn of a device did.
#[derive(Clone, Debug, Default)]
pub struct Turn {
    /// What happened to pairs, in order.
    pub effects: Vec<Effect>,
    /// What goes to the portal, in order.
    pub handovers: Vec<Handover>,
}

/// How a pair stands after an event.
#[derive(Clone, Copy)]
enum Fate {
    Open,
    Settled(Journey),
    /// The portal settles it.
    HandedOver,
}

impl Device {
    /// Takes a slot of the 10 an hour; reads and writes nothing else (T8).
    ///
    /// # Errors
    /// The next moment at which a slot is free.
    pub fn reserve(&mut self, now: SimTime) -> Result<(), SimTime> {
        self.window.reserve(DEVICE_MESSAGES_PER_HOUR, now)
    }

    /// Is there nothing to remember: no open pair, no slot in use, no flag changed?
    pub fn is_idle(&self, now: SimTime) -> bool {
        self.pairs.is_empty() && !self.opened && self.window.is_idle(now)
    }

    /// When something happens next by itself.
    pub fn next_due(&self) -> Option<SimTime> {
        self.next_event().map(|(due, ..)| due).filter(|due| *due < SimTime::NEVER)
    }

    /// The pairs that are still open: message, key, what they wait for, what touched them.
    pub fn open(&self) -> impl Iterator<Item = (MessageIx, Key, WaitCause, FaultSet)> + '_ {
        self.pairs.iter().map(|pair| (pair.message, pair.key, pair.waits_for(), pair.touched))
    }

    /// Everything that happens by itself up to and including `now`.
    pub fn advance(&mut self, ground: &Ground<'_>, now: SimTime, turn: &mut Turn) {
        self.advance_before(ground, (now, Kind::Input), turn);
    }

    /// An input at `now`: first everything that goes before it, then the input with its immediate consequences.
    pub fn accept(&mut self, ground: &Ground<'_>, input: Input, now: SimTime, turn: &mut Turn) {
        match input {
            Input::Start { message, phase, class, slot } => {
                let before = match phase {
                    Phase::Visible => Kind::Visible,
                    Phase::Send => Kind::Input,
                };
                self.advance_before(ground, (now, before), turn);
                self.start(ground, &message, class, slot, now, turn);
            }
            Input::Change(change, key) => {
                self.advance(ground, now, turn);
                if change == PhoneChange::OpenApp {
                    self.opened = true;
                } else {
                    turn.handovers.push(Handover { at: now, what: Parcel::Changed(change, key) });
                }
            }
            Input::Dismiss(message) => {
                self.advance(ground, now, turn);
                turn.handovers.push(Handover { at: now, what: Parcel::Dismissed(message) });
            }
        }
    }

    fn start(
        &mut self,
        ground: &Ground<'_>,
        message: &Message,
        class: AudienceClass,
        slot: u128,
        now: SimTime,
        turn: &mut Turn,
    ) {
        let gateway = gateway(ground);
        let expiry_ms = message.expiry_ms[gateway.name as usize];
        let expiry = match expiry_ms {
            0 => Expiry::OneAttempt,
            _ => Expiry::At(message.accepted_at + expiry_ms),
        };
        turn.effects.push(Effect::Started { message: message.ix, class });
        if matches!(expiry, Expiry::At(at) if at <= now) {
            let (message, touched) = (message.ix, FaultSet::default());
            turn.effects.push(Effect::Moved { message, at: now, from: None, to: Journey::Expired, touched });
            return;
        }
        let (leaves, throttles) = gateway.rates.leaves(slot, now);
        let mut pair = Pair {
            message: message.ix,
            key: message.key,
            expiry,
            touched: FaultSet::default(),
            told: None,
            copies: Few::one(Copy { salt: Key(0), trips: 0, holds: 0, place: Place::Queue, due: leaves }),
        };
        pair.touch(throttles, turn);
        let fate = if leaves <= now { leave(ground, gateway, &mut pair, 0, now, turn) } else { Fate::Open };
        let at = self.pairs.partition_point(|open| open.message < message.ix);
        self.pairs.insert(at, pair);
        self.conclude(at, fate, now, turn);
    }

    /// The next event: due, kind, place among the pairs, place among its copies.
    fn next_event(&self) -> Option<(SimTime, Kind, usize, usize)> {
        let mut next: Option<(SimTime, Kind, usize, usize)> = None;
        for (at, pair) in self.pairs.iter().enumerate() {
            let expiry = match pair.expiry {
                Expiry::At(due) => Some((due, Kind::Expiry, at, 0)),
                Expiry::OneAttempt => None,
            };
            let copies = pair.copies.iter().enumerate().map(|(nth, copy)| (copy.due, copy.kind(), at, nth));
            for event in expiry.into_iter().chain(copies) {
                if next.is_none_or(|least| event < least) {
                    next = Some(event);
                }
            }
        }
        next
    }

    fn advance_before(&mut self, ground: &Ground<'_>, bound: (SimTime, Kind), turn: &mut Turn) {
        while let Some((due, kind, at, nth)) = self.next_event() {
            if (due, kind) >= bound || due == SimTime::NEVER {
                return;
            }
            let fate = match kind {
                Kind::Expiry => Fate::Settled(Journey::Expired),
                Kind::Leave => leave(ground, gateway(ground), &mut self.pairs[at], nth, due, turn),
                Kind::Release => {
                    travel_again(ground, gateway(ground), &mut self.pairs[at], nth, due);
                    Fate::Open
                }
                Kind::Arrival => self.attempt(ground, at, nth, due, turn),
                Kind::Visible | Kind::Input => unreachable!("copies have no such events"),
            };
            self.conclude(at, fate, due, turn);
        }
    }

    /// Tells what became of the pair at place `at`, and forgets it when it is no longer open.
    fn conclude(&mut self, at: usize, fate: Fate, now: SimTime, turn: &mut Turn) {
        match fate {
            // An attempt may have settled the pair together with others, and removed it.
            Fate::Open => {
                if let Some(pair) = self.pairs.get_mut(at) {
                    pair.tell(now, turn);
                }
            }
            Fate::Settled(journey) => self.pairs.remove(at).settle(journey, now, turn),
            Fate::HandedOver => {
                let pair = self.pairs.remove(at);
                let arrival = Arrival { message: pair.message, key: pair.key, from: pair.told, touched: pair.touched };
                turn.handovers.push(Handover { at: now, what: Parcel::Arrived(arrival) });
            }
        }
    }

    /// A copy's latency is over: it arrives, or finds out why not (X22, X25).
    fn attempt(&mut self, ground: &Ground<'_>, at: usize, nth: usize, now: SimTime, turn: &mut Turn) -> Fate {
        let (world, traits) = (ground.world, &ground.traits);
        let (online_at, offline_faults) = online_at(ground, now);
        if online_at > now {
            self.pairs[at].touch(offline_faults, turn);
            return self.store(ground, at, nth, (online_at, now), turn);
        }
        let pair = &mut self.pairs[at];
        if let Some(window) = doze_until(ground, pair.key, now) {
            if pair.expiry == Expiry::OneAttempt {
                return Fate::Settled(Journey::Expired);
            }
            pair.copies[nth].place = Place::Dozing;
            pair.copies[nth].due = window;
            return Fate::Open;
        }
        if traits.platform == Platform::Android {
            let down = ground.faults(Sort::PlayServicesDown).set_in_force(now);
            if !traits.play_services || !down.is_empty() {
                if traits.play_services {
                    pair.touch(down, turn);
                }
                return Fate::Settled(Journey::Blocked(BlockCause::PlayServices));
            }
            if traits.force_stopped && !self.opened {
                return Fate::Settled(Journey::Blocked(BlockCause::ForceStopped));
            }
            if traits.battery_restricted && world.profile == Profile::Intune2025 {
                return Fate::Settled(Journey::Blocked(BlockCause::Battery));
            }
        }
        Fate::HandedOver
    }

    /// The phone is offline: the copy enters the gateway's store, under its limit (R53, R54, X24).
    fn store(
        &mut self,
        ground: &Ground<'_>,
        at: usize,
        nth: usize,
        (opens, now): (SimTime, SimTime),
        turn: &mut Turn,
    ) -> Fate {
        let gateway = gateway(ground);
        let pair = &mut self.pairs[at];
        if pair.expiry == Expiry::OneAttempt || gateway.stored == 0 {
            return Fate::Settled(Journey::Expired);
        }
        if pair.is_stored() {
            pair.copies.remove(nth);
            return Fate::Open;
        }
        pair.copies[nth].place = Place::Store;
        pair.copies[nth].due = opens;
        let stored = self.pairs.iter().filter(|pair| pair.is_stored()).count();
        if stored <= gateway.stored as usize {
            return Fate::Open;
        }
        let message = self.pairs[at].message;
        match gateway.overflow {
            Overflow::Supersede => {
                let oldest = self.pairs.iter().position(Pair::is_stored).expect("the store is over its limit");
                if oldest == at {
                    return Fate::Settled(Journey::Superseded);
                }
                self.pairs.remove(oldest).settle(Journey::Superseded, now, turn);
                let at = self.pairs.iter().position(|pair| pair.message == message).expect("it is stored");
                self.pairs[at].tell(now, turn);
            }
            Overflow::Discard => {
                let (discarded, open) = std::mem::take(&mut self.pairs).into_iter().partition(Pair::is_stored);
                self.pairs = open;
                let discarded: Vec<Pair> = discarded;
                for pair in discarded {
                    pair.settle(Journey::Discarded, now, turn);
                }
            }
        }
        Fate::Open
    }
}

impl Pair {
    fn is_stored(&self) -> bool {
        self.copies.iter().any(|copy| copy.place == Place::Store)
    }

    /// What it waits for: the cause of its furthest copy.
    fn waits_for(&self) -> WaitCause {
        self.copies.iter().map(|copy| copy.place.cause()).max_by_key(|cause| *cause).unwrap_or(WaitCause::InTransit)
    }

    fn tell(&mut self, now: SimTime, turn: &mut Turn) {
        let waits_for = self.waits_for();
        if self.told != Some(waits_for) {
            let (from, to) = (self.told.map(Journey::Waiting), Journey::Waiting(waits_for));
            turn.effects.push(Effect::Moved { message: self.message, at: now, from, to, touched: self.touched });
            self.told = Some(waits_for);
        }
    }

    fn settle(self, to: Journey, now: SimTime, turn: &mut Turn) {
        let from = self.told.map(Journey::Waiting);
        turn.effects.push(Effect::Moved { message: self.message, at: now, from, to, touched: self.touched });
    }

    fn touch(&mut self, faults: FaultSet, turn: &mut Turn) {
        let new = faults.minus(self.touched);
        if !new.is_empty() {
            self.touched = self.touched.union(new);
            turn.effects.push(Effect::Touched { message: self.message, faults: new });
        }
    }
}

impl Copy {
    const fn kind(&self) -> Kind {
        match self.place {
            Place::Queue | Place::Held => Kind::Leave,
            Place::Store => Kind::Release,
            Place::Road | Place::Dozing => Kind::Arrival,
        }
    }
}

impl Place {
    const fn cause(self) -> WaitCause {
        match self {
            Self::Queue => WaitCause::Capacity,
            Self::Held => WaitCause::Outage,
            Self::Road => WaitCause::InTransit,
            Self::Store => WaitCause::Offline,
            Self::Dozing => WaitCause::Doze,
        }
    }
}

fn gateway<'a>(ground: &Ground<'a>) -> &'a Gateway {
    let name = ground.traits.platform.gateway().expect("only carried devices have journeys");
    ground.world.gateway(name)
}

/// A copy leaves the gateway's queue, or a hold (X19, X20).
fn leave(ground: &Ground<'_>, gateway: &Gateway, pair: &mut Pair, nth: usize, now: SimTime, turn: &mut Turn) -> Fate {
    let (chance, device) = (&ground.world.chance, ground.traits.key);
    let road = chance.block(Purpose::Road, device, pair.key);
    let (hold_ends, holds) = ground.faults(Sort::Hold).united_end(now);
    if hold_ends > now {
        pair.touch(holds, turn);
        let copy = &mut pair.copies[nth];
        let draw = match copy.holds {
            0 => road[2],
            again => chance.draw(Purpose::Retry, device, pair.key.again(u64::from(again))),
        };
        copy.holds += 1;
        copy.place = Place::Held;
        copy.due = hold_ends + gateway.retry.at(draw);
        return Fate::Open;
    }
    let refusing = ground.faults(Sort::Refuse).set_in_force(now);
    if let Some(first) = refusing.iter().next() {
        pair.touch(refusing, turn);
        return lost(LossCause::Fault(first));
    }
    if let Some(fault) = lost_to_a_fault(ground, pair.key, now) {
        let mut one = FaultSet::default();
        one.insert(fault);
        pair.touch(one, turn);
        return lost(LossCause::Fault(fault));
    }
    if gateway.loss.hits(road[0]) {
        return lost(LossCause::Gateway);
    }
    let (mut delay_ms, mut touched) = (0, FaultSet::default());
    for (ix, fault) in ground.faults(Sort::Delay).in_force(now) {
        let FaultKind::Delay(delay) = &fault.kind else { continue };
        let drawn = delay.at(chance.draw(Purpose::FaultDelay, device, pair.key.with(fault.key)));
        delay_ms += drawn;
        if drawn > 0 {
            touched.insert(ix);
        }
    }
    let copy = &mut pair.copies[nth];
    copy.place = Place::Road;
    copy.due = now + gateway.latency.at(road[1]) + delay_ms;
    copy.trips = 1;
    for (ix, fault) in ground.faults(Sort::Duplicate).in_force(now) {
        let FaultKind::Duplicate { rate } = fault.kind else { continue };
        let key = pair.key.with(fault.key);
        if fault.ramped(rate, now).hits(chance.draw(Purpose::FaultDuplicate, device, key)) {
            touched.insert(ix);
            let latency = gateway.latency.at(chance.draw(Purpose::Latency, device, key));
            let due = now + latency + delay_ms;
            pair.copies.push(Copy { salt: fault.key, trips: 1, holds: 0, place: Place::Road, due });
        }
    }
    pair.touch(touched, turn);
    Fate::Open
}

const fn lost(cause: LossCause) -> Fate {
    Fate::Settled(Journey::Lost(cause))
}

/// The first loss fault that takes a copy leaving at `now` (X1, X19).
fn lost_to_a_fault(ground: &Ground<'_>, key: Key, now: SimTime) -> Option<FaultIx> {
    let (chance, device) = (&ground.world.chance, ground.traits.key);
    ground.faults(Sort::Loss).in_force(now).find_map(|(ix, fault)| {
        let FaultKind::Loss { rate, burst_ms } = fault.kind else { return None };
        let draw = match burst_ms {
            None => chance.draw(Purpose::FaultLoss, device, key.with(fault.key)),
            // Slots of such a length that a run of lost ones is, on average, as long as the burst that was asked for.
            Some(mean) => {
                let part = u128::from(mean) * u128::from(rate.complement().billionths()) / 1_000_000_000;
                let slot_ms = u64::try_from(part).unwrap_or(u64::MAX).max(1);
                chance.draw(Purpose::FaultLoss, device, fault.key.again(now.0 / slot_ms))
            }
        };
        fault.ramped(rate, now).hits(draw).then_some(ix)
    })
}

/// A copy leaves the store and travels again, with a latency of its own (X22).
fn travel_again(ground: &Ground<'_>, gateway: &Gateway, pair: &mut Pair, nth: usize, now: SimTime) {
    let copy = &mut pair.copies[nth];
    let key = pair.key.with(copy.salt).again(u64::from(copy.trips));
    copy.place = Place::Road;
    copy.due = now + gateway.latency.at(ground.world.chance.draw(Purpose::Latency, ground.traits.key, key));
    copy.trips = copy.trips.saturating_add(1);
}

/// When the phone is online, from `now` on (T5): presence and offline faults in turn, until both let it. And the faults that
/// made it wait: those in force while presence alone would not have.
fn online_at(ground: &Ground<'_>, now: SimTime) -> (SimTime, FaultSet) {
    let (world, model) = (ground.world, ground.model);
    let (mut at, mut touched) = (now, FaultSet::default());
    loop {
        let present =
            ground.diary.next_online(&model.presence, &model.zone, &world.chance, ground.traits.key, at, world.horizon);
        if present == SimTime::NEVER {
            return (SimTime::NEVER, touched);
        }
        let (reachable, faults) = ground.faults(Sort::Offline).united_end(present);
        touched = touched.union(faults);
        if reachable == present || reachable == SimTime::NEVER {
            return (reachable, touched);
        }
        at = reachable;
    }
}

/// The window that a message of normal priority waits for, if the phone dozes at `now` (R55).
fn doze_until(ground: &Ground<'_>, message: Key, now: SimTime) -> Option<SimTime> {
    const MINUTE_MS: u64 = 60_000;
    let gateway = gateway(ground);
    if gateway.name != GatewayName::Fcm || gateway.priority == Priority::High {
        return None;
    }
    // Windows lie on a grid, each jittered: neighbours are grid ± jitter apart.
    let (grid, jitter) = match ground.model.doze {
        Doze::Off => return None,
        Doze::Light => (10 * MINUTE_MS, 5 * MINUTE_MS),
        Doze::Deep => (210 * MINUTE_MS, 150 * MINUTE_MS),
    };
    let (chance, device) = (&ground.world.chance, ground.traits.key);
    let locked = ground.model.locked.hits(chance.block(Purpose::Display, device, message)[0]);
    let window = |cell: u64| {
        let draw = chance.draw(Purpose::Doze, device, Key(cell));
        SimTime(cell * grid + ((u64::from(draw) * jitter) >> 32))
    };
    let cell = now.0 / grid;
    let next =
        [window(cell), window(cell + 1)].into_iter().find(|window| *window >= now).expect("the next cell is later");
    (locked && next > now).then_some(next)
}
