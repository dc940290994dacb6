//! One device's whole life after another, by the machines of `rules` that the actors carry too. Keeps nothing of one device for
//! the next but empty buffers.

use std::collections::BTreeMap;

use crate::rules::chance::Chance;
use crate::rules::device::{Device, Input};
use crate::rules::fate::{Fates, PairFate};
use crate::rules::gateway;
use crate::rules::ids::{DeviceIx, Key, MessageIx, StratumIx};
use crate::rules::journey::{Effect, Journey, SkipCause};
use crate::rules::phone::{Footing, Ground, Handover};
use crate::rules::portal::Portal;
use crate::rules::tally::{Counted, Tally};
use crate::rules::time::SimTime;
use crate::rules::witness::{Outbox, Witness};
use crate::rules::world::{AudienceClass, World};

use super::ends::Ends;
use super::plan::{Alone, Given, Plan};
use super::seats::{Place, Seat};

/// Counts lives.
#[derive(Debug)]
pub(super) struct Lives<'a> {
    world: &'a World,
    plan: &'a Plan,
    machine: Device,
    books: LifeBooks<'a>,
}

/// Where everything is written that happens in a life.
#[derive(Debug)]
struct LifeBooks<'a> {
    chance: &'a Chance,
    tally: Tally,
    ends: Ends<'a>,
    /// Where the pairs of the device in its life are, if anybody wants to know.
    life: BTreeMap<MessageIx, PairFate>,
    device: DeviceIx,
    counted: Counted,
}

/// A device's phone, to which its messages go at once.
struct Phone<'a, 'b> {
    ground: &'b Ground<'a>,
    portal: &'b mut Portal,
    books: &'b mut LifeBooks<'a>,
}

impl Witness for LifeBooks<'_> {
    #[expect(clippy::inline_always, reason = "where an effect is made, only one kind of it is counted")]
    #[inline(always)]
    fn effect(&mut self, effect: Effect) {
        self.tally.count(self.chance, self.counted, effect);
        if self.ends.are_wanted() {
            keep(&mut self.life, effect);
        }
    }
}

impl Witness for Phone<'_, '_> {
    #[expect(clippy::inline_always, reason = "where an effect is made, only one kind of it is counted")]
    #[inline(always)]
    fn effect(&mut self, effect: Effect) {
        self.books.effect(effect);
    }
}

impl Outbox for Phone<'_, '_> {
    #[inline]
    fn hand_over(&mut self, handover: Handover) {
        self.portal.accept(self.ground, handover, self.books);
    }
}

impl<'a> Lives<'a> {
    /// Empty books in which all messages to crowds are open.
    pub(super) fn new(world: &'a World, plan: &'a Plan, ends: Ends<'a>) -> Self {
        let mut tally = Tally::new(world);
        plan.waves.iter().for_each(|wave| tally.open_message(&wave.message));
        let (device, counted) = (DeviceIx(0), Counted { key: Key(0), stratum: StratumIx(0) });
        let books = LifeBooks { chance: &world.chance, tally, ends, life: BTreeMap::new(), device, counted };
        Self { world, plan, machine: Device::default(), books }
    }

    /// The life of a device with this row of seats, and what is given to it alone.
    pub(super) fn live(&mut self, device: DeviceIx, row: &[Seat], first_ranks: &[[u64; 2]], alone: &[Alone]) {
        let (world, plan) = (self.world, self.plan);
        let footing = Footing::new(world, device);
        let ground = footing.on(world);
        (self.books.device, self.books.counted) =
            (device, Counted { key: footing.traits.key, stratum: footing.traits.stratum });
        let mut portal = Portal::default();
        let mut alone = alone.iter().peekable();
        let mut phone = Phone { ground: &ground, portal: &mut portal, books: &mut self.books };
        for (at, wave) in plan.waves.iter().enumerate() {
            while let Some(alone) = alone.next_if(|alone| alone.before <= at) {
                give(plan, &mut self.machine, &mut phone, alone);
            }
            let (seat, message) = (row[wave.crowd], &wave.message);
            let place = seat.place();
            if place == Place::Absent {
                continue;
            }
            if let Some(class) = seat.class_before() {
                phone.books.unskip(message.ix, class, wave.at);
            }
            match place {
                Place::Absent => {}
                Place::Skipped(cause) => phone.books.skip(message.ix, seat.class(), cause, wave.at),
                Place::Carried { gateway, rank } => {
                    let rank = first_ranks[wave.crowd][gateway as usize] + u64::from(rank);
                    let slot = gateway::slot(wave.begin[gateway as usize], rank);
                    let next_wave = plan.waves.get(at + 1).map_or(plan.until, |next| next.at);
                    let until = alone.peek().map_or(next_wave, |alone| alone.at.min(next_wave));
                    self.machine.start(&ground, message, wave.phase, seat.class(), slot, wave.at, until, &mut phone);
                }
            }
        }
        alone.for_each(|alone| give(plan, &mut self.machine, &mut phone, alone));
        let end = plan.until.just_before();
        self.machine.advance(&ground, end, &mut phone);
        portal.advance(end, &mut self.books);
        for (_, message, cause, _) in self.machine.open() {
            self.books.tally.still_waiting(&world.chance, footing.traits.key, message, cause);
        }
        self.machine.clear();
        self.books.ends.device_done(device, std::mem::take(&mut self.books.life));
    }

    /// Takes out the ends that were kept since the last time.
    pub(super) fn take_fates(&mut self) -> Fates {
        self.books.ends.take()
    }

    /// Everything counted.
    pub(super) fn finish(mut self) -> (Tally, Option<Fates>) {
        self.books.tally.close();
        (self.books.tally, self.books.ends.finish())
    }
}

fn give(plan: &Plan, machine: &mut Device, phone: &mut Phone<'_, '_>, alone: &Alone) {
    match alone.what {
        Given::Input(input) => {
            if let Input::Start { message, .. } = &input {
                phone.books.tally.open_message(message);
            }
            machine.accept(phone.ground, input, alone.at, phone);
        }
        Given::Skip(message, class, cause) => {
            phone.books.tally.open_message(&plan.messages[message.at()]);
            phone.books.skip(message, class, cause, alone.at);
        }
    }
}

impl LifeBooks<'_> {
    fn skip(&mut self, message: MessageIx, class: AudienceClass, cause: SkipCause, at: SimTime) {
        self.tally.skip(self.chance, self.counted, message, class, cause, at);
        if self.ends.are_wanted() {
            self.life.insert(message, PairFate { journey: Journey::Skipped(cause), at, dismissed_at: None });
        }
    }

    fn unskip(&mut self, message: MessageIx, class: AudienceClass, at: SimTime) {
        self.tally.unskip(self.chance, self.counted, message, class, at);
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
