//! A shard's desk: per phone what is at rest, what is to be done, and who does it. All bookkeeping, no rule of the service.

use std::collections::VecDeque;
use std::sync::Arc;

use ractor::{ActorId, ActorProcessingErr, ActorRef};
use rustc_hash::FxHashMap;

use super::actor::ShardArguments;
use super::fault_injector::ShardFaultInjector;
use super::gauges::Gauges;
use super::in_flight::TurnLimiter;
use super::lag::{LagBook, WantedTurn};
use super::look::ShardWatch;
use super::residency::{ACTORS_A_PHONE, Use};
use super::timers::Timers;
use crate::clock::{Reading, Wake};
use crate::engine::EngineError;
use crate::engine::ends::LiveFates;
use crate::engine::messages::{Reservation, ShardMessage, TenantMessage};
use crate::engine::options::EngineOptions;
use crate::engine::phone::device::Home;
use crate::engine::phone::slot::{Phone, Phones};
use crate::engine::phone::turn::Turn;
use crate::engine::phone::turn_work::UnderWay;
use crate::engine::totals::{Restarts, RunTotals};
use crate::rules::base::ids::DeviceIx;
use crate::rules::base::platform::Platform;
use crate::rules::base::time::SimTime;
use crate::rules::counting::recorder::{Counted, Recorder};
use crate::rules::delivery::device::{Device, DeviceInput};
use crate::rules::delivery::hits::ActorFaults;
use crate::rules::faults::actor_fault::PhoneActor;
use crate::rules::model::world::World;
use crate::rules::service::journey::Effect;
use crate::rules::service::message::Refusal;

/// See the file.
pub(crate) struct ShardState {
    pub(crate) world: Arc<World>,
    pub(crate) options: EngineOptions,
    /// What the clock showed when the shard was told something last.
    pub(crate) clock: Reading,
    pub(crate) devices: (u32, u32),
    pub(crate) resident_max: usize,
    pub(crate) tenant: ActorRef<TenantMessage>,
    /// What is given to every phone's actors.
    pub(crate) home: Arc<Home>,
    pub(crate) phones: Phones,
    /// Whose the device actors are.
    pub(super) by_actor: FxHashMap<ActorId, DeviceIx>,
    pub(crate) resident: usize,
    /// Phones with actors, about in the order of their last use: looked up when somebody has to go.
    pub(super) by_use: VecDeque<Use>,
    pub(super) uses: u64,
    /// Phones that have become idle and are not wanted soon, the last one last; outdated once they are used again.
    pub(super) leisure: Vec<(DeviceIx, u64)>,
    /// Beats of the clock so far.
    pub(super) beats: u32,
    /// Counts the incarnations of phones' actors: a word from an earlier one is told by it.
    pub(super) epochs: u32,
    pub(crate) ready: VecDeque<DeviceIx>,
    pub(crate) credits: TurnLimiter,
    /// Turns that are over, to be used again.
    #[expect(clippy::vec_box, reason = "a turn travels in its box")]
    pub(crate) blank: Vec<Box<Turn>>,
    pub(crate) timers: Timers,
    pub(crate) wake: Option<(SimTime, Wake)>,
    pub(crate) counter: Recorder,
    pub(crate) ends: LiveFates,
    pub(crate) watch: Option<ShardWatch>,
    pub(crate) lag: LagBook,
    pub(crate) restarts: Restarts,
    pub(crate) strikes: ActorFaults,
    pub(crate) struck: Vec<u64>,
    pub(crate) peril: ShardFaultInjector,
    pub(crate) gauges: Gauges,
    /// Slots that the tenant waits for, and what has come of others meanwhile: it is told of all of them together.
    reserving: usize,
    reserved: Vec<(usize, Result<(), Refusal>)>,
}

impl ShardState {
    pub(crate) fn new(arguments: ShardArguments, myself: &ActorRef<ShardMessage>) -> Self {
        let ShardArguments { world, options, shard, devices, resident_max, tenant, .. } = arguments;
        let clock = options.clock.read();
        let home = Arc::new(Home::of(&world, &options, myself));
        Self {
            counter: if options.watched { Recorder::for_postings(&world) } else { Recorder::new(&world) },
            ends: LiveFates::new(options.keep_fates, options.outlet.clone()),
            watch: options.watched.then(ShardWatch::default),
            lag: LagBook::new(&clock),
            clock,
            gauges: Gauges::new(&world, &options, shard),
            strikes: ActorFaults::of(&world.faults),
            peril: ShardFaultInjector::new(&world.faults, shard, options.spared_until),
            struck: vec![0; world.faults.len()],
            world,
            options,
            devices,
            resident_max,
            tenant,
            home,
            phones: Phones::new(devices),
            by_actor: FxHashMap::default(),
            resident: 0,
            by_use: VecDeque::new(),
            uses: 0,
            leisure: Vec::new(),
            beats: 0,
            epochs: 0,
            ready: VecDeque::new(),
            credits: TurnLimiter::new((resident_max / ACTORS_A_PHONE).max(1)),
            blank: Vec::new(),
            timers: Timers::new(),
            wake: None,
            restarts: Restarts::default(),
            reserving: 0,
            reserved: Vec::new(),
        }
    }

