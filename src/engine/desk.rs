//! A shard's desk: per phone what is at rest, what is to be done, and who does it. All bookkeeping, no rule of the service.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use hdrhistogram::Histogram;
use ractor::{ActorId, ActorProcessingErr, ActorRef};

use super::EngineError;
use super::books::{Books, Fates, PairFate, Restarts};
use super::gauges::Gauges;
use super::messages::{DeviceTurn, PortalTurn, Reservation, ShardMessage, TenantMessage, Turned};
use super::options::{Options, TURNS_MAX};
use super::phone::{Phone, Rest, phone, phone_mut};
use super::record;
use super::shard::ShardArguments;
use super::wheel::Wheel;
use crate::clock::Wake;
use crate::rules::counter::{Counted, Counter};
use crate::rules::device::{Device, Input};
use crate::rules::ids::DeviceIx;
use crate::rules::journey::Effect;
use crate::rules::phone::Handover;
use crate::rules::strike::{Side, Strikes};
use crate::rules::time::SimTime;
use crate::rules::world::World;

/// See the file.
pub(crate) struct Desk {
    pub(super) world: Arc<World>,
    pub(super) options: Options,
    pub(super) devices: (u32, u32),
    pub(super) resident_max: usize,
    pub(super) tenant: ActorRef<TenantMessage>,
    pub(super) myself: ActorRef<ShardMessage>,
    pub(super) rests: Vec<Rest>,
    pub(super) phones: HashMap<u32, Phone>,
    pub(super) by_actor: HashMap<ActorId, u32>,
    pub(super) resident: usize,
    /// Phones in the order of their last use; an entry counts if its stamp is the phone's.
    pub(super) by_use: VecDeque<(u32, u64)>,
    pub(super) uses: u64,
    /// Counts the incarnations of phones' actors: a word from an earlier one is told by it.
    pub(super) epochs: u32,
    pub(super) ready: VecDeque<u32>,
    pub(super) turns: usize,
    pub(super) wheel: Wheel,
    pub(super) wake: Option<(SimTime, Wake)>,
    pub(super) counter: Counter,
    pub(super) fates: Option<Fates>,
    pub(super) lag_ms: Option<Histogram<u64>>,
    pub(super) restarts: Restarts,
    pub(super) strikes: Strikes,
    pub(super) struck: Vec<u64>,
    pub(super) gauges: Gauges,
}

impl Desk {
    pub(crate) fn new(arguments: ShardArguments, myself: ActorRef<ShardMessage>) -> Self {
        let ShardArguments { world, options, shard, devices, resident_max, tenant } = arguments;
        Self {
            rests: vec![Rest::NEW; (devices.1 - devices.0) as usize],
            counter: Counter::new(&world),
            fates: options.keep_fates.then(Fates::new),
            lag_ms: options.clock.lag_us(SimTime::ZERO).map(|_| Histogram::new(3).expect("three digits are allowed")),
            gauges: Gauges::new(&world, &options, shard),
            strikes: Strikes::of(&world.faults),
            struck: vec![0; world.faults.len()],
            world,
            options,
            devices,
            resident_max,
            tenant,
            myself,
            phones: HashMap::new(),
            by_actor: HashMap::new(),
            resident: 0,
            by_use: VecDeque::new(),
            uses: 0,
            epochs: 0,
            ready: VecDeque::new(),
            turns: 0,
            wheel: Wheel::new(),
            wake: None,
            restarts: Restarts::default(),
        }
    }

    pub(crate) fn first_device(&self) -> u32 {
        self.devices.0
    }

    /// Are all credits for turns used, or is too much waiting for one?
    pub(crate) fn is_full(&self) -> bool {
        self.turns + self.ready.len() >= TURNS_MAX
    }

    /// Is no turn under way or wanted?
    pub(crate) fn is_idle(&self) -> bool {
        self.turns == 0 && self.ready.is_empty()
    }

