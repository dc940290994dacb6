//! Everything that crosses devices, once and in order: requests, answers, and the crowds that set out. Every decision
//! comes from the tenant's rules. Must not depend on a fate.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use rayon::prelude::*;
use roaring::RoaringBitmap;
use tokio_util::sync::CancellationToken;

use super::error::ForecastError;
use super::progress::ForecastProgress;
use super::sweep::thread_pool;
use crate::rules::base::ids::{ChangeIx, DeviceIx, MessageIx};
use crate::rules::base::time::SimTime;
use crate::rules::delivery::device::DeviceInput;
use crate::rules::model::change::Subject;
use crate::rules::model::world::World;
use crate::rules::sending::crowd::{Audience, Crowd, FanOut, Phase};
use crate::rules::sending::start_standings::StartStandings;
use crate::rules::sending::tenant::Tenant;
use crate::rules::service::audience::AudienceClass;
use crate::rules::service::journey::SkipCause;
use crate::rules::service::message::{Message, Refusal, Stamp};
use crate::rules::service::quota::Window;
use crate::rules::timeline::agenda::{Agenda, Attempt};
use crate::rules::timeline::posting::{Posting, Recipients};

/// Crowds that a new one is compared with, the latest first; most messages of a scenario go to the same few crowds.
const CROWDS_COMPARED_MAX: usize = 64;
/// Devices that one thread judges together: those of one container of a bitmap.
const DEVICES_A_PART: u32 = 1 << 16;
/// Changes or attempts of one millisecond between two looks at the stop token: some milliseconds of work at most.
const STEPS_A_LOOK: usize = 1 << 10;

/// What the tenant did in a scenario: a pure function of the world.
#[derive(Clone, Debug)]
pub struct TenantPlan {
    /// The requests and their answers.
    pub agenda: Agenda,
    /// For each fault, the directory changes it slowed.
    pub changes_slowed: Vec<u64>,
    /// The end of the plan: the horizon, unless it was stopped.
    pub until: SimTime,
    /// Accepted messages, in order; without those to single devices that are not kept.
    pub(super) messages: Vec<Message>,
    /// Distinct crowds; messages share them.
    pub(super) crowds: Vec<Arc<Crowd>>,
    /// The batches that set out to crowds, in order.
    pub(super) waves: Vec<Wave>,
    /// The inputs of single devices, in order.
    pub(super) alone: BTreeMap<DeviceIx, Vec<SingleInput>>,
}

/// A batch of journeys that start together.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wave {
    pub(super) message: Message,
    pub(super) at: SimTime,
    pub(super) phase: Phase,
    /// Where the batch begins in the queue of each gateway.
    pub(super) begin: [u128; 2],
    /// Its index among the crowds.
    pub(super) crowd: usize,
}

/// An input of one device alone.
#[derive(Clone, Copy, Debug)]
pub(super) struct SingleInput {
    /// The index of the wave before which it happens.
    pub(super) before: usize,
    pub(super) at: SimTime,
    pub(super) what: SingleInputKind,
}

impl SingleInput {
    /// Whether it creates a pair: a journey, or a skipped one.
    pub(super) fn is_pair(&self) -> bool {
        match self.what {
            SingleInputKind::Skip(..) | SingleInputKind::Input(DeviceInput::Start { .. }) => true,
            SingleInputKind::Input(DeviceInput::Change(..) | DeviceInput::Dismiss(_)) => false,
        }
    }
}

/// The kind of a [`SingleInput`].
#[derive(Clone, Copy, Debug)]
pub(super) enum SingleInputKind {
    Input(DeviceInput),
    Skip(MessageIx, AudienceClass, SkipCause),
}

impl TenantPlan {
    /// The plan of a world; of its beginning, if it is cancelled meanwhile. So many threads find out the standing of
    /// each device, or one a core if they are 0.
    ///
    /// # Errors
    /// [`ForecastError::NoThreads`] if the system starts none.
    pub fn new(
        world: &World,
        threads: usize,
        progress: &ForecastProgress,
        stop: &CancellationToken,
    ) -> Result<Self, ForecastError> {
        let tenant = Tenant::starting_with(world, start_standings(world, threads, stop)?);
        Ok(Planner::new(world, Self::empty(world, Agenda::new(world)), tenant, stop).plan(progress))
    }

