//! The fan-outs that a tenant has sent to its shards: how many are in progress, and how many pairs they have. Must not choose an
//! audience.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::supervisor::ShardSupervisor;
use crate::engine::options::FAN_OUTS_MAX;
use crate::engine::shard::messages::{Feed, ShardCommand};
use crate::rules::base::ids::MessageIx;
use crate::rules::sending::crowd::{Audience, FanOut};

/// The fan-outs of a tenant.
#[derive(Debug, Default)]
pub(super) struct FanOuts {
    /// Fan-outs that shards have not handed out yet.
    in_progress: usize,
    pairs: PairsSent,
}

/// The pairs that a tenant has sent out.
#[derive(Debug, Default)]
struct PairsSent {
    all: u64,
    /// Those that shards have left out since the run was halted.
    left_out: u64,
    /// Of messages to groups, those of each; `None` unless the tenant is watched.
    by_message: Option<BTreeMap<MessageIx, u64>>,
    /// Messages so far.
    messages: u32,
}

impl FanOuts {
    /// None; counts pairs by message, too.
    pub(super) fn watched() -> Self {
        Self { pairs: PairsSent { by_message: Some(BTreeMap::new()), ..PairsSent::default() }, ..Self::default() }
    }

    /// Sends a fan-out to the shards that have its devices.
    pub(super) fn send(&mut self, fan_out: FanOut, shards: &mut ShardSupervisor) {
        self.pairs.count(&fan_out);
        let fan_out = Arc::new(fan_out);
        match &fan_out.audience {
            Audience::One { device, .. } => {
                self.in_progress += 1;
                shards.send(shards.of(*device), ShardCommand::Feed(Feed::FanOut(fan_out)));
            }
            Audience::Many(_) => {
                self.in_progress += shards.len();
                shards.send_all(|| ShardCommand::Feed(Feed::FanOut(fan_out.clone())));
            }
        }
    }

    /// Whether the shards are too far behind for another one.
    pub(super) const fn are_full(&self) -> bool {
        self.in_progress >= FAN_OUTS_MAX
    }

    /// A shard has handed out so many.
    pub(super) fn handed_out(&mut self, fan_outs: usize) {
        self.in_progress -= fan_outs;
    }

    /// A shard has left out so many pairs.
    pub(super) fn left_out(&mut self, pairs: u64) {
        self.pairs.left_out += pairs;
    }

    /// The pairs sent out.
    pub(super) const fn pairs_sent(&self) -> u64 {
        self.pairs.all
    }

    /// Those of them that shards have left out.
    pub(super) const fn pairs_left_out(&self) -> u64 {
        self.pairs.left_out
    }

    /// The pairs of a message, if the tenant is watched.
    pub(super) fn pairs_of(&self, message: MessageIx) -> u64 {
        let of_groups = self.pairs.by_message.as_ref().and_then(|pairs| pairs.get(&message)).copied();
        // Any other is to one device.
        of_groups.unwrap_or_else(|| u64::from(message.0 < self.pairs.messages))
    }
}

impl PairsSent {
    fn count(&mut self, fan_out: &FanOut) {
        let message = fan_out.message.ix;
        match &fan_out.audience {
            Audience::One { .. } => self.all += 1,
            Audience::Many(crowd) => {
                // A reopened pair was counted when it was skipped.
                let pairs = crowd.pairs() - crowd.reopened.len();
                self.all += pairs;
                if let Some(by_message) = &mut self.by_message {
                    *by_message.entry(message).or_default() += pairs;
                }
            }
        }
        self.messages = self.messages.max(message.0 + 1);
    }
}
