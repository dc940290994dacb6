//! What the actors of a phone know from their start to their end. Only data.

use std::sync::Arc;

use ractor::ActorRef;

use crate::clock::Clock;
use crate::engine::sabotage::{Sabotage, TurnMoment};
use crate::engine::shard::messages::ShardMessage;
use crate::metrics::ActorKind;
use crate::rules::delivery::phone::DeviceContext;
use crate::rules::model::world::World;

/// What all actors of a shard's phones have in common.
#[derive(Clone)]
pub(crate) struct Home {
    pub(crate) world: Arc<World>,
    /// The shard's actor that supervises them.
    pub(crate) shard: ActorRef<ShardMessage>,
    pub(crate) clock: Clock,
    pub(crate) sabotage: Option<Sabotage>,
}

/// What each actor of a phone knows. Both keep a copy, because shared memory would be outside the cache.
#[derive(Clone)]
pub(crate) struct Incarnation {
    pub(crate) home: Arc<Home>,
    pub(crate) epoch: u32,
    pub(crate) context: DeviceContext,
}

impl Incarnation {
    /// Panics if a test wants this actor to die now.
    pub(crate) fn crash_if_wanted(&self, kind: ActorKind, moment: TurnMoment) {
        Sabotage::crash_if_wanted(self.home.sabotage.as_ref(), self.context.device, kind, moment);
    }
}
