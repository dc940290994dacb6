//! The actor of `rules/tenant.rs`, and the sequencer (T1): it answers what is asked, in order, and feeds the shards. It waits
//! for devices to reserve their slots and for shards to keep up, and decides nothing.

use std::sync::Arc;

use ractor::{Actor, ActorProcessingErr, ActorRef, RpcReplyPort, SupervisionEvent};

use super::EngineError;
use super::asked::{Asked, Wanted};
use super::books::Books;
use super::messages::{Feed, ShardMessage, TenantMessage, Verdicts};
use super::options::Options;
use super::shard::{ShardActor, ShardArguments};
use crate::metrics::{ActorKind, Batch, Moment};
use crate::rules::crowd::{Audience, FanOut};
use crate::rules::device::Input;
use crate::rules::fault::Fault;
use crate::rules::ids::{ChangeIx, DeviceIx, FaultIx};
use crate::rules::tally::Tally;
use crate::rules::tenant::Tenant;
use crate::rules::time::SimTime;
use crate::rules::world::{Subject, World};

/// See the file.
pub(crate) struct TenantActor;

/// What a tenant starts with.
pub(crate) struct TenantArguments {
    pub(crate) world: Arc<World>,
    pub(crate) options: Options,
}

/// A tenant while it lives.
pub(crate) struct TenantState {
    pub(super) world: Arc<World>,
    pub(super) tenant: Tenant,
    pub(super) shards: Vec<ActorRef<ShardMessage>>,
    /// Devices a shard.
    pub(super) share: u32,
    pub(super) asked: Option<Asked>,
    pub(super) postings_accepted: u64,
    /// Fan-outs that shards have not handed out yet.
    pub(super) fanning_out: usize,
    /// For each shard those that it is to get next, together; nothing else is fed to it before them.
    outbox: Vec<Vec<Feed>>,
    pairs_sent: u64,
    /// By message, if the tenant is watched.
    pub(super) sent: Vec<u64>,
    closed: SimTime,
    /// For each fault, the directory changes it slowed that have been counted.
    slowed: Vec<u64>,
    options: Options,
    pub(super) batch: Batch,
    pub(super) failed: Option<EngineError>,
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
        let TenantArguments { world, options } = arguments;
        let (shards, resident_max) = options.shares();
        let devices = world.fleet.devices();
        let share = devices.div_ceil(shards).max(1);
        let mut actors = Vec::with_capacity(shards as usize);
        for shard in 0..shards {
            let devices = (devices.min(shard * share), devices.min((shard + 1) * share));
            let (world, options, tenant) = (world.clone(), options.clone(), myself.clone());
            let shard = shard as usize;
            let arguments = ShardArguments { world, options, shard, devices, resident_max, tenant };
            actors.push(ShardActor::spawn_linked(None, ShardActor, arguments, myself.get_cell()).await?.0);
        }
        let tenant = Tenant::new(&world);
        let mut batch = Batch::new(&world, shards as usize);
        batch.activated(ActorKind::Tenant, 1);
        batch.activated(ActorKind::Shard, shards);
        let slowed = vec![0; world.faults.len()];
        Ok(TenantState {
            world,
            tenant,
            outbox: vec![Vec::new(); actors.len()],
            shards: actors,
            share,
            asked: None,
            postings_accepted: 0,
            fanning_out: 0,
            pairs_sent: 0,
            sent: Vec::new(),
            closed: SimTime::ZERO,
            slowed,
            options,
            batch,
            failed: None,
        })
    }

    async fn handle(
        &self,
        _: ActorRef<Self::Msg>,
        message: Self::Msg,
        state: &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        match message {
            TenantMessage::Ask { at, changes, wanted, reply } => state.ask(at, &changes, wanted, reply)?,
            TenantMessage::Look(look) => look(state),
            TenantMessage::Give(feed) => state.give(feed)?,
            TenantMessage::Quiet(until) => state.quiet(until)?,
            TenantMessage::Observe => state.observe()?,
            TenantMessage::Reserved(answers) => state.reserved(answers),
            TenantMessage::FannedOut(fan_outs) => state.fanning_out -= fan_outs,
            TenantMessage::Failed(failed) => state.failed = Some(failed),
            TenantMessage::Cut(at) => {
                for shard in &state.shards {
                    shard.cast(ShardMessage::Cut(at))?;
                }
            }
            TenantMessage::Finish { at, reply } => {
                state.finish(at, reply)?;
                return Ok(());
            }
        }
        state.answer_if_ready()
    }

    async fn handle_supervisor_evt(
        &self,
        _: ActorRef<Self::Msg>,
        event: SupervisionEvent,
        state: &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        if let SupervisionEvent::ActorFailed(_, error) = event {
            state.failed = Some(EngineError::ShardDied { cause: error.to_string() });
        }
        state.answer_if_ready()
    }
}

impl TenantState {
    fn ask(
        &mut self,
        at: SimTime,
        changes: &[(ChangeIx, Subject)],
        wanted: Vec<Wanted>,
        reply: RpcReplyPort<Result<Verdicts, EngineError>>,
    ) -> Result<(), ActorProcessingErr> {
        let world = self.world.clone();
        self.reveal(at.just_before())?;
        for (change, subject) in changes {
            self.tenant.change_directory(&world, *change, *subject, at);
        }
        self.reveal(at)?;
        for (change, subject) in changes {
            let mut changed = Vec::new();
            self.tenant.change_phone(&world, *change, *subject, |device, change, key| {
                changed.push((device, Input::Change(change, key)));
            });
            for (device, input) in changed {
                self.shard_of(device).cast(ShardMessage::Feed(Feed::Input { device, at, input: Box::new(input) }))?;
            }
        }
        self.judge(at, wanted, reply)
    }

