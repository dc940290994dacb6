//! One device's whole life after another, by the state machines of `rules` that the actors run too. Must not carry
//! anything from one device to the next but empty buffers.

use crate::rules::base::chance::Chance;
use crate::rules::base::ids::{DeviceIx, Key, MessageIx};
use crate::rules::base::time::SimTime;
use crate::rules::counting::counts::RunCounts;
use crate::rules::counting::recorder::{Counted, Recorder};
use crate::rules::delivery::calm::CalmPhone;
use crate::rules::delivery::calm_step::CalmStep;
use crate::rules::delivery::device::{Departure, Device, DeviceInput};
use crate::rules::delivery::fate::Fates;
use crate::rules::delivery::observer::{Observer, Outbox, TraceEvent};
use crate::rules::delivery::phone::{DeviceContext, DeviceWorld, Handover};
use crate::rules::delivery::portal::Portal;
use crate::rules::model::world::World;
use crate::rules::population::draws::Draws;
use crate::rules::service::gateway;
use crate::rules::service::journey::Effect;

use super::crowd_entries::{CrowdEntry, CrowdPlace};
use super::ends::FateBuffer;
use super::life_recorder::{Counting, CountingRecorder, LifeRecorder};
use super::plan::{SingleInput, SingleInputKind, TenantPlan, Wave};

/// Runs lives, each recorded as it goes.
#[derive(Debug)]
pub(super) struct Lives<'a, S> {
    world: &'a World,
    plan: &'a TenantPlan,
    machine: Device,
    portal: Portal,
    /// A buffer for the arrivals of pairs that leave a store together.
    arrivals: Vec<SimTime>,
    recorder: S,
}

/// A device's phone: what the device hands over reaches its portal at once.
struct Phone<'a, 'b, S> {
    device_world: &'b DeviceWorld<'a>,
    portal: &'b mut Portal,
    recorder: &'b mut S,
}

impl<S: LifeRecorder> Observer for Phone<'_, '_, S> {
    #[expect(clippy::inline_always, reason = "where an effect is made, only one kind of it is counted")]
    #[inline(always)]
    fn effect(&mut self, effect: Effect) {
        self.recorder.effect(effect);
    }

    #[inline]
    fn note(&mut self, message: MessageIx, at: SimTime, note: TraceEvent) {
        self.recorder.note(message, at, note);
    }
}

impl<S: LifeRecorder> Outbox for Phone<'_, '_, S> {
    #[expect(clippy::inline_always, reason = "the portal's decisions follow the device's at once")]
    #[inline(always)]
    fn hand_over(&mut self, handover: Handover) {
        self.portal.accept(self.device_world, handover, self.recorder);
    }
}

impl<'a, C: Counting> Lives<'a, CountingRecorder<'a, C>> {
    /// Empty totals in which all messages to crowds are open.
    pub(super) fn new(world: &'a World, plan: &'a TenantPlan, ends: FateBuffer<'a>) -> Self {
        let mut counter = Recorder::new(world);
        plan.waves.iter().for_each(|wave| counter.open_message(&wave.message));
        Self::recorded_by(world, plan, CountingRecorder::new(counter, ends))
    }

    /// Takes out the ends that were kept since the last call.
    pub(super) fn take_fates(&mut self) -> Fates {
        self.recorder.ends.take()
    }

    /// All counts, and the ends if they were kept.
    pub(super) fn finish(self) -> (RunCounts, Option<Fates>) {
        (self.recorder.counter.close(), self.recorder.ends.finish())
    }
}

impl<'a, S: LifeRecorder> Lives<'a, S> {
    /// Lives that `recorder` records.
    pub(super) fn recorded_by(world: &'a World, plan: &'a TenantPlan, recorder: S) -> Self {
        let (machine, portal) = (Device::default(), Portal::default());
        Self { world, plan, machine, portal, arrivals: Vec::new(), recorder }
    }

    /// Runs the life of a device with this row of crowd entries, and its single inputs.
    pub(super) fn live(
        &mut self,
        device: DeviceIx,
        row: &[CrowdEntry],
        first_ranks: &[[u64; 2]],
        alone: &[SingleInput],
    ) {
        self.live_in(&DeviceContext::new(self.world, device), device, row, first_ranks, alone);
    }

