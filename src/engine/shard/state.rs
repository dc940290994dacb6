//! The phones of a shard and their turns. Holds the parts of a shard and lends them to each other; a part never reaches into another.
//! Outlives the shard's actor. Must not know in which order inputs come: the loop around it does.

use std::sync::Arc;

use ractor::{ActorId, ActorProcessingErr, ActorRef};

use super::fan_out::{self, Sweep};
use super::gauges::Activity;
use super::in_flight::InFlight;
use super::lag::{LagBook, WantedTurn};
use super::messages::{ShardMessage, ShardQuery};
use super::phone_faults::{self, PhoneFaults};
use super::recorders::Recorders;
use super::repetition::Repetition;
use super::reservations::PendingReservations;
use super::residency::{self, ACTORS_PER_PHONE, Residency};
use super::setup::ShardSetup;
use super::shard_faults::ShardFaultInjector;
use super::timers::Timers;
use crate::clock::Reading;
use crate::engine::EngineError;
use crate::engine::options::DEATHS_MAX;
use crate::engine::phone::incarnation::Home;
use crate::engine::phone::slot::{Phone, Phones};
use crate::engine::phone::turn::{Reservation, Turn};
use crate::engine::phone::turn_faults::TurnEnd;
use crate::engine::phone::turn_work::UnderWay;
use crate::engine::sabotage::{Sabotage, TurnMoment};
use crate::engine::tenant::messages::TenantMessage;
use crate::engine::totals::RunTotals;
use crate::metrics::ActorKind;
use crate::rules::base::ids::DeviceIx;
use crate::rules::base::time::SimTime;
use crate::rules::delivery::device::DeviceInput;
use crate::rules::faults::actor_fault::PhoneActor;
use crate::rules::sending::crowd::FanOut;

/// The phones of a shard and everything about them.
pub(super) struct ShardState {
    setup: ShardSetup,
    /// The clock when the current message arrived.
    clock: Reading,
    phones: Phones,
    residency: Residency,
    in_flight: InFlight,
    timers: Timers,
    reservations: PendingReservations,
    repetition: Repetition,
    phone_faults: PhoneFaults,
    shard_faults: ShardFaultInjector,
    recorders: Recorders,
    lag: LagBook,
}

impl ShardState {
    pub(super) fn new(setup: ShardSetup, myself: &ActorRef<ShardMessage>) -> Self {
        let ShardSetup { world, options, sabotage, shard, devices, actors_max, .. } = &setup;
        let clock = options.clock.read();
        let home = Home {
            world: world.clone(),
            shard: myself.clone(),
            clock: options.clock.clone(),
            sabotage: sabotage.clone(),
        };
        Self {
            phones: Phones::new(devices.clone()),
            residency: Residency::new(home, *actors_max),
            in_flight: InFlight::new((actors_max / ACTORS_PER_PHONE).max(1)),
            timers: Timers::new(),
            reservations: PendingReservations::default(),
            repetition: Repetition::before(options.replayed_until),
            phone_faults: PhoneFaults::new(world, options.replayed_until),
            shard_faults: ShardFaultInjector::new(&world.faults, *shard, options.replayed_until),
            recorders: Recorders::new(world, options, *shard),
            lag: LagBook::new(&clock),
            clock,
            setup,
        }
    }

    /// Before a message: a fault may end the actor.
    pub(super) fn before_message(&mut self) -> Result<(), ActorProcessingErr> {
        self.clock = self.setup.options.clock.read();
        let first = DeviceIx(self.setup.devices.start);
        Sabotage::crash_if_wanted(self.setup.sabotage.as_ref(), first, ActorKind::Shard, TurnMoment::BeforeTurn);
        Ok(self.shard_faults.before_message(&mut self.recorders)?)
    }

    /// After a message: a fault may delay or end the actor.
    pub(super) async fn after_message(&mut self) -> Result<(), ActorProcessingErr> {
        let ShardSetup { world, options, .. } = &self.setup;
        Ok(self.shard_faults.after_message(world, &options.clock, &mut self.recorders).await?)
    }

    /// Another actor takes over. Turns that were in flight are given again.
    pub(super) fn taken_over(&mut self, by: &ActorRef<ShardMessage>) {
        self.residency.taken_over(by, &mut self.phones, &mut self.recorders.gauges);
        self.recorders.gauges.activated(ActorKind::Shard);
        self.timers.forget_wake();
        self.in_flight.retry_all(&mut self.phones);
    }

