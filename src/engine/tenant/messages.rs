//! The messages to a tenant's actor and the questions that it answers. Only data: this file imports no actor.

use std::sync::Arc;

use ractor::RpcReplyPort;
use tokio::sync::oneshot;

use super::requested_message::RequestedMessage;
use crate::engine::EngineError;
use crate::engine::shard::inbox::ShardInboxes;
use crate::engine::shard::messages::Feed;
use crate::engine::totals::RunTotals;
use crate::rules::base::ids::{ChangeIx, MessageIx};
use crate::rules::base::time::SimTime;
use crate::rules::model::change::Subject;
use crate::rules::sending::tenant::Tenant;
use crate::rules::service::message::Refusal;
use crate::rules::timeline::agenda::Attempt;

/// The tenant's answers to attempts, in their order.
pub type Answers = Vec<(Attempt, Result<MessageIx, Refusal>)>;

/// The tenant's answers to requested messages, in their order.
pub type Verdicts = Vec<Result<MessageIx, Refusal>>;

/// A message to a tenant's actor.
pub(crate) enum TenantMessage {
    /// From a driver: everything requested at one time, changes first. The driver waits for the answer before its next request, and
    /// requests nothing before `until` if nothing is refused.
    Ask {
        at: SimTime,
        changes: Vec<(ChangeIx, Subject)>,
        wanted: Vec<RequestedMessage>,
        until: Option<SimTime>,
        reply: RpcReplyPort<Result<Verdicts, EngineError>>,
    },
    /// From a driver: messages that were accepted in the past, each at its time, in order.
    AskAgain { wanted: Vec<(SimTime, RequestedMessage)>, reply: RpcReplyPort<Result<Verdicts, EngineError>> },
    /// From a client: a question, answered between two messages.
    Query(TenantQuery),
    /// From a driver: an input of a device.
    Give(Feed),
    /// From the driver: nothing is requested before this time.
    Quiet(SimTime),
    /// From the driver: publish figures, and give the shards a tick.
    Observe,
    /// From a shard: the answers to reservations, by attempt.
    Reserved(Vec<(usize, Result<(), Refusal>)>),
    /// From a shard: it has handed out so many fan-outs.
    FannedOut(usize),
    /// From a shard, after [`TenantMessage::Halt`]: so many pairs that were sent out will not begin.
    LeftOut(u64),
    /// From a shard: the run fails.
    Failed(EngineError),
    /// From the driver, after [`TenantMessage::Finish`]: stop at this time instead.
    Cut(SimTime),
    /// From the driver: begin nothing more. The totals are those of what is done.
    Halt,
    /// From the driver: reply with the totals when everything due before `at` is done.
    Finish { at: SimTime, reply: RpcReplyPort<Result<RunTotals, EngineError>> },
    /// From the task that waits for the shards: their totals.
    Collected { totals: Result<Box<RunTotals>, EngineError>, reply: RpcReplyPort<Result<RunTotals, EngineError>> },
}

/// A question to a tenant. A client that has gone does not receive the answer.
pub(crate) enum TenantQuery {
    /// The inboxes of its shards.
    Shards { reply: oneshot::Sender<ShardInboxes> },
    /// How many pairs of each message were sent out.
    PairsSent { messages: Arc<[MessageIx]>, reply: oneshot::Sender<Vec<u64>> },
    /// By fault, the directory changes that it slowed.
    ChangesSlowed { reply: oneshot::Sender<Vec<u64>> },
    /// Reply when everything requested before has been handed to the shards.
    HandedOver { reply: oneshot::Sender<()> },
    /// A projection of the model's tenant. It belongs to its client, which the engine must not know; it sees a public type of
    /// `rules` and no state of an actor.
    Project(Box<dyn FnOnce(&Tenant) + Send>),
}