    /// Has everything happened that is due by `closed`?
    pub(crate) fn is_done(&self, closed: SimTime) -> bool {
        self.wheel.next().is_none_or(|next| next > closed)
    }

    /// Gives a device an input; it may go on until `until`, or the input's own time.
    pub(crate) fn give(&mut self, device: DeviceIx, at: SimTime, input: Input, until: SimTime) {
        let phone = phone(&mut self.phones, device);
        phone.inputs.push_back((at, input));
        phone.until = phone.until.max(until);
        phone.woken_for = phone.woken_for.min(at);
        self.enqueue(device);
    }

    /// Takes a slot of the 10 an hour for the tenant.
    pub(crate) fn reserve(&mut self, wanted: Reservation) {
        phone(&mut self.phones, wanted.device).reservations.push_back(wanted);
        self.enqueue(wanted.device);
    }

    pub(super) fn enqueue(&mut self, device: DeviceIx) {
        let phone = phone(&mut self.phones, device);
        if !phone.queued {
            phone.queued = true;
            self.ready.push_back(device.0);
        }
    }

    /// How far phones may go now: what is closed, and not beyond the clock.
    fn limit(&self, closed: SimTime) -> SimTime {
        closed.min(self.options.clock.now())
    }

    /// Wakes phones whose timers are due; false if none is.
    pub(crate) fn take_due(&mut self, closed: SimTime) -> bool {
        let limit = self.limit(closed);
        let mut due = Vec::new();
        let mut woken = self.wheel.take(limit, TURNS_MAX, &mut due);
        for (at, device) in due {
            let rest = &mut self.rests[(device - self.devices.0) as usize];
            if rest.armed != at {
                continue;
            }
            rest.armed = SimTime::NEVER;
            if rest.due() != at {
                continue;
            }
            woken = true;
            let phone = phone(&mut self.phones, DeviceIx(device));
            phone.until = phone.until.max(limit);
            phone.woken_for = phone.woken_for.min(at);
            self.enqueue(DeviceIx(device));
        }
        woken
    }

    /// Wakes the shard when something is due, if the clock is what it waits for.
    pub(crate) fn sleep(&mut self, closed: SimTime) {
        // Something may have become due since it was last looked for: then it is woken at once, not never.
        let next = self.wheel.next().filter(|next| *next <= closed && !self.is_full());
        let Some(next) = next else { return };
        if self.wake.as_ref().is_none_or(|(at, _)| next < *at) {
            let myself = self.myself.clone();
            // A shard that is gone needs no waking.
            let wake = self.options.clock.wake_at(next, move || drop(myself.cast(ShardMessage::Tick)));
            self.wake = Some((next, wake));
        }
    }

    pub(crate) fn woken(&mut self) {
        self.wake = None;
    }

    /// Sends the turns that are ready, as far as credits and residency go.
    pub(crate) fn dispatch(&mut self) -> Result<(), ActorProcessingErr> {
        for _ in 0..self.ready.len() {
            if self.turns >= TURNS_MAX {
                break;
            }
            let Some(device) = self.ready.pop_front() else { break };
            if !self.dispatch_one(DeviceIx(device))? {
                // Others behind it may be resident already, and make room when they are done.
                self.ready.push_back(device);
            }
        }
        Ok(())
    }

    /// Sends the turns of one phone; false if there is no room for its actors.
    fn dispatch_one(&mut self, device: DeviceIx) -> Result<bool, ActorProcessingErr> {
        let rest = &self.rests[(device.0 - self.devices.0) as usize];
        let (device_due, portal_due) = (rest.device_due, rest.portal_due);
        let now = self.options.clock.now();
        let phone = self.phones.get(&device.0).expect("a ready phone is known");
        let until = phone.until.min(now);
        let wants_device = phone.device_turn.is_none()
            && (!phone.inputs.is_empty() || !phone.reservations.is_empty() || device_due <= until);
        let busy_device = phone.device_turn.is_some() || wants_device;
        let wants_portal =
            phone.portal_turn.is_none() && (!phone.handovers.is_empty() || (portal_due <= until && !busy_device));
        if !wants_device && !wants_portal {
            if phone.device.is_none() && !phone.has_work() {
                self.phones.remove(&device.0);
            } else {
                phone_mut(&mut self.phones, device).queued = false;
            }
            return Ok(true);
        }
        if phone.device.is_none() && !self.make_room() {
            return Ok(false);
        }
        if wants_device {
            self.turn_device(device, until)?;
        }
        if wants_portal {
            self.turn_portal(device, until)?;
        }
        phone_mut(&mut self.phones, device).queued = false;
        Ok(true)
    }

