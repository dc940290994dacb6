//! The actor of `rules/tenant.rs`, and the sequencer (T1): it answers what is asked, in order, and feeds the shards. It waits
//! for devices to reserve their slots and for shards to keep up, and decides nothing.

use std::sync::Arc;

use ractor::{Actor, ActorProcessingErr, ActorRef, RpcReplyPort, SupervisionEvent};

use super::admission::{PendingRequest, RequestedMessage};
use super::supervisor::ShardSupervisor;
use crate::engine::EngineError;
use crate::engine::messages::{Feed, ShardCommand, TenantMessage, Verdicts};
use crate::engine::options::EngineOptions;
use crate::engine::totals::RunTotals;
use crate::metrics::{ActorKind, EngineGauges, MetricsBatch};
use crate::rules::base::ids::{ChangeIx, FaultIx};
use crate::rules::base::time::SimTime;
use crate::rules::counting::counts::RunCounts;
use crate::rules::delivery::device::DeviceInput;
use crate::rules::faults::fault::Fault;
use crate::rules::model::change::Subject;
use crate::rules::model::world::World;
use crate::rules::sending::crowd::{Audience, FanOut};
use crate::rules::sending::tenant::Tenant;

/// See the file.
pub(crate) struct TenantActor;

/// What a tenant starts with.
pub(crate) struct TenantArguments {
    pub(crate) world: Arc<World>,
    pub(crate) options: EngineOptions,
}

/// A tenant while it lives.
pub(crate) struct TenantState {
    pub(crate) world: Arc<World>,
    pub(crate) tenant: Tenant,
    pub(crate) staff: ShardSupervisor,
    pub(crate) asked: Option<PendingRequest>,
    pub(super) postings_accepted: u64,
    /// Fan-outs that shards have not handed out yet.
    pub(super) fanning_out: usize,
    pairs_sent: u64,
    /// Those of them that shards have left out since the run was halted.
    pairs_left_out: u64,
    /// By message, if the tenant is watched.
    pub(crate) sent: Vec<u64>,
    closed: SimTime,
    /// For each fault, the directory changes it slowed that have been counted.
    slowed: Vec<u64>,
    options: EngineOptions,
    pub(crate) batch: MetricsBatch,
    pub(crate) failed: Option<EngineError>,
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
        let staff = ShardSupervisor::start(&world, &options, &myself).await?;
        let tenant = Tenant::unless_stopped(&world, &|| *options.stop.borrow());
        let mut batch = MetricsBatch::new(&world, staff.len());
        batch.activated(ActorKind::Tenant, 1);
        batch.activated(ActorKind::Shard, staff.len() as u32);
        let slowed = vec![0; world.faults.len()];
        Ok(TenantState {
            world,
            tenant,
            staff,
            asked: None,
            postings_accepted: 0,
            fanning_out: 0,
            pairs_sent: 0,
            pairs_left_out: 0,
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
        myself: ActorRef<Self::Msg>,
        message: Self::Msg,
        state: &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        match message {
            TenantMessage::Ask { at, changes, wanted, until, reply } => state.ask(at, &changes, wanted, until, reply),
            TenantMessage::Look(look) => look(state),
            TenantMessage::Give(feed) => state.give(feed),
            TenantMessage::Quiet(until) => state.quiet(until),
            TenantMessage::Observe => state.observe(),
            TenantMessage::Reserved(answers) => state.reserved(answers),
            TenantMessage::FannedOut(fan_outs) => state.fanning_out -= fan_outs,
            TenantMessage::LeftOut(pairs) => state.pairs_left_out += pairs,
            TenantMessage::Halt => state.staff.tell_all(|| ShardCommand::Halt),
            TenantMessage::Failed(failed) => state.failed = Some(failed),
            TenantMessage::Cut(at) => state.staff.tell_all(|| ShardCommand::Cut(at)),
            TenantMessage::Finish { at, reply } => state.finish(at, reply, &myself),
            TenantMessage::Collected { books, reply } => state.collected(books, reply),
        }
        state.answer_if_ready();
        state.staff.hand_over();
        Ok(())
    }

    async fn handle_supervisor_evt(
        &self,
        myself: ActorRef<Self::Msg>,
        event: SupervisionEvent,
        state: &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        if let SupervisionEvent::ActorFailed(dead, error) = event {
            state.failed = state.staff.bury(dead.get_id(), error, &myself).await?.or(state.failed.take());
        }
        state.answer_if_ready();
        state.staff.hand_over();
        Ok(())
    }
}

impl TenantState {
    fn ask(
        &mut self,
        at: SimTime,
        changes: &[(ChangeIx, Subject)],
        wanted: Vec<RequestedMessage>,
        until: Option<SimTime>,
        reply: RpcReplyPort<Result<Verdicts, EngineError>>,
    ) {
        let world = self.world.clone();
        self.reveal(at.just_before());
        for (change, subject) in changes {
            self.tenant.change_directory(&world, *change, *subject, at);
        }
        self.reveal(at);
        for (change, subject) in changes {
            let mut changed = Vec::new();
            self.tenant.change_phone(&world, *change, *subject, |device, change, key| {
                changed.push((device, DeviceInput::Change(change, key)));
            });
            for (device, input) in changed {
                let feed = Feed::Input { device, at, input: Box::new(input) };
                self.staff.tell(self.staff.with(device), ShardCommand::Feed(feed));
            }
        }
        self.judge(at, wanted, until, reply);
    }

