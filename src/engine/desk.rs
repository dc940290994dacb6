//! A shard's desk: per phone what is at rest, what is to be done, and who does it. All bookkeeping, no rule of the service.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use hdrhistogram::Histogram;
use ractor::{ActorId, ActorProcessingErr, ActorRef, ActorRuntime};

use super::EngineError;
use super::books::{Books, Fates, PairFate, Restarts};
use super::gauges::Gauges;
use super::device::{DeviceActor, DeviceArguments, DeviceTurn};
use super::options::{DEATHS_MAX, Options, TURNS_MAX};
use super::portal::{PortalActor, PortalArguments, PortalTurn};
use super::record;
use super::shard::{Reservation, ShardArguments, ShardMessage, Turned};
use super::tenant::TenantMessage;
use super::wheel::Wheel;
use crate::clock::{Stopwatch, Wake};
use crate::metrics::ActorKind;
use crate::rules::device::{Device, Input};
use crate::rules::fleet::{GatewayName, Platform};
use crate::rules::gateway;
use crate::rules::ids::DeviceIx;
use crate::rules::journey::{Effect, Journey, SkipCause};
use crate::rules::phone::Handover;
use crate::rules::tally::{Counted, Tally};
use crate::rules::tenant::{Audience, Crowd, FanOut};
use crate::rules::time::SimTime;
use crate::rules::world::World;

/// Room is kept for both actors of a phone when the first is spawned: one that had to wait for the second while others do
/// the same would wait for ever.
const ACTORS_A_PHONE: usize = 2;

/// A phone at rest: two records and when they want attention.
#[derive(Clone, Debug)]
struct Rest {
    device: Option<Box<[u8]>>,
    portal: Option<Box<[u8]>>,
    device_due: SimTime,
    portal_due: SimTime,
    /// What the wheel will wake it for.
    armed: SimTime,
}

impl Rest {
    const NEW: Self = Self {
        device: None,
        portal: None,
        device_due: SimTime::NEVER,
        portal_due: SimTime::NEVER,
        armed: SimTime::NEVER,
    };

    fn due(&self) -> SimTime {
        self.device_due.min(self.portal_due)
    }
}

/// A phone with something to do, or with actors.
struct Phone {
    epoch: u32,
    device: Option<ActorRef<DeviceTurn>>,
    portal: Option<ActorRef<PortalTurn>>,
    /// Given and not yet applied, in order.
    inputs: VecDeque<(SimTime, Input)>,
    reservations: VecDeque<Reservation>,
    handovers: VecDeque<Handover>,
    /// How many of them are in the turn under way.
    device_turn: Option<(usize, usize, SimTime)>,
    portal_turn: Option<(usize, SimTime)>,
    /// How far it may go.
    until: SimTime,
    /// How far the device has gone: it will hand over nothing before this.
    device_done: SimTime,
    /// The earliest thing it was woken for, for the lag.
    woken_for: SimTime,
    queued: bool,
    used: u64,
    deaths: u32,
    died: Option<Stopwatch>,
}

/// See the file.
pub(crate) struct Desk {
    world: Arc<World>,
    options: Options,
    devices: (u32, u32),
    resident_max: usize,
    pub(crate) tenant: ActorRef<TenantMessage>,
    myself: ActorRef<ShardMessage>,
    rests: Vec<Rest>,
    phones: HashMap<u32, Phone>,
    by_actor: HashMap<ActorId, u32>,
    resident: usize,
    /// Phones in the order of their last use; an entry counts if its stamp is the phone's.
    by_use: VecDeque<(u32, u64)>,
    uses: u64,
    /// Counts the incarnations of phones' actors: a word from an earlier one is told by it.
    epochs: u32,
    ready: VecDeque<u32>,
    turns: usize,
    wheel: Wheel,
    wake: Option<(SimTime, Wake)>,
    tally: Tally,
    fates: Option<Fates>,
    lag_ms: Option<Histogram<u64>>,
    restarts: Restarts,
    gauges: Gauges,
}

