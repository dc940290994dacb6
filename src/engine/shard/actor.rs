//! A shard's actor: works on the records of its devices, their timers and who of them is resident; hands inputs to device actors
//! in order, and applies each turn once. An input is kept until its turn is applied, and the desk outlives whoever works at it, so
//! that no death loses anything.

use std::collections::VecDeque;
use std::sync::Arc;

use ractor::{Actor, ActorProcessingErr, ActorRef, RpcReplyPort, SupervisionEvent};
use tokio::sync::{Mutex, OwnedMappedMutexGuard, OwnedMutexGuard, oneshot};

use super::fan_out::Sweep;
use super::inbox::Inbox;
use super::state::ShardState;
use crate::engine::messages::{Feed, ShardCommand, ShardMessage, TenantMessage};
use crate::engine::options::EngineOptions;
use crate::engine::phone::device::died;
use crate::engine::totals::RunTotals;
use crate::rules::base::time::SimTime;
use crate::rules::model::world::World;
use crate::rules::sending::crowd::FanOut;

/// See the file.
pub(crate) struct ShardActor;

/// What a shard's actor starts with; its tenant keeps it for whoever takes its place.
#[derive(Clone)]
pub(crate) struct ShardArguments {
    pub(crate) world: Arc<World>,
    pub(crate) options: EngineOptions,
    /// Which of the shards, from 0.
    pub(crate) shard: usize,
    /// Its devices: from, to.
    pub(crate) devices: (u32, u32),
    pub(crate) resident_max: usize,
    pub(crate) tenant: ActorRef<TenantMessage>,
    /// What it is told to do.
    pub(crate) tray: Arc<Inbox>,
    /// What it works on: nothing yet before the first, and held by one at a time.
    pub(crate) work: Arc<Mutex<Option<ShardLoop>>>,
}

/// What a shard's actor works on.
pub(crate) struct ShardLoop {
    tray: Arc<Inbox>,
    /// Taken from the tray, one after the other.
    orders: VecDeque<ShardCommand>,
    inbox: VecDeque<Feed>,
    /// The fan-outs that are being handed out.
    sweep: Option<Sweep>,
    closed: SimTime,
    /// Is nothing begun any more?
    is_halted: bool,
    /// Pairs that are left out since then, and that the tenant has not been told of.
    pairs_left_out: u64,
    /// Who wants to know when nothing is left that may happen now.
    waiting: Vec<oneshot::Sender<()>>,
    finish: Option<(SimTime, RpcReplyPort<Result<RunTotals, crate::engine::EngineError>>)>,
    desk: ShardState,
}

impl Actor for ShardActor {
    type Msg = ShardMessage;
    type State = OwnedMappedMutexGuard<Option<ShardLoop>, ShardLoop>;
    type Arguments = ShardArguments;

    async fn pre_start(
        &self,
        myself: ActorRef<Self::Msg>,
        arguments: Self::Arguments,
    ) -> Result<Self::State, ActorProcessingErr> {
        let mut work = arguments.work.clone().lock_owned().await;
        if let Some(shard) = &mut *work {
            shard.desk.taken_over(&myself);
        }
        arguments.tray.served_by(myself.clone());
        // There may be something in it, or to be done, already.
        myself.cast(ShardMessage::Orders)?;
        Ok(OwnedMutexGuard::map(work, |work| work.get_or_insert_with(|| ShardLoop::new(arguments, &myself))))
    }

    async fn handle(
        &self,
        _: ActorRef<Self::Msg>,
        message: Self::Msg,
        shard: &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        shard.desk.look_at_clock();
        shard.desk.go_on()?;
        match message {
            ShardMessage::Orders => shard.take_orders(),
            ShardMessage::Turned(turned) => shard.desk.turned(turned)?,
            ShardMessage::PortalDied { device, epoch } => shard.desk.portal_died(device, epoch),
            ShardMessage::Tick => shard.desk.woken(),
        }
        shard.work()?;
        shard.desk.suffer().await
    }

    async fn handle_supervisor_evt(
        &self,
        _: ActorRef<Self::Msg>,
        event: SupervisionEvent,
        shard: &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        let Some(device) = died(&event).and_then(|actor| shard.desk.device_of(actor)) else { return Ok(()) };
        shard.desk.look_at_clock();
        shard.desk.device_died(device);
        shard.work()
    }
}

/// Puts the next of what is fed behind the rest. Watermarks that wait one behind the other say what the last of them says: so the
/// inbox of a shard that is late does not grow with time.
fn take_in(inbox: &mut VecDeque<Feed>, feed: Feed) {
    match (inbox.back_mut(), feed) {
        (Some(Feed::Closed(known)), Feed::Closed(at)) => *known = at.max(*known),
        (_, feed) => inbox.push_back(feed),
    }
}

