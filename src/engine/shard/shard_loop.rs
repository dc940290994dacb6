//! The loop of a shard: in which order it takes its commands and inputs, how far the watermark is, and when it stops. It outlives
//! the shard's actor. Must not touch a phone: the state inside it does.

use std::collections::VecDeque;
use std::sync::Arc;

use ractor::{ActorId, ActorProcessingErr, ActorRef, RpcReplyPort};
use tokio::sync::oneshot;

use super::fan_out::Sweep;
use super::feeds::{FeedQueue, Following};
use super::inbox::Inbox;
use super::messages::{Feed, ShardCommand, ShardMessage};
use super::setup::ShardSetup;
use super::state::ShardState;
use crate::engine::EngineError;
use crate::engine::tenant::messages::TenantMessage;
use crate::engine::totals::RunTotals;
use crate::rules::base::time::SimTime;
use crate::rules::sending::crowd::FanOut;

/// The loop of a shard.
pub(crate) struct ShardLoop {
    inbox: Arc<Inbox>,
    /// Taken from the inbox; kept to reuse its memory.
    commands: VecDeque<ShardCommand>,
    feeds: FeedQueue,
    /// The fan-outs that are being handed out.
    sweep: Option<Sweep>,
    /// The watermark.
    closed: SimTime,
    /// Whether nothing more begins.
    is_halted: bool,
    /// Pairs left out since then that the tenant does not know of.
    pairs_left_out: u64,
    /// Clients that wait until nothing is left that may happen now.
    catching_up: Vec<oneshot::Sender<()>>,
    finish: Option<Finish>,
    tenant: ActorRef<TenantMessage>,
    state: ShardState,
}

/// The end of the run, as the tenant wants it.
struct Finish {
    at: SimTime,
    reply: RpcReplyPort<Result<RunTotals, EngineError>>,
}

impl ShardLoop {
    /// A loop that has taken nothing from this inbox.
    pub(super) fn new(setup: ShardSetup, inbox: Arc<Inbox>, myself: &ActorRef<ShardMessage>) -> Self {
        Self {
            inbox,
            commands: VecDeque::new(),
            feeds: FeedQueue::default(),
            sweep: None,
            closed: SimTime::ZERO.just_before(),
            is_halted: false,
            pairs_left_out: 0,
            catching_up: Vec::new(),
            finish: None,
            tenant: setup.tenant.clone(),
            state: ShardState::new(setup, myself),
        }
    }

    /// Another actor takes over.
    pub(super) fn taken_over(&mut self, by: &ActorRef<ShardMessage>) {
        self.state.taken_over(by);
    }

    /// Handles a message. An error is a crash of the actor before or after the work, never within it.
    pub(super) async fn handle(&mut self, message: ShardMessage) -> Result<(), ActorProcessingErr> {
        self.state.before_message()?;
        match message {
            ShardMessage::Commands => self.take_commands()?,
            ShardMessage::Turned(turned) => self.state.turned(turned)?,
            ShardMessage::PortalDied { device, epoch } => self.state.portal_died(device, epoch),
            ShardMessage::TimerDue => self.state.woken(),
        }
        self.work()?;
        self.state.after_message().await
    }

    /// An actor of this shard has ended.
    pub(super) fn actor_ended(&mut self, actor: ActorId) -> Result<(), ActorProcessingErr> {
        if self.state.actor_ended(actor) { self.work() } else { Ok(()) }
    }

    fn take_commands(&mut self) -> Result<(), ActorProcessingErr> {
        self.inbox.take(&mut self.commands);
        while let Some(command) = self.commands.pop_front() {
            match command {
                ShardCommand::Feed(feed) => self.feeds.push(feed),
                ShardCommand::Reserve(wanted) => self.state.reserve(wanted)?,
                ShardCommand::Query(query) => self.state.answer(query, self.closed),
                ShardCommand::CaughtUp(reply) => self.catching_up.push(reply),
                ShardCommand::Tick => self.state.tick(),
                ShardCommand::Cut(at) => {
                    if let Some(finish) = &mut self.finish {
                        finish.at = at.min(finish.at);
                    }
                }
                ShardCommand::Halt => {
                    self.is_halted = true;
                    self.pairs_left_out += self.state.leave_out_inputs();
                }
                ShardCommand::Finish { at, reply } => self.finish = Some(Finish { at, reply }),
            }
        }
        Ok(())
    }