    fn turn_device(&mut self, device: DeviceIx, until: SimTime) -> Result<(), ActorProcessingErr> {
        let actor = self.device_actor(device)?;
        let due = self.rests[(device.0 - self.devices.0) as usize].device_due;
        let begins = phone_mut(&mut self.phones, device).device_begins(due, until);
        let hit = self.strike(device, Side::Device, begins, until);
        let phone = phone_mut(&mut self.phones, device);
        phone.hits[Side::Device as usize] = hit;
        let turn = DeviceTurn {
            hit,
            reservations: phone.reservations.iter().map(|wanted| wanted.at).collect(),
            inputs: phone.inputs.iter().copied().collect(),
            until,
        };
        phone.device_turn = Some((turn.reservations.len(), turn.inputs.len(), until));
        self.turns += 1;
        // A dead actor's supervisor hears of it, and the turn is sent again.
        let _ = actor.cast(turn);
        Ok(())
    }

    fn turn_portal(&mut self, device: DeviceIx, until: SimTime) -> Result<(), ActorProcessingErr> {
        let actor = self.portal_actor(device)?;
        let due = self.rests[(device.0 - self.devices.0) as usize].portal_due;
        let phone = phone_mut(&mut self.phones, device);
        // It may not go further than its device has gone; a device with nothing to do has gone as far as it may.
        let until = if phone.device_turn.is_some() { phone.device_done } else { until };
        let begins = phone.portal_begins(due, until);
        let hit = self.strike(device, Side::Portal, begins, until);
        let phone = phone_mut(&mut self.phones, device);
        phone.hits[Side::Portal as usize] = hit;
        let turn = PortalTurn { hit, handovers: phone.handovers.iter().copied().collect(), until };
        phone.portal_turn = Some((turn.handovers.len(), until));
        self.turns += 1;
        let _ = actor.cast(turn);
        Ok(())
    }

    /// Applies a device's turn, once.
    pub(crate) fn device_turned(
        &mut self,
        turned: Turned,
        handovers: &[Handover],
        answers: Vec<Result<(), SimTime>>,
    ) -> Result<(), ActorProcessingErr> {
        let device = turned.device;
        let Some(phone) = self.phones.get_mut(&device.0).filter(|phone| phone.epoch == turned.epoch) else {
            return Ok(());
        };
        let Some((reserved, given, until)) = phone.device_turn.take() else { return Ok(()) };
        self.turns -= 1;
        phone.device_done = phone.device_done.max(until);
        phone.inputs.drain(..given);
        phone.handovers.extend(handovers);
        phone.recovered(&mut self.restarts);
        let hit_by = phone.hit_by(Side::Device, false);
        let reserved: Vec<Reservation> = phone.reservations.drain(..reserved).collect();
        let rest = &mut self.rests[(device.0 - self.devices.0) as usize];
        rest.device = turned.record;
        rest.device_due = turned.next_due.unwrap_or(SimTime::NEVER);
        self.struck(hit_by);
        self.apply(device, turned.counted, &turned.effects);
        self.after_turn(device);
        if !reserved.is_empty() {
            let answers = reserved.iter().map(|wanted| wanted.attempt).zip(answers).collect();
            self.tenant.cast(TenantMessage::Reserved(answers))?;
        }
        Ok(())
    }

