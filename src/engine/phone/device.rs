//! The actor of `rules/device.rs`: the cloud side of one phone. It takes turns, makes a portal when the first message arrives,
//! and supervises it. It decides nothing.

use std::sync::Arc;

use ractor::{Actor, ActorId, ActorProcessingErr, ActorRef, ActorRuntime, SupervisionEvent};

use super::portal::PortalActor;
use super::turn::Turn;
use crate::clock::Clock;
use crate::engine::messages::ShardMessage;
use crate::engine::options::{ActorKind, EngineOptions, Sabotage, TurnMoment};
use crate::engine::shard::faults;
use crate::rules::base::ids::{DeviceIx, ModelIx};
use crate::rules::counting::recorder::Counted;
use crate::rules::delivery::device::Device;
use crate::rules::delivery::phone::DeviceContext;
use crate::rules::faults::actor_fault::PhoneActor;
use crate::rules::model::world::World;

/// See the file.
pub(crate) struct DeviceActor;

/// What a device actor is made of.
pub(crate) struct Making {
    pub(crate) home: Arc<Home>,
    pub(crate) device: DeviceIx,
    pub(crate) model: ModelIx,
    pub(crate) epoch: u32,
}

/// What each actor of a phone knows, from its making to its end. Both keep it by themselves: what lies elsewhere is far.
#[derive(Clone)]
pub(crate) struct Incarnation {
    pub(crate) home: Arc<Home>,
    pub(crate) epoch: u32,
    pub(crate) context: DeviceContext,
}

/// What all actors of phones know that a shard's actor has made.
pub(crate) struct Home {
    pub(crate) world: Arc<World>,
    pub(crate) shard: ActorRef<ShardMessage>,
    pub(crate) clock: Clock,
    pub(crate) sabotage: Option<Sabotage>,
}

/// A device actor while it lives.
pub(crate) struct ResidentDevice {
    phone: Incarnation,
    device: Device,
    portal: Option<ActorRef<Box<Turn>>>,
}

impl Actor for DeviceActor {
    type Msg = Box<Turn>;
    type State = ResidentDevice;
    type Arguments = Making;

    async fn pre_start(
        &self,
        _: ActorRef<Self::Msg>,
        Making { home, device, model, epoch }: Self::Arguments,
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
            faults::begin(hit, clock).await?;
        }
        phone.sabotage(ActorKind::Device, TurnMoment::BeforeTurn);
        let Turn { reservations, inputs, until, answers, told, rests: [rest, _], .. } = &mut *turn;
        if let Some(known) = rest.wake()? {
            *device = known;
        }
        let ground = context.on(world);
        let wanted = reservations.iter();
        answers.extend(wanted.map(|wanted| device.reserve(&world.service, wanted.at, &wanted.group_messages)));
        let next_at = inputs.iter().skip(1).map(|(at, _)| *at).chain([*until]);
        for ((at, input), until) in inputs.iter().zip(next_at) {
            device.accept(&ground, input, *at, until, told);
        }
        device.advance(&ground, *until, told);
        rest.settle(device, device.next_due())?;
        turn.counted = Counted::of(&context.traits);
        phone.sabotage(ActorKind::Device, TurnMoment::AfterTurn);
        faults::end(turn.hit(PhoneActor::Device))?;
        if turn.told.handovers.is_empty() && !turn.portal_is_due {
            shard.cast(ShardMessage::Turned(turn))?;
            return Ok(());
        }
        // If it is dead, its supervisor is about to hear of it, and the turn is given again.
        let _ = resident.portal(&myself)?.cast(turn);
        Ok(())
    }

    async fn handle_supervisor_evt(
        &self,
        _: ActorRef<Self::Msg>,
        event: SupervisionEvent,
        resident: &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        if died(&event).is_some() {
            let Incarnation { home, epoch, context } = &resident.phone;
            home.shard.cast(ShardMessage::PortalDied { device: context.device, epoch: *epoch })?;
        }
        Ok(())
    }
}

impl ResidentDevice {
    /// The portal's actor, made if there is none.
    fn portal(&mut self, myself: &ActorRef<Box<Turn>>) -> Result<&ActorRef<Box<Turn>>, ActorProcessingErr> {
        let portal = match self.portal.take() {
            Some(portal) => portal,
            None => ActorRuntime::spawn_linked_instant(None, PortalActor, self.phone.clone(), myself.get_cell())?.0,
        };
        Ok(self.portal.insert(portal))
    }
}

impl Home {
    /// What this shard's actor gives them.
    pub(crate) fn of(world: &Arc<World>, options: &EngineOptions, shard: &ActorRef<ShardMessage>) -> Self {
        let EngineOptions { clock, sabotage, .. } = options;
        Self { world: world.clone(), shard: shard.clone(), clock: clock.clone(), sabotage: sabotage.clone() }
    }
}

impl Incarnation {
    /// Dies if a test asks for it.
    pub(crate) fn sabotage(&self, kind: ActorKind, moment: TurnMoment) {
        Sabotage::strike(self.home.sabotage.as_ref(), self.context.device, kind, moment);
    }
}

/// The actor whose end an event tells of.
pub(crate) fn died(event: &SupervisionEvent) -> Option<ActorId> {
    match event {
        SupervisionEvent::ActorFailed(actor, _) | SupervisionEvent::ActorTerminated(actor, ..) => Some(actor.get_id()),
        _ => None,
    }
}