    /// Does everything that there is room for: turns that are ready, then inputs in order, then timers.
    fn work(&mut self) -> Result<(), ActorProcessingErr> {
        if self.is_halted {
            self.leave_out()?;
        }
        loop {
            self.state.dispatch()?;
            if self.state.is_full() || self.state.should_yield()? {
                break;
            }
            let has_moved = !self.is_halted && (self.next_input()? || self.state.take_due(self.closed));
            if !has_moved {
                break;
            }
        }
        self.state.sleep(self.closed);
        self.state.publish(self.closed);
        self.finish_if_done();
        Ok(())
    }

    /// Takes the next input or a part of it; false if there is none.
    fn next_input(&mut self) -> Result<bool, ActorProcessingErr> {
        if let Some(sweep) = &mut self.sweep {
            if !self.state.hand_out(sweep) {
                self.closed = self.closed.max(sweep.until());
                self.tenant.cast(TenantMessage::FannedOut(sweep.len()))?;
                self.sweep = None;
            }
            return Ok(true);
        }
        match self.feeds.pop() {
            None => return Ok(false),
            Some(Feed::Closed(at)) => {
                self.state.watermark_came(self.closed);
                self.closed = self.closed.max(at);
            }
            Some(Feed::Input { device, at, input }) => self.state.give(device, at, *input, self.closed),
            Some(Feed::FanOut(fan_out)) => self.sweep = Some(self.sweep_from(fan_out)),
        }
        Ok(true)
    }

    /// A fan-out and those directly behind it.
    fn sweep_from(&mut self, first: Arc<FanOut>) -> Sweep {
        let (mut fan_outs, mut until) = (vec![first], self.closed);
        while let Some(next) = self.feeds.pop_following() {
            match next {
                Following::FanOut(fan_out) => fan_outs.push(fan_out),
                Following::Closed(at) => {
                    self.state.watermark_came(until);
                    until = until.max(at);
                }
            }
        }
        self.state.begin_sweep(fan_outs, until)
    }

    /// Leaves out what was not begun. The tenant still waits for the fan-outs, so they are reported as handed out.
    fn leave_out(&mut self) -> Result<(), ActorProcessingErr> {
        let (mut fan_outs, mut pairs) = (0, std::mem::take(&mut self.pairs_left_out));
        if let Some(sweep) = self.sweep.take() {
            fan_outs += sweep.len();
            pairs += self.state.leave_out_rest(&sweep);
        }
        for fan_out in self.feeds.drain_fan_outs() {
            fan_outs += 1;
            pairs += self.state.leave_out_all(&fan_out);
        }
        if pairs > 0 {
            self.tenant.cast(TenantMessage::LeftOut(pairs))?;
        }
        if fan_outs > 0 {
            self.tenant.cast(TenantMessage::FannedOut(fan_outs))?;
        }
        Ok(())
    }

    fn finish_if_done(&mut self) {
        let is_idle = self.feeds.is_empty() && self.sweep.is_none() && self.state.is_idle();
        if is_idle && !self.catching_up.is_empty() && self.state.is_done(self.state.limit(self.closed)) {
            for reply in self.catching_up.drain(..) {
                // The client may have gone.
                let _ = reply.send(());
            }
        }
        let is_done =
            |finish: &mut Finish| is_idle && (self.is_halted || self.state.is_done(self.closed.min(finish.at)));
        let Some(Finish { reply, .. }) = self.finish.take_if(is_done) else { return };
        // The counts are handed over with the totals: a timer that is due before the shard ends must not be taken.
        self.is_halted = true;
        // The tenant may have been closed.
        let _ = reply.send(self.state.close());
    }
}
