//! A tenant's shards: who they are, what they are about to be told, and who takes the place of the dead. Decides nothing.

use std::sync::Arc;

use ractor::{Actor, ActorId, ActorProcessingErr, ActorRef};

use crate::engine::EngineError;
use crate::engine::messages::{ShardCommand, TenantMessage};
use crate::engine::options::EngineOptions;
use crate::engine::shard::actor::{ShardActor, ShardArguments};
use crate::engine::shard::faults::Crash;
use crate::engine::shard::inbox::Inbox;
use crate::engine::shard::thread::ShardThread;
use crate::rules::base::ids::DeviceIx;
use crate::rules::model::world::World;

/// See the file.
pub(crate) struct ShardSupervisor {
    shards: Vec<Shard>,
    /// Devices a shard.
    share: u32,
}

struct Shard {
    arguments: ShardArguments,
    lane: ShardThread,
    /// What it is told when the tenant has done with what it was told itself: all at once, so that it sees what belongs together.
    orders: Vec<ShardCommand>,
}

impl ShardSupervisor {
    /// All shards of a tenant, each at work.
    pub(crate) async fn start(
        world: &Arc<World>,
        options: &EngineOptions,
        tenant: &ActorRef<TenantMessage>,
    ) -> Result<Self, ActorProcessingErr> {
        let (count, resident_max) = options.shares();
        let devices = world.fleet.devices();
        let share = devices.div_ceil(count).max(1);
        let mut shards = Vec::with_capacity(count as usize);
        for shard in 0..count {
            let arguments = ShardArguments {
                world: world.clone(),
                options: options.clone(),
                shard: shard as usize,
                devices: (devices.min(shard * share), devices.min((shard + 1) * share)),
                resident_max,
                tenant: tenant.clone(),
                tray: Arc::default(),
                work: Arc::default(),
            };
            let mut shard = Shard { arguments, lane: ShardThread::start(shard).await?, orders: Vec::new() };
            shard.start_actor(tenant).await?;
            shards.push(shard);
        }
        Ok(Self { shards, share })
    }

    /// How many there are.
    pub(crate) const fn len(&self) -> usize {
        self.shards.len()
    }

    /// Devices a shard.
    pub(crate) const fn share(&self) -> u32 {
        self.share
    }

    /// Where each is told something.
    pub(crate) fn trays(&self) -> impl Iterator<Item = &Arc<Inbox>> {
        self.shards.iter().map(|shard| &shard.arguments.tray)
    }

    /// Which of them a device is with.
    pub(crate) const fn with(&self, device: DeviceIx) -> usize {
        (device.0 / self.share) as usize
    }

    /// Notes an order for one of them.
    pub(crate) fn tell(&mut self, shard: usize, order: ShardCommand) {
        self.shards[shard].orders.push(order);
    }

    /// Notes an order for each.
    pub(super) fn tell_all(&mut self, mut order: impl FnMut() -> ShardCommand) {
        self.shards.iter_mut().for_each(|shard| shard.orders.push(order()));
    }

    /// Tells each what was noted for it.
    pub(crate) fn hand_over(&mut self) {
        for Shard { arguments, orders, .. } in self.shards.iter_mut().filter(|shard| !shard.orders.is_empty()) {
            // One that is dead for good takes none: its failure is what callers are told.
            let _ = arguments.tray.put_all(orders.drain(..));
        }
    }

    /// A shard's actor is dead: another one takes its place, unless it died in the middle of its work, which is returned.
    pub(super) async fn bury(
        &mut self,
        dead: ActorId,
        error: ActorProcessingErr,
        tenant: &ActorRef<TenantMessage>,
    ) -> Result<Option<EngineError>, ActorProcessingErr> {
        let is_dead = |shard: &&mut Shard| shard.arguments.tray.actor().is_some_and(|actor| actor.get_id() == dead);
        let Some(shard) = self.shards.iter_mut().find(is_dead) else { return Ok(None) };
        if error.is::<Crash>() {
            shard.start_actor(tenant).await?;
            return Ok(None);
        }
        let Shard { arguments, .. } = shard;
        arguments.tray.close();
        // Nobody knows what is whole, and whoever waits for an answer gets none.
        *arguments.work.lock().await = None;
        Ok(Some(EngineError::ShardDied { cause: error.to_string() }))
    }
}

impl Shard {
    /// Its actor begins to work, or another in its place.
    async fn start_actor(&mut self, tenant: &ActorRef<TenantMessage>) -> Result<(), ActorProcessingErr> {
        let actor = ShardActor::spawn_linked(None, ShardActor, self.arguments.clone(), tenant.get_cell());
        self.lane.run(actor).await?;
        Ok(())
    }
}

impl Drop for ShardSupervisor {
    fn drop(&mut self) {
        self.trays().for_each(|tray| tray.close());
    }
}
