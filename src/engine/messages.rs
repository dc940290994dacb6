//! The words that actors exchange, each with who says it. Only data: nobody decides here, and no actor knows another's file.

use std::sync::Arc;

use ractor::RpcReplyPort;

use super::EngineError;
use super::books::Books;
use super::postings::PostingAnswers;
use crate::rules::agenda::{Attempt, Due};
use crate::rules::counter::Counted;
use crate::rules::crowd::FanOut;
use crate::rules::device::Input;
use crate::rules::ids::{DeviceIx, MessageIx};
use crate::rules::journey::Effect;
use crate::rules::message::Refusal;
use crate::rules::phone::Handover;
use crate::rules::posting::Posting;
use crate::rules::strike::Hit;
use crate::rules::tenant::Tenant;
use crate::rules::time::SimTime;

/// What the tenant says to attempts, in their order.
pub type Answers = Vec<(Attempt, Result<MessageIx, Refusal>)>;

/// What a tenant is told.
pub(crate) enum TenantMessage {
    /// By the driver: all that is asked at one millisecond; the next only after the answer.
    Ask { at: SimTime, due: Due, reply: RpcReplyPort<Result<Answers, EngineError>> },
    /// By a driver: all postings that are asked at one moment; the next only after the answer.
    Post { at: SimTime, postings: Vec<Posting>, reply: RpcReplyPort<Result<PostingAnswers, EngineError>> },
    /// By a driver: have a look at the tenant, between two messages.
    Look(Box<dyn FnOnce(&Tenant) + Send>),
    /// By the driver: nothing will be asked before this.
    Quiet(SimTime),
    /// By the driver: tell those who watch how far it is.
    Observe,
    /// By a shard: what came of reservations, by attempt.
    Reserved(Vec<(usize, Result<(), Refusal>)>),
    /// By a shard: it has handed out a fan-out.
    FannedOut,
    /// By a shard: the run cannot go on.
    Failed(EngineError),
    /// By the driver, after [`TenantMessage::Finish`]: stop at this time instead.
    Cut(SimTime),
    /// By the driver: what has come of everything, when all is done that is due before `at`.
    Finish { at: SimTime, reply: RpcReplyPort<Result<Books, EngineError>> },
}

/// What a shard is told.
pub(crate) enum ShardMessage {
    /// By the tenant: the next of its inputs, in order.
    Feed(Feed),
    /// By the tenant: take slots of the 10 an hour, now.
    Reserve(Vec<Reservation>),
    /// By a phone's last actor in a turn: it is done.
    Turned(Box<Turned>),
    /// By a device actor, its supervisor: the portal is dead.
    PortalDied { device: DeviceIx, epoch: u32 },
    /// By the clock: something is due.
    Tick,
    /// By the tenant, four times a second: who has been idle for long may go.
    Beat,
    /// By the tenant, after [`ShardMessage::Finish`]: stop at this time instead.
    Cut(SimTime),
    /// By the tenant: finish what is closed, by `at` if model time is not over, and hand over the books.
    Finish { at: SimTime, reply: RpcReplyPort<Result<Books, EngineError>> },
}

/// What the tenant feeds its shards, on one channel and in order (T1).
#[derive(Clone, Debug)]
pub(crate) enum Feed {
    /// Journeys start.
    FanOut(Arc<FanOut>),
    /// Something happens to a device.
    Input { device: DeviceIx, at: SimTime, input: Input },
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

/// What a phone is to do in one turn: reservations, then inputs in order, then all that is due. Its shard keeps it until the
/// turn is applied, so that no death loses anything.
#[derive(Debug)]
pub(crate) struct Work {
    /// Reservations of the 10 an hour, each at its time.
    pub(crate) reservations: Vec<Reservation>,
    /// Inputs, each at its time, ascending.
    pub(crate) inputs: Vec<(SimTime, Input)>,
    /// Everything up to and including this is closed.
    pub(crate) until: SimTime,
    /// What hits either actor meanwhile.
    pub(crate) hits: [Hit; 2],
}

/// A turn of a phone: its device actor goes first.
#[derive(Debug)]
pub(crate) struct DeviceTurn {
    pub(crate) work: Arc<Work>,
    /// When the portal wants to do something by itself.
    pub(crate) portal_due: SimTime,
    /// The portal's record, if it has no actor.
    pub(crate) portal_record: Option<Box<[u8]>>,
}

/// The portal's part of a turn, if it has one.
#[derive(Debug)]
pub(crate) struct PortalTurn {
    pub(crate) work: Arc<Work>,
    /// What the device hands over, in order of time.
    pub(crate) handovers: Vec<Handover>,
    /// What has come of the turn so far.
    pub(crate) turned: Box<Turned>,
}

/// What came of a turn (T10): applied by the shard as a whole, or not at all.
#[derive(Debug)]
pub(crate) struct Turned {
    pub(crate) device: DeviceIx,
    /// Which incarnation of the phone's actors; an older one's word counts for nothing.
    pub(crate) epoch: u32,
    pub(crate) counted: Counted,
    /// What the reservations came to, in order.
    pub(crate) answers: Vec<Result<(), Refusal>>,
    pub(crate) effects: Vec<Effect>,
    pub(crate) device_rest: Rested,
    /// `None` if the portal had no part in it.
    pub(crate) portal_rest: Option<Rested>,
}

/// An actor's machine at rest.
#[derive(Clone, Debug)]
pub(crate) struct Rested {
    /// `None` for one that is as it was made.
    pub(crate) record: Option<Box<[u8]>>,
    /// When it wants to do something by itself, [`SimTime::NEVER`] for never.
    pub(crate) due: SimTime,
}

impl Rested {
    pub(crate) const NEW: Self = Self { record: None, due: SimTime::NEVER };
}