    /// Applies a portal's turn, once.
    pub(crate) fn portal_turned(&mut self, turned: Turned) {
        let device = turned.device;
        let Some(phone) = self.phones.get_mut(&device.0).filter(|phone| phone.epoch == turned.epoch) else { return };
        let Some((handed, _)) = phone.portal_turn.take() else { return };
        self.turns -= 1;
        phone.handovers.drain(..handed);
        phone.recovered(&mut self.restarts);
        let hit_by = phone.hit_by(Side::Portal, false);
        let rest = &mut self.rests[(device.0 - self.devices.0) as usize];
        rest.portal = turned.record;
        rest.portal_due = turned.next_due.unwrap_or(SimTime::NEVER);
        self.struck(hit_by);
        self.apply(device, turned.counted, &turned.effects);
        self.after_turn(device);
    }

    fn apply(&mut self, device: DeviceIx, counted: Counted, effects: &[Effect]) {
        let platform = self.platform(counted);
        for effect in effects {
            self.counter.count(counted, *effect);
            self.gauges.happened(self.counter.message(effect.message()), platform, effect);
            if let Some(fates) = &mut self.fates {
                keep(fates, device, effect);
            }
        }
    }

    /// Sets the phone's next timer, or makes it ready for its next turn; forgets it if it has nothing left and no actors.
    fn after_turn(&mut self, device: DeviceIx) {
        let now = self.options.clock.now();
        let rest = &mut self.rests[(device.0 - self.devices.0) as usize];
        let due = rest.due();
        let phone = phone_mut(&mut self.phones, device);
        if let (Some(lag_ms), woken_for) = (&mut self.lag_ms, std::mem::replace(&mut phone.woken_for, SimTime::NEVER))
            && let Some(us) = self.options.clock.lag_us(woken_for).filter(|_| woken_for < SimTime::NEVER)
        {
            lag_ms.saturating_record(us / 1_000);
            self.gauges.lagged(us);
        }
        if phone.has_work() || due <= phone.until.min(now) {
            self.enqueue(device);
        } else if rest.armed != due {
            rest.armed = due;
            self.wheel.insert(due, device.0);
        }
    }

    /// Hands figures over to those who watch.
    pub(crate) fn publish(&mut self, closed: SimTime) {
        let (limit, is_idle) = (self.limit(closed), self.is_idle());
        let next = self.wheel.next().unwrap_or(SimTime::NEVER);
        self.gauges.publish(self.wheel.len(), next, limit, is_idle);
    }

    /// The books, when all is done.
    pub(crate) fn close(&mut self) -> Result<Books, EngineError> {
        // No window is open any more.
        self.gauges.publish(self.wheel.len(), SimTime::NEVER, SimTime::NEVER, true);
        for device in (self.devices.0..self.devices.1).map(DeviceIx) {
            let Some(record) = &self.rests[(device.0 - self.devices.0) as usize].device else { continue };
            let open: Device = record::read(Some(record))?;
            for (message, _, cause, _) in open.open() {
                let counted = self.counted(device);
                self.counter.still_waiting(counted, message, cause);
            }
        }
        Ok(Books {
            tally: std::mem::replace(&mut self.counter, Counter::new(&self.world)).close(),
            pairs_sent: 0,
            changes_slowed: Vec::new(),
            lag_ms: self.lag_ms.take(),
            struck: Some(std::mem::take(&mut self.struck)),
            restarts: self.restarts,
            fates: self.fates.take(),
        })
    }
}

fn keep(fates: &mut Fates, device: DeviceIx, effect: &Effect) {
    match *effect {
        Effect::Moved { message, at, to, .. } => {
            fates.insert((message, device), PairFate { journey: to, at, dismissed_at: None });
        }
        Effect::Dismissed { message, at } => {
            if let Some(fate) = fates.get_mut(&(message, device)) {
                fate.dismissed_at = Some(at);
            }
        }
        Effect::Started { .. } | Effect::Touched { .. } | Effect::Exposed { .. } => {}
    }
}
