//! What a shard keeps of its phones: the machines at rest, the actors, and the work. Must not decide when a phone takes a turn.

use std::ops::Range;

use ractor::ActorRef;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::record::{self, RecordError, StoredRecord};
use super::turn::{Reservation, Resting, Turn};
use super::turn_faults::TurnFaults;
use super::turn_work::{UnderWay, Work};
use crate::clock::Reading;
use crate::engine::observation::PhoneLook;
use crate::rules::base::ids::{DeviceIx, ModelIx};
use crate::rules::base::time::SimTime;
use crate::rules::delivery::device::Device;
use crate::rules::delivery::hits::FaultCursor;
use crate::rules::delivery::portal::Portal;
use crate::rules::population::fleet::Fleet;
use crate::rules::service::message::Refusal;
use crate::rules::service::readings::Service;

/// A phone at rest: both machines.
#[derive(Clone, Debug)]
pub(crate) struct Rest {
    pub(crate) device: Rested,
    pub(crate) portal: Rested,
    /// The time of its timer in the wheel; [`SimTime::NEVER`] for none.
    pub(crate) armed: SimTime,
}

impl Rest {
    const NEW: Self = Self { device: Rested::NEW, portal: Rested::NEW, armed: SimTime::NEVER };

    pub(crate) fn due(&self) -> SimTime {
        self.device.due.min(self.portal.due)
    }

    /// A timer of this time went off: whether it is the current one and the phone is still due then. The wheel cannot remove a timer
    /// that was replaced.
    pub(crate) fn takes_timer(&mut self, at: SimTime) -> bool {
        if self.armed != at {
            return false;
        }
        self.armed = SimTime::NEVER;
        self.due() == at
    }
}

/// A machine at rest.
#[derive(Clone, Debug)]
pub(crate) struct Rested {
    pub(crate) record: StoredRecord,
    /// When it is due by itself; [`SimTime::NEVER`] for never.
    pub(crate) due: SimTime,
}

impl Rested {
    const NEW: Self = Self { record: StoredRecord::NEW, due: SimTime::NEVER };

    /// Decodes the machine.
    ///
    /// # Errors
    /// [`RecordError::Read`] if the record is not of such a machine.
    pub(crate) fn machine<Machine: DeserializeOwned + Default>(&self) -> Result<Machine, RecordError> {
        match self.record.bytes() {
            [] => Ok(Machine::default()),
            record => record::read(record),
        }
    }

    /// Stores the machine, which is due when it was before.
    ///
    /// # Errors
    /// [`RecordError::Write`] if it cannot be encoded.
    fn store<Machine: Serialize>(&mut self, machine: &Machine) -> Result<(), RecordError> {
        let mut record = Vec::new();
        record::write(machine, &mut record)?;
        self.record.set(&record);
        Ok(())
    }

    /// Stores the machine as a turn has left it.
    pub(crate) fn set(&mut self, from: &Resting) {
        self.record.set(&from.record);
        self.due = from.due;
    }
}

/// A phone with work or actors.
#[derive(Default)]
pub(crate) struct Phone {
    pub(crate) actor: Option<ActorRef<Box<Turn>>>,
    /// The incarnation of its actors.
    pub(crate) epoch: u32,
    /// Its last use, in ticks and in the count of all uses.
    pub(crate) used_tick: u32,
    pub(crate) used: u64,
    /// Whether the device's actor has the machine of the record at rest. If not, the next turn brings it the record.
    pub(crate) is_current: bool,
    pub(crate) has_portal: bool,
    pub(crate) work: Option<Box<Work>>,
    pub(crate) cursors: Option<Box<[FaultCursor; 2]>>,
}

const _: () = assert!(size_of::<Phone>() <= 64, "a phone with actors is a second cache line");

impl Phone {
    /// Whether it has work.
    pub(crate) const fn is_busy(&self) -> bool {
        self.work.is_some()
    }