    /// The plan of a world, with a ledger of all requests; of its beginning, if it is cancelled meanwhile.
    pub fn entire(world: &World, stop: &CancellationToken) -> Self {
        let tenant = Tenant::unless_stopped(world, &|| stop.is_cancelled());
        Planner::new(world, Self::empty(world, Agenda::entire(world)), tenant, stop).plan(&ForecastProgress::default())
    }

    /// The plan of a world in which nothing has begun: that of one that was stopped.
    pub fn of_nothing(world: &World) -> Self {
        Self { until: SimTime::ZERO, ..Self::empty(world, Agenda::new(world)) }
    }

    pub(super) fn empty(world: &World, agenda: Agenda) -> Self {
        Self {
            agenda,
            changes_slowed: Vec::new(),
            until: world.horizon,
            messages: Vec::new(),
            crowds: Vec::new(),
            waves: Vec::new(),
            alone: BTreeMap::new(),
        }
    }

    /// An empty plan for the recorded inputs of a world that takes postings, up to and including `now`.
    pub(super) fn of_history_until(world: &World, now: SimTime) -> Self {
        Self { until: (now + 1).min(world.horizon), ..Self::empty(world, Agenda::entire(world)) }
    }

    /// The message with this index in the order of acceptance.
    pub fn message(&self, message: MessageIx) -> Option<&Message> {
        // A plan that keeps only some devices lacks messages.
        let dense = self.messages.get(message.at()).filter(|found| found.ix == message);
        dense.or_else(|| {
            let at = self.messages.binary_search_by_key(&message, |found| found.ix);
            self.messages.get(at.ok()?)
        })
    }

    /// The devices that are pairs of a message, ascending.
    pub fn devices_of(&self, message: MessageIx) -> RoaringBitmap {
        let mut devices = RoaringBitmap::new();
        for wave in self.waves.iter().filter(|wave| wave.message.ix == message) {
            let standings = &self.crowds[wave.crowd].standings;
            standings.carried.iter().chain(&standings.skipped).for_each(|part| devices |= part);
        }
        let is_of = |alone: &SingleInput| match alone.what {
            SingleInputKind::Skip(of, ..) => of == message,
            SingleInputKind::Input(DeviceInput::Start { message: of, .. }) => of.ix == message,
            SingleInputKind::Input(DeviceInput::Change(..) | DeviceInput::Dismiss(_)) => false,
        };
        devices.extend(self.alone.iter().filter(|(_, alone)| alone.iter().any(is_of)).map(|(device, _)| device.0));
        devices
    }

    /// Every pair of an accepted message and a targeted device among these.
    pub fn pairs(&self, devices: &Range<u32>) -> u64 {
        let alone = self.alone.range(DeviceIx(devices.start)..DeviceIx(devices.end)).flat_map(|(_, alone)| alone);
        let singles = alone.filter(|alone| alone.is_pair()).count();
        let of = |set: &RoaringBitmap| set.range_cardinality(devices.clone());
        let of_crowd = |crowd: &Arc<Crowd>| {
            let pairs: u64 = crowd.standings.carried.iter().chain(&crowd.standings.skipped).map(of).sum();
            pairs - of(&crowd.reopened)
        };
        let of_crowds: Vec<u64> = self.crowds.iter().map(of_crowd).collect();
        singles as u64 + self.waves.iter().map(|wave| of_crowds[wave.crowd]).sum::<u64>()
    }
}

#[derive(Debug)]
pub(super) struct Planner<'a> {
    pub(super) world: &'a World,
    pub(super) tenant: Tenant,
    windows: BTreeMap<DeviceIx, Window>,
    pub(super) plan: TenantPlan,
    /// The devices whose single inputs are kept; all of them if there is none.
    kept: Option<RoaringBitmap>,
    /// The only message that is planned, by its number at the tenant; all of them if there is none.
    pub(super) only: Option<MessageIx>,
    /// Once it is cancelled it stays so: everything left out is after the plan's end.
    stop: &'a CancellationToken,
}

