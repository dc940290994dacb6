//! What can be seen of a running tenant: phones, messages and sums. Only data: the client adds up what the shards answer.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use strum::VariantArray as _;

use crate::rules::base::ids::{DeviceIx, MessageIx};
use crate::rules::base::time::SimTime;
use crate::rules::counting::counts::Minute;
use crate::rules::delivery::portal::Notification;
use crate::rules::service::journey::{Journey, WaitCause};

/// A phone after its last applied turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhoneLook {
    /// Notifications on the phone, in order of display.
    pub notifications: Vec<Notification>,
    /// Messages that wait on their way to it.
    pub open: Vec<(MessageIx, WaitCause)>,
}

/// The pairs of a message so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MessageLook {
    /// Pairs that the tenant has sent out.
    pub sent: u64,
    /// Pairs whose journey is over.
    pub settled: BTreeMap<Journey, u64>,
    /// Pairs that wait, by cause in the order of [`WaitCause`]; a pair that its shard has not handed out yet is not included.
    pub waiting: [u64; WaitCause::VARIANTS.len()],
    /// Notifications dismissed.
    pub dismissed: u64,
    /// Notifications that another app could read (R64).
    pub exposed: u64,
    /// Model time up to which every shard has handed out what was sent.
    pub handed_out_until: SimTime,
}

impl MessageLook {
    /// Whether no pair waits. A device that joins within the catch-up window may still add one.
    pub fn is_settled(&self) -> bool {
        self.settled.values().sum::<u64>() == self.sent
    }

    /// Adds the pairs of another shard.
    pub(super) fn add(&mut self, other: Self) {
        for (journey, pairs) in other.settled {
            *self.settled.entry(journey).or_default() += pairs;
        }
        self.waiting.iter_mut().zip(other.waiting).for_each(|(mine, theirs)| *mine += theirs);
        self.dismissed += other.dismissed;
        self.exposed += other.exposed;
        self.handed_out_until = self.handed_out_until.min(other.handed_out_until);
    }
}

/// What has happened since the news was taken last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct News {
    /// Messages of which no pair waits any more in some shard.
    pub stirred: BTreeSet<MessageIx>,
    /// Messages to one device whose pair is over: nothing can happen to it any more.
    pub over: Vec<MessageIx>,
    /// Notifications dismissed, shard by shard in order.
    pub dismissed: Vec<(MessageIx, DeviceIx, SimTime)>,
    /// Dismissals beyond the limit on what is kept.
    pub missed: u64,
}

impl News {
    /// Adds the news of another shard.
    pub(super) fn add(&mut self, other: Self) {
        self.stirred.extend(other.stirred);
        self.over.extend(other.over);
        self.dismissed.extend(other.dismissed);
        self.missed += other.missed;
    }
}

/// Everything counted so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Pairs by where they are, and dismissals, as of one long minute.
    pub pairs: Minute,
    /// By fault: the pairs, directory changes and actors that it has touched.
    pub touched: Vec<u64>,
}

impl Totals {
    /// Adds the counts of another shard.
    pub(super) fn add(&mut self, other: &Self) {
        self.pairs.add(&other.pairs);
        self.touched.iter_mut().zip(&other.touched).for_each(|(mine, theirs)| *mine += theirs);
    }
}

/// A part of an engine that answers by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnginePart {
    /// The tenant's actor.
    Tenant,
    /// A shard, counted from 0.
    Shard(usize),
}

impl fmt::Display for EnginePart {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tenant => out.write_str("the tenant's actor"),
            Self::Shard(at) => write!(out, "shard {at}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::service::journey::SkipCause;

    #[test]
    fn a_message_is_settled_when_the_settled_pairs_of_all_shards_are_those_sent() {
        let skipped = |pairs| MessageLook {
            settled: BTreeMap::from([(Journey::Skipped(SkipCause::AppMissing), pairs)]),
            ..MessageLook::default()
        };
        let mut whole = MessageLook { sent: 5, ..MessageLook::default() };
        whole.add(skipped(3));
        assert!(!whole.is_settled());
        whole.add(skipped(2));
        assert!(whole.is_settled());
        assert_eq!(whole.settled[&Journey::Skipped(SkipCause::AppMissing)], 5);
    }
}
