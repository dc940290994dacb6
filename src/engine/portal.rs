//! The actor of `rules/portal.rs`: the app on one phone, standing in for Company Portal. It takes over a turn from its device
//! and tells the shard what came of both. It decides nothing.

use ractor::{Actor, ActorProcessingErr, ActorRef};

use super::device::{Incarnation, rested};
use super::messages::{PortalTurn, ShardMessage};
use super::options::ActorKind;
use super::record;
use crate::rules::phone::Footing;
use crate::rules::portal::Portal;
use crate::rules::strike::Side;

/// See the file.
pub(crate) struct PortalActor;

/// What a portal actor starts with.
pub(crate) struct PortalArguments {
    pub(crate) phone: Incarnation,
    pub(crate) footing: Footing,
    pub(crate) record: Option<Box<[u8]>>,
}

/// A portal actor while it lives.
pub(crate) struct Resident {
    phone: Incarnation,
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
        arguments: Self::Arguments,
    ) -> Result<Self::State, ActorProcessingErr> {
        let PortalArguments { phone, footing, record } = arguments;
        Ok(Resident { portal: record::read(record.as_deref())?, footing, phone })
    }

    async fn handle(
        &self,
        _: ActorRef<Self::Msg>,
        message: Self::Msg,
        resident: &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        let PortalTurn { work, handovers, mut turned } = message;
        let Resident { phone, footing, portal } = resident;
        let hit = &work.hits[Side::Portal as usize];
        phone.begin_turn(hit, ActorKind::Portal).await?;
        let ground = footing.on(&phone.world);
        for handover in handovers {
            portal.accept(&ground, handover, &mut turned.effects);
        }
        portal.advance(work.until, &mut turned.effects);
        phone.end_turn(hit, ActorKind::Portal)?;
        turned.portal_rest = Some(rested(portal, portal.next_due())?);
        phone.shard.cast(ShardMessage::Turned(turned))?;
        Ok(())
    }
}