    /// A portal's actor has died.
    pub(super) fn portal_died(&mut self, device: DeviceIx, epoch: u32) {
        if self.residency.portal_died(device, epoch, &mut self.phones, &mut self.recorders.gauges) {
            self.recorders.restarts.portal += 1;
            self.retry_turn(device, PhoneActor::Portal);
        }
    }

    /// An actor of this shard has ended. False if the shard had stopped it.
    pub(super) fn actor_ended(&mut self, actor: ActorId) -> bool {
        let Some(device) = self.residency.device_of(actor) else { return false };
        self.clock = self.setup.options.clock.read();
        self.residency.device_died(device, &mut self.phones, &mut self.recorders.gauges);
        self.recorders.restarts.device += 1;
        self.retry_turn(device, PhoneActor::Device);
        true
    }

    /// Gives the turn again in which an actor died, or reports that the run fails if there were too many deaths.
    fn retry_turn(&mut self, device: DeviceIx, dead: PhoneActor) {
        let Self { phones, in_flight, recorders, .. } = self;
        let lost = phones.work(device).lose_turn();
        let is_hopeless = phones.work(device).deaths >= DEATHS_MAX;
        if let Some(turn) = lost {
            in_flight.end(&turn);
            if let Some(faults) = turn.faults {
                phone_faults::count_turn(&faults, device, (dead, TurnEnd::Died), phones, recorders);
            }
        }
        if is_hopeless {
            let device = self.setup.world.fleet.device_name(device);
            let failed = EngineError::KeepsDying { device, deaths: DEATHS_MAX };
            // If the tenant is gone, there is no run to fail.
            let _ = self.setup.tenant.cast(TenantMessage::Failed(failed));
        } else {
            self.in_flight.enqueue(device, &mut self.phones);
        }
    }

    /// A tick of the clock.
    pub(super) fn tick(&mut self) {
        self.residency.tick(&mut self.phones, &mut self.recorders.gauges);
    }

    /// The wake-up by the clock has come.
    pub(super) fn woken(&mut self) {
        self.timers.forget_wake();
    }

    /// Gives a device an input; it may go on until `until`, or the input's own time.
    pub(super) fn give(&mut self, device: DeviceIx, at: SimTime, input: DeviceInput, until: SimTime) {
        self.shard_faults.reaches(at);
        let wanted = WantedTurn::for_input(&self.clock, at);
        let work = self.phones.work(device);
        work.inputs.push((at, input));
        work.wake(wanted, until);
        self.in_flight.enqueue(device, &mut self.phones);
    }

    /// Requests slots of the devices' quotas for the tenant.
    pub(super) fn reserve(&mut self, wanted: Vec<Reservation>) -> Result<(), ActorProcessingErr> {
        let Self { setup, phones, in_flight, phone_faults, reservations, .. } = self;
        for device in reservations.request(wanted, phones, &setup.world.service, phone_faults)? {
            in_flight.enqueue(device, phones);
        }
        reservations.report(&setup.tenant)
    }

    /// Begins to hand out fan-outs.
    pub(super) fn begin_sweep(&mut self, fan_outs: Vec<Arc<FanOut>>, until: SimTime) -> Sweep {
        let ShardSetup { world, devices, .. } = &self.setup;
        Sweep::begin(fan_outs, until, devices.clone(), &world.fleet, &mut self.recorders)
    }

    /// Hands out as much as there is room for; false if everything is handed out.
    pub(super) fn hand_out(&mut self, sweep: &mut Sweep) -> bool {
        let until = sweep.until();
        sweep.hand_out(self.in_flight.room(), |device, at, input| self.give(device, at, input, until))
    }

    /// Leaves out the inputs that are in no turn yet, and returns the number of their pairs.
    pub(super) fn leave_out_inputs(&mut self) -> u64 {
        fan_out::leave_out_inputs(&mut self.phones, &mut self.recorders)
    }

    /// Leaves out the rest of these fan-outs, and returns the number of pairs.
    pub(super) fn leave_out_rest(&mut self, sweep: &Sweep) -> u64 {
        sweep.leave_out_rest(&mut self.recorders)
    }

    /// Leaves out a whole fan-out, and returns the number of pairs.
    pub(super) fn leave_out_all(&mut self, fan_out: &FanOut) -> u64 {
        fan_out::leave_out_all(fan_out, self.setup.devices.clone(), &mut self.recorders)
    }