/// The standings of the whole fleet at the start, in parts that several threads judge.
fn start_standings(world: &World, threads: usize, stop: &CancellationToken) -> Result<StartStandings, ForecastError> {
    let (devices, is_stopped) = (world.fleet.devices(), || stop.is_cancelled());
    if threads == 1 || devices <= DEVICES_A_PART {
        return Ok(StartStandings::of(world, 0..devices, &is_stopped));
    }
    let parts: Vec<Range<u32>> = (0..devices)
        .step_by(DEVICES_A_PART as usize)
        .map(|from| from..devices.min(from.saturating_add(DEVICES_A_PART)))
        .collect();
    let judge = || parts.into_par_iter().map(|part| StartStandings::of(world, part, &is_stopped)).collect::<Vec<_>>();
    let mut whole = StartStandings::default();
    thread_pool(threads)?.install(judge).into_iter().for_each(|part| whole.add(part));
    Ok(whole)
}

impl<'a> Planner<'a> {
    pub(super) fn new(world: &'a World, plan: TenantPlan, tenant: Tenant, stop: &'a CancellationToken) -> Self {
        Self { world, tenant, windows: BTreeMap::new(), plan, kept: None, only: None, stop }
    }

    /// Keeps the single inputs of these devices alone, if they are given.
    pub(super) fn of_devices(self, kept: Option<RoaringBitmap>) -> Self {
        Self { kept, ..self }
    }

    /// The end of the plan.
    pub(super) const fn until(&self) -> SimTime {
        self.plan.until
    }

    fn plan(mut self, progress: &ForecastProgress) -> TenantPlan {
        while let Some(at) = self.plan.agenda.next_time() {
            if !self.is_stopped() {
                progress.planned_ms.store(at.ms(), Relaxed);
                self.moment(at);
            }
            if self.is_stopped() {
                self.plan.until = at;
                return self.finish();
            }
        }
        self.reveal(self.world.horizon.just_before());
        self.finish()
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stop.is_cancelled()
    }

    /// Whether the plan is stopped. The token is read now and then: `step` counts the steps of one moment.
    pub(super) fn is_stopped_at(&self, step: usize) -> bool {
        step.is_multiple_of(STEPS_A_LOOK) && self.is_stopped()
    }

    pub(super) fn finish(mut self) -> TenantPlan {
        self.plan.changes_slowed = self.tenant.changes_slowed().to_vec();
        self.plan
    }

    /// Plans everything of one millisecond, or the first part of it if the plan is stopped meanwhile.
    fn moment(&mut self, at: SimTime) {
        let world = self.world;
        let due = self.plan.agenda.take(world, at);
        self.reveal(at.just_before());
        for (step, (change, subject)) in due.changes.iter().enumerate() {
            if self.is_stopped_at(step) {
                return;
            }
            self.tenant.change_directory(world, *change, *subject, at);
        }
        self.reveal(at);
        let before = self.plan.waves.len();
        for (step, (change, subject)) in due.changes.iter().enumerate() {
            if self.is_stopped_at(step) {
                return;
            }
            self.change_phones(*change, *subject, before, at);
        }
        for (step, attempt) in due.attempts.into_iter().enumerate() {
            if self.is_stopped_at(step) {
                return;
            }
            let outcome = self.attempt(&attempt, at).map(|fan_out| {
                let message = fan_out.message.ix;
                self.fan_out(fan_out);
                message
            });
            self.plan.agenda.answer(world, attempt, outcome, at);
        }
    }

    /// Applies one step of a change of phones, before the wave with this index.
    pub(super) fn change_phones(&mut self, change: ChangeIx, subject: Subject, before: usize, at: SimTime) {
        let alone = &mut self.plan.alone;
        self.tenant.change_phone(self.world, change, subject, |device, change, key| {
            let what = SingleInputKind::Input(DeviceInput::Change(change, key));
            alone.entry(device).or_default().push(SingleInput { before, at, what });
        });
    }

