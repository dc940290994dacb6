//! A tenant while its actor runs: the model's tenant, its shards, the request in progress and the figures. Asks `rules` for every
//! decision and must make none.

use std::sync::Arc;

use ractor::{ActorId, ActorProcessingErr, ActorRef, RpcReplyPort};
use tokio::sync::oneshot;

use super::admission::Admission;
use super::fan_outs::FanOuts;
use super::messages::{TenantMessage, TenantQuery, Verdicts};
use super::requested_message::RequestedMessage;
use super::supervisor::ShardSupervisor;
use crate::engine::EngineError;
use crate::engine::options::EngineOptions;
use crate::engine::phone::turn::Reservation;
use crate::engine::shard::messages::{Feed, ShardCommand};
use crate::engine::totals::{Restarts, RunTotals};
use crate::metrics::{ActorKind, EngineGauges, MetricsBatch};
use crate::rules::base::ids::{ChangeIx, FaultIx, MessageIx};
use crate::rules::base::time::SimTime;
use crate::rules::counting::counts::RunCounts;
use crate::rules::delivery::device::DeviceInput;
use crate::rules::faults::fault::Fault;
use crate::rules::model::change::Subject;
use crate::rules::model::world::World;
use crate::rules::sending::tenant::Tenant;
use crate::rules::service::message::Refusal;

/// A tenant while its actor runs.
pub(crate) struct TenantState {
    world: Arc<World>,
    options: EngineOptions,
    tenant: Tenant,
    shards: ShardSupervisor,
    admission: Admission,
    fan_outs: FanOuts,
    postings_accepted: u64,
    /// The watermark.
    closed: SimTime,
    /// For each fault, the directory changes it slowed that have been published.
    slowed: Vec<u64>,
    batch: MetricsBatch,
    failed: Option<EngineError>,
}

impl TenantState {
    pub(super) fn new(world: Arc<World>, options: EngineOptions, tenant: Tenant, shards: ShardSupervisor) -> Self {
        let mut batch = MetricsBatch::new(&world, shards.len());
        batch.activated(ActorKind::Tenant, 1);
        batch.activated(ActorKind::Shard, shards.len() as u32);
        Self {
            slowed: vec![0; world.faults.len()],
            fan_outs: if options.watched { FanOuts::watched() } else { FanOuts::default() },
            world,
            options,
            tenant,
            shards,
            admission: Admission::default(),
            postings_accepted: 0,
            closed: SimTime::ZERO,
            batch,
            failed: None,
        }
    }

    /// Handles a message, and what has become possible with it.
    pub(super) fn handle(&mut self, message: TenantMessage, myself: &ActorRef<TenantMessage>) {
        match message {
            TenantMessage::Ask { at, changes, wanted, until, reply } => {
                self.change(at, &changes);
                self.judge(at, wanted.into_iter().map(|wanted| (at, wanted)).collect(), until, reply);
            }
            TenantMessage::AskAgain { wanted, reply } => {
                let last = wanted.last().map_or(self.closed, |(at, _)| *at);
                self.judge(last, wanted, None, reply);
            }
            TenantMessage::Query(query) => self.answer(query),
            TenantMessage::Give(feed) => self.give(feed),
            TenantMessage::Quiet(until) => self.quiet(until),
            TenantMessage::Observe => self.observe(),
            TenantMessage::Reserved(answers) => self.admission.reserved(answers),
            TenantMessage::FannedOut(fan_outs) => self.fan_outs.handed_out(fan_outs),
            TenantMessage::LeftOut(pairs) => self.fan_outs.left_out(pairs),
            TenantMessage::Halt => self.shards.send_all(|| ShardCommand::Halt),
            TenantMessage::Failed(failed) => self.failed = Some(failed),
            TenantMessage::Cut(at) => self.shards.send_all(|| ShardCommand::Cut(at)),
            TenantMessage::Finish { at, reply } => self.finish(at, reply, myself),
            TenantMessage::Collected { totals, reply } => self.collected(totals, reply),
        }
        self.proceed();
    }

    /// A shard's actor has died.
    pub(super) async fn shard_died(
        &mut self,
        dead: ActorId,
        error: ActorProcessingErr,
        myself: &ActorRef<TenantMessage>,
    ) -> Result<(), ActorProcessingErr> {
        self.failed = self.shards.restart_or_fail(dead, error, myself).await?.or(self.failed.take());
        self.proceed();
        Ok(())
    }

