//! The words that actors exchange, each with who says it. Only data: nobody decides here, and no actor knows another's file.

use std::sync::Arc;

use ractor::RpcReplyPort;
use tokio::sync::oneshot;

use super::EngineError;
use super::phone::turn::Turn;
use super::shard::state::ShardState;
use super::tenant::actor::TenantState;
use super::tenant::admission::RequestedMessage;
use super::totals::RunTotals;
use crate::rules::base::ids::{ChangeIx, DeviceIx, MessageIx};
use crate::rules::base::time::SimTime;
use crate::rules::delivery::device::DeviceInput;
use crate::rules::model::change::Subject;
use crate::rules::sending::crowd::FanOut;
use crate::rules::service::message::Refusal;
use crate::rules::timeline::agenda::Attempt;

/// What the tenant says to attempts, in their order.
pub type Answers = Vec<(Attempt, Result<MessageIx, Refusal>)>;

/// What the tenant says to messages that are asked for, in their order.
pub type Verdicts = Vec<Result<MessageIx, Refusal>>;

/// What a tenant is told.
pub(crate) enum TenantMessage {
    /// By a driver: all that is asked at one moment, changes first; the next only after the answer, and not before `until` if
    /// nothing is refused.
    Ask {
        at: SimTime,
        changes: Vec<(ChangeIx, Subject)>,
        wanted: Vec<RequestedMessage>,
        until: Option<SimTime>,
        reply: RpcReplyPort<Result<Verdicts, EngineError>>,
    },
    /// By a driver: have a look at the tenant, between two messages.
    Look(Box<dyn FnOnce(&TenantState) + Send>),
    /// By a driver: something that happens to a device.
    Give(Feed),
    /// By the driver: nothing will be asked before this.
    Quiet(SimTime),
    /// By the driver: tell those who watch how far it is.
    Observe,
    /// By a shard: what came of reservations, by attempt.
    Reserved(Vec<(usize, Result<(), Refusal>)>),
    /// By a shard: it has handed out so many fan-outs.
    FannedOut(usize),
    /// By a shard, after [`TenantMessage::Halt`]: so many pairs that were sent out are not begun any more.
    LeftOut(u64),
    /// By a shard: the run cannot go on.
    Failed(EngineError),
    /// By the driver, after [`TenantMessage::Finish`]: stop at this time instead.
    Cut(SimTime),
    /// By the driver: begin nothing more, wherever each phone is; the books are what was done.
    Halt,
    /// By the driver: what has come of everything, when all is done that is due before `at`.
    Finish { at: SimTime, reply: RpcReplyPort<Result<RunTotals, EngineError>> },
    /// By those who went round the shards: their books.
    Collected { books: Result<Box<RunTotals>, EngineError>, reply: RpcReplyPort<Result<RunTotals, EngineError>> },
}

/// What a shard is told to do, in its tray until it is taken.
pub(crate) enum ShardCommand {
    /// By the tenant: the next of its inputs, in order.
    Feed(Feed),
    /// By a driver: have a look at the desk, between two messages.
    Look(Box<dyn FnOnce(&mut ShardState) + Send>),
    /// By a driver: tell when nothing is left that may happen now.
    CaughtUp(oneshot::Sender<()>),
    /// By the tenant: take slots of the 10 an hour, now.
    Reserve(Vec<Reservation>),
    /// By the tenant, four times a second: who has been idle for long may go.
    Beat,
    /// By the tenant, after [`ShardCommand::Finish`]: stop at this time instead.
    Cut(SimTime),
    /// By the tenant: begin nothing more, and leave out what was not begun.
    Halt,
    /// By the tenant: finish what is closed, by `at` if model time is not over, and hand over the books.
    Finish { at: SimTime, reply: RpcReplyPort<Result<RunTotals, EngineError>> },
}

/// What a shard's actor is told.
pub(crate) enum ShardMessage {
    /// By its tray: something is in it.
    Orders,
    /// By a phone's last actor in a turn: it is done.
    Turned(Box<Turn>),
    /// By a device actor, its supervisor: the portal is dead.
    PortalDied { device: DeviceIx, epoch: u32 },
    /// By the clock: something is due.
    Tick,
}

/// What the tenant feeds its shards, on one channel and in order (T1).
#[derive(Clone, Debug)]
pub(crate) enum Feed {
    /// Journeys start.
    FanOut(Arc<FanOut>),
    /// Something happens to a device.
    Input { device: DeviceIx, at: SimTime, input: Box<DeviceInput> },
    /// Every input up to and including this has been fed; later ones are later.
    Closed(SimTime),
}

/// A slot that the tenant asks for on behalf of an attempt.
#[derive(Clone, Debug)]
pub(crate) struct Reservation {
    /// Which device.
    pub(crate) device: DeviceIx,
    /// At what time.
    pub(crate) at: SimTime,
    /// Which of the tenant's attempts under way.
    pub(crate) attempt: usize,
    /// Group messages that count toward the device's quota.
    pub(crate) group_messages: Vec<SimTime>,
}
