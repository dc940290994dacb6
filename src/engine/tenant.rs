//! The actor of `rules/tenant.rs`, and the sequencer (T1): it answers what is asked, in order, and feeds the shards. It waits
//! for devices to reserve their slots and for shards to keep up, and decides nothing.

use std::sync::Arc;

use ractor::{Actor, ActorProcessingErr, ActorRef, RpcReplyPort, SupervisionEvent};

use super::EngineError;
use super::books::Books;
use super::messages::{Answers, Feed, Reservation, ShardMessage, TenantMessage};
use super::options::{FAN_OUTS_MAX, Options};
use super::postings::Posted;
use super::shard::{ShardActor, ShardArguments};
use crate::metrics::{ActorKind, Batch, Moment};
use crate::rules::agenda::{Attempt, Due};
use crate::rules::crowd::{Audience, FanOut};
use crate::rules::device::Input;
use crate::rules::fault::Fault;
use crate::rules::ids::{DeviceIx, FaultIx, MessageIx};
use crate::rules::message::Refusal;
use crate::rules::tally::Tally;
use crate::rules::tenant::Tenant;
use crate::rules::time::SimTime;
use crate::rules::world::World;

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
    share: u32,
    asked: Option<Asked>,
    pub(super) posted: Option<Posted>,
    pub(super) postings_accepted: u64,
    /// Fan-outs that shards have not handed out yet.
    pub(super) fanning_out: usize,
    pairs_sent: u64,
    closed: SimTime,
    /// For each fault, the directory changes it slowed that have been counted.
    slowed: Vec<u64>,
    options: Options,
    pub(super) batch: Batch,
    failed: Option<EngineError>,
}

/// What was asked and is not answered yet.
struct Asked {
    at: SimTime,
    attempts: Vec<(Attempt, Step)>,
    /// How many of them are answered, in order.
    answered: usize,
    missing: usize,
    reply: RpcReplyPort<Result<Answers, EngineError>>,
}

