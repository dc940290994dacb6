//! The supervisor of a tenant's shards: starts them, sends them their commands, and replaces an actor that a fault has killed. Must
//! not know what a command does.

use std::sync::Arc;

use ractor::{Actor, ActorId, ActorProcessingErr, ActorRef};

use super::messages::TenantMessage;
use crate::engine::EngineError;
use crate::engine::options::EngineOptions;
use crate::engine::phone::crash::Crash;
use crate::engine::sabotage::Sabotage;
use crate::engine::shard::actor::{ShardActor, ShardArguments};
use crate::engine::shard::inbox::{Inbox, ShardInboxes};
use crate::engine::shard::messages::ShardCommand;
use crate::engine::shard::setup::ShardSetup;
use crate::engine::shard::thread::ShardThread;
use crate::rules::base::ids::DeviceIx;
use crate::rules::model::world::World;

/// The shards of a tenant.
pub(super) struct ShardSupervisor {
    shards: Vec<Shard>,
    /// Devices per shard.
    share: u32,
}

struct Shard {
    arguments: ShardArguments,
    thread: ShardThread,
    /// Commands that go to the inbox together at the end of the tenant's message, so that the shard sees what belongs together.
    commands: Vec<ShardCommand>,
}

impl ShardSupervisor {
    /// Starts all shards of a tenant.
    pub(super) async fn start(
        world: &Arc<World>,
        options: &EngineOptions,
        sabotage: Option<&Sabotage>,
        tenant: &ActorRef<TenantMessage>,
    ) -> Result<Self, ActorProcessingErr> {
        let (count, actors_max) = options.shares();
        let devices = world.fleet.devices();
        let share = devices.div_ceil(count).max(1);
        let mut shards = Vec::with_capacity(count as usize);
        for shard in 0..count {
            let setup = ShardSetup {
                world: world.clone(),
                options: options.clone(),
                sabotage: sabotage.cloned(),
                shard: shard as usize,
                devices: devices.min(shard * share)..devices.min((shard + 1) * share),
                actors_max,
                tenant: tenant.clone(),
            };
            let arguments = ShardArguments { setup, inbox: Arc::default(), work: Arc::default() };
            let mut shard = Shard { arguments, thread: ShardThread::start(shard).await?, commands: Vec::new() };
            shard.start_actor(tenant).await?;
            shards.push(shard);
        }
        Ok(Self { shards, share })
    }

    /// How many shards there are.
    pub(super) const fn len(&self) -> usize {
        self.shards.len()
    }

    /// The shard of a device.
    pub(super) const fn of(&self, device: DeviceIx) -> usize {
        (device.0 / self.share) as usize
    }

    /// The inboxes of all shards.
    pub(super) fn inboxes(&self) -> ShardInboxes {
        ShardInboxes { inboxes: self.all_inboxes().cloned().collect(), share: self.share }
    }

    fn all_inboxes(&self) -> impl Iterator<Item = &Arc<Inbox>> {
        self.shards.iter().map(|shard| &shard.arguments.inbox)
    }

    /// Queues a command for a shard.
    pub(super) fn send(&mut self, shard: usize, command: ShardCommand) {
        self.shards[shard].commands.push(command);
    }

    /// Queues a command for each shard.
    pub(super) fn send_all(&mut self, mut command: impl FnMut() -> ShardCommand) {
        self.shards.iter_mut().for_each(|shard| shard.commands.push(command()));
    }

    /// Puts the queued commands into the inboxes.
    pub(super) fn hand_over(&mut self) {
        for Shard { arguments, commands, .. } in self.shards.iter_mut().filter(|shard| !shard.commands.is_empty()) {
            // The inbox of a shard that failed is closed; callers receive that failure.
            let _ = arguments.inbox.put_all(commands.drain(..));
        }
    }

    /// The actor of a shard has died: starts another one after a crash fault. Otherwise it died within its work, so that the shard's
    /// state may be inconsistent, and the shard fails.
    pub(super) async fn restart_or_fail(
        &mut self,
        dead: ActorId,
        error: ActorProcessingErr,
        tenant: &ActorRef<TenantMessage>,
    ) -> Result<Option<EngineError>, ActorProcessingErr> {
        let is_dead = |shard: &&mut Shard| shard.arguments.inbox.actor().is_some_and(|actor| actor.get_id() == dead);
        let Some(shard) = self.shards.iter_mut().find(is_dead) else { return Ok(None) };
        if error.is::<Crash>() {
            shard.start_actor(tenant).await?;
            return Ok(None);
        }
        let Shard { arguments, .. } = shard;
        arguments.inbox.close();
        // Dropping the loop drops the reply ports of its callers.
        *arguments.work.lock().await = None;
        Ok(Some(EngineError::ShardDied { cause: error.to_string() }))
    }
}

impl Shard {
    /// Starts its first actor or a successor.
    async fn start_actor(&mut self, tenant: &ActorRef<TenantMessage>) -> Result<(), ActorProcessingErr> {
        let actor = ShardActor::spawn_linked(None, ShardActor, self.arguments.clone(), tenant.get_cell());
        self.thread.run(actor).await?;
        Ok(())
    }
}

impl Drop for ShardSupervisor {
    fn drop(&mut self) {
        self.all_inboxes().for_each(|inbox| inbox.close());
    }
}
