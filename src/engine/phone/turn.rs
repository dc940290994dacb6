//! A turn of a phone (T10): what is to be done, carried through its actors and back to its shard with what has come of it. Only
//! data, and buffers that are used again.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::record::{self, RecordError};
use crate::engine::messages::Reservation;
use crate::rules::base::ids::DeviceIx;
use crate::rules::base::time::SimTime;
use crate::rules::counting::recorder::Counted;
use crate::rules::delivery::device::DeviceInput;
use crate::rules::delivery::hits::Hit;
use crate::rules::delivery::observer;
use crate::rules::faults::actor_fault::PhoneActor;
use crate::rules::service::message::Refusal;

/// A turn: reservations, then inputs in order, then all that is due. The device's actor goes first, then the portal's if there
/// is anything for it; the shard applies what has come of it as a whole, or not at all.
#[derive(Debug)]
pub(crate) struct Turn {
    pub(crate) device: DeviceIx,
    /// Which incarnation of the phone's actors takes it; an older one's word counts for nothing.
    pub(crate) epoch: u32,
    /// Reservations of the 10 an hour, each at its time.
    pub(crate) reservations: Vec<Reservation>,
    /// Inputs, each at its time, ascending.
    pub(crate) inputs: Vec<(SimTime, DeviceInput)>,
    /// Everything up to and including this is closed.
    pub(crate) until: SimTime,
    /// What hits either actor meanwhile, if anything does.
    pub(crate) hits: Option<Box<[Hit; 2]>>,
    /// Does the portal want to do something by itself?
    pub(crate) portal_is_due: bool,
    pub(crate) counted: Counted,
    /// What the reservations came to, in order.
    pub(crate) answers: Vec<Result<(), Refusal>>,
    /// What happened, and what the device hands over to the portal.
    pub(crate) told: observer::TurnTrace,
    pub(crate) rests: [Resting; 2],
    /// Has the portal had a part in it?
    pub(crate) reached_portal: bool,
}

/// A machine at rest: before the turn, if its actor is new and knows nothing of it yet; after the turn, if it had a part in it.
#[derive(Debug)]
pub(crate) struct Resting {
    /// Its record; empty for one that is as it was made.
    pub(crate) record: Vec<u8>,
    /// When it wants to do something by itself, [`SimTime::NEVER`] for never.
    pub(crate) due: SimTime,
}

impl Turn {
    /// Nothing to do for nobody.
    pub(crate) fn blank() -> Box<Self> {
        let rest = || Resting { record: Vec::new(), due: SimTime::NEVER };
        Box::new(Self {
            device: DeviceIx(0),
            epoch: 0,
            reservations: Vec::new(),
            inputs: Vec::new(),
            until: SimTime::ZERO,
            hits: None,
            portal_is_due: false,
            counted: Counted::PLACEHOLDER,
            answers: Vec::new(),
            told: observer::TurnTrace::default(),
            rests: [rest(), rest()],
            reached_portal: false,
        })
    }

    /// Forgets everything, and keeps only its buffers.
    pub(crate) fn clear(&mut self) {
        self.reservations.clear();
        self.inputs.clear();
        self.hits = None;
        self.answers.clear();
        self.told.effects.clear();
        self.told.handovers.clear();
        self.rests.iter_mut().for_each(|rest| rest.record.clear());
        self.reached_portal = false;
    }

    /// What hits one of the actors.
    pub(crate) fn hit(&self, side: PhoneActor) -> Option<&Hit> {
        self.hits.as_ref().map(|hits| &hits[side as usize])
    }
}

impl Resting {
    /// The machine, if this is the first that its actor hears of it.
    ///
    /// # Errors
    /// [`RecordError::Read`] if it is not such a machine's.
    pub(crate) fn wake<Machine: DeserializeOwned>(&self) -> Result<Option<Machine>, RecordError> {
        (!self.record.is_empty()).then(|| record::read(&self.record)).transpose()
    }

    /// The machine as it is after the turn.
    ///
    /// # Errors
    /// [`RecordError::Write`] if it cannot be encoded.
    pub(crate) fn settle<Machine: Serialize + Default + PartialEq>(
        &mut self,
        machine: &Machine,
        due: Option<SimTime>,
    ) -> Result<(), RecordError> {
        self.due = due.unwrap_or(SimTime::NEVER);
        self.record.clear();
        if *machine != Machine::default() {
            record::write(machine, &mut self.record)?;
        }
        Ok(())
    }
}
