//! How the tenant's actor takes what it is asked at one moment, by a scenario or by callers: all of it is judged, reserved,
//! admitted and answered together. It asks `rules` for every decision.

use ractor::RpcReplyPort;

use super::actor::TenantState;
use crate::engine::EngineError;
use crate::engine::messages::{Reservation, ShardCommand, Verdicts};
use crate::engine::options::FAN_OUTS_MAX;
use crate::rules::base::ids::{DeviceIx, MessageIx};
use crate::rules::base::time::SimTime;
use crate::rules::model::send::{SendPlan, Target};
use crate::rules::model::world::World;
use crate::rules::service::message::{MessageKind, Refusal, Stamp};
use crate::rules::timeline::agenda::Attempt;
use crate::rules::timeline::posting::Posting;

/// A message that is asked for.
#[derive(Debug)]
pub(crate) enum RequestedMessage {
    /// By a scenario's send.
    Attempt(Attempt),
    /// By a caller, as a send of its own.
    Posting(Box<SendPlan>),
    /// By a caller before, who was given it: it is not judged again.
    Accepted(Box<SendPlan>),
}

/// What was asked and is not answered yet.
pub(crate) struct PendingRequest {
    at: SimTime,
    wanted: Vec<(RequestedMessage, Result<(), Refusal>)>,
    /// Answers so far, in order.
    answers: Verdicts,
    /// Reservations that have not come back.
    missing: usize,
    /// Nothing will be asked before this, if nothing is refused.
    until: Option<SimTime>,
    reply: RpcReplyPort<Result<Verdicts, EngineError>>,
}

impl From<Posting> for RequestedMessage {
    fn from(posting: Posting) -> Self {
        Self::Posting(Box::new(posting.into_send()))
    }
}

impl RequestedMessage {
    fn send<'a>(&'a self, world: &'a World) -> &'a SendPlan {
        match self {
            Self::Attempt(attempt) => &world.sends[attempt.send.at()],
            Self::Posting(send) | Self::Accepted(send) => send,
        }
    }

    /// The single target, if it has one.
    fn device(&self) -> Option<DeviceIx> {
        match self {
            Self::Attempt(attempt) => attempt.device,
            Self::Posting(send) | Self::Accepted(send) => match &send.target {
                Target::Devices { devices, .. } => devices.first().copied(),
                Target::Groups(_) => None,
            },
        }
    }

    fn kind(&self) -> MessageKind {
        if self.device().is_some() { MessageKind::Device } else { MessageKind::Group }
    }

    /// What it is called if it is accepted after so many postings.
    fn stamp(&self, postings_accepted: u64) -> Stamp {
        match self {
            Self::Attempt(attempt) => attempt.stamp(),
            Self::Posting(_) | Self::Accepted(_) => {
                let occurrence = u32::try_from(postings_accepted).unwrap_or(u32::MAX);
                Stamp { send: World::POSTED, occurrence, key: Posting::key(postings_accepted) }
            }
        }
    }
}

impl PendingRequest {
    /// The run was given up, and nobody need wait any longer.
    pub(crate) fn fail(self, error: EngineError) {
        let _ = self.reply.send(Err(error));
    }
}

impl TenantState {
    /// Judges messages at `at`, and asks their devices for slots.
    pub(crate) fn judge(
        &mut self,
        at: SimTime,
        wanted: Vec<RequestedMessage>,
        until: Option<SimTime>,
        reply: RpcReplyPort<Result<Verdicts, EngineError>>,
    ) {
        let world = self.world.clone();
        let mut slots: Vec<Vec<Reservation>> = vec![Vec::new(); self.staff.len()];
        let mut judged = Vec::with_capacity(wanted.len());
        let mut missing = 0;
        for (attempt, wanted) in wanted.into_iter().enumerate() {
            let device = wanted.device();
            let judgement = match &wanted {
                RequestedMessage::Attempt(_) | RequestedMessage::Posting(_) => {
                    self.tenant.judge(&world, wanted.send(&world), device)
                }
                RequestedMessage::Accepted(_) => Ok(()),
            };
            if let (Ok(()), Some(device)) = (judgement, device) {
                let group_messages = self.tenant.counted_for(device, at);
                slots[self.staff.with(device)].push(Reservation { device, at, attempt, group_messages });
                missing += 1;
            }
            judged.push((wanted, judgement));
        }
        for (shard, slots) in slots.into_iter().enumerate() {
            if !slots.is_empty() {
                self.staff.tell(shard, ShardCommand::Reserve(slots));
            }
        }
        let answers = Vec::with_capacity(judged.len());
        self.asked = Some(PendingRequest { at, wanted: judged, answers, missing, until, reply });
    }

    /// What devices said to reservations, by place.
    pub(crate) fn reserved(&mut self, answers: Vec<(usize, Result<(), Refusal>)>) {
        let Some(asked) = &mut self.asked else { return };
        for (place, answer) in answers {
            asked.missing -= 1;
            asked.wanted[place].1 = answer;
        }
    }

    /// Admits and answers what was asked, once every reservation has come back and the shards keep up.
    pub(super) fn answer_if_ready(&mut self) {
        if let Some(failed) = &self.failed {
            if let Some(asked) = self.asked.take() {
                asked.fail(failed.clone());
            }
            return;
        }
        let Some(mut asked) = self.asked.take_if(|asked| asked.missing == 0) else { return };
        while let Some((wanted, judgement)) = asked.wanted.get(asked.answers.len()) {
            if self.fanning_out >= FAN_OUTS_MAX {
                self.asked = Some(asked);
                return;
            }
            let answer = match *judgement {
                Ok(()) => self.admit(wanted, asked.at),
                Err(refusal) => Err(refusal),
            };
            match answer {
                Ok(_) => self.batch.message_accepted(wanted.kind()),
                Err(refusal) => self.batch.message_refused(wanted.kind(), refusal.reason),
            }
            asked.answers.push(answer);
        }
        if let Some(until) = asked.until.filter(|_| asked.answers.iter().all(Result::is_ok)) {
            self.quiet(until);
        }
        // Who has the answer may look at a shard at once.
        self.staff.hand_over();
        // Nobody waits for the answer of a run that was given up.
        let _ = asked.reply.send(Ok(asked.answers));
        self.publish(asked.at);
    }

    fn admit(&mut self, wanted: &RequestedMessage, at: SimTime) -> Result<MessageIx, Refusal> {
        let world = self.world.clone();
        let stamp = wanted.stamp(self.postings_accepted);
        let fan_out = self.tenant.admit(&world, stamp, wanted.device(), &wanted.send(&world).target, at)?;
        let message = fan_out.message.ix;
        self.postings_accepted += u64::from(!matches!(wanted, RequestedMessage::Attempt(_)));
        self.fan_out(fan_out);
        Ok(message)
    }
}
