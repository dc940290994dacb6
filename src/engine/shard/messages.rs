//! The messages to a shard and to its actor, and the questions that it answers. Only data: this file imports no actor.

use std::sync::Arc;

use ractor::RpcReplyPort;
use tokio::sync::oneshot;

use crate::engine::EngineError;
use crate::engine::observation::{MessageLook, News, PhoneLook, Totals};
use crate::engine::phone::turn::{Reservation, Turn};
use crate::engine::totals::RunTotals;
use crate::rules::base::ids::{DeviceIx, MessageIx};
use crate::rules::base::time::SimTime;
use crate::rules::delivery::device::DeviceInput;
use crate::rules::sending::crowd::FanOut;

/// What a shard shall do. A command waits in the shard's inbox until it is taken, and so survives a crash of the actor.
pub(crate) enum ShardCommand {
    /// From the tenant: the next input, in order.
    Feed(Feed),
    /// From a client: a question, answered between two messages.
    Query(ShardQuery),
    /// From a client: reply when nothing is left that may happen now.
    CaughtUp(oneshot::Sender<()>),
    /// From the tenant: request slots of the devices' quotas, now.
    Reserve(Vec<Reservation>),
    /// From the tenant, four times a second: phones that have been idle for long are passivated.
    Tick,
    /// From the tenant, after [`ShardCommand::Finish`]: stop at this time instead.
    Cut(SimTime),
    /// From the tenant: begin nothing more, and leave out what was not begun.
    Halt,
    /// From the tenant: finish what is closed, up to `at` if model time goes further, and reply with the totals.
    Finish { at: SimTime, reply: RpcReplyPort<Result<RunTotals, EngineError>> },
}

/// A question to a shard. A client that has gone does not receive the answer.
pub(crate) enum ShardQuery {
    /// A phone as it is at rest.
    Phone { device: DeviceIx, reply: oneshot::Sender<Result<PhoneLook, EngineError>> },
    /// The shard's pairs of each message, in this order.
    Messages { messages: Arc<[MessageIx]>, reply: oneshot::Sender<Vec<MessageLook>> },
    /// Everything that the shard has counted.
    Totals { reply: oneshot::Sender<Totals> },
    /// The news since the last such question, which is empty if the tenant is not watched.
    News { reply: oneshot::Sender<News> },
    /// The earliest time at which anything of the shard may be due, [`SimTime::NEVER`] if nothing is.
    NextDue { reply: oneshot::Sender<SimTime> },
    /// Nothing: the answer shows that the shard takes messages.
    Alive { reply: oneshot::Sender<()> },
}

/// A message to a shard's actor.
pub(crate) enum ShardMessage {
    /// From the inbox: it is no longer empty.
    Commands,
    /// From the last actor of a phone in a turn: the turn is done.
    Turned(Box<Turn>),
    /// From a device actor, the portal's supervisor: the portal is dead.
    PortalDied { device: DeviceIx, epoch: u32 },
    /// From the clock: a timer is due.
    TimerDue,
}

/// An input of a shard; all of them come in one order (T1).
#[derive(Clone, Debug)]
pub(crate) enum Feed {
    /// Journeys start.
    FanOut(Arc<FanOut>),
    /// An input of one device.
    Input { device: DeviceIx, at: SimTime, input: Box<DeviceInput> },
    /// The watermark: every input up to and including this time has been fed.
    Closed(SimTime),
}
