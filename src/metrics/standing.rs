//! The last report of each shard about its waiting copies, and the gauges that follow from it at a moment of the model.
//! Levels that hold until the next report, not differences.

use std::collections::BTreeMap;

use strum::VariantArray as _;

use crate::rules::base::platform::GatewayName;
use crate::rules::base::time::SimTime;
use crate::rules::service::journey::{Journey, WaitCause};

/// Copies of one shard that wait to leave a gateway, for capacity or because of an outage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct GatewayBacklog {
    waiting: u64,
    /// When the queue last became non-empty.
    filled_at: SimTime,
    /// When the last copy left, or model time zero.
    left_at: SimTime,
}

impl GatewayBacklog {
    /// A copy moved at `at`.
    pub(super) fn moved(&mut self, at: SimTime, from: Option<Journey>, to: Journey) {
        match (from.is_some_and(is_queued), is_queued(to)) {
            (false, true) => {
                if self.waiting == 0 {
                    self.filled_at = at;
                }
                self.waiting += 1;
            }
            (true, false) => {
                self.waiting -= 1;
                // A copy that expires in the queue has not left through the gateway.
                if to != Journey::Expired {
                    self.left_at = self.left_at.max(at);
                }
            }
            (true, true) | (false, false) => {}
        }
    }
}

const fn is_queued(journey: Journey) -> bool {
    matches!(journey, Journey::Waiting(WaitCause::Capacity | WaitCause::Outage))
}

/// The queues of one shard when it was last idle. While a shard is behind, its phones advance one by one, and its
/// queues belong to no single moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Queues {
    of: [GatewayBacklog; GatewayName::VARIANTS.len()],
    /// The shard's next event: its queues hold up to then, whatever model time the other shards have.
    until: SimTime,
}

impl Queues {
    /// No copy waits.
    pub(super) const EMPTY: Self = Self {
        of: [GatewayBacklog { waiting: 0, filled_at: SimTime::ZERO, left_at: SimTime::ZERO }; 2],
        until: SimTime::NEVER,
    };

    /// The queues of an idle shard with no event before `until`.
    pub(super) const fn new(of: [GatewayBacklog; GatewayName::VARIANTS.len()], until: SimTime) -> Self {
        Self { of, until }
    }
}

/// The last report of every shard.
#[derive(Debug, Default)]
pub(super) struct ShardGauges {
    oldest: BTreeMap<usize, SimTime>,
    queues: BTreeMap<usize, Queues>,
    now: SimTime,
}

impl ShardGauges {
    /// Replaces the report of a shard.
    pub(super) fn hear(&mut self, shard: usize, oldest: Option<SimTime>, queues: Queues) {
        match oldest {
            Some(accepted_at) => self.oldest.insert(shard, accepted_at),
            None => self.oldest.remove(&shard),
        };
        self.queues.insert(shard, queues);
    }

    /// Sets model time to `now`.
    pub(super) fn go_to(&mut self, now: SimTime) {
        self.now = now;
    }

    pub(super) fn now(&self) -> SimTime {
        self.now
    }

    /// Milliseconds since the acceptance of the oldest message that a pair waits with; 0 if none waits.
    pub(super) fn oldest_ms(&self) -> u64 {
        self.oldest.values().min().map_or(0, |accepted_at| self.now.since(*accepted_at))
    }

    /// Milliseconds since a copy last left the gateway, or since copies began to wait, if that was later; 0 if none
    /// waits.
    pub(super) fn stalled_ms(&self, gateway: GatewayName) -> u64 {
        let of = |queues: &Queues| queues.of[gateway as usize];
        let waiting = || self.queues.values().filter(|queues| of(queues).waiting > 0);
        let Some(filled_at) = waiting().map(|queues| of(queues).filled_at).min() else { return 0 };
        let left_at = self.queues.values().map(|queues| of(queues).left_at).max().unwrap_or(filled_at);
        let now = waiting().map(|queues| queues.until).min().map_or(self.now, |until| until.min(self.now));
        now.since(filled_at.max(left_at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELD: Journey = Journey::Waiting(WaitCause::Outage);
    const CROWDED: Journey = Journey::Waiting(WaitCause::Capacity);
    const GONE: Journey = Journey::Waiting(WaitCause::InTransit);

    fn stalled(shards: &[&GatewayBacklog], now: u64) -> u64 {
        let mut standing = ShardGauges::default();
        for (shard, queue) in shards.iter().enumerate() {
            standing.hear(shard, None, Queues::new([GatewayBacklog::default(), **queue], SimTime(8_500)));
        }
        standing.go_to(SimTime(now));
        assert_eq!(standing.stalled_ms(GatewayName::Apns), 0);
        standing.stalled_ms(GatewayName::Fcm)
    }

    #[test]
    fn a_queue_stalls_from_its_first_copy_or_from_the_last_that_left() {
        let mut queue = GatewayBacklog::default();
        assert_eq!(stalled(&[&queue], 5_000), 0);
        queue.moved(SimTime(1_000), None, CROWDED);
        queue.moved(SimTime(2_000), None, HELD);
        assert_eq!(stalled(&[&queue], 5_000), 4_000);
        queue.moved(SimTime(3_000), Some(CROWDED), HELD);
        assert_eq!(stalled(&[&queue], 5_000), 4_000, "held now, and still not gone");
        queue.moved(SimTime(3_500), Some(HELD), Journey::Expired);
        assert_eq!(stalled(&[&queue], 5_000), 4_000, "what expires has not left by the gate");
        queue.moved(SimTime(4_000), None, HELD);
        queue.moved(SimTime(4_500), Some(HELD), GONE);
        assert_eq!(stalled(&[&queue], 5_000), 500);
        queue.moved(SimTime(4_600), Some(HELD), GONE);
        assert_eq!(stalled(&[&queue], 8_000), 0, "no copy waits");
    }

    #[test]
    fn a_copy_that_leaves_one_shard_keeps_the_gateway_from_stalling() {
        let (mut held, mut drained) = (GatewayBacklog::default(), GatewayBacklog::default());
        held.moved(SimTime(1_000), None, HELD);
        drained.moved(SimTime(2_000), None, HELD);
        assert_eq!(stalled(&[&held, &drained], 8_000), 7_000);
        drained.moved(SimTime(6_000), Some(HELD), GONE);
        assert_eq!(stalled(&[&held, &drained], 8_000), 2_000);
    }

    #[test]
    fn a_shard_that_is_behind_does_not_make_a_gateway_look_stalled() {
        let mut held = GatewayBacklog::default();
        held.moved(SimTime(1_000), None, CROWDED);
        assert_eq!(stalled(&[&held], 8_000), 7_000);
        assert_eq!(stalled(&[&held], 900_000), 7_500, "at 8,500 it has something to do, and has not done it");
    }

    #[test]
    fn the_oldest_of_all_shards_is_the_oldest() {
        let mut standing = ShardGauges::default();
        standing.go_to(SimTime(10_000));
        assert_eq!(standing.oldest_ms(), 0);
        standing.hear(0, Some(SimTime(4_000)), Queues::EMPTY);
        standing.hear(1, Some(SimTime(1_000)), Queues::EMPTY);
        assert_eq!(standing.oldest_ms(), 9_000);
        standing.hear(1, None, Queues::EMPTY);
        assert_eq!(standing.oldest_ms(), 6_000);
    }
}
