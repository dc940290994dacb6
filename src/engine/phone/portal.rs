//! The actor of `rules/portal.rs`: the app on one phone, standing in for Company Portal. It takes over a turn from its device
//! and tells the shard what came of both. It decides nothing.

use ractor::{Actor, ActorProcessingErr, ActorRef};

use super::device::Incarnation;
use super::turn::Turn;
use crate::engine::messages::ShardMessage;
use crate::engine::options::{ActorKind, TurnMoment};
use crate::engine::shard::faults;
use crate::rules::delivery::portal::Portal;
use crate::rules::faults::actor_fault::PhoneActor;

/// See the file.
pub(crate) struct PortalActor;

/// A portal actor while it lives.
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
            faults::begin(hit, &home.clock).await?;
        }
        phone.sabotage(ActorKind::Portal, TurnMoment::BeforeTurn);
        let rest = &mut turn.rests[PhoneActor::Portal as usize];
        if let Some(known) = rest.wake()? {
            *portal = known;
        }
        let (ground, told) = (context.on(&home.world), &mut turn.told);
        for handover in told.handovers.drain(..) {
            portal.accept(&ground, handover, &mut told.effects);
        }
        portal.advance(turn.until, &mut told.effects);
        rest.settle(portal, portal.next_due())?;
        turn.reached_portal = true;
        phone.sabotage(ActorKind::Portal, TurnMoment::AfterTurn);
        faults::end(turn.hit(PhoneActor::Portal))?;
        home.shard.cast(ShardMessage::Turned(turn))?;
        Ok(())
    }
}