    /// Makes visible what is due, and sends what follows from it.
    fn reveal(&mut self, at: SimTime) -> Result<(), ActorProcessingErr> {
        let mut out = Vec::new();
        self.tenant.advance(&self.world.clone(), at, &mut out);
        for fan_out in out {
            self.fan_out(fan_out);
        }
        self.hand_over()
    }

    fn quiet(&mut self, until: SimTime) -> Result<(), ActorProcessingErr> {
        let closed = until.min(self.world.horizon).just_before();
        self.reveal(closed)?;
        self.closed = closed;
        self.publish(closed.min(self.options.clock.now()));
        for shard in &self.shards {
            shard.cast(ShardMessage::Feed(Feed::Closed(closed)))?;
        }
        Ok(())
    }

    /// Puts a fan-out where it is to go when all that is asked at this moment is answered: see [`TenantState::hand_over`].
    pub(super) fn fan_out(&mut self, fan_out: FanOut) {
        let fan_out = Arc::new(fan_out);
        let pairs = match &fan_out.audience {
            Audience::One { .. } => 1,
            Audience::Many(crowd) => crowd.pairs() - crowd.reopened.len(),
        };
        self.pairs_sent += pairs;
        if self.options.watched {
            self.sent.resize(self.sent.len().max(fan_out.message.ix.at() + 1), 0);
            self.sent[fan_out.message.ix.at()] += pairs;
        }
        match &fan_out.audience {
            Audience::One { device, .. } => {
                let shard = self.shard_index(*device);
                self.fanning_out += 1;
                self.outbox[shard].push(Feed::FanOut(fan_out));
            }
            Audience::Many(_) => {
                self.fanning_out += self.outbox.len();
                self.outbox.iter_mut().for_each(|feeds| feeds.push(Feed::FanOut(fan_out.clone())));
            }
        }
    }

    /// Feeds the shards what there is for them.
    pub(super) fn hand_over(&mut self) -> Result<(), ActorProcessingErr> {
        for (shard, feeds) in self.shards.iter().zip(&mut self.outbox).filter(|(_, feeds)| !feeds.is_empty()) {
            shard.cast(ShardMessage::FanOuts(std::mem::take(feeds)))?;
        }
        Ok(())
    }

    fn give(&mut self, feed: Feed) -> Result<(), ActorProcessingErr> {
        if let Feed::Input { device, .. } = feed {
            self.shard_of(device).cast(ShardMessage::Feed(feed))?;
        }
        Ok(())
    }

    /// Tells those who watch how far it is, and the shards that time goes on.
    fn observe(&mut self) -> Result<(), ActorProcessingErr> {
        self.publish(self.options.clock.now().min(self.closed));
        for shard in &self.shards {
            shard.cast(ShardMessage::Beat)?;
        }
        Ok(())
    }

    /// Hands over what Prometheus shall see of the tenant at `now`.
    pub(super) fn publish(&mut self, now: SimTime) {
        let Some(meters) = &self.options.meters else { return };
        for (at, (slowed, known)) in self.tenant.changes_slowed().iter().zip(&mut self.slowed).enumerate() {
            if slowed > known {
                self.batch.touched(FaultIx(at as u32), slowed - *known);
                *known = *slowed;
            }
        }
        meters.add(&self.batch);
        self.batch.clear();
        meters.set(&moment(&self.world, &self.tenant, &self.options, now));
    }

    pub(super) fn shard_index(&self, device: DeviceIx) -> usize {
        (device.0 / self.share) as usize
    }

    fn shard_of(&self, device: DeviceIx) -> &ActorRef<ShardMessage> {
        &self.shards[self.shard_index(device)]
    }

    /// Collects the books of all shards, beside the mailbox: shards go on telling the tenant things meanwhile.
    fn finish(
        &mut self,
        at: SimTime,
        reply: RpcReplyPort<Result<Books, EngineError>>,
    ) -> Result<(), ActorProcessingErr> {
        let mut waiting = Vec::with_capacity(self.shards.len());
        for shard in &self.shards {
            let (sender, receiver) = tokio::sync::oneshot::channel();
            shard.cast(ShardMessage::Finish { at, reply: sender.into() })?;
            waiting.push(receiver);
        }
        let mut whole = Books {
            tally: Tally::new(&self.world),
            pairs_sent: self.pairs_sent,
            changes_slowed: self.tenant.changes_slowed().to_vec(),
            struck: Some(vec![0; self.world.faults.len()]),
            lag: Vec::new(),
            restarts: super::books::Restarts::default(),
            fates: None,
        };
        let meters = self.options.meters.clone().map(|meters| (meters, Batch::new(&self.world, self.shards.len())));
        tokio::spawn(async move {
            let mut result = Ok(());
            for receiver in waiting {
                match receiver.await {
                    Ok(Ok(part)) => whole.add(part),
                    Ok(Err(error)) => result = Err(error),
                    Err(_) => result = Err(EngineError::ShardDied { cause: "it left no books".into() }),
                }
            }
            if let (Some((meters, mut batch)), Ok(())) = (meters, &result) {
                batch.set_out(whole.astray());
                meters.add(&batch);
            }
            let _ = reply.send(result.map(|()| whole));
        });
        Ok(())
    }
}

fn moment(world: &World, tenant: &Tenant, options: &Options, now: SimTime) -> Moment {
    let (faults, gateways_down) = Fault::standing(&world.faults, now);
    Moment {
        model_time: now,
        speed_thousandths: options.clock.times(),
        group_quota: tenant.group_quota(now),
        faults,
        gateways_down,
    }
}