    /// The shard is told something.
    pub(crate) fn look_at_clock(&mut self) {
        self.clock = self.options.clock.read();
    }

    /// Are all credits for turns used, or is too much waiting for one?
    pub(crate) fn is_full(&self) -> bool {
        self.credits.left(self.ready.len()) == 0
    }

    /// Is no turn under way or wanted?
    pub(crate) fn is_idle(&self) -> bool {
        self.credits.is_idle() && self.ready.is_empty()
    }

    /// Has everything happened that is due by `closed`?
    pub(crate) fn is_done(&self, closed: SimTime) -> bool {
        self.timers.are_done(closed)
    }

    /// Gives a device an input; it may go on until `until`, or the input's own time.
    pub(crate) fn give(&mut self, device: DeviceIx, at: SimTime, input: DeviceInput, until: SimTime) {
        self.peril.reaches(at);
        let wanted = WantedTurn::given(&self.clock, at);
        let work = self.phones.work(device);
        work.inputs.push((at, input));
        work.wake(wanted, until);
        self.enqueue(device);
    }

    /// Takes a slot of the 10 an hour for the tenant.
    pub(crate) fn reserve(&mut self, wanted: Reservation) {
        let device = wanted.device;
        self.reserving += 1;
        self.phones.work(device).reservations.push(wanted);
        self.enqueue(device);
    }

    pub(crate) fn enqueue(&mut self, device: DeviceIx) {
        if !std::mem::replace(&mut self.phones.work(device).queued, true) {
            self.ready.push_back(device);
        }
    }

    /// How far phones may go now: what is closed, and not beyond the clock.
    pub(crate) fn limit(&self, closed: SimTime) -> SimTime {
        closed.min(self.clock.now())
    }

    /// A watermark came; so far everything up to `closed` was allowed.
    pub(crate) fn watermark_came(&mut self, closed: SimTime) {
        self.lag.watermark_came(&self.clock, closed);
    }

    /// Sends the turns that are ready, as far as credits and residency go.
    pub(crate) fn dispatch(&mut self) -> Result<(), ActorProcessingErr> {
        let mut has_room = true;
        for _ in 0..self.ready.len() {
            if self.credits.left(0) == 0 {
                break;
            }
            let Some(device) = self.ready.pop_front() else { break };
            has_room &= self.phones.of(device).actor.is_some() || self.make_room();
            if has_room || self.phones.of(device).actor.is_some() {
                self.dispatch_one(device)?;
            } else {
                // Others behind it may have actors already, and make room when they are done.
                self.ready.push_back(device);
            }
        }
        Ok(())
    }

    /// Gives a phone its next turn, if it wants one; there is room for its actors.
    fn dispatch_one(&mut self, device: DeviceIx) -> Result<(), ActorProcessingErr> {
        let now = self.clock.now();
        let (work, rest) = self.phones.work_with_rest(device);
        work.queued = false;
        let until = work.until.min(now);
        if work.turn.is_none() && (work.has_more() || rest.due() <= until) {
            self.take_turn(device, until)?;
        } else {
            self.phones.let_be(device);
        }
        Ok(())
    }

    fn take_turn(&mut self, device: DeviceIx, until: SimTime) -> Result<(), ActorProcessingErr> {
        let is_new = self.wake_up(device)?;
        let struck = self.strike(device, until);
        let (Phone { actor, epoch, has_portal, work, .. }, rest) = self.phones.with_rest(device);
        let work = work.get_or_insert_default();
        let mut turn = self.blank.pop().unwrap_or_else(Turn::blank);
        turn.device = device;
        turn.epoch = *epoch;
        turn.reservations.extend_from_slice(&work.reservations);
        turn.inputs.extend_from_slice(&work.inputs);
        turn.until = until;
        turn.hits = struck.as_ref().map(|struck| Box::new(struck.hits));
        turn.portal_is_due = rest.portal.due <= until;
        let [of_device, of_portal] = &mut turn.rests;
        if is_new {
            of_device.record.extend_from_slice(rest.device.record.bytes());
        }
        if !*has_portal {
            of_portal.record.extend_from_slice(rest.portal.record.bytes());
        }
        let mut wanted = work.wanted.take();
        if let Some(wanted) = &mut wanted {
            wanted.sent(&self.clock);
        }
        let (reservations, inputs) = (work.reservations.len(), work.inputs.len());
        let under_way = UnderWay { reservations, inputs, until, wanted, struck };
        self.credits.begin(under_way.sleeps());
        work.turn = Some(under_way);
        if let Some(actor) = actor {
            // A dead actor's supervisor hears of it, and the turn is given again.
            let _ = actor.cast(turn);
        }
        Ok(())
    }

