//! The commands of a hosted tenant, which its event loop executes one after the other. Data only.

use tokio::sync::oneshot;

use super::advance::ClockJump;
use super::error::HostError;
use super::hosted_tenant::PostingVerdict;
use super::request_id::RequestId;
use super::restart::Restart;
use super::revisions::{Switch, SwitchError};
use super::text_vault::PostedText;
use crate::rules::base::ids::{DeviceIx, FaultIx, MessageIx};
use crate::rules::base::time::SimTime;
use crate::rules::model::phone_by_hand::PhonePatch;
use crate::rules::timeline::posting::Posting;

/// Where the answer to a command goes.
pub(super) type CommandReply<T> = oneshot::Sender<Result<T, HostError>>;

/// A command for a hosted tenant; commands are executed one after the other.
#[derive(Debug)]
pub(super) enum HostCommand {
    Post {
        postings: Vec<Posting>,
        /// Their texts, sealed.
        texts: Vec<PostedText>,
        request: RequestId,
        reply: CommandReply<Vec<PostingVerdict>>,
    },
    Dismiss {
        device: DeviceIx,
        message: MessageIx,
        reply: CommandReply<Option<SimTime>>,
    },
    Advance {
        jump: ClockJump,
        reply: CommandReply<SimTime>,
    },
    /// Has the store know where the clock is.
    StoreClock {
        reply: CommandReply<()>,
    },
    /// Reset; `taken` shows that the loop has come to it.
    BeginAgain {
        restart: Restart,
        taken: oneshot::Sender<()>,
        reply: CommandReply<()>,
    },
    Switch {
        switch: Switch,
        reply: CommandReply<Result<FaultIx, SwitchError>>,
    },
    SetPhone {
        device: DeviceIx,
        patch: PhonePatch,
        reply: CommandReply<Result<SimTime, SwitchError>>,
    },
}
