//! How the tenant's actor takes postings: all that are asked at one moment are judged, reserved, admitted and answered together.
//! It asks `rules` for every decision.

use ractor::{ActorProcessingErr, RpcReplyPort};

use super::EngineError;
use super::messages::{Reservation, ShardMessage};
use super::options::FAN_OUTS_MAX;
use super::tenant::TenantState;
use crate::rules::ids::MessageIx;
use crate::rules::message::{Refusal, Stamp};
use crate::rules::posting::Posting;
use crate::rules::time::SimTime;
use crate::rules::world::{MessageKind, Send, Target, World};

/// What the tenant says to postings, in their order.
pub type PostingAnswers = Vec<Result<MessageIx, Refusal>>;

/// Postings that were asked and are not answered yet.
pub(super) struct Posted {
    at: SimTime,
    postings: Vec<(Send, Result<(), Refusal>)>,
    answers: PostingAnswers,
    missing: usize,
    reply: RpcReplyPort<Result<PostingAnswers, EngineError>>,
}

impl Posted {
    /// What devices said to reservations, by place.
    pub(super) fn reserved(&mut self, answers: Vec<(usize, Result<(), Refusal>)>) {
        for (place, answer) in answers {
            self.missing -= 1;
            self.postings[place].1 = answer;
        }
    }

    /// The run was given up, and nobody need wait any longer.
    pub(super) fn fail(self, error: EngineError) {
        let _ = self.reply.send(Err(error));
    }
}

impl TenantState {
    /// Judges postings at `at`, and asks their devices for slots.
    pub(super) fn post(
        &mut self,
        at: SimTime,
        postings: Vec<Posting>,
        reply: RpcReplyPort<Result<PostingAnswers, EngineError>>,
    ) -> Result<(), ActorProcessingErr> {
        self.reveal(at)?;
        let world = self.world.clone();
        let mut wanted: Vec<Vec<Reservation>> = vec![Vec::new(); self.shards.len()];
        let mut judged = Vec::with_capacity(postings.len());
        let mut missing = 0;
        for (place, posting) in postings.into_iter().enumerate() {
            let device = posting.device();
            let send = posting.into_send();
            let judgement = self.tenant.judge(&world, &send, device);
            if let (Ok(()), Some(device)) = (judgement, device) {
                let group_messages = self.tenant.counted_for(device, at);
                wanted[self.shard_index(device)].push(Reservation { device, at, attempt: place, group_messages });
                missing += 1;
            }
            judged.push((send, judgement));
        }
        for (shard, wanted) in self.shards.iter().zip(wanted) {
            if !wanted.is_empty() {
                shard.cast(ShardMessage::Reserve(wanted))?;
            }
        }
        self.posted = Some(Posted { at, answers: Vec::with_capacity(judged.len()), postings: judged, missing, reply });
        Ok(())
    }

    /// Admits and answers postings, once every reservation has come back and the shards keep up.
    pub(super) fn answer_postings_if_ready(&mut self) -> Result<(), ActorProcessingErr> {
        let Some(mut posted) = self.posted.take_if(|posted| posted.missing == 0) else { return Ok(()) };
        while posted.answers.len() < posted.postings.len() {
            if self.fanning_out >= FAN_OUTS_MAX {
                self.posted = Some(posted);
                return Ok(());
            }
            let (send, judgement) = &posted.postings[posted.answers.len()];
            let answer = match *judgement {
                Ok(()) => self.admit_posting(send, posted.at)?,
                Err(refusal) => Err(refusal),
            };
            let kind = match send.target {
                Target::Groups(_) => MessageKind::Group,
                Target::Devices { .. } => MessageKind::Device,
            };
            match answer {
                Ok(_) => self.batch.message_accepted(kind),
                Err(refusal) => self.batch.message_refused(kind, refusal.reason),
            }
            posted.answers.push(answer);
        }
        let _ = posted.reply.send(Ok(posted.answers));
        self.publish(posted.at);
        Ok(())
    }

    fn admit_posting(&mut self, send: &Send, at: SimTime) -> Result<Result<MessageIx, Refusal>, ActorProcessingErr> {
        let number = self.postings_accepted;
        let occurrence = u32::try_from(number).unwrap_or(u32::MAX);
        let stamp = Stamp { send: World::POSTED, occurrence, key: Posting::key(number) };
        let device = match &send.target {
            Target::Devices { devices, .. } => devices.first().copied(),
            Target::Groups(_) => None,
        };
        let admitted = self.tenant.admit(&self.world.clone(), stamp, device, &send.target, at);
        match admitted {
            Ok(fan_out) => {
                let message = fan_out.message.ix;
                self.postings_accepted += 1;
                self.fan_out(fan_out)?;
                Ok(Ok(message))
            }
            Err(refusal) => Ok(Err(refusal)),
        }
    }
}