    /// The same where the device's context is known: what is drawn for the device alone is drawn once.
    pub(super) fn live_in(
        &mut self,
        context: &DeviceContext,
        device: DeviceIx,
        row: &[CrowdEntry],
        first_ranks: &[[u64; 2]],
        alone: &[SingleInput],
    ) {
        let (world, plan) = (self.world, self.plan);
        let device_world = context.on(world);
        self.recorder.begin(device, Counted::of(&context.traits));
        // A change would alter what the phone does, and a dismissal by hand what it shows.
        let calm = (alone.is_empty() && !S::EXPLAINS)
            .then(|| CalmPhone::of(&device_world, &self.machine, &self.portal))
            .flatten();
        let end = plan.until.just_before();
        let mut alone = alone.iter().peekable();
        let mut phone = Phone { device_world: &device_world, portal: &mut self.portal, recorder: &mut self.recorder };
        let mut drawn = DrawnAhead::default();
        for (at, wave) in plan.waves.iter().enumerate() {
            while let Some(alone) = alone.next_if(|alone| alone.before <= at) {
                give(plan, &mut self.machine, &mut phone, alone);
            }
            let (entry, message) = (row[wave.crowd], &wave.message);
            let place = entry.place();
            if place == CrowdPlace::Absent {
                continue;
            }
            if let Some(class) = entry.class_before() {
                phone.recorder.unskip(message.ix, class, wave.at);
            }
            match place {
                CrowdPlace::Absent => {}
                CrowdPlace::Skipped(cause) => phone.recorder.skip(message.ix, entry.class(), cause, wave.at),
                CrowdPlace::Carried { gateway, rank } => {
                    let rank = first_ranks[wave.crowd][gateway as usize] + u64::from(rank);
                    let slot = gateway::slot(wave.begin[gateway as usize], rank);
                    let next_wave = plan.waves.get(at + 1).map_or(plan.until, |next| next.at);
                    let until = alone.peek().map_or(next_wave, |alone| alone.at.min(next_wave));
                    let others = plan.waves[at..].iter().filter(|wave| row[wave.crowd].is_carried());
                    let draws = drawn.next(others, &world.chance, context.traits.key);
                    let (phase, class, at) = (wave.phase, entry.class(), wave.at);
                    let departure = Departure { message, phase, class, slot, at, until, draws: Some(draws) };
                    let Some(calm) = &calm else {
                        self.machine.start(&device_world, &departure, &mut phone);
                        continue;
                    };
                    let each = |step: &CalmStep| phone.recorder.calm(step, end);
                    calm.come_back(&device_world, &mut self.machine, at, &mut self.arrivals, each);
                    match calm.pass(&device_world, &mut self.machine, &departure) {
                        Some(step) => phone.recorder.calm(&step, end),
                        None => self.machine.start(&device_world, &departure, &mut phone),
                    }
                }
            }
        }
        alone.for_each(|alone| give(plan, &mut self.machine, &mut phone, alone));
        if let Some(calm) = &calm {
            let each = |step: &CalmStep| phone.recorder.calm(step, end);
            calm.come_back(&device_world, &mut self.machine, plan.until, &mut self.arrivals, each);
        }
        self.machine.advance(&device_world, end, &mut phone);
        self.portal.advance(end, &mut self.recorder);
        for (message, _, cause, _) in self.machine.open() {
            self.recorder.still_waiting(message, cause);
        }
        self.machine.clear();
        self.portal.clear();
        self.recorder.end();
    }

    /// The record of the lives.
    pub(super) fn into_recorder(self) -> S {
        self.recorder
    }
}

/// Draws that are computed side by side, and how many are worth it.
const AHEAD: usize = 16;
const AHEAD_MIN: usize = 6;

/// The draws of one device for the next messages that it is carried; many draws at once take less time.
#[derive(Default)]
struct DrawnAhead {
    draws: [Draws; AHEAD],
    /// Index of the next, and how many there are.
    next: usize,
    found: usize,
}

impl DrawnAhead {
    /// The next draws; `waves` are those that carry the device, from this one on.
    #[inline]
    fn next<'p>(&mut self, waves: impl Iterator<Item = &'p Wave>, chance: &Chance, device: Key) -> Draws {
        if self.next == self.found {
            self.draw(waves, chance, device);
        }
        self.next += 1;
        self.draws[self.next - 1]
    }

    #[cold]
    fn draw<'p>(&mut self, waves: impl Iterator<Item = &'p Wave>, chance: &Chance, device: Key) {
        let mut keys = [Key(0); AHEAD];
        (self.next, self.found) = (0, 0);
        for (key, wave) in keys.iter_mut().zip(waves) {
            *key = wave.message.key;
            self.found += 1;
        }
        if self.found < AHEAD_MIN {
            let drawn = keys[..self.found].iter().map(|key| Draws::of(chance, device, *key));
            self.draws.iter_mut().zip(drawn).for_each(|(draws, drawn)| *draws = drawn);
        } else {
            self.draws = Draws::of_all(chance, device, keys);
        }
    }
}

fn give<S: LifeRecorder>(plan: &TenantPlan, machine: &mut Device, phone: &mut Phone<'_, '_, S>, alone: &SingleInput) {
    match alone.what {
        SingleInputKind::Input(input) => {
            if let DeviceInput::Start { message, .. } = &input {
                phone.recorder.open(message);
            }
            machine.accept(phone.device_world, &input, alone.at, alone.at, phone);
            if let DeviceInput::Change(change, key) = input {
                phone.recorder.changed(change, key, alone.at);
            }
        }
        SingleInputKind::Skip(message, class, cause) => {
            phone.recorder.open(plan.message(message).expect("its message was accepted"));
            phone.recorder.skip(message, class, cause, alone.at);
        }
    }
}
