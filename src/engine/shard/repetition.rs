//! Turns that a shard repeats by itself: what actors did before the tenant was opened again. Must not be used for work that no
//! actor has done.

use ractor::{ActorProcessingErr, ActorRef};

use super::in_flight::InFlight;
use super::messages::ShardMessage;
use crate::clock::Reading;
use crate::engine::phone::record::RecordError;
use crate::engine::phone::slot::Phones;
use crate::engine::phone::turn::Turn;
use crate::rules::base::ids::DeviceIx;
use crate::rules::base::time::SimTime;
use crate::rules::delivery::device::Device;
use crate::rules::delivery::phone::DeviceContext;
use crate::rules::delivery::portal::Portal;
use crate::rules::model::world::World;

/// Turns after which a shard handles its messages before it continues: some milliseconds.
const TURNS_BEFORE_YIELD: u32 = 4_096;

/// Repeats turns.
#[derive(Debug)]
pub(super) struct Repetition {
    /// Everything before this time is a repetition.
    until: SimTime,
    /// Turns since the shard handled its messages.
    turns: u32,
    /// Machines for reuse.
    device: Device,
    portal: Portal,
}

impl Repetition {
    /// Repeats turns that end before `until`.
    pub(super) fn before(until: SimTime) -> Self {
        Self { until, turns: 0, device: Device::default(), portal: Portal::default() }
    }

    /// Whether the next turn of a phone, which goes on until `until`, is a repetition: all of it, for a phone without actors.
    pub(super) fn has(&self, phones: &mut Phones, device: DeviceIx, until: SimTime) -> bool {
        if until >= self.until {
            return false;
        }
        let (phone, rest) = phones.entry_with_rest(device);
        let work = phone.work.as_ref().filter(|_| phone.actor.is_none());
        // A slot may be requested for a later time than the phone may reach.
        work.is_some_and(|work| work.begins(rest.due(), until) < self.until)
    }

    /// Whether the shard should handle its messages before it continues; a message with which it continues is sent then.
    ///
    /// # Errors
    /// The shard's actor is gone.
    pub(super) fn should_yield(&mut self, shard: &ActorRef<ShardMessage>) -> Result<bool, ActorProcessingErr> {
        let is_time = self.turns >= TURNS_BEFORE_YIELD;
        if is_time {
            self.turns = 0;
            shard.cast(ShardMessage::Commands)?;
        }
        Ok(is_time)
    }

    /// Does the next turn of a phone without actors, up to `until`, as its actors did; it is in flight until it is applied.
    ///
    /// # Errors
    /// A [`RecordError`] if a record is broken.
    pub(super) fn turn(
        &mut self,
        world: &World,
        (device, until): (DeviceIx, SimTime),
        clock: &Reading,
        phones: &mut Phones,
        in_flight: &mut InFlight,
    ) -> Result<Box<Turn>, RecordError> {
        self.turns += 1;
        let mut turn = in_flight.take_turn();
        let model = phones.model(&world.fleet, device);
        let (phone, rest) = phones.entry_with_rest(device);
        // No actor has the record; one that died had.
        phone.is_current = false;
        in_flight.begin(phone.load(rest, None, until, clock, &mut turn));
        phone.is_current = false;
        turn.device = device;
        let context = DeviceContext::from_model(world, model, device);
        let phone = context.on(world);
        self.device.clear();
        turn.take_device(&phone, &mut self.device)?;
        if turn.goes_to_portal() {
            self.portal.clear();
            turn.take_portal(&phone, &mut self.portal)?;
        }
        Ok(turn)
    }
}
