//! The actor of `rules/sending/tenant`, and the sequencer (T1): it answers requests in order and feeds the shards. It waits for
//! reservations of devices, and for shards that are behind. Must not decide anything.

use std::sync::Arc;

use ractor::{Actor, ActorProcessingErr, ActorRef, SupervisionEvent};

use super::messages::TenantMessage;
use super::state::TenantState;
use super::supervisor::ShardSupervisor;
use crate::engine::options::EngineOptions;
use crate::engine::sabotage::Sabotage;
use crate::rules::model::world::World;
use crate::rules::sending::tenant::Tenant;

/// The actor of a tenant.
pub(crate) struct TenantActor;

/// What a tenant's actor starts with.
pub(crate) struct TenantArguments {
    pub(crate) world: Arc<World>,
    pub(crate) options: EngineOptions,
    pub(crate) sabotage: Option<Sabotage>,
}

impl Actor for TenantActor {
    type Msg = TenantMessage;
    type State = TenantState;
    type Arguments = TenantArguments;

    async fn pre_start(
        &self,
        myself: ActorRef<Self::Msg>,
        arguments: Self::Arguments,
    ) -> Result<Self::State, ActorProcessingErr> {
        let TenantArguments { world, options, sabotage } = arguments;
        let shards = ShardSupervisor::start(&world, &options, sabotage.as_ref(), &myself).await?;
        let tenant = Tenant::unless_stopped(&world, &|| options.stop.is_cancelled());
        Ok(TenantState::new(world, options, tenant, shards))
    }

    async fn handle(
        &self,
        myself: ActorRef<Self::Msg>,
        message: Self::Msg,
        state: &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        state.handle(message, &myself);
        Ok(())
    }

    async fn handle_supervisor_evt(
        &self,
        myself: ActorRef<Self::Msg>,
        event: SupervisionEvent,
        state: &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        match event {
            SupervisionEvent::ActorFailed(dead, error) => state.shard_died(dead.get_id(), error, &myself).await,
            _ => {
                state.proceed();
                Ok(())
            }
        }
    }
}
