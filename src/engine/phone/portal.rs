//! The actor of `rules/delivery/portal`: the app on one phone, which stands in for Company Portal. It takes over a turn from its
//! device and sends the results of both to the shard. Must not decide anything.

use ractor::{Actor, ActorProcessingErr, ActorRef};

use super::crash;
use super::incarnation::Incarnation;
use super::turn::Turn;
use crate::engine::sabotage::TurnMoment;
use crate::engine::shard::messages::ShardMessage;
use crate::metrics::ActorKind;
use crate::rules::delivery::portal::Portal;
use crate::rules::faults::actor_fault::PhoneActor;

/// The actor of a portal.
pub(crate) struct PortalActor;

/// The state of a portal actor.
pub(crate) struct ResidentPortal {
    phone: Incarnation,
    portal: Portal,
}

impl Actor for PortalActor {
    type Msg = Box<Turn>;
    type State = ResidentPortal;
    type Arguments = Incarnation;

    async fn pre_start(
        &self,
        _: ActorRef<Self::Msg>,
        phone: Self::Arguments,
    ) -> Result<Self::State, ActorProcessingErr> {
        Ok(ResidentPortal { phone, portal: Portal::default() })
    }

    async fn handle(
        &self,
        _: ActorRef<Self::Msg>,
        mut turn: Self::Msg,
        resident: &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        let ResidentPortal { phone, portal } = resident;
        let Incarnation { home, context, .. } = &*phone;
        if let Some(hit) = turn.hit(PhoneActor::Portal) {
            crash::before_work(hit, &home.clock).await?;
        }
        phone.crash_if_wanted(ActorKind::Portal, TurnMoment::BeforeTurn);
        turn.take_portal(&context.on(&home.world), portal)?;
        phone.crash_if_wanted(ActorKind::Portal, TurnMoment::AfterTurn);
        crash::after_work(turn.hit(PhoneActor::Portal))?;
        home.shard.cast(ShardMessage::Turned(turn))?;
        Ok(())
    }
}