impl Desk {
    pub(crate) fn new(arguments: ShardArguments, myself: ActorRef<ShardMessage>) -> Self {
        let ShardArguments { world, options, shard, devices, resident_max, tenant } = arguments;
        Self {
            rests: vec![Rest::NEW; (devices.1 - devices.0) as usize],
            tally: Tally::new(&world),
            fates: options.keep_fates.then(Fates::new),
            lag_ms: options.clock.lag_us(SimTime::ZERO).map(|_| Histogram::new(3).expect("three digits are allowed")),
            gauges: Gauges::new(&world, &options, shard),
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

    fn enqueue(&mut self, device: DeviceIx) {
        let phone = phone(&mut self.phones, device);
        if !phone.queued {
            phone.queued = true;
            self.ready.push_back(device.0);
        }
    }

    /// Hands a part of a fan-out to its devices from `from` on; returns where to go on, `None` at the end.
    pub(crate) fn expand(&mut self, fan_out: &FanOut, from: u32, until: SimTime) -> Option<u32> {
        let message = &fan_out.message;
        self.tally.open_message(message);
        match &fan_out.audience {
            Audience::One { device, standing, class } => {
                match standing {
                    Ok(gateway) => {
                        let slot = fan_out.begin[*gateway as usize];
                        let input = Input::Start { message: *message, phase: fan_out.phase, class: *class, slot };
                        self.give(*device, fan_out.at, input, until);
                    }
                    Err(cause) => self.skip(fan_out, *device, *cause, *class),
                }
                None
            }
            Audience::Many(crowd) => {
                if from == self.devices.0 {
                    self.unskip_all(fan_out, crowd);
                    for cause in SkipCause::ALL {
                        for device in crowd.standings.skipped[cause as usize].range(self.devices.0..self.devices.1) {
                            let device = DeviceIx(device);
                            self.skip(fan_out, device, cause, crowd.class(device));
                        }
                    }
                }
                self.expand_carried(fan_out, crowd, from, until)
            }
        }
    }

    fn expand_carried(&mut self, fan_out: &FanOut, crowd: &Crowd, from: u32, until: SimTime) -> Option<u32> {
        let room = TURNS_MAX.saturating_sub(self.turns + self.ready.len()).max(1);
        // Both gateways' devices in one sweep, so that a part of the sweep is a range of devices.
        let mut next: Vec<(u32, GatewayName, u64)> = Vec::with_capacity(2 * room + 2);
        for gateway in GatewayName::ALL {
            let carried = &crowd.standings.carried[gateway as usize];
            let before = from.checked_sub(1).map_or(0, |last| carried.rank(last));
            // One more than there is room for tells where to go on.
            let some = carried.range(from..self.devices.1).take(room + 1).zip(before..);
            next.extend(some.map(|(device, rank)| (device, gateway, rank)));
        }
        next.sort_unstable_by_key(|(device, ..)| *device);
        let rest = next.get(room).map(|(device, ..)| *device);
        for (device, gateway, rank) in next.into_iter().take(room) {
            let device = DeviceIx(device);
            let slot = gateway::slot(fan_out.begin[gateway as usize], rank);
            let (class, phase) = (crowd.class(device), fan_out.phase);
            let input = Input::Start { message: fan_out.message, phase, class, slot };
            self.give(device, fan_out.at, input, until);
        }
        rest
    }

    fn unskip_all(&mut self, fan_out: &FanOut, crowd: &Crowd) {
        for device in crowd.reopened.range(self.devices.0..self.devices.1).map(DeviceIx) {
            let (counted, class) = (self.counted(device), crowd.class_before(device));
            self.tally.unskip(&self.world.chance, counted, fan_out.message.ix, class, fan_out.at);
            self.gauges.unskipped(&fan_out.message, self.platform(counted));
        }
    }

    fn skip(
        &mut self,
        fan_out: &FanOut,
        device: DeviceIx,
        cause: SkipCause,
        class: crate::rules::world::AudienceClass,
    ) {
        let counted = self.counted(device);
        self.tally.skip(&self.world.chance, counted, fan_out.message.ix, class, cause, fan_out.at);
        self.gauges.skipped(&fan_out.message, self.platform(counted), cause);
        if let Some(fates) = &mut self.fates {
            let fate = PairFate { journey: Journey::Skipped(cause), at: fan_out.at, dismissed_at: None };
            fates.insert((fan_out.message.ix, device), fate);
        }
    }

    fn counted(&self, device: DeviceIx) -> Counted {
        let traits = self.world.fleet.traits(device);
        Counted { key: traits.key, stratum: traits.stratum }
    }

    fn platform(&self, counted: Counted) -> Platform {
        self.world.fleet.strata()[counted.stratum.at()].platform
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
        let next = self.wheel.next().filter(|next| *next <= closed && *next > self.options.clock.now());
        let Some(next) = next.filter(|_| !self.is_full()) else { return };
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
        let phone = phone_mut(&mut self.phones, device);
        let turn = DeviceTurn {
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
        let phone = phone_mut(&mut self.phones, device);
        // It may not go further than its device has gone; a device with nothing to do has gone as far as it may.
        let until = if phone.device_turn.is_some() { phone.device_done } else { until };
        let turn = PortalTurn { handovers: phone.handovers.iter().copied().collect(), until };
        phone.portal_turn = Some((turn.handovers.len(), until));
        self.turns += 1;
        let _ = actor.cast(turn);
        Ok(())
    }

    fn device_actor(&mut self, device: DeviceIx) -> Result<ActorRef<DeviceTurn>, ActorProcessingErr> {
        let uses = self.used(device);
        let record = self.rests[(device.0 - self.devices.0) as usize].device.clone();
        let phone = phone_mut(&mut self.phones, device);
        phone.used = uses;
        if let Some(actor) = &phone.device {
            return Ok(actor.clone());
        }
        self.epochs += 1;
        phone.epoch = self.epochs;
        let arguments = DeviceArguments {
            world: self.world.clone(),
            device,
            epoch: phone.epoch,
            record,
            shard: self.myself.clone(),
            sabotage: self.options.sabotage.clone(),
        };
        let (actor, _) = ActorRuntime::spawn_linked_instant(None, DeviceActor, arguments, self.myself.get_cell())?;
        phone.device = Some(actor.clone());
        self.gauges.activated(ActorKind::Device);
        self.by_actor.insert(actor.get_id(), device.0);
        self.resident += ACTORS_A_PHONE;
        Ok(actor)
    }

    fn portal_actor(&mut self, device: DeviceIx) -> Result<ActorRef<PortalTurn>, ActorProcessingErr> {
        let supervisor = self.device_actor(device)?;
        let record = self.rests[(device.0 - self.devices.0) as usize].portal.clone();
        let phone = phone_mut(&mut self.phones, device);
        if let Some(actor) = &phone.portal {
            return Ok(actor.clone());
        }
        let arguments = PortalArguments {
            world: self.world.clone(),
            device,
            epoch: phone.epoch,
            record,
            shard: self.myself.clone(),
            sabotage: self.options.sabotage.clone(),
        };
        let (actor, _) = ActorRuntime::spawn_linked_instant(None, PortalActor, arguments, supervisor.get_cell())?;
        phone.portal = Some(actor.clone());
        self.gauges.activated(ActorKind::Portal);
        Ok(actor)
    }

    fn used(&mut self, device: DeviceIx) -> u64 {
        self.uses += 1;
        self.by_use.push_back((device.0, self.uses));
        self.uses
    }

    /// Passivates phones that were used longest ago until one more fits; false if too few are idle.
    fn make_room(&mut self) -> bool {
        let mut busy = Vec::new();
        while self.resident + ACTORS_A_PHONE > self.resident_max {
            let Some((device, used)) = self.by_use.pop_front() else { break };
            let Some(phone) = self.phones.get(&device).filter(|phone| phone.used == used) else { continue };
            if phone.is_busy() {
                busy.push((device, used));
            } else {
                self.passivate(DeviceIx(device));
            }
        }
        for entry in busy.into_iter().rev() {
            self.by_use.push_front(entry);
        }
        self.resident + ACTORS_A_PHONE <= self.resident_max
    }

    /// The phone's actors stop; its records are at rest already.
    fn passivate(&mut self, device: DeviceIx) {
        let Some(phone) = self.phones.remove(&device.0) else { return };
        if let Some(portal) = &phone.portal {
            portal.stop(None);
            self.gauges.stopped(ActorKind::Portal);
        }
        if let Some(actor) = &phone.device {
            self.resident -= ACTORS_A_PHONE;
            self.by_actor.remove(&actor.get_id());
            actor.stop(None);
            self.gauges.stopped(ActorKind::Device);
        }
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
        let reserved: Vec<Reservation> = phone.reservations.drain(..reserved).collect();
        let rest = &mut self.rests[(device.0 - self.devices.0) as usize];
        rest.device = turned.record;
        rest.device_due = turned.next_due.unwrap_or(SimTime::NEVER);
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
        let rest = &mut self.rests[(device.0 - self.devices.0) as usize];
        rest.portal = turned.record;
        rest.portal_due = turned.next_due.unwrap_or(SimTime::NEVER);
        self.apply(device, turned.counted, &turned.effects);
        self.after_turn(device);
    }

    fn apply(&mut self, device: DeviceIx, counted: Counted, effects: &[Effect]) {
        let platform = self.platform(counted);
        for effect in effects {
            self.tally.count(&self.world.chance, counted, *effect);
            self.gauges.happened(self.tally.message(effect.message()), platform, effect);
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

    /// A portal actor died: what it had not finished is done again by a new one.
    pub(crate) fn portal_died(&mut self, device: DeviceIx, actor: ActorId) {
        let Some(phone) = self.phones.get_mut(&device.0) else { return };
        if phone.portal.take_if(|portal| portal.get_id() == actor).is_none() {
            return;
        }
        self.restarts.portal += 1;
        self.gauges.died(ActorKind::Portal);
        self.turns -= usize::from(phone.portal_turn.take().is_some());
        self.mourn(device);
    }

    /// A device actor died, and its portal with it: a new one goes on from the record.
    pub(crate) fn device_died(&mut self, actor: ActorId) {
        let Some(device) = self.by_actor.remove(&actor).map(DeviceIx) else { return };
        let Some(phone) = self.phones.get_mut(&device.0) else { return };
        phone.device = None;
        self.resident -= ACTORS_A_PHONE;
        if let Some(portal) = phone.portal.take() {
            portal.kill();
            self.gauges.stopped(ActorKind::Portal);
        }
        self.restarts.device += 1;
        self.gauges.died(ActorKind::Device);
        self.turns -= usize::from(phone.device_turn.take().is_some()) + usize::from(phone.portal_turn.take().is_some());
        self.mourn(device);
    }

    fn mourn(&mut self, device: DeviceIx) {
        let phone = phone_mut(&mut self.phones, device);
        phone.deaths += 1;
        phone.died.get_or_insert_with(Stopwatch::start);
        if phone.deaths >= DEATHS_MAX {
            let device = self.world.fleet.device_name(device);
            let failed = EngineError::KeepsDying { device, deaths: DEATHS_MAX };
            // A tenant that is gone has nobody to tell.
            let _ = self.tenant.cast(TenantMessage::Failed(failed));
        } else {
            self.enqueue(device);
        }
    }

    /// Hands figures over to those who watch.
    pub(crate) fn publish(&mut self, closed: SimTime) {
        let (limit, is_idle) = (self.limit(closed), self.is_idle());
        self.gauges.publish(self.wheel.len(), limit, is_idle);
    }

    /// The books, when all is done.
    pub(crate) fn close(&mut self) -> Result<Books, EngineError> {
        // No window is open any more.
        self.gauges.publish(self.wheel.len(), SimTime::NEVER, true);
        for device in (self.devices.0..self.devices.1).map(DeviceIx) {
            let Some(record) = &self.rests[(device.0 - self.devices.0) as usize].device else { continue };
            let open: Device = record::read(Some(record))?;
            let key = self.world.fleet.device_key(device);
            for (_, message, cause, _) in open.open() {
                self.tally.still_waiting(&self.world.chance, key, message, cause);
            }
        }
        Ok(Books {
            tally: std::mem::replace(&mut self.tally, Tally::new(&self.world)),
            pairs_sent: 0,
            changes_slowed: Vec::new(),
            lag_ms: self.lag_ms.take(),
            restarts: self.restarts,
            fates: self.fates.take(),
        })
    }
}

impl Phone {
    const NEW: Self = Self {
        epoch: 0,
        device: None,
        portal: None,
        inputs: VecDeque::new(),
        reservations: VecDeque::new(),
        handovers: VecDeque::new(),
        device_turn: None,
        portal_turn: None,
        until: SimTime::ZERO,
        device_done: SimTime::ZERO,
        woken_for: SimTime::NEVER,
        queued: false,
        used: 0,
        deaths: 0,
        died: None,
    };

    fn has_work(&self) -> bool {
        !self.inputs.is_empty() || !self.reservations.is_empty() || !self.handovers.is_empty()
    }

    fn is_busy(&self) -> bool {
        self.device_turn.is_some() || self.portal_turn.is_some() || self.has_work() || self.queued
    }

    fn recovered(&mut self, restarts: &mut Restarts) {
        self.deaths = 0;
        if let Some(died) = self.died.take() {
            restarts.recovery_us_max = restarts.recovery_us_max.max(died.us());
        }
    }
}

fn phone(phones: &mut HashMap<u32, Phone>, device: DeviceIx) -> &mut Phone {
    phones.entry(device.0).or_insert(Phone::NEW)
}

fn phone_mut(phones: &mut HashMap<u32, Phone>, device: DeviceIx) -> &mut Phone {
    phones.get_mut(&device.0).expect("a phone with a turn is known")
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
