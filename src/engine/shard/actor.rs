//! The actor of a shard: it takes over the shard's loop, which outlives it, and hands it every message. An input is kept until its
//! turn is applied, so a crash loses nothing. Must not do any work of the loop itself.

use std::sync::Arc;

use ractor::{Actor, ActorProcessingErr, ActorRef, SupervisionEvent};
use tokio::sync::{Mutex, OwnedMappedMutexGuard, OwnedMutexGuard};

use super::inbox::Inbox;
use super::messages::ShardMessage;
use super::setup::ShardSetup;
use super::shard_loop::ShardLoop;
use crate::engine::phone::crash::ended_actor;

/// The actor of a shard.
pub(crate) struct ShardActor;

/// What a shard's actor starts with. The supervisor keeps it for a successor.
#[derive(Clone)]
pub(crate) struct ShardArguments {
    pub(crate) setup: ShardSetup,
    pub(crate) inbox: Arc<Inbox>,
    /// The loop: empty before the first actor, and held by one actor at a time.
    pub(crate) work: Arc<Mutex<Option<ShardLoop>>>,
}

impl Actor for ShardActor {
    type Msg = ShardMessage;
    type State = OwnedMappedMutexGuard<Option<ShardLoop>, ShardLoop>;
    type Arguments = ShardArguments;

    async fn pre_start(
        &self,
        myself: ActorRef<Self::Msg>,
        arguments: Self::Arguments,
    ) -> Result<Self::State, ActorProcessingErr> {
        let ShardArguments { setup, inbox, work } = arguments;
        let mut work = work.lock_owned().await;
        if let Some(shard) = &mut *work {
            shard.taken_over(&myself);
        }
        inbox.served_by(myself.clone());
        // The inbox may hold commands already, and the loop unfinished work.
        myself.cast(ShardMessage::Commands)?;
        Ok(OwnedMutexGuard::map(work, |work| work.get_or_insert_with(|| ShardLoop::new(setup, inbox, &myself))))
    }

    async fn handle(
        &self,
        _: ActorRef<Self::Msg>,
        message: Self::Msg,
        shard: &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        shard.handle(message).await
    }

    async fn handle_supervisor_evt(
        &self,
        _: ActorRef<Self::Msg>,
        event: SupervisionEvent,
        shard: &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        ended_actor(&event).map_or(Ok(()), |actor| shard.actor_ended(actor))
    }
}
