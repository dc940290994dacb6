//! The actor of `rules/device.rs`: the cloud side of one phone. It takes turns, makes a portal when the first message arrives,
//! and supervises it. It decides nothing.

use std::sync::Arc;

use ractor::{Actor, ActorId, ActorProcessingErr, ActorRef, ActorRuntime, SupervisionEvent};
use serde::Serialize;

use super::messages::{DeviceTurn, PortalTurn, Rested, ShardMessage, Turned};
use super::options::{ActorKind, Moment, Sabotage};
use super::portal::{PortalActor, PortalArguments};
use super::record::{self, RecordError};
use super::strikes;
use crate::clock::Clock;
use crate::rules::counter::Counted;
use crate::rules::device::Device;
use crate::rules::ids::DeviceIx;
use crate::rules::phone::Footing;
use crate::rules::strike::{Half, Hit, Side};
use crate::rules::time::SimTime;
use crate::rules::witness::Turn;
use crate::rules::world::World;

/// See the file.
pub(crate) struct DeviceActor;

/// What both actors of a phone know, from their making to their end.
#[derive(Clone)]
pub(crate) struct Incarnation {
    pub(crate) world: Arc<World>,
    pub(crate) device: DeviceIx,
    pub(crate) epoch: u32,
    pub(crate) shard: ActorRef<ShardMessage>,
    pub(crate) clock: Clock,
    pub(crate) sabotage: Option<Sabotage>,
}

/// What a device actor starts with.
pub(crate) struct DeviceArguments {
    pub(crate) phone: Incarnation,
    pub(crate) record: Option<Box<[u8]>>,
}

/// A device actor while it lives.
pub(crate) struct Resident {
    phone: Incarnation,
    footing: Footing,
    device: Device,
    portal: Option<ActorRef<PortalTurn>>,
}

impl Actor for DeviceActor {
    type Msg = DeviceTurn;
    type State = Resident;
    type Arguments = DeviceArguments;

    async fn pre_start(
        &self,
        _: ActorRef<Self::Msg>,
        arguments: Self::Arguments,
    ) -> Result<Self::State, ActorProcessingErr> {
        let DeviceArguments { phone, record } = arguments;
        let footing = Footing::new(&phone.world, phone.device);
        Ok(Resident { device: record::read(record.as_deref())?, footing, phone, portal: None })
    }

    async fn handle(
        &self,
        myself: ActorRef<Self::Msg>,
        message: Self::Msg,
        resident: &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        let DeviceTurn { work, portal_due, portal_record } = message;
        let Resident { phone, footing, device, .. } = resident;
        let hit = &work.hits[Side::Device as usize];
        phone.begin_turn(hit, ActorKind::Device).await?;
        let ground = footing.on(&phone.world);
        let mut turn = Turn::default();
        let wanted = work.reservations.iter();
        let answers =
            wanted.map(|wanted| device.reserve(&phone.world.service, wanted.at, &wanted.group_messages)).collect();
        for (at, input) in &work.inputs {
            device.accept(&ground, *input, *at, &mut turn);
        }
        device.advance(&ground, work.until, &mut turn);
        phone.end_turn(hit, ActorKind::Device)?;
        let turned = Box::new(Turned {
            device: phone.device,
            epoch: phone.epoch,
            counted: Counted { key: footing.traits.key, stratum: footing.traits.stratum },
            answers,
            effects: turn.effects,
            device_rest: rested(device, device.next_due())?,
            portal_rest: None,
        });
        if turn.handovers.is_empty() && portal_due > work.until {
            phone.shard.cast(ShardMessage::Turned(turned))?;
            return Ok(());
        }
        let portal = resident.portal(&myself, portal_record)?;
        // If it is dead, its supervisor is about to hear of it, and the turn is given again.
        let _ = portal.cast(PortalTurn { work, handovers: turn.handovers, turned });
        Ok(())
    }

    async fn handle_supervisor_evt(
        &self,
        _: ActorRef<Self::Msg>,
        event: SupervisionEvent,
        resident: &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        if died(&event).is_some() {
            let Incarnation { device, epoch, ref shard, .. } = resident.phone;
            shard.cast(ShardMessage::PortalDied { device, epoch })?;
        }
        Ok(())
    }
}

impl Resident {
    /// The portal's actor, made if there is none.
    fn portal(
        &mut self,
        myself: &ActorRef<DeviceTurn>,
        record: Option<Box<[u8]>>,
    ) -> Result<&ActorRef<PortalTurn>, ActorProcessingErr> {
        let portal = match self.portal.take() {
            Some(portal) => portal,
            None => {
                let arguments = PortalArguments { phone: self.phone.clone(), footing: self.footing, record };
                ActorRuntime::spawn_linked_instant(None, PortalActor, arguments, myself.get_cell())?.0
            }
        };
        Ok(self.portal.insert(portal))
    }
}

impl Incarnation {
    /// What may befall an actor before it has done anything.
    pub(crate) async fn begin_turn(&self, hit: &Hit, kind: ActorKind) -> Result<(), ActorProcessingErr> {
        strikes::stall(hit, self.clock).await;
        strikes::crash(hit, Half::BeforeWork)?;
        Sabotage::strike(self.sabotage.as_ref(), self.device, kind, Moment::BeforeTurn);
        Ok(())
    }

    /// What may befall an actor when it has done all and told nobody.
    pub(crate) fn end_turn(&self, hit: &Hit, kind: ActorKind) -> Result<(), ActorProcessingErr> {
        Sabotage::strike(self.sabotage.as_ref(), self.device, kind, Moment::AfterTurn);
        strikes::crash(hit, Half::AfterWork)
    }
}

/// A machine as it is at rest.
pub(crate) fn rested<Machine: Serialize + Default + PartialEq>(
    machine: &Machine,
    due: Option<SimTime>,
) -> Result<Rested, RecordError> {
    Ok(Rested { record: record::write(machine)?, due: due.unwrap_or(SimTime::NEVER) })
}

/// The actor whose end an event tells of.
pub(crate) fn died(event: &SupervisionEvent) -> Option<ActorId> {
    match event {
        SupervisionEvent::ActorFailed(actor, _) | SupervisionEvent::ActorTerminated(actor, ..) => Some(actor.get_id()),
        _ => None,
    }
}