    /// Makes visible what is due, and sends what follows from it.
    fn reveal(&mut self, at: SimTime) {
        let mut out = Vec::new();
        self.tenant.advance(&self.world.clone(), at, &mut out);
        for fan_out in out {
            self.fan_out(fan_out);
        }
    }

    pub(crate) fn quiet(&mut self, until: SimTime) {
        let closed = until.min(self.world.horizon).just_before();
        self.reveal(closed);
        self.closed = closed;
        self.publish(closed.min(self.options.clock.now()));
        self.staff.tell_all(|| ShardCommand::Feed(Feed::Closed(closed)));
    }

    pub(crate) fn fan_out(&mut self, fan_out: FanOut) {
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
                self.fanning_out += 1;
                self.staff.tell(self.staff.with(*device), ShardCommand::Feed(Feed::FanOut(fan_out)));
            }
            Audience::Many(_) => {
                self.fanning_out += self.staff.len();
                self.staff.tell_all(|| ShardCommand::Feed(Feed::FanOut(fan_out.clone())));
            }
        }
    }

    fn give(&mut self, feed: Feed) {
        if let Feed::Input { device, .. } = feed {
            self.staff.tell(self.staff.with(device), ShardCommand::Feed(feed));
        }
    }

    /// Tells those who watch how far it is, and the shards that time goes on.
    fn observe(&mut self) {
        self.publish(self.options.clock.now().min(self.closed));
        self.staff.tell_all(|| ShardCommand::Beat);
    }

    /// Hands over what Prometheus shall see of the tenant at `now`.
    pub(crate) fn publish(&mut self, now: SimTime) {
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

    /// Collects the books of all shards, beside the mailbox: shards go on telling the tenant things meanwhile.
    fn finish(
        &mut self,
        at: SimTime,
        reply: RpcReplyPort<Result<RunTotals, EngineError>>,
        myself: &ActorRef<TenantMessage>,
    ) {
        let mut waiting = Vec::with_capacity(self.staff.len());
        self.staff.tell_all(|| {
            let (sender, receiver) = tokio::sync::oneshot::channel();
            waiting.push(receiver);
            ShardCommand::Finish { at, reply: sender.into() }
        });
        let mut whole = RunTotals {
            counts: RunCounts::new(&self.world),
            pairs_sent: self.pairs_sent,
            changes_slowed: self.tenant.changes_slowed().to_vec(),
            struck: Some(vec![0; self.world.faults.len()]),
            lag: Vec::new(),
            restarts: crate::engine::totals::Restarts::default(),
            fates: None,
        };
        let myself = myself.clone();
        tokio::spawn(async move {
            let mut books = Ok(());
            for receiver in waiting {
                match receiver.await {
                    Ok(Ok(part)) => whole.add(part),
                    Ok(Err(error)) => books = Err(error),
                    Err(_) => books = Err(EngineError::ShardDied { cause: "it left no books".into() }),
                }
            }
            let books = books.map(|()| Box::new(whole));
            // Nobody waits for the books of a tenant that was closed.
            let _ = myself.cast(TenantMessage::Collected { books, reply });
        });
    }

    /// Hands over the books of all shards, unless something has failed meanwhile.
    fn collected(
        &self,
        books: Result<Box<RunTotals>, EngineError>,
        reply: RpcReplyPort<Result<RunTotals, EngineError>>,
    ) {
        let books = match &self.failed {
            Some(failed) => Err(failed.clone()),
            // What shards have left out they have told before they handed over their books.
            None => books.map(|books| RunTotals { pairs_sent: books.pairs_sent - self.pairs_left_out, ..*books }),
        };
        if let (Some(meters), Ok(books)) = (&self.options.meters, &books) {
            let mut batch = MetricsBatch::new(&self.world, self.staff.len());
            batch.set_out(books.conservation_error());
            meters.add(&batch);
        }
        let _ = reply.send(books);
    }
}

fn moment(world: &World, tenant: &Tenant, options: &EngineOptions, now: SimTime) -> EngineGauges {
    let (faults, gateways_down) = Fault::standing(&world.faults, now);
    EngineGauges {
        model_time: now,
        speed_thousandths: options.clock.times(),
        group_quota: tenant.group_quota(now),
        faults,
        gateways_down,
    }
}
