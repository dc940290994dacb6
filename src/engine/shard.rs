//! A shard's actor: owns the records of its devices, their timers and who of them is resident; hands inputs to device actors
//! in order, and applies each turn once. It keeps an input until its turn is applied, so that no death loses anything.

use std::collections::VecDeque;
use std::sync::Arc;

use ractor::{Actor, ActorProcessingErr, ActorRef, RpcReplyPort, SupervisionEvent};
use tokio::sync::oneshot;

use super::books::Books;
use super::desk::Desk;
use super::device::died;
use super::fan_out::Sweep;
use super::messages::{Feed, ShardMessage, TenantMessage};
use super::options::Options;
use crate::rules::crowd::FanOut;
use crate::rules::time::SimTime;
use crate::rules::world::World;

/// See the file.
pub(crate) struct ShardActor;

/// What a shard starts with.
pub(crate) struct ShardArguments {
    pub(crate) world: Arc<World>,
    pub(crate) options: Options,
    /// Which of the shards, from 0.
    pub(crate) shard: usize,
    /// Its devices: from, to.
    pub(crate) devices: (u32, u32),
    pub(crate) resident_max: usize,
    pub(crate) tenant: ActorRef<TenantMessage>,
}

/// A shard while it lives.
pub(crate) struct ShardState {
    inbox: VecDeque<Feed>,
    /// The fan-outs that are being handed out.
    sweep: Option<Sweep>,
    closed: SimTime,
    /// Who wants to know when nothing is left that may happen now.
    waiting: Vec<oneshot::Sender<()>>,
    finish: Option<(SimTime, RpcReplyPort<Result<Books, super::EngineError>>)>,
    desk: Desk,
}

impl Actor for ShardActor {
    type Msg = ShardMessage;
    type State = ShardState;
    type Arguments = ShardArguments;

    async fn pre_start(
        &self,
        myself: ActorRef<Self::Msg>,
        arguments: Self::Arguments,
    ) -> Result<Self::State, ActorProcessingErr> {
        Ok(ShardState {
            inbox: VecDeque::new(),
            sweep: None,
            closed: SimTime::ZERO.just_before(),
            waiting: Vec::new(),
            finish: None,
            desk: Desk::new(arguments, myself),
        })
    }

    async fn handle(
        &self,
        _: ActorRef<Self::Msg>,
        message: Self::Msg,
        shard: &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        match message {
            ShardMessage::Feed(feed) => shard.inbox.push_back(feed),
            ShardMessage::FanOuts(feeds) => shard.inbox.extend(feeds),
            ShardMessage::Reserve(wanted) => wanted.into_iter().for_each(|wanted| shard.desk.reserve(wanted)),
            ShardMessage::Look(look) => look(&mut shard.desk),
            ShardMessage::CaughtUp(reply) => shard.waiting.push(reply),
            ShardMessage::Turned(turned) => shard.desk.turned(turned)?,
            ShardMessage::PortalDied { device, epoch } => shard.desk.portal_died(device, epoch),
            ShardMessage::Tick => shard.desk.woken(),
            ShardMessage::Beat => shard.desk.beat(),
            ShardMessage::Cut(at) => {
                if let Some((finish, _)) = &mut shard.finish {
                    *finish = at.min(*finish);
                }
            }
            ShardMessage::Finish { at, reply } => shard.finish = Some((at, reply)),
        }
        shard.work()
    }

    async fn handle_supervisor_evt(
        &self,
        _: ActorRef<Self::Msg>,
        event: SupervisionEvent,
        shard: &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        let Some(actor) = died(&event) else { return Ok(()) };
        shard.desk.device_died(actor);
        shard.work()
    }
}

impl ShardState {
    /// Goes on with everything there is room for: turns that are ready, then the inbox in order, then timers.
    fn work(&mut self) -> Result<(), ActorProcessingErr> {
        loop {
            self.desk.dispatch()?;
            if self.desk.is_full() {
                break;
            }
            let moved = self.next_input()? || self.desk.take_due(self.closed);
            if !moved {
                break;
            }
        }
        self.desk.sleep(self.closed);
        self.desk.publish(self.closed);
        self.finish_if_done();
        Ok(())
    }

    /// Takes the next of the inbox, or a part of it; false if there is nothing.
    fn next_input(&mut self) -> Result<bool, ActorProcessingErr> {
        if let Some(sweep) = &mut self.sweep {
            if !self.desk.hand_out(sweep) {
                self.closed = self.closed.max(sweep.until);
                self.desk.tenant.cast(TenantMessage::FannedOut(sweep.fan_outs.len()))?;
                self.sweep = None;
            }
            return Ok(true);
        }
        match self.inbox.pop_front() {
            None => return Ok(false),
            Some(Feed::Closed(at)) => {
                self.desk.lag.watermark_came(self.closed);
                self.closed = self.closed.max(at);
            }
            Some(Feed::Input { device, at, input }) => self.desk.give(device, at, *input, self.closed),
            Some(Feed::FanOut(fan_out)) => self.sweep = Some(self.sweep_from(fan_out)),
        }
        Ok(true)
    }

    /// This fan-out and those that follow it.
    fn sweep_from(&mut self, first: Arc<FanOut>) -> Sweep {
        let (mut fan_outs, mut until) = (vec![first], self.closed);
        while let Some(next) = self.inbox.pop_front_if(|next| !matches!(next, Feed::Input { .. })) {
            match next {
                Feed::FanOut(fan_out) => fan_outs.push(fan_out),
                Feed::Closed(at) => {
                    self.desk.lag.watermark_came(until);
                    until = until.max(at);
                }
                Feed::Input { .. } => unreachable!("it stays"),
            }
        }
        self.desk.begin_sweep(fan_outs, until)
    }

    fn finish_if_done(&mut self) {
        let idle = self.inbox.is_empty() && self.sweep.is_none() && self.desk.is_idle();
        if idle && !self.waiting.is_empty() && self.desk.is_done(self.desk.limit(self.closed)) {
            for waiting in self.waiting.drain(..) {
                // Who asked may have gone meanwhile.
                let _ = waiting.send(());
            }
        }
        let Some((_, reply)) = self.finish.take_if(|(at, _)| idle && self.desk.is_done(self.closed.min(*at))) else {
            return;
        };
        // Nobody waits for the books of a run that was given up.
        let _ = reply.send(self.desk.close());
    }
}
