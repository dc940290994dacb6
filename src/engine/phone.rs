//! What a shard knows of one phone: its machines at rest, and what is to be done and by whom. Bookkeeping, no rule.

use ractor::ActorRef;
use serde::de::DeserializeOwned;

use super::books::Restarts;
use super::lag::Wanted;
use super::messages::Reservation;
use super::record::{self, Record, RecordError};
use super::strikes::Struck;
use super::turn::{Resting, Turn};
use crate::clock::Stopwatch;
use crate::rules::device::Input;
use crate::rules::fleet::Fleet;
use crate::rules::ids::{DeviceIx, ModelIx};
use crate::rules::strike::Scars;
use crate::rules::time::SimTime;

/// A phone at rest: both machines.
#[derive(Clone, Debug)]
pub(super) struct Rest {
    pub(super) device: Rested,
    pub(super) portal: Rested,
    /// What the wheel will wake it for.
    pub(super) armed: SimTime,
}

impl Rest {
    const NEW: Self = Self { device: Rested::NEW, portal: Rested::NEW, armed: SimTime::NEVER };

    pub(super) fn due(&self) -> SimTime {
        self.device.due.min(self.portal.due)
    }
}

/// A machine at rest.
#[derive(Clone, Debug)]
pub(super) struct Rested {
    pub(super) record: Record,
    /// When it wants to do something by itself, [`SimTime::NEVER`] for never.
    pub(super) due: SimTime,
}

impl Rested {
    const NEW: Self = Self { record: Record::NEW, due: SimTime::NEVER };

    /// The machine.
    ///
    /// # Errors
    /// [`RecordError::Read`] if it is not such a machine's.
    pub(super) fn machine<Machine: DeserializeOwned + Default>(&self) -> Result<Machine, RecordError> {
        match self.record.bytes() {
            [] => Ok(Machine::default()),
            record => record::read(record),
        }
    }

    /// As a turn has left it.
    pub(super) fn set(&mut self, from: &Resting) {
        self.record.set(&from.record);
        self.due = from.due;
    }
}

/// A phone with something to do, or with actors.
#[derive(Default)]
pub(super) struct Phone {
    pub(super) epoch: u32,
    pub(super) actor: Option<ActorRef<Box<Turn>>>,
    /// Does the device have a portal?
    pub(super) has_portal: bool,
    pub(super) queued: bool,
    /// Given, in order, and kept until a turn with them has been applied, so that no death loses anything.
    pub(super) reservations: Vec<Reservation>,
    pub(super) inputs: Vec<(SimTime, Input)>,
    /// The turn under way.
    pub(super) turn: Option<UnderWay>,
    /// How far it may go.
    pub(super) until: SimTime,
    /// The earliest thing that its next turn is wanted for, if anything can be late.
    pub(super) wanted: Option<Wanted>,
    /// When it was last used, among all uses and in beats.
    pub(super) used: u64,
    pub(super) beat: u32,
    pub(super) deaths: u32,
    pub(super) died: Option<Stopwatch>,
    pub(super) scars: Option<Box<[Scars; 2]>>,
}

/// What a shard notes of a turn under way.
pub(super) struct UnderWay {
    /// How many of the phone's reservations and inputs are in it: its first ones.
    pub(super) reservations: usize,
    pub(super) inputs: usize,
    /// How far it goes.
    pub(super) until: SimTime,
    pub(super) wanted: Option<Wanted>,
    pub(super) struck: Option<Box<Struck>>,
}

impl UnderWay {
    /// Does a fault put one of its actors to sleep?
    pub(super) fn sleeps(&self) -> bool {
        self.struck.as_ref().is_some_and(|struck| struck.hits.iter().any(|hit| hit.sleep_ms > 0))
    }
}

impl Phone {
    pub(super) fn has_work(&self) -> bool {
        !self.inputs.is_empty() || !self.reservations.is_empty()
    }

    pub(super) fn is_busy(&self) -> bool {
        self.turn.is_some() || self.has_work() || self.queued
    }

    /// Something is to happen to it. Most often one thing at a time: then there is room for one.
    pub(super) fn give(&mut self, at: SimTime, input: Input) {
        if self.inputs.capacity() == 0 {
            self.inputs.reserve_exact(1);
        }
        self.inputs.push((at, input));
    }

