//! The actor of `rules/delivery/device`: the cloud side of one phone. It takes turns, starts a portal when the first message
//! arrives, and supervises it. Must not decide anything.

use std::sync::Arc;

use ractor::{Actor, ActorProcessingErr, ActorRef, ActorRuntime, SupervisionEvent};

use super::crash;
use super::incarnation::{Home, Incarnation};
use super::portal::PortalActor;
use super::turn::Turn;
use crate::engine::sabotage::TurnMoment;
use crate::engine::shard::messages::ShardMessage;
use crate::metrics::ActorKind;
use crate::rules::base::ids::{DeviceIx, ModelIx};
use crate::rules::delivery::device::Device;
use crate::rules::delivery::phone::DeviceContext;
use crate::rules::faults::actor_fault::PhoneActor;

/// The actor of a device.
pub(crate) struct DeviceActor;

/// What a device actor starts with.
pub(crate) struct DeviceArguments {
    pub(crate) home: Arc<Home>,
    pub(crate) device: DeviceIx,
    pub(crate) model: ModelIx,
    pub(crate) epoch: u32,
}

/// The state of a device actor.
pub(crate) struct ResidentDevice {
    phone: Incarnation,
    device: Device,
    portal: Option<ActorRef<Box<Turn>>>,
}

impl Actor for DeviceActor {
    type Msg = Box<Turn>;
    type State = ResidentDevice;
    type Arguments = DeviceArguments;

    async fn pre_start(
        &self,
        _: ActorRef<Self::Msg>,
        DeviceArguments { home, device, model, epoch }: Self::Arguments,
    ) -> Result<Self::State, ActorProcessingErr> {
        let context = DeviceContext::from_model(&home.world, model, device);
        Ok(ResidentDevice { phone: Incarnation { home, epoch, context }, device: Device::default(), portal: None })
    }

    async fn handle(
        &self,
        myself: ActorRef<Self::Msg>,
        mut turn: Self::Msg,
        resident: &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        let ResidentDevice { phone, device, .. } = resident;
        let Incarnation { home, context, .. } = &*phone;
        let Home { world, shard, clock, .. } = &**home;
        if let Some(hit) = turn.hit(PhoneActor::Device) {
            crash::before_work(hit, clock).await?;
        }
        phone.crash_if_wanted(ActorKind::Device, TurnMoment::BeforeTurn);
        turn.take_device(&context.on(world), device)?;
        phone.crash_if_wanted(ActorKind::Device, TurnMoment::AfterTurn);
        crash::after_work(turn.hit(PhoneActor::Device))?;
        if !turn.goes_to_portal() {
            shard.cast(ShardMessage::Turned(turn))?;
            return Ok(());
        }
        // If the portal is dead, the supervision event follows and the shard retries the turn.
        let _ = resident.portal(&myself)?.cast(turn);
        Ok(())
    }

    async fn handle_supervisor_evt(
        &self,
        _: ActorRef<Self::Msg>,
        event: SupervisionEvent,
        resident: &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        if crash::ended_actor(&event).is_some() {
            let Incarnation { home, epoch, context } = &resident.phone;
            home.shard.cast(ShardMessage::PortalDied { device: context.device, epoch: *epoch })?;
        }
        Ok(())
    }
}

impl ResidentDevice {
    /// The portal's actor, started if there is none.
    fn portal(&mut self, myself: &ActorRef<Box<Turn>>) -> Result<&ActorRef<Box<Turn>>, ActorProcessingErr> {
        let portal = match self.portal.take() {
            Some(portal) => portal,
            None => ActorRuntime::spawn_linked_instant(None, PortalActor, self.phone.clone(), myself.get_cell())?.0,
        };
        Ok(self.portal.insert(portal))
    }
}
