//! What a shard knows of one phone: its machines at rest, its actors, and its work. Bookkeeping, no rule.

use ractor::ActorRef;
use serde::de::DeserializeOwned;

use super::record::{self, RecordError, StoredRecord};
use super::turn::{Resting, Turn};
use super::turn_work::{UnderWay, Work};
use crate::rules::base::ids::{DeviceIx, ModelIx};
use crate::rules::base::time::SimTime;
use crate::rules::delivery::hits::FaultCursor;
use crate::rules::population::fleet::Fleet;

/// A phone at rest: both machines.
#[derive(Clone, Debug)]
pub(crate) struct Rest {
    pub(crate) device: Rested,
    pub(crate) portal: Rested,
    /// What the wheel will wake it for.
    pub(crate) armed: SimTime,
}

impl Rest {
    const NEW: Self = Self { device: Rested::NEW, portal: Rested::NEW, armed: SimTime::NEVER };

    pub(crate) fn due(&self) -> SimTime {
        self.device.due.min(self.portal.due)
    }
}

/// A machine at rest.
#[derive(Clone, Debug)]
pub(crate) struct Rested {
    pub(crate) record: StoredRecord,
    /// When it wants to do something by itself, [`SimTime::NEVER`] for never.
    pub(crate) due: SimTime,
}

impl Rested {
    const NEW: Self = Self { record: StoredRecord::NEW, due: SimTime::NEVER };

    /// The machine.
    ///
    /// # Errors
    /// [`RecordError::Read`] if it is not such a machine's.
    pub(crate) fn machine<Machine: DeserializeOwned + Default>(&self) -> Result<Machine, RecordError> {
        match self.record.bytes() {
            [] => Ok(Machine::default()),
            record => record::read(record),
        }
    }

    /// As a turn has left it.
    pub(crate) fn set(&mut self, from: &Resting) {
        self.record.set(&from.record);
        self.due = from.due;
    }
}

/// A phone with something to do, or with actors.
#[derive(Default)]
pub(crate) struct Phone {
    pub(crate) actor: Option<ActorRef<Box<Turn>>>,
    /// Which incarnation of its actors this is.
    pub(crate) epoch: u32,
    /// When it was last used, in beats and among all uses.
    pub(crate) beat: u32,
    pub(crate) used: u64,
    /// Does the device have a portal?
    pub(crate) has_portal: bool,
    /// What it has to do, if there is anything.
    pub(crate) work: Option<Box<Work>>,
    pub(crate) cursors: Option<Box<[FaultCursor; 2]>>,
}

const _: () = assert!(size_of::<Phone>() <= 64, "a phone with actors is a second cache line");

impl Phone {
    /// Has it anything to do?
    pub(crate) const fn is_busy(&self) -> bool {
        self.work.is_some()
    }

    /// The turn under way, which is over or given up.
    pub(crate) fn end_turn(&mut self) -> Option<UnderWay> {
        self.work.as_mut()?.turn.take()
    }
}

/// The phones of a shard.
pub(crate) struct Phones {
    /// By device, from the shard's first.
    places: Vec<Place>,
    /// What model each is, or [`UNKNOWN`]: to find out takes long, and every making of an actor asks.
    models: Vec<ModelIx>,
    first: u32,
    /// Work that is over, to be used again: the last that was used is still at hand.
    #[expect(clippy::vec_box, reason = "work stays in its box")]
    blank: Vec<Box<Work>>,
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
    pub(crate) fn new(devices: (u32, u32)) -> Self {
        let place = || Place { rest: Rest::NEW, phone: None };
        let phones = (devices.1 - devices.0) as usize;
        let places = std::iter::repeat_with(place).take(phones).collect();
        Self { places, models: vec![UNKNOWN; phones], first: devices.0, blank: Vec::new() }
    }

    /// The phone's model.
    pub(crate) fn model(&mut self, fleet: &Fleet, device: DeviceIx) -> ModelIx {
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
    pub(crate) fn peek_rest(&self, device: DeviceIx) -> &Rest {
        &self.at(device).rest
    }

    /// The phone at rest.
    pub(crate) fn rest(&mut self, device: DeviceIx) -> &mut Rest {
        &mut self.place(device).rest
    }

    /// The phone, to look at, if it has something to do, or actors.
    pub(crate) fn peek(&self, device: DeviceIx) -> Option<&Phone> {
        self.at(device).phone.as_deref()
    }

    /// The phone, if it has something to do, or actors.
    pub(crate) fn get(&mut self, device: DeviceIx) -> Option<&mut Phone> {
        self.place(device).phone.as_deref_mut()
    }

    /// The phone, which has something to do, or actors.
    pub(crate) fn of(&mut self, device: DeviceIx) -> &mut Phone {
        self.place(device).phone.get_or_insert_default()
    }

    /// The same, and as it is at rest.
    pub(crate) fn with_rest(&mut self, device: DeviceIx) -> (&mut Phone, &mut Rest) {
        let Place { rest, phone } = self.place(device);
        (phone.get_or_insert_default(), rest)
    }

    /// What the phone has to do, or is about to.
    pub(crate) fn work(&mut self, device: DeviceIx) -> &mut Work {
        self.work_with_rest(device).0
    }

    /// The same, and the phone as it is at rest.
    pub(crate) fn work_with_rest(&mut self, device: DeviceIx) -> (&mut Work, &mut Rest) {
        let Self { places, first, blank, .. } = self;
        let Place { rest, phone } = &mut places[(device.0 - *first) as usize];
        let work = &mut phone.get_or_insert_default().work;
        (work.get_or_insert_with(|| blank.pop().unwrap_or_default()), rest)
    }

    /// Forgets the phone's work if it is over, and the phone if it has no actors either.
    pub(crate) fn let_be(&mut self, device: DeviceIx) {
        let place = &mut self.places[(device.0 - self.first) as usize];
        let Some(phone) = &mut place.phone else { return };
        if let Some(mut work) = phone.work.take_if(|work| work.is_over()) {
            work.renew();
            self.blank.push(work);
        }
        if phone.actor.is_none() && !phone.is_busy() {
            place.phone = None;
        }
    }
}
