//! The actor of `rules/portal.rs`: the app on one phone, standing in for Company Portal. It takes turns and tells its shard
//! what came of them. It decides nothing.

use std::sync::Arc;

use ractor::{Actor, ActorProcessingErr, ActorRef};

use super::messages::{PortalTurn, ShardMessage, Turned};
use super::options::{ActorKind, Moment, Sabotage};
use super::record;
use super::strikes;
use crate::clock::Clock;
use crate::rules::counter::Counted;
use crate::rules::ids::DeviceIx;
use crate::rules::phone::Footing;
use crate::rules::portal::Portal;
use crate::rules::strike::Half;
use crate::rules::world::World;

/// See the file.
pub(crate) struct PortalActor;

/// What a portal actor starts with.
pub(crate) struct PortalArguments {
    pub(crate) world: Arc<World>,
    pub(crate) device: DeviceIx,
    pub(crate) epoch: u32,
    pub(crate) record: Option<Box<[u8]>>,
    pub(crate) shard: ActorRef<ShardMessage>,
    pub(crate) clock: Clock,
    pub(crate) sabotage: Option<Sabotage>,
}

/// A portal actor while it lives.
pub(crate) struct Resident {
    arguments: PortalArguments,
    footing: Footing,
    portal: Portal,
}

impl Actor for PortalActor {
    type Msg = PortalTurn;
    type State = Resident;
    type Arguments = PortalArguments;

    async fn pre_start(
        &self,
        _: ActorRef<Self::Msg>,
        mut arguments: Self::Arguments,
    ) -> Result<Self::State, ActorProcessingErr> {
        let footing = Footing::new(&arguments.world, arguments.device);
        let portal = record::read(arguments.record.take().as_deref())?;
        Ok(Resident { arguments, footing, portal })
    }

    async fn handle(
        &self,
        _: ActorRef<Self::Msg>,
        message: Self::Msg,
        resident: &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        let Resident { arguments, footing, portal } = resident;
        strikes::stall(&message.hit, arguments.clock).await;
        strikes::crash(&message.hit, Half::BeforeWork)?;
        let sabotage = arguments.sabotage.as_ref();
        Sabotage::strike(sabotage, arguments.device, ActorKind::Portal, Moment::BeforeTurn);
        let ground = footing.on(&arguments.world);
        let mut effects = Vec::new();
        for handover in &message.handovers {
            portal.accept(&ground, *handover, &mut effects);
        }
        portal.advance(message.until, &mut effects);
        Sabotage::strike(sabotage, arguments.device, ActorKind::Portal, Moment::AfterTurn);
        strikes::crash(&message.hit, Half::AfterWork)?;
        let turned = Turned {
            device: arguments.device,
            epoch: arguments.epoch,
            counted: Counted { key: footing.traits.key, stratum: footing.traits.stratum },
            record: record::write(portal)?,
            next_due: portal.next_due(),
            effects,
        };
        arguments.shard.cast(ShardMessage::PortalTurned(turned))?;
        Ok(())
    }
}
