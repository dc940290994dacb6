//! The metrics during a replay: everything the tenant repeats is counted already, so the exported figures do not move.
//! Keeps the values that they take afterwards.

use metrics::Counter;
use strum::VariantArray as _;

use crate::rules::base::platform::GatewayName;
use crate::rules::service::journey::WaitCause;

use super::batch::{ActorKind, MetricsBatch};
use super::standing::ShardGauges;

/// The values of the gauges after the replay.
#[derive(Debug, Default)]
pub(super) struct MetricsReplay {
    pub(super) standing: ShardGauges,
    pub(super) open: [i64; WaitCause::VARIANTS.len()],
    pub(super) backlog: [i64; GatewayName::VARIANTS.len()],
    pub(super) resident: [i64; ActorKind::VARIANTS.len()],
    pub(super) timers: i64,
    pub(super) conservation_error: i64,
    /// By fault, pairs touched since the tenant's start.
    pub(super) touched: Vec<u64>,
}

impl MetricsReplay {
    /// Adds a batch.
    pub(super) fn add(&mut self, batch: &MetricsBatch) {
        self.standing.hear(batch.shard, batch.oldest_waiting, batch.queues);
        add(&mut self.open, &batch.open);
        add(&mut self.backlog, &batch.backlog);
        add(&mut self.resident, &batch.resident);
        self.timers += batch.timers;
        self.conservation_error += batch.conservation_error;
        self.touched.resize(batch.touched.len(), 0);
        self.touched.iter_mut().zip(&batch.touched).for_each(|(all, more)| *all += more);
    }
}

fn add(all: &mut [i64], more: &[i64]) {
    all.iter_mut().zip(more).for_each(|(all, more)| *all += more);
}

/// The pairs that each fault has touched since the tenant's start, and how many of them are exported. A pair is touched
/// when it begins to wait for what a fault will do, so the replay of a fault that was stopped may touch fewer than were
/// exported; a counter never falls, so it stays until the count has caught up.
#[derive(Debug, Default)]
pub(super) struct Touched {
    counted: Vec<u64>,
    exported: Vec<u64>,
}

impl Touched {
    /// Adds touched pairs.
    pub(super) fn add(&mut self, more: &[u64], counters: &[Counter]) {
        self.counted.resize(more.len(), 0);
        self.counted.iter_mut().zip(more).for_each(|(all, more)| *all += more);
        self.tell(counters);
    }

    /// Replaces the touched pairs by these totals.
    pub(super) fn stand_at(&mut self, all: Vec<u64>, counters: &[Counter]) {
        self.counted = all;
        self.tell(counters);
    }

    fn tell(&mut self, counters: &[Counter]) {
        self.exported.resize(self.counted.len(), 0);
        for ((counted, exported), counter) in self.counted.iter().zip(&mut self.exported).zip(counters) {
            if counted > exported {
                counter.increment(*counted - *exported);
                *exported = *counted;
            }
        }
    }
}