    /// Fills an empty turn with all work, and keeps what is in flight.
    pub(crate) fn load(
        &mut self,
        rest: &Rest,
        faults: Option<Box<TurnFaults>>,
        until: SimTime,
        clock: &Reading,
        turn: &mut Turn,
    ) -> &UnderWay {
        let work = self.work.get_or_insert_default();
        turn.epoch = self.epoch;
        turn.reservations.extend_from_slice(&work.reservations);
        turn.inputs.extend_from_slice(&work.inputs);
        turn.until = until;
        turn.hits = faults.as_ref().map(|faults| Box::new(faults.hits));
        turn.is_portal_due = rest.portal.due <= until;
        let [of_device, of_portal] = &mut turn.rests;
        if !std::mem::replace(&mut self.is_current, true) {
            of_device.record.extend_from_slice(rest.device.record.bytes());
        }
        if !self.has_portal {
            of_portal.record.extend_from_slice(rest.portal.record.bytes());
        }
        let mut wanted = work.wanted.take();
        if let Some(wanted) = &mut wanted {
            wanted.sent(clock);
        }
        let (reservations, inputs) = (work.reservations.len(), work.inputs.len());
        work.turn.insert(UnderWay { reservations, inputs, until, wanted, faults })
    }

    /// Takes the turn in flight, which is over or lost.
    pub(crate) fn end_turn(&mut self) -> Option<UnderWay> {
        self.work.as_mut()?.turn.take()
    }
}

/// The phones of a shard.
pub(crate) struct Phones {
    /// By device, from the shard's first.
    places: Vec<Place>,
    /// The model of each, or [`UNKNOWN`]: the search is slow, and every start of an actor needs the model.
    models: Vec<ModelIx>,
    devices: Range<u32>,
    /// Finished work, for reuse. The last one used is still in the cache.
    #[expect(clippy::vec_box, reason = "work stays in its box")]
    work_pool: Vec<Box<Work>>,
}

/// A model that has not been looked up.
const UNKNOWN: ModelIx = ModelIx(u32::MAX);

/// All that is kept of a phone: one cache line, and the boxes behind it.
#[repr(align(64))]
struct Place {
    rest: Rest,
    /// `None` without work and actors.
    phone: Option<Box<Phone>>,
}

const _: () = assert!(size_of::<Place>() == 64, "a phone that is at rest is one cache line");

impl Phones {
    /// New phones without work.
    pub(crate) fn new(devices: Range<u32>) -> Self {
        let place = || Place { rest: Rest::NEW, phone: None };
        let places = std::iter::repeat_with(place).take(devices.len()).collect();
        Self { places, models: vec![UNKNOWN; devices.len()], devices, work_pool: Vec::new() }
    }

    /// All devices of the shard, ascending.
    pub(crate) fn devices(&self) -> impl Iterator<Item = DeviceIx> + use<> {
        self.devices.clone().map(DeviceIx)
    }

    /// The phone's model.
    pub(crate) fn model(&mut self, fleet: &Fleet, device: DeviceIx) -> ModelIx {
        let known = &mut self.models[(device.0 - self.devices.start) as usize];
        if *known == UNKNOWN {
            *known = fleet.model_of(device);
        }
        *known
    }

    fn place(&self, device: DeviceIx) -> &Place {
        &self.places[(device.0 - self.devices.start) as usize]
    }

    fn place_mut(&mut self, device: DeviceIx) -> &mut Place {
        &mut self.places[(device.0 - self.devices.start) as usize]
    }

    /// The phone at rest.
    pub(crate) fn rest(&self, device: DeviceIx) -> &Rest {
        &self.place(device).rest
    }

    /// The phone at rest, to change it.
    pub(crate) fn rest_mut(&mut self, device: DeviceIx) -> &mut Rest {
        &mut self.place_mut(device).rest
    }

    /// Takes a slot of the device's quota in its record at rest, without a turn. `None` if the phone has work: its device's actor
    /// answers then, in order.
    ///
    /// # Errors
    /// A [`RecordError`] if the record is broken.
    pub(crate) fn reserve_at_rest(
        &mut self,
        service: &Service,
        wanted: &Reservation,
    ) -> Result<Option<Result<(), Refusal>>, RecordError> {
        let Place { rest, phone } = self.place_mut(wanted.device);
        if phone.as_ref().is_some_and(|phone| phone.is_busy()) {
            return Ok(None);
        }
        let mut device: Device = rest.device.machine()?;
        let answer = device.reserve(service, wanted.at, &wanted.group_messages);
        // A refused attempt may take a slot, too (R46).
        rest.device.store(&device)?;
        if let Some(phone) = phone {
            phone.is_current = false;
        }
        Ok(Some(answer))
    }

