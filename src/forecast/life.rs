//! One device's whole life after another, by the machines of `rules` that the actors carry too. Keeps nothing of one device for
//! the next but empty buffers.

use std::collections::BTreeMap;

use crate::rules::device::{Device, Input, Turn};
use crate::rules::fate::PairFate;
use crate::rules::gateway;
use crate::rules::ids::{DeviceIx, MessageIx};
use crate::rules::journey::{Effect, Journey, SkipCause};
use crate::rules::phone::{Footing, Ground};
use crate::rules::portal::Portal;
use crate::rules::tally::{Counted, Tally};
use crate::rules::time::SimTime;
use crate::rules::world::{AudienceClass, World};

use super::ends::Ends;
use super::plan::{Alone, Given, Plan};
use super::seats::{Place, Seat};

/// Counts lives.
#[derive(Debug)]
pub(super) struct Lives<'a> {
    world: &'a World,
    plan: &'a Plan,
    pub(super) tally: Tally,
    pub(super) ends: Ends<'a>,
    /// Where the pairs of the device in its life are, if anybody wants to know.
    life: BTreeMap<MessageIx, PairFate>,
    turn: Turn,
    effects: Vec<Effect>,
}

/// A device in its life.
struct Living<'a> {
    ground: Ground<'a>,
    device: DeviceIx,
    counted: Counted,
    machine: Device,
    portal: Portal,
}

impl<'a> Lives<'a> {
    /// Empty books in which all messages to crowds are open.
    pub(super) fn new(world: &'a World, plan: &'a Plan, ends: Ends<'a>) -> Self {
        let mut tally = Tally::new(world);
        plan.waves.iter().for_each(|wave| tally.open_message(&wave.message));
        Self { world, plan, tally, ends, life: BTreeMap::new(), turn: Turn::default(), effects: Vec::new() }
    }

    /// The life of a device with this row of seats, and what is given to it alone.
    pub(super) fn live(&mut self, device: DeviceIx, row: &[Seat], first_ranks: &[[u64; 2]], alone: &[Alone]) {
        let (world, plan) = (self.world, self.plan);
        let footing = Footing::new(world, device);
        let counted = Counted { key: footing.traits.key, stratum: footing.traits.stratum };
        let (machine, portal) = (Device::default(), Portal::default());
        let mut living = Living { ground: footing.on(world), device, counted, machine, portal };
        let mut alone = alone.iter().peekable();
        for (at, wave) in plan.waves.iter().enumerate() {
            while let Some(alone) = alone.next_if(|alone| alone.before <= at) {
                self.give(&mut living, alone);
            }
            let seat = row[wave.crowd];
            let place = seat.place();
            if place == Place::Absent {
                continue;
            }
            if let Some(class) = seat.class_before() {
                self.tally.unskip(&world.chance, counted, wave.message.ix, class, wave.at);
            }
            match place {
                Place::Absent => {}
                Place::Skipped(cause) => self.skip(&living, wave.message.ix, seat.class(), cause, wave.at),
                Place::Carried { gateway, rank } => {
                    let rank = first_ranks[wave.crowd][gateway as usize] + u64::from(rank);
                    let slot = gateway::slot(wave.begin[gateway as usize], rank);
                    let (message, phase, class) = (wave.message, wave.phase, seat.class());
                    self.accept(&mut living, Input::Start { message, phase, class, slot }, wave.at);
                }
            }
        }
        alone.for_each(|alone| self.give(&mut living, alone));
        self.end(living);
    }

    fn give(&mut self, living: &mut Living<'_>, alone: &Alone) {
        match alone.what {
            Given::Input(input) => {
                if let Input::Start { message, .. } = &input {
                    self.tally.open_message(message);
                }
                self.accept(living, input, alone.at);
            }
            Given::Skip(message, class, cause) => {
                self.tally.open_message(&self.plan.messages[message.at()]);
                self.skip(living, message, class, cause, alone.at);
            }
        }
    }

    fn accept(&mut self, living: &mut Living<'_>, input: Input, at: SimTime) {
        living.machine.accept(&living.ground, input, at, &mut self.turn);
        self.hand_over(living);
    }

    fn end(&mut self, mut living: Living<'_>) {
        let end = self.plan.until.just_before();
        living.machine.advance(&living.ground, end, &mut self.turn);
        self.hand_over(&mut living);
        living.portal.advance(end, &mut self.effects);
        self.count(&living);
        for (_, message, cause, _) in living.machine.open() {
            self.tally.still_waiting(&self.world.chance, living.counted.key, message, cause);
        }
        self.ends.device_done(living.device, std::mem::take(&mut self.life));
    }

    /// What the device hands over to the portal, and then everything that happened into the books.
    fn hand_over(&mut self, living: &mut Living<'_>) {
        self.effects.append(&mut self.turn.effects);
        for handover in self.turn.handovers.drain(..) {
            living.portal.accept(&living.ground, handover, &mut self.effects);
        }
        self.count(living);
    }

    fn count(&mut self, living: &Living<'_>) {
        for effect in self.effects.drain(..) {
            self.tally.count(&self.world.chance, living.counted, effect);
            if self.ends.are_wanted() {
                keep(&mut self.life, effect);
            }
        }
    }

    fn skip(&mut self, living: &Living<'_>, message: MessageIx, class: AudienceClass, cause: SkipCause, at: SimTime) {
        self.tally.skip(&self.world.chance, living.counted, message, class, cause, at);
        if self.ends.are_wanted() {
            self.life.insert(message, PairFate { journey: Journey::Skipped(cause), at, dismissed_at: None });
        }
    }
}

fn keep(life: &mut BTreeMap<MessageIx, PairFate>, effect: Effect) {
    match effect {
        Effect::Moved { message, at, to, .. } => {
            life.insert(message, PairFate { journey: to, at, dismissed_at: None });
        }
        Effect::Dismissed { message, at } => {
            life.get_mut(&message).expect("what is dismissed was shown").dismissed_at = Some(at);
        }
        Effect::Started { .. } | Effect::Touched { .. } | Effect::Exposed { .. } => {}
    }
}
