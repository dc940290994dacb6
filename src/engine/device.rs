//! The actor of `rules/device.rs`: the cloud side of one phone. It takes turns, and tells its shard what came of them;
//! it supervises its portal. It decides nothing.

use std::sync::Arc;

use ractor::{Actor, ActorId, ActorProcessingErr, ActorRef, SupervisionEvent};

use super::messages::{DeviceTurn, ShardMessage, Turned};
use super::options::{ActorKind, Moment, Sabotage};
use super::record;
use super::strikes;
use crate::clock::Clock;
use crate::rules::counter::Counted;
use crate::rules::device::Device;
use crate::rules::ids::DeviceIx;
use crate::rules::phone::Footing;
use crate::rules::strike::Half;
use crate::rules::witness::Turn;
use crate::rules::world::World;

/// See the file.
pub(crate) struct DeviceActor;

/// What a device actor starts with.
pub(crate) struct DeviceArguments {
    pub(crate) world: Arc<World>,
    pub(crate) device: DeviceIx,
    pub(crate) epoch: u32,
    pub(crate) record: Option<Box<[u8]>>,
    pub(crate) shard: ActorRef<ShardMessage>,
    pub(crate) clock: Clock,
    pub(crate) sabotage: Option<Sabotage>,
}

/// A device actor while it lives.
pub(crate) struct Resident {
    arguments: DeviceArguments,
    footing: Footing,
    device: Device,
}

impl Actor for DeviceActor {
    type Msg = DeviceTurn;
    type State = Resident;
    type Arguments = DeviceArguments;

    async fn pre_start(
        &self,
        _: ActorRef<Self::Msg>,
        mut arguments: Self::Arguments,
    ) -> Result<Self::State, ActorProcessingErr> {
        let footing = Footing::new(&arguments.world, arguments.device);
        let device = record::read(arguments.record.take().as_deref())?;
        Ok(Resident { arguments, footing, device })
    }

    async fn handle(
        &self,
        _: ActorRef<Self::Msg>,
        message: Self::Msg,
        resident: &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        let Resident { arguments, footing, device } = resident;
        strikes::stall(&message.hit, arguments.clock).await;
        strikes::crash(&message.hit, Half::BeforeWork)?;
        let sabotage = arguments.sabotage.as_ref();
        Sabotage::strike(sabotage, arguments.device, ActorKind::Device, Moment::BeforeTurn);
        let ground = footing.on(&arguments.world);
        let mut turn = Turn::default();
        let answers = message.reservations.iter().map(|at| device.reserve(*at)).collect();
        for (at, input) in &message.inputs {
            device.accept(&ground, *input, *at, &mut turn);
        }
        device.advance(&ground, message.until, &mut turn);
        Sabotage::strike(sabotage, arguments.device, ActorKind::Device, Moment::AfterTurn);
        strikes::crash(&message.hit, Half::AfterWork)?;
        let turned = Turned {
            device: arguments.device,
            epoch: arguments.epoch,
            counted: Counted { key: footing.traits.key, stratum: footing.traits.stratum },
            record: record::write(device)?,
            next_due: device.next_due(),
            effects: turn.effects,
        };
        arguments.shard.cast(ShardMessage::DeviceTurned { turned, handovers: turn.handovers, answers })?;
        Ok(())
    }

    async fn handle_supervisor_evt(
        &self,
        _: ActorRef<Self::Msg>,
        event: SupervisionEvent,
        resident: &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        if let Some(actor) = died(&event) {
            let device = resident.arguments.device;
            resident.arguments.shard.cast(ShardMessage::PortalDied { device, actor })?;
        }
        Ok(())
    }
}

/// The actor whose end an event tells of.
pub(crate) fn died(event: &SupervisionEvent) -> Option<ActorId> {
    match event {
        SupervisionEvent::ActorFailed(actor, _) | SupervisionEvent::ActorTerminated(actor, ..) => Some(actor.get_id()),
        _ => None,
    }
}