    /// What can be seen of the phone.
    ///
    /// # Errors
    /// [`RecordError::Read`] if a record is broken.
    pub(crate) fn look(&self, device: DeviceIx) -> Result<PhoneLook, RecordError> {
        let rest = self.rest(device);
        let (portal, machine): (Portal, Device) = (rest.portal.machine()?, rest.device.machine()?);
        let open = machine.open().map(|(message, _, cause, _)| (message, cause)).collect();
        Ok(PhoneLook { notifications: portal.shown().to_vec(), open })
    }

    /// The phone, if it has work or actors.
    pub(crate) fn get(&self, device: DeviceIx) -> Option<&Phone> {
        self.place(device).phone.as_deref()
    }

    /// The same, to change it.
    pub(crate) fn get_mut(&mut self, device: DeviceIx) -> Option<&mut Phone> {
        self.place_mut(device).phone.as_deref_mut()
    }

    /// The phone, which has work or actors, or is about to get them.
    pub(crate) fn entry(&mut self, device: DeviceIx) -> &mut Phone {
        self.place_mut(device).phone.get_or_insert_default()
    }

    /// The same, and the phone at rest.
    pub(crate) fn entry_with_rest(&mut self, device: DeviceIx) -> (&mut Phone, &mut Rest) {
        let Place { rest, phone } = self.place_mut(device);
        (phone.get_or_insert_default(), rest)
    }

    /// The phone's work, which may be empty.
    pub(crate) fn work(&mut self, device: DeviceIx) -> &mut Work {
        self.work_with_rest(device).0
    }

    /// The same, and the phone at rest.
    pub(crate) fn work_with_rest(&mut self, device: DeviceIx) -> (&mut Work, &mut Rest) {
        let Self { places, devices, work_pool, .. } = self;
        let Place { rest, phone } = &mut places[(device.0 - devices.start) as usize];
        let work = &mut phone.get_or_insert_default().work;
        (work.get_or_insert_with(|| work_pool.pop().unwrap_or_default()), rest)
    }

    /// Drops the phone's work if it is over, and the phone if it has no actors either.
    pub(crate) fn release(&mut self, device: DeviceIx) {
        let place = &mut self.places[(device.0 - self.devices.start) as usize];
        let Some(phone) = &mut place.phone else { return };
        if let Some(mut work) = phone.work.take_if(|work| work.is_over()) {
            work.renew();
            self.work_pool.push(work);
        }
        if phone.actor.is_none() && !phone.is_busy() {
            place.phone = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_is_dropped_with_its_last_work_and_not_before() {
        let mut phones = Phones::new(10..13);
        assert_eq!(phones.devices().collect::<Vec<_>>(), [10, 11, 12].map(DeviceIx));
        let device = DeviceIx(11);
        phones.work(device).is_queued = true;
        phones.release(device);
        assert!(phones.get(device).is_some_and(Phone::is_busy));
        phones.work(device).is_queued = false;
        phones.release(device);
        assert!(phones.get(device).is_none());
        assert_eq!(phones.work_pool.len(), 1);
        phones.work(DeviceIx(12));
        assert!(phones.work_pool.is_empty(), "finished work is reused");
    }

    #[test]
    fn only_the_current_timer_wakes_a_phone_and_only_once() {
        let mut rest = Rest::NEW;
        (rest.armed, rest.device.due) = (SimTime(7), SimTime(7));
        assert!(!rest.takes_timer(SimTime(5)), "a timer that was replaced");
        assert!(rest.takes_timer(SimTime(7)));
        assert!(!rest.takes_timer(SimTime(7)), "it went off already");
        (rest.armed, rest.device.due) = (SimTime(7), SimTime(9));
        assert!(!rest.takes_timer(SimTime(7)), "the phone is due later");
    }
}