    /// Answers the request if that is possible now, and sends the shards their commands.
    pub(super) fn proceed(&mut self) {
        self.answer_if_ready();
        self.shards.hand_over();
    }

    // --- requests

    /// Makes the changes of a request.
    fn change(&mut self, at: SimTime, changes: &[(ChangeIx, Subject)]) {
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
                self.give(Feed::Input { device, at, input: Box::new(input) });
            }
        }
    }

    /// Judges the messages of a request, the last of which is at `last`, and requests slots of the quotas of their devices.
    fn judge(
        &mut self,
        last: SimTime,
        wanted: Vec<(SimTime, RequestedMessage)>,
        until: Option<SimTime>,
        reply: RpcReplyPort<Result<Verdicts, EngineError>>,
    ) {
        let mut slots: Vec<Vec<Reservation>> = vec![Vec::new(); self.shards.len()];
        let mut judged = Vec::with_capacity(wanted.len());
        let mut missing = 0;
        for (attempt, (at, wanted)) in wanted.into_iter().enumerate() {
            let device = wanted.device();
            let judgement = match &wanted {
                RequestedMessage::Attempt(_) | RequestedMessage::Posting(_) => {
                    self.tenant.judge(&self.world, wanted.send(&self.world), device)
                }
                RequestedMessage::Accepted(_) => Ok(()),
            };
            if let (Ok(()), Some(device)) = (judgement, device) {
                let group_messages = self.tenant.counted_for(device, at);
                slots[self.shards.of(device)].push(Reservation { device, at, attempt, group_messages });
                missing += 1;
            }
            judged.push((at, wanted, judgement));
        }
        for (shard, slots) in slots.into_iter().enumerate() {
            if !slots.is_empty() {
                self.shards.send(shard, ShardCommand::Reserve(slots));
            }
        }
        self.admission.begin(last, judged, missing, until, reply);
    }

    /// Admits and answers the messages of the request, once no reservation is missing and as far as the shards keep up.
    fn answer_if_ready(&mut self) {
        if let Some(failed) = &self.failed {
            self.admission.fail(failed);
            return;
        }
        let Some(mut pending) = self.admission.take_ready() else { return };
        while let Some((at, wanted, judgement)) = pending.next() {
            if self.fan_outs.are_full() {
                self.admission.put_back(pending);
                return;
            }
            if wanted.is_repeated() && at > self.closed + 1 {
                self.close_before(at);
            }
            let answer = match judgement {
                Ok(()) => self.admit(wanted, at),
                Err(refusal) => Err(refusal),
            };
            match answer {
                Ok(_) => self.batch.message_accepted(wanted.kind()),
                Err(refusal) => self.batch.message_refused(wanted.kind(), refusal.reason),
            }
            pending.answer(answer);
        }
        if let Some(until) = pending.quiet_until() {
            self.quiet(until);
        }
        // A client that has the answer may ask a shard at once.
        self.shards.hand_over();
        let last = pending.last;
        pending.reply();
        self.publish(last);
    }

    fn admit(&mut self, wanted: &RequestedMessage, at: SimTime) -> Result<MessageIx, Refusal> {
        let stamp = wanted.stamp(self.postings_accepted);
        let target = &wanted.send(&self.world).target;
        let fan_out = self.tenant.admit(&self.world, stamp, wanted.device(), target, at)?;
        let message = fan_out.message.ix;
        self.postings_accepted += u64::from(!matches!(wanted, RequestedMessage::Attempt(_)));
        self.fan_outs.send(fan_out, &mut self.shards);
        Ok(message)
    }

    // --- the shards' inputs

    /// Makes visible what is due, and sends what follows from it.
    fn reveal(&mut self, at: SimTime) {
        let mut out = Vec::new();
        self.tenant.advance(&self.world, at, &mut out);
        for fan_out in out {
            self.fan_outs.send(fan_out, &mut self.shards);
        }
    }

    /// Closes everything before `until`, and publishes figures.
    fn quiet(&mut self, until: SimTime) {
        self.close_before(until);
        self.publish(self.closed.min(self.options.clock.now()));
    }

    fn close_before(&mut self, until: SimTime) {
        let closed = until.min(self.world.horizon).just_before();
        self.reveal(closed);
        self.closed = closed;
        self.shards.send_all(|| ShardCommand::Feed(Feed::Closed(closed)));
    }

    fn give(&mut self, feed: Feed) {
        if let Feed::Input { device, .. } = feed {
            self.shards.send(self.shards.of(device), ShardCommand::Feed(feed));
        }
    }

    // --- what the tenant reports

    /// Answers a question. A client that has gone does not receive it.
    fn answer(&self, query: TenantQuery) {
        match query {
            TenantQuery::Shards { reply } => drop(reply.send(self.shards.inboxes())),
            TenantQuery::PairsSent { messages, reply } => {
                drop(reply.send(messages.iter().map(|message| self.fan_outs.pairs_of(*message)).collect()));
            }
            TenantQuery::ChangesSlowed { reply } => drop(reply.send(self.tenant.changes_slowed().to_vec())),
            TenantQuery::HandedOver { reply } => drop(reply.send(())),
            TenantQuery::Project(project) => project(&self.tenant),
        }
    }

    /// Publishes figures, and gives the shards a tick.
    fn observe(&mut self) {
        self.publish(self.options.clock.now().min(self.closed));
        self.shards.send_all(|| ShardCommand::Tick);
    }

    /// Publishes the tenant's figures at `now` for Prometheus.
    fn publish(&mut self, now: SimTime) {
        let Some(meters) = &self.options.meters else { return };
        for (at, (slowed, known)) in self.tenant.changes_slowed().iter().zip(&mut self.slowed).enumerate() {
            if slowed > known {
                self.batch.touched(FaultIx(at as u32), slowed - *known);
                *known = *slowed;
            }
        }
        meters.add(&self.batch);
        self.batch.clear();
        meters.set(&gauges(&self.world, &self.tenant, &self.options, now));
    }

    /// Collects the totals of all shards in a task of its own, because shards send the tenant messages meanwhile.
    fn finish(
        &mut self,
        at: SimTime,
        reply: RpcReplyPort<Result<RunTotals, EngineError>>,
        myself: &ActorRef<TenantMessage>,
    ) {
        let mut waiting = Vec::with_capacity(self.shards.len());
        self.shards.send_all(|| {
            let (sender, receiver) = oneshot::channel();
            waiting.push(receiver);
            ShardCommand::Finish { at, reply: sender.into() }
        });
        let whole = RunTotals {
            counts: RunCounts::new(&self.world),
            pairs_sent: self.fan_outs.pairs_sent(),
            changes_slowed: self.tenant.changes_slowed().to_vec(),
            struck: Some(vec![0; self.world.faults.len()]),
            lag: Vec::new(),
            restarts: Restarts::default(),
            fates: None,
        };
        let myself = myself.clone();
        tokio::spawn(async move {
            let totals = sum(whole, waiting).await.map(Box::new);
            // The tenant may have been closed.
            let _ = myself.cast(TenantMessage::Collected { totals, reply });
        });
    }

    /// Replies with the totals of all shards, unless the run has failed meanwhile.
    fn collected(
        &self,
        totals: Result<Box<RunTotals>, EngineError>,
        reply: RpcReplyPort<Result<RunTotals, EngineError>>,
    ) {
        let totals = match &self.failed {
            Some(failed) => Err(failed.clone()),
            // Every shard reported the pairs that it left out before it sent its totals.
            None => totals.map(|totals| {
                let pairs_sent = totals.pairs_sent - self.fan_outs.pairs_left_out();
                RunTotals { pairs_sent, ..*totals }
            }),
        };
        if let (Some(meters), Ok(totals)) = (&self.options.meters, &totals) {
            let mut batch = MetricsBatch::new(&self.world, self.shards.len());
            batch.set_out(totals.conservation_error());
            meters.add(&batch);
        }
        let _ = reply.send(totals);
    }
}

/// Adds the totals of all shards to `whole`.
async fn sum(
    mut whole: RunTotals,
    shards: Vec<oneshot::Receiver<Result<RunTotals, EngineError>>>,
) -> Result<RunTotals, EngineError> {
    let mut failed = Ok(());
    for totals in shards {
        match totals.await {
            Ok(Ok(part)) => whole.add(part),
            Ok(Err(error)) => failed = Err(error),
            Err(_) => failed = Err(EngineError::ShardDied { cause: "it left no totals".into() }),
        }
    }
    failed.map(|()| whole)
}

fn gauges(world: &World, tenant: &Tenant, options: &EngineOptions, now: SimTime) -> EngineGauges {
    let (faults, gateways_down) = Fault::standing(&world.faults, now);
    EngineGauges {
        model_time: now,
        speed_thousandths: options.clock.times(),
        group_quota: tenant.group_quota(now),
        faults,
        gateways_down,
    }
}
