//! A message that a driver requests, from a scenario or from a caller. Only data: `rules` judges it.

use crate::rules::base::ids::DeviceIx;
use crate::rules::model::send::{SendPlan, Target};
use crate::rules::model::world::World;
use crate::rules::service::message::{MessageKind, Stamp};
use crate::rules::timeline::agenda::Attempt;
use crate::rules::timeline::posting::Posting;

/// A requested message.
#[derive(Debug)]
pub(crate) enum RequestedMessage {
    /// Of a scenario's send.
    Attempt(Attempt),
    /// Of a caller, as a send of its own.
    Posting(Box<SendPlan>),
    /// Of a caller in the past, when it was accepted: it is not judged again.
    Accepted(Box<SendPlan>),
}

impl From<Posting> for RequestedMessage {
    fn from(posting: Posting) -> Self {
        Self::Posting(Box::new(posting.into_send()))
    }
}

impl RequestedMessage {
    pub(super) fn send<'a>(&'a self, world: &'a World) -> &'a SendPlan {
        match self {
            Self::Attempt(attempt) => &world.sends[attempt.send.at()],
            Self::Posting(send) | Self::Accepted(send) => send,
        }
    }

    /// Whether it was accepted in the past.
    pub(super) const fn is_repeated(&self) -> bool {
        matches!(self, Self::Accepted(_))
    }

    /// The single target, if it has one.
    pub(super) fn device(&self) -> Option<DeviceIx> {
        match self {
            Self::Attempt(attempt) => attempt.device,
            Self::Posting(send) | Self::Accepted(send) => match &send.target {
                Target::Devices { devices, .. } => devices.first().copied(),
                Target::Groups(_) => None,
            },
        }
    }

    pub(super) fn kind(&self) -> MessageKind {
        if self.device().is_some() { MessageKind::Device } else { MessageKind::Group }
    }

    /// The stamp that it gets if it is accepted after so many postings.
    pub(super) fn stamp(&self, postings_accepted: u64) -> Stamp {
        match self {
            Self::Attempt(attempt) => attempt.stamp(),
            Self::Posting(_) | Self::Accepted(_) => {
                let occurrence = u32::try_from(postings_accepted).unwrap_or(u32::MAX);
                Stamp { send: World::POSTED, occurrence, key: Posting::key(postings_accepted) }
            }
        }
    }
}