    /// A watermark has arrived; the one before it was `closed`.
    pub(super) fn watermark_came(&mut self, closed: SimTime) {
        self.lag.watermark_came(&self.clock, closed);
    }

    /// The time that phones may reach now: what is closed, and not beyond the clock.
    pub(super) fn limit(&self, closed: SimTime) -> SimTime {
        closed.min(self.clock.now())
    }

    /// Whether everything due by `closed` has happened.
    pub(super) fn is_done(&self, closed: SimTime) -> bool {
        self.timers.are_done(closed)
    }

    /// Wakes phones whose timers are due; false if there are none.
    pub(super) fn take_due(&mut self, closed: SimTime) -> bool {
        let (limit, mut taken) = (self.limit(closed), 0);
        while taken < self.in_flight.running_max()
            && let Some((at, device)) = self.timers.take(limit)
        {
            taken += 1;
            if !self.phones.rest_mut(device).takes_timer(at) {
                continue;
            }
            self.shard_faults.reaches(at);
            let wanted = self.lag.for_timer(&self.clock, at);
            self.phones.work(device).wake(wanted, limit);
            self.in_flight.enqueue(device, &mut self.phones);
        }
        taken > 0
    }

    /// Has the clock wake the shard when a timer is due. Without room for turns, the end of a turn wakes it.
    pub(super) fn sleep(&mut self, closed: SimTime) {
        if !self.is_full() {
            let shard = self.residency.shard();
            let wake = || {
                let shard = shard.clone();
                // A shard that is gone needs no waking.
                move || drop(shard.cast(ShardMessage::TimerDue))
            };
            self.timers.wake_at_next(closed, &self.setup.options.clock, wake);
        }
    }

    /// Whether there is no room for more turns.
    pub(super) fn is_full(&self) -> bool {
        self.in_flight.room() == 0
    }

    /// Whether the shard should handle its messages before it repeats more turns; then a message to continue is sent.
    pub(super) fn should_yield(&mut self) -> Result<bool, ActorProcessingErr> {
        self.repetition.should_yield(self.residency.shard())
    }

    /// Whether no turn is in flight or wanted.
    pub(super) fn is_idle(&self) -> bool {
        self.in_flight.is_idle()
    }

    /// Begins the turns that are ready, as far as there is room for turns and for actors.
    pub(super) fn dispatch(&mut self) -> Result<(), ActorProcessingErr> {
        let mut has_room = true;
        for _ in 0..self.in_flight.ready() {
            let Some(device) = self.in_flight.next_ready() else { break };
            let has_actor = self.phones.entry(device).actor.is_some();
            has_room &= has_actor || self.residency.make_room(&mut self.phones, &mut self.recorders.gauges);
            if has_room || has_actor {
                self.dispatch_one(device)?;
            } else {
                // Phones behind it may have actors, which make room when their turns are done.
                self.in_flight.postpone(device);
            }
        }
        Ok(())
    }

    /// Begins the phone's next turn if it wants one; there is room for its actors.
    fn dispatch_one(&mut self, device: DeviceIx) -> Result<(), ActorProcessingErr> {
        let now = self.clock.now();
        let (work, rest) = self.phones.work_with_rest(device);
        work.is_queued = false;
        let until = work.until.min(now);
        if work.turn.is_none() && (work.has_more() || rest.due() <= until) {
            self.begin_turn(device, until)?;
        } else {
            self.phones.release(device);
        }
        Ok(())
    }

    fn begin_turn(&mut self, device: DeviceIx, until: SimTime) -> Result<(), ActorProcessingErr> {
        let Self { setup, clock, phones, residency, in_flight, recorders, repetition, .. } = self;
        if repetition.has(phones, device, until) {
            let turn = repetition.turn(&setup.world, (device, until), clock, phones, in_flight)?;
            return self.turned(turn);
        }
        residency.wake_up(device, phones, &mut recorders.gauges)?;
        let faults = self.phone_faults.draw(&setup.world, phones, device, until);
        let mut turn = in_flight.take_turn();
        let (phone, rest) = phones.entry_with_rest(device);
        in_flight.begin(phone.load(rest, faults, until, clock, &mut turn));
        turn.device = device;
        if let Some(actor) = &phone.actor {
            // If the actor is dead, its supervision event follows, and the turn is given again.
            let _ = actor.cast(turn);
        }
        Ok(())
    }

