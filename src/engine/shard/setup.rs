//! What a shard is made from. Only data.

use std::ops::Range;
use std::sync::Arc;

use ractor::ActorRef;

use crate::engine::options::EngineOptions;
use crate::engine::sabotage::Sabotage;
use crate::engine::tenant::messages::TenantMessage;
use crate::rules::model::world::World;

/// What a shard is made from.
#[derive(Clone)]
pub(crate) struct ShardSetup {
    pub(crate) world: Arc<World>,
    pub(crate) options: EngineOptions,
    pub(crate) sabotage: Option<Sabotage>,
    /// The number of the shard, from 0.
    pub(crate) shard: usize,
    pub(crate) devices: Range<u32>,
    pub(crate) actors_max: usize,
    pub(crate) tenant: ActorRef<TenantMessage>,
}