    /// It is to take a turn, and may go on until `until`.
    pub(super) fn wake(&mut self, wanted: Option<Wanted>, until: SimTime) {
        self.until = self.until.max(until);
        if let Some(wanted) = wanted
            && self.wanted.is_none_or(|known| wanted.due < known.due)
        {
            self.wanted = Some(wanted);
        }
    }

    /// The earliest that its next turn is for, of what was given to it and what is due.
    pub(super) fn begins(&self, due: SimTime, until: SimTime) -> SimTime {
        let given = self.inputs.first().map(|(at, _)| *at);
        let wanted = self.reservations.first().map(|wanted| wanted.at);
        let due = Some(due).filter(|due| *due <= until);
        [given, wanted, due].into_iter().flatten().min().unwrap_or(until)
    }

    /// The turn under way, which is applied: what was to be done in it is done.
    pub(super) fn finish_turn(&mut self) -> Option<UnderWay> {
        let turn = self.turn.take()?;
        self.reservations.drain(..turn.reservations);
        self.inputs.drain(..turn.inputs);
        Some(turn)
    }

    pub(super) fn recovered(&mut self, restarts: &mut Restarts) {
        self.deaths = 0;
        if let Some(died) = self.died.take() {
            restarts.recovered(&died);
        }
    }
}

/// The phones of a shard.
pub(super) struct Phones {
    /// By device, from the shard's first.
    places: Vec<Place>,
    /// What model each is, or [`UNKNOWN`]: to find out takes long, and every making of an actor asks.
    models: Vec<ModelIx>,
    first: u32,
}

/// A model that nobody has asked for.
const UNKNOWN: ModelIx = ModelIx(u32::MAX);

/// All that is known of a phone: a cache line, and what hangs on it.
#[repr(align(64))]
struct Place {
    rest: Rest,
    /// If it has something to do, or actors.
    phone: Option<Box<Phone>>,
}

const _: () = assert!(size_of::<Place>() == 64, "a phone that is at rest is one cache line");

impl Phones {
    /// All of these devices are as they were made, and have nothing to do.
    pub(super) fn new(devices: (u32, u32)) -> Self {
        let place = || Place { rest: Rest::NEW, phone: None };
        let phones = (devices.1 - devices.0) as usize;
        let places = std::iter::repeat_with(place).take(phones).collect();
        Self { places, models: vec![UNKNOWN; phones], first: devices.0 }
    }

    /// The phone's model.
    pub(super) fn model(&mut self, fleet: &Fleet, device: DeviceIx) -> ModelIx {
        let known = &mut self.models[(device.0 - self.first) as usize];
        if *known == UNKNOWN {
            *known = fleet.model_of(device);
        }
        *known
    }

    fn at(&self, device: DeviceIx) -> &Place {
        &self.places[(device.0 - self.first) as usize]
    }

    fn place(&mut self, device: DeviceIx) -> &mut Place {
        &mut self.places[(device.0 - self.first) as usize]
    }

    /// The phone at rest, to look at.
    pub(super) fn peek_rest(&self, device: DeviceIx) -> &Rest {
        &self.at(device).rest
    }

    /// The phone at rest.
    pub(super) fn rest(&mut self, device: DeviceIx) -> &mut Rest {
        &mut self.place(device).rest
    }

    /// The phone, to look at, if it has something to do, or actors.
    pub(super) fn peek(&self, device: DeviceIx) -> Option<&Phone> {
        self.at(device).phone.as_deref()
    }

    /// The phone, if it has something to do, or actors.
    pub(super) fn get(&mut self, device: DeviceIx) -> Option<&mut Phone> {
        self.place(device).phone.as_deref_mut()
    }

    /// The phone, which is about to have something to do.
    pub(super) fn of(&mut self, device: DeviceIx) -> &mut Phone {
        self.place(device).phone.get_or_insert_default()
    }

    /// The same, and as it is at rest.
    pub(super) fn with_rest(&mut self, device: DeviceIx) -> (&mut Phone, &mut Rest) {
        let Place { rest, phone } = self.place(device);
        (phone.get_or_insert_default(), rest)
    }

    /// The phone has nothing left to do and no actors.
    pub(super) fn remove(&mut self, device: DeviceIx) -> Option<Box<Phone>> {
        self.place(device).phone.take()
    }
}