    /// A turn has come back: applies it once and as a whole, unless it is of an earlier incarnation.
    pub(super) fn turned(&mut self, mut turn: Box<Turn>) -> Result<(), ActorProcessingErr> {
        let phone = self.phones.get_mut(turn.device).filter(|phone| phone.epoch == turn.epoch);
        if let Some(under_way) = phone.and_then(Phone::end_turn) {
            self.apply(&mut turn, under_way)?;
        }
        self.in_flight.recycle(turn);
        Ok(())
    }

    fn apply(&mut self, turn: &mut Turn, under_way: UnderWay) -> Result<(), ActorProcessingErr> {
        let device = turn.device;
        self.in_flight.end(&under_way);
        let Self { phones, recorders, .. } = self;
        self.shard_faults.recovered(&mut recorders.restarts);
        let (work, rest) = phones.work_with_rest(device);
        work.applied(&under_way, &mut recorders.restarts);
        let [of_device, of_portal] = &turn.rests;
        rest.device.set(of_device);
        if turn.has_reached_portal {
            rest.portal.set(of_portal);
            residency::has_portal(phones.entry(device), &mut recorders.gauges);
        }
        if let Some(faults) = under_way.faults {
            let last = if turn.has_reached_portal { PhoneActor::Portal } else { PhoneActor::Device };
            phone_faults::count_turn(&faults, device, (last, TurnEnd::Completed), phones, recorders);
        }
        recorders.record(device, turn.counted, &turn.trace.effects);
        if let Some(late) = self.lag.applied(&self.clock, under_way.wanted) {
            recorders.gauges.lagged(late);
        }
        self.after_turn(device);
        self.reservations.answered(turn);
        self.reservations.report(&self.setup.tenant)
    }

    /// Sets the phone's next timer, or makes it ready for its next turn.
    fn after_turn(&mut self, device: DeviceIx) {
        let now = self.clock.now();
        let (work, rest) = self.phones.work_with_rest(device);
        let due = rest.due();
        if work.has_more() || due <= work.until.min(now) {
            self.in_flight.enqueue(device, &mut self.phones);
            return;
        }
        if rest.armed != due {
            rest.armed = due;
            self.timers.set(due, device);
        }
        self.residency.became_idle(device, due, &mut self.phones, &self.clock);
        self.phones.release(device);
    }

    /// Answers a question. A client that has gone does not receive it.
    pub(super) fn answer(&mut self, query: ShardQuery, closed: SimTime) {
        match query {
            ShardQuery::Phone { device, reply } => {
                drop(reply.send(self.phones.look(device).map_err(EngineError::from)));
            }
            ShardQuery::Messages { messages, reply } => {
                drop(reply.send(messages.iter().map(|message| self.recorders.message(*message, closed)).collect()));
            }
            ShardQuery::Totals { reply } => drop(reply.send(self.recorders.totals())),
            ShardQuery::News { reply } => drop(reply.send(self.recorders.take_news())),
            ShardQuery::NextDue { reply } => drop(reply.send(self.timers.next().unwrap_or(SimTime::NEVER))),
            ShardQuery::Alive { reply } => drop(reply.send(())),
        }
    }

    /// Publishes figures, if it is time to.
    pub(super) fn publish(&mut self, closed: SimTime) {
        let activity = if self.is_idle() { Activity::Idle } else { Activity::Busy };
        if activity == Activity::Idle {
            self.shard_faults.recovered(&mut self.recorders.restarts);
        }
        if self.recorders.gauges.are_due(activity) {
            let (next, limit) = (self.timers.next().unwrap_or(SimTime::NEVER), self.limit(closed));
            self.recorders.gauges.publish(self.timers.len(), next, limit, activity);
        }
    }

    /// The totals, when everything is done.
    pub(super) fn close(&mut self) -> Result<RunTotals, EngineError> {
        self.shard_faults.disarm();
        let Self { setup, phones, recorders, .. } = self;
        // All catch-up windows have closed.
        recorders.gauges.publish(self.timers.len(), SimTime::NEVER, SimTime::NEVER, Activity::Idle);
        let totals = recorders.close(&setup.world, phones)?;
        Ok(RunTotals { lag: self.lag.take().into_iter().collect(), ..totals })
    }
}