impl ShardLoop {
    fn new(arguments: ShardArguments, myself: &ActorRef<ShardMessage>) -> Self {
        Self {
            tray: arguments.tray.clone(),
            orders: VecDeque::new(),
            inbox: VecDeque::new(),
            sweep: None,
            closed: SimTime::ZERO.just_before(),
            is_halted: false,
            pairs_left_out: 0,
            waiting: Vec::new(),
            finish: None,
            desk: ShardState::new(arguments, myself),
        }
    }

    fn take_orders(&mut self) {
        self.tray.take(&mut self.orders);
        while let Some(order) = self.orders.pop_front() {
            match order {
                ShardCommand::Feed(feed) => take_in(&mut self.inbox, feed),
                ShardCommand::Reserve(wanted) => wanted.into_iter().for_each(|wanted| self.desk.reserve(wanted)),
                ShardCommand::Look(look) => look(&mut self.desk),
                ShardCommand::CaughtUp(reply) => self.waiting.push(reply),
                ShardCommand::Beat => self.desk.beat(),
                ShardCommand::Cut(at) => {
                    if let Some((finish, _)) = &mut self.finish {
                        *finish = at.min(*finish);
                    }
                }
                ShardCommand::Halt => {
                    self.is_halted = true;
                    self.pairs_left_out += self.desk.leave_out_inputs();
                }
                ShardCommand::Finish { at, reply } => self.finish = Some((at, reply)),
            }
        }
    }

    /// Goes on with everything there is room for: turns that are ready, then the inbox in order, then timers.
    fn work(&mut self) -> Result<(), ActorProcessingErr> {
        if self.is_halted {
            self.leave_out()?;
        }
        loop {
            self.desk.dispatch()?;
            if self.desk.is_full() {
                break;
            }
            let moved = !self.is_halted && (self.next_input()? || self.desk.take_due(self.closed));
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
                self.desk.watermark_came(self.closed);
                self.closed = self.closed.max(at);
            }
            Some(Feed::Input { device, at, input }) => self.desk.give(device, at, *input, self.closed),
            Some(Feed::FanOut(fan_out)) => self.sweep = Some(self.sweep_from(fan_out)),
        }
        Ok(true)
    }

    /// Leaves out what was not begun; the tenant still waits for slots, and for fan-outs to be handed out.
    fn leave_out(&mut self) -> Result<(), ActorProcessingErr> {
        let (mut fan_outs, mut pairs) = (0, std::mem::take(&mut self.pairs_left_out));
        if let Some(sweep) = self.sweep.take() {
            fan_outs += sweep.fan_outs.len();
            pairs += self.desk.leave_out_rest(&sweep);
        }
        for feed in self.inbox.drain(..) {
            if let Feed::FanOut(fan_out) = feed {
                fan_outs += 1;
                pairs += self.desk.leave_out_all(&fan_out);
            }
        }
        if pairs > 0 {
            self.desk.tenant.cast(TenantMessage::LeftOut(pairs))?;
        }
        if fan_outs > 0 {
            self.desk.tenant.cast(TenantMessage::FannedOut(fan_outs))?;
        }
        Ok(())
    }

    /// This fan-out and those that follow it.
    fn sweep_from(&mut self, first: Arc<FanOut>) -> Sweep {
        let (mut fan_outs, mut until) = (vec![first], self.closed);
        while let Some(next) = self.inbox.pop_front_if(|next| !matches!(next, Feed::Input { .. })) {
            match next {
                Feed::FanOut(fan_out) => fan_outs.push(fan_out),
                Feed::Closed(at) => {
                    self.desk.watermark_came(until);
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
        let is_done = |(at, _): &mut (SimTime, _)| idle && (self.is_halted || self.desk.is_done(self.closed.min(*at)));
        let Some((_, reply)) = self.finish.take_if(is_done) else { return };
        // Nobody waits for the books of a run that was given up.
        let _ = reply.send(self.desk.close());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::base::ids::{DeviceIx, MessageIx};
    use crate::rules::delivery::device::DeviceInput;

    #[test]
    fn an_inbox_grows_with_inputs_and_not_with_time() {
        let mut inbox = VecDeque::new();
        for at in (1..=9_000).map(SimTime) {
            if at.ms().is_multiple_of(3_000) {
                let input = Box::new(DeviceInput::Dismiss(MessageIx(0)));
                take_in(&mut inbox, Feed::Input { device: DeviceIx(0), at, input });
            }
            take_in(&mut inbox, Feed::Closed(at));
        }
        let waits: Vec<_> = inbox.iter().map(|feed| if let Feed::Closed(at) = feed { at.ms() } else { 0 }).collect();
        assert_eq!(waits, [2_999, 0, 5_999, 0, 8_999, 0, 9_000]);
    }
}