/// How far an attempt has come.
enum Step {
    Judged(Result<(), Refusal>),
    Answered(Result<MessageIx, Refusal>),
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
            shards: actors,
            share,
            asked: None,
            posted: None,
            postings_accepted: 0,
            fanning_out: 0,
            pairs_sent: 0,
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
            TenantMessage::Ask { at, due, reply } => state.ask(at, due, reply)?,
            TenantMessage::Post { at, postings, reply } => state.post(at, postings, reply)?,
            TenantMessage::Look(look) => look(&state.tenant),
            TenantMessage::Quiet(until) => state.quiet(until)?,
            TenantMessage::Observe => state.observe()?,
            TenantMessage::Reserved(answers) => state.reserved(answers),
            TenantMessage::FannedOut => state.fanning_out -= 1,
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
        due: Due,
        reply: RpcReplyPort<Result<Answers, EngineError>>,
    ) -> Result<(), ActorProcessingErr> {
        let world = self.world.clone();
        self.reveal(at.just_before())?;
        for (change, subject) in &due.changes {
            self.tenant.change_directory(&world, *change, *subject, at);
        }
        self.reveal(at)?;
        for (change, subject) in &due.changes {
            let mut changed = Vec::new();
            self.tenant.change_phone(&world, *change, *subject, |device, change, key| {
                changed.push((device, Input::Change(change, key)));
            });
            for (device, input) in changed {
                self.shard_of(device).cast(ShardMessage::Feed(Feed::Input { device, at, input }))?;
            }
        }
        let mut wanted: Vec<Vec<Reservation>> = vec![Vec::new(); self.shards.len()];
        let mut missing = 0;
        let mut attempts = Vec::with_capacity(due.attempts.len());
        for (attempt, asked) in due.attempts.into_iter().enumerate() {
            let judged = self.tenant.judge(&world, &world.sends[asked.send.at()], asked.device);
            if let (Ok(()), Some(device)) = (judged, asked.device) {
                let group_messages = self.tenant.counted_for(device, at);
                wanted[self.shard_index(device)].push(Reservation { device, at, attempt, group_messages });
                missing += 1;
            }
            attempts.push((asked, Step::Judged(judged)));
        }
        for (shard, wanted) in self.shards.iter().zip(wanted) {
            if !wanted.is_empty() {
                shard.cast(ShardMessage::Reserve(wanted))?;
            }
        }
        self.asked = Some(Asked { at, attempts, answered: 0, missing, reply });
        Ok(())
    }

    fn reserved(&mut self, answers: Vec<(usize, Result<(), Refusal>)>) {
        if let Some(posted) = &mut self.posted {
            return posted.reserved(answers);
        }
        let Some(asked) = &mut self.asked else { return };
        for (attempt, answer) in answers {
            asked.missing -= 1;
            asked.attempts[attempt].1 = Step::Judged(answer);
        }
    }

    /// Admits and answers what was asked, once every reservation has come back and the shards keep up.
    fn answer_if_ready(&mut self) -> Result<(), ActorProcessingErr> {
        if let Some(failed) = &self.failed {
            if let Some(asked) = self.asked.take() {
                // Nobody waits for the answer of a run that was given up.
                let _ = asked.reply.send(Err(failed.clone()));
            }
            if let Some(posted) = self.posted.take() {
                posted.fail(failed.clone());
            }
            return Ok(());
        }
        self.answer_postings_if_ready()?;
        let Some(mut asked) = self.asked.take_if(|asked| asked.missing == 0) else { return Ok(()) };
        for at in asked.answered..asked.attempts.len() {
            asked.answered = at;
            if self.fanning_out >= FAN_OUTS_MAX {
                self.asked = Some(asked);
                return Ok(());
            }
            let (attempt, step) = &asked.attempts[at];
            if let Step::Judged(judged) = step {
                let answer = match *judged {
                    Ok(()) => self.admit(*attempt, asked.at)?,
                    Err(refusal) => Err(refusal),
                };
                match answer {
                    Ok(_) => self.batch.message_accepted(attempt.kind()),
                    Err(refusal) => self.batch.message_refused(attempt.kind(), refusal.reason),
                }
                asked.attempts[at].1 = Step::Answered(answer);
            }
        }
        let answers = asked.attempts.into_iter().filter_map(|(attempt, step)| match step {
            Step::Answered(answer) => Some((attempt, answer)),
            Step::Judged(_) => None,
        });
        let _ = asked.reply.send(Ok(answers.collect()));
        self.publish(asked.at);
        Ok(())
    }

    fn admit(&mut self, attempt: Attempt, at: SimTime) -> Result<Result<MessageIx, Refusal>, ActorProcessingErr> {
        let world = self.world.clone();
        let admitted =
            self.tenant.admit(&world, attempt.stamp(), attempt.device, &world.sends[attempt.send.at()].target, at);
        match admitted {
            Ok(fan_out) => {
                let message = fan_out.message.ix;
                self.fan_out(fan_out)?;
                Ok(Ok(message))
            }
            Err(refusal) => Ok(Err(refusal)),
        }
    }

    /// Makes visible what is due, and sends what follows from it.
    pub(super) fn reveal(&mut self, at: SimTime) -> Result<(), ActorProcessingErr> {
        let mut out = Vec::new();
        self.tenant.advance(&self.world.clone(), at, &mut out);
        out.into_iter().try_for_each(|fan_out| self.fan_out(fan_out))
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

    pub(super) fn fan_out(&mut self, fan_out: FanOut) -> Result<(), ActorProcessingErr> {
        let fan_out = Arc::new(fan_out);
        match &fan_out.audience {
            Audience::One { device, .. } => {
                self.pairs_sent += 1;
                self.fanning_out += 1;
                self.shard_of(*device).cast(ShardMessage::Feed(Feed::FanOut(fan_out.clone())))?;
            }
            Audience::Many(crowd) => {
                self.pairs_sent += crowd.pairs() - crowd.reopened.len();
                for shard in &self.shards {
                    self.fanning_out += 1;
                    shard.cast(ShardMessage::Feed(Feed::FanOut(fan_out.clone())))?;
                }
            }
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