    /// A turn is over: applies it, once and as a whole, unless it is an older incarnation's.
    pub(crate) fn turned(&mut self, mut turn: Box<Turn>) -> Result<(), ActorProcessingErr> {
        let phone = self.phones.get(turn.device).filter(|phone| phone.epoch == turn.epoch);
        if let Some(under_way) = phone.and_then(Phone::end_turn) {
            self.apply(&mut turn, under_way)?;
        }
        turn.clear();
        self.blank.push(turn);
        Ok(())
    }

    fn apply(&mut self, turn: &mut Turn, under_way: UnderWay) -> Result<(), ActorProcessingErr> {
        let device = turn.device;
        self.credits.end(under_way.sleeps());
        self.recovered();
        let (work, rest) = self.phones.work_with_rest(device);
        work.applied(&under_way, &mut self.restarts);
        let [of_device, of_portal] = &turn.rests;
        rest.device.set(of_device);
        if turn.reached_portal {
            rest.portal.set(of_portal);
            self.has_portal(device);
        }
        if let Some(struck) = under_way.struck {
            self.struck(device, &struck, PhoneActor::Device, false);
            if turn.reached_portal {
                self.struck(device, &struck, PhoneActor::Portal, false);
            }
        }
        self.count(device, turn.counted, &turn.told.effects);
        if let Some(late) = self.lag.applied(&self.clock, under_way.wanted) {
            self.gauges.lagged(late);
        }
        self.after_turn(device);
        if !turn.reservations.is_empty() {
            let attempts = turn.reservations.iter().map(|wanted| wanted.attempt);
            self.reserved.extend(attempts.zip(turn.answers.drain(..)));
            self.reserving -= turn.reservations.len();
            if self.reserving == 0 {
                self.tenant.cast(TenantMessage::Reserved(std::mem::take(&mut self.reserved)))?;
            }
        }
        Ok(())
    }

    fn count(&mut self, device: DeviceIx, counted: Counted, effects: &[Effect]) {
        if self.gauges.are_metered() || self.ends.are_wanted() || self.watch.is_some() {
            for effect in effects {
                self.follow(device, counted.platform, effect);
            }
        }
        for effect in effects {
            self.gauges.happened(effect);
        }
        self.counter.count_all(counted, effects);
    }

    /// Tells those who follow single pairs what happened to one.
    fn follow(&mut self, device: DeviceIx, platform: Platform, effect: &Effect) {
        let message = self.counter.message(effect.message());
        self.gauges.meter(message, platform, effect);
        if self.ends.are_wanted() {
            self.ends.happened(message, device, effect);
        }
        if let Some(watch) = &mut self.watch {
            watch.happened(message, device, effect);
        }
    }

    /// Sets the phone's next timer, or makes it ready for its next turn; forgets it if it has nothing left and no actors.
    fn after_turn(&mut self, device: DeviceIx) {
        let now = self.clock.now();
        let (work, rest) = self.phones.work_with_rest(device);
        let due = rest.due();
        if work.has_more() || due <= work.until.min(now) {
            self.enqueue(device);
            return;
        }
        if rest.armed != due {
            rest.armed = due;
            self.timers.set(due, device);
        }
        self.idles(device, due, now);
        self.phones.let_be(device);
    }

    /// Hands figures over to those who watch, if it is time to.
    pub(crate) fn publish(&mut self, closed: SimTime) {
        let is_idle = self.is_idle();
        if is_idle {
            self.recovered();
        }
        if self.gauges.are_due(is_idle) {
            let next = self.timers.next().unwrap_or(SimTime::NEVER);
            self.gauges.publish(self.timers.len(), next, self.limit(closed), is_idle);
        }
    }

    /// The books, when all is done.
    pub(crate) fn close(&mut self) -> Result<RunTotals, EngineError> {
        // Whose work is done is hit by nothing.
        self.peril = ShardFaultInjector::new(&[], 0, SimTime::NEVER);
        // No window is open any more.
        self.gauges.publish(self.timers.len(), SimTime::NEVER, SimTime::NEVER, true);
        for device in (self.devices.0..self.devices.1).map(DeviceIx) {
            let open: Device = self.phones.peek_rest(device).device.machine()?;
            for (message, _, cause, _) in open.open() {
                let counted = self.counted(device);
                self.counter.still_waiting(counted, message, cause);
            }
        }
        assert!(
            self.counter.remembers_only_what_is_open(),
            "a message is forgotten with the end of its pair, and not before"
        );
        let fates = self.ends.finish(|message| self.counter.message(message));
        Ok(RunTotals {
            counts: std::mem::replace(&mut self.counter, Recorder::new(&self.world)).close(),
            pairs_sent: 0,
            changes_slowed: Vec::new(),
            lag: self.lag.take().into_iter().collect(),
            struck: Some(std::mem::take(&mut self.struck)),
            restarts: self.restarts,
            fates,
        })
    }
}