    /// Plans everything of the scenario up to and including `now`.
    pub(super) fn plan_up_to(&mut self, now: SimTime) {
        while let Some(at) = self.plan.agenda.next_time().filter(|at| *at <= now) {
            self.moment(at);
        }
    }

    /// Records that the `number`-th posting was accepted at `at`: a fact, which is not decided again.
    pub(super) fn accepted(&mut self, number: u64, recipients: &Recipients, at: SimTime) {
        let occurrence = u32::try_from(number).unwrap_or(u32::MAX);
        let stamp = Stamp { send: World::POSTED, occurrence, key: Posting::key(number) };
        let target = recipients.clone().into_target();
        if let Ok(fan_out) = self.tenant.admit(self.world, stamp, recipients.device(), &target, at) {
            self.fan_out(fan_out);
        }
    }

    fn attempt(&mut self, attempt: &Attempt, at: SimTime) -> Result<FanOut, Refusal> {
        let world = self.world;
        let send = &world.sends[attempt.send.at()];
        self.tenant.judge(world, send, attempt.device)?;
        if let Some(device) = attempt.device {
            let window = self.windows.entry(device).or_default();
            window.reserve_for_device(&world.service, at, &self.tenant.counted_for(device, at))?;
        }
        self.tenant.admit(world, attempt.stamp(), attempt.device, &send.target, at)
    }

    pub(super) fn reveal(&mut self, at: SimTime) {
        let mut out = Vec::new();
        while let Some(visible) = self.tenant.next_visible().filter(|visible| *visible <= at) {
            if self.is_stopped() {
                return;
            }
            self.tenant.advance(self.world, visible, &mut out);
            for fan_out in out.drain(..) {
                self.fan_out(fan_out);
            }
        }
    }

    pub(super) fn fan_out(&mut self, fan_out: FanOut) {
        let FanOut { mut message, at, phase, audience, begin } = fan_out;
        if let Some(only) = self.only {
            if message.ix != only {
                return;
            }
            message.ix = MessageIx(0);
        }
        let is_kept = match &audience {
            Audience::One { device, .. } => self.keeps(*device),
            Audience::Many(_) => true,
        };
        if !is_kept {
            return;
        }
        if self.plan.messages.last().is_none_or(|last| last.ix < message.ix) {
            self.plan.messages.push(message);
        }
        match audience {
            Audience::One { device, standing, class } => {
                let what = match standing {
                    Ok(gateway) => SingleInputKind::Input(DeviceInput::Start {
                        message,
                        phase,
                        class,
                        slot: begin[gateway as usize],
                    }),
                    Err(cause) => SingleInputKind::Skip(message.ix, class, cause),
                };
                self.alone(device, at, what);
            }
            Audience::Many(crowd) => {
                let crowd = self.place_of(crowd);
                self.plan.waves.push(Wave { message, at, phase, begin, crowd });
            }
        }
    }

    fn keeps(&self, device: DeviceIx) -> bool {
        self.kept.as_ref().is_none_or(|kept| kept.contains(device.0))
    }

    /// Plans an input of a device alone, if the device is kept.
    pub(super) fn alone(&mut self, device: DeviceIx, at: SimTime, what: SingleInputKind) {
        if self.keeps(device) {
            let before = self.plan.waves.len();
            self.plan.alone.entry(device).or_default().push(SingleInput { before, at, what });
        }
    }

    /// The index of a crowd, shared with an equal earlier one.
    fn place_of(&mut self, crowd: Arc<Crowd>) -> usize {
        let crowds = &mut self.plan.crowds;
        let known = (0..crowds.len())
            .rev()
            .take(CROWDS_COMPARED_MAX)
            .find(|at| Arc::ptr_eq(&crowds[*at], &crowd) || crowds[*at] == crowd);
        known.unwrap_or_else(|| {
            crowds.push(crowd);
            crowds.len() - 1
        })
    }
}
