//! A turn of a phone (T10): the work for its actors, carried through them and back to the shard with the results, in buffers that
//! are reused. Must not decide anything: the machines of `rules` do.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::record::{self, RecordError};
use crate::rules::base::ids::DeviceIx;
use crate::rules::base::time::SimTime;
use crate::rules::counting::recorder::Counted;
use crate::rules::delivery::device::{Device, DeviceInput};
use crate::rules::delivery::hits::Hit;
use crate::rules::delivery::observer;
use crate::rules::delivery::phone::DeviceWorld;
use crate::rules::delivery::portal::Portal;
use crate::rules::faults::actor_fault::PhoneActor;
use crate::rules::service::message::Refusal;

/// A slot of the device's quota that the tenant requests for an attempt.
#[derive(Clone, Debug)]
pub(crate) struct Reservation {
    pub(crate) device: DeviceIx,
    pub(crate) at: SimTime,
    /// The place of the attempt among those of the request.
    pub(crate) attempt: usize,
    /// Group messages that count toward the device's quota.
    pub(crate) group_messages: Vec<SimTime>,
}

/// A turn: reservations, then inputs in order, then everything that is due. The device's actor goes first, then the portal's if
/// there is anything for it. The shard applies the result as a whole or not at all.
#[derive(Debug)]
pub(crate) struct Turn {
    pub(crate) device: DeviceIx,
    /// The incarnation of the actors that take it; the shard ignores the result of an older one.
    pub(crate) epoch: u32,
    /// Reservations, each at its time.
    pub(crate) reservations: Vec<Reservation>,
    /// Inputs, each at its time, ascending.
    pub(crate) inputs: Vec<(SimTime, DeviceInput)>,
    /// Everything up to and including this time is closed.
    pub(crate) until: SimTime,
    /// The hits on either actor, if there are any.
    pub(crate) hits: Option<Box<[Hit; 2]>>,
    /// Whether the portal is due without a handover.
    pub(crate) is_portal_due: bool,
    pub(crate) counted: Counted,
    /// The answers to the reservations, in order.
    pub(crate) answers: Vec<Result<(), Refusal>>,
    /// The effects, and the handovers from the device to the portal.
    pub(crate) trace: observer::TurnTrace,
    pub(crate) rests: [Resting; 2],
    /// Whether the portal took part.
    pub(crate) has_reached_portal: bool,
}

/// A machine at rest: before the turn, if its actor is new and does not know it; after the turn, if it took part.
#[derive(Debug)]
pub(crate) struct Resting {
    /// Its record; empty for a new machine.
    pub(crate) record: Vec<u8>,
    /// When it is due by itself; [`SimTime::NEVER`] for never.
    pub(crate) due: SimTime,
}

impl Turn {
    /// A turn without work.
    pub(crate) fn empty() -> Box<Self> {
        let rest = || Resting { record: Vec::new(), due: SimTime::NEVER };
        Box::new(Self {
            device: DeviceIx(0),
            epoch: 0,
            reservations: Vec::new(),
            inputs: Vec::new(),
            until: SimTime::ZERO,
            hits: None,
            is_portal_due: false,
            counted: Counted::PLACEHOLDER,
            answers: Vec::new(),
            trace: observer::TurnTrace::default(),
            rests: [rest(), rest()],
            has_reached_portal: false,
        })
    }

    /// Removes all work and results, and keeps the buffers.
    pub(crate) fn clear(&mut self) {
        self.reservations.clear();
        self.inputs.clear();
        self.hits = None;
        self.answers.clear();
        self.trace.effects.clear();
        self.trace.handovers.clear();
        self.rests.iter_mut().for_each(|rest| rest.record.clear());
        self.has_reached_portal = false;
    }

    /// The device's part: reservations, inputs, and what is due.
    ///
    /// # Errors
    /// A [`RecordError`] if its record is broken.
    pub(crate) fn take_device(&mut self, phone: &DeviceWorld<'_>, device: &mut Device) -> Result<(), RecordError> {
        let Self { reservations, inputs, until, answers, trace, rests: [rest, _], .. } = self;
        if let Some(known) = rest.wake()? {
            *device = known;
        }
        let wanted = reservations.iter();
        answers.extend(wanted.map(|wanted| device.reserve(&phone.world.service, wanted.at, &wanted.group_messages)));
        let next_at = inputs.iter().skip(1).map(|(at, _)| *at).chain([*until]);
        for ((at, input), until) in inputs.iter().zip(next_at) {
            device.accept(phone, input, *at, until, trace);
        }
        device.advance(phone, *until, trace);
        rest.settle(device, device.next_due())?;
        self.counted = Counted::of(phone.traits);
        Ok(())
    }

    /// Whether the portal has a part in it, once the device has taken its own.
    pub(crate) fn goes_to_portal(&self) -> bool {
        self.is_portal_due || !self.trace.handovers.is_empty()
    }

    /// The portal's part: the handovers, and what is due.
    ///
    /// # Errors
    /// A [`RecordError`] if its record is broken.
    pub(crate) fn take_portal(&mut self, phone: &DeviceWorld<'_>, portal: &mut Portal) -> Result<(), RecordError> {
        let Self { until, trace, rests: [_, rest], .. } = self;
        if let Some(known) = rest.wake()? {
            *portal = known;
        }
        for handover in trace.handovers.drain(..) {
            portal.accept(phone, handover, &mut trace.effects);
        }
        portal.advance(*until, &mut trace.effects);
        rest.settle(portal, portal.next_due())?;
        self.has_reached_portal = true;
        Ok(())
    }

    /// The hit on one of the actors.
    pub(crate) fn hit(&self, actor: PhoneActor) -> Option<&Hit> {
        self.hits.as_ref().map(|hits| &hits[actor as usize])
    }
}

impl Resting {
    /// The machine, if the turn brings it to a new actor.
    ///
    /// # Errors
    /// [`RecordError::Read`] if the record is not of such a machine.
    pub(crate) fn wake<Machine: DeserializeOwned>(&self) -> Result<Option<Machine>, RecordError> {
        (!self.record.is_empty()).then(|| record::read(&self.record)).transpose()
    }

    /// Stores the machine as it is after the turn.
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
