//! What one shard counted since its last hand-over: plain integers, no atomics, no locks. Handed over, then cleared.

use strum::VariantArray as _;

use crate::rules::base::ids::FaultIx;
use crate::rules::base::platform::{GatewayName, Platform};
use crate::rules::base::time::SimTime;
use crate::rules::counting::deliveries::DELIVERY_BOUNDS_MS;
use crate::rules::model::world::World;
use crate::rules::service::journey::{Journey, WaitCause};
use crate::rules::service::message::{MessageKind, Reason};

use super::label;
use super::lag_cause::LagCause;
use super::samples::{LAG_BOUNDS_US, Samples};
use super::standing::{GatewayBacklog, Queues};

/// The kinds of actors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum ActorKind {
    /// The tenant.
    Tenant,
    /// A shard of the fleet.
    Shard,
    /// The cloud side of a device.
    Device,
    /// The device side: shows the notifications.
    Portal,
}

impl ActorKind {
    /// The label value in metrics.
    pub const fn name(self) -> &'static str {
        self.into_str()
    }
}

/// Counts since the last hand-over. Values of gauges are differences and may be negative.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetricsBatch {
    /// Index of the shard, from 0. Identifies the values below that are levels, not differences.
    pub shard: usize,
    /// Acceptance of the oldest message that a pair of this shard still waits with. A level: it holds until the next
    /// batch.
    pub oldest_waiting: Option<SimTime>,
    /// Each gateway's queue now, and (in `queues`) when the shard was last idle; levels too.
    now_queued: [GatewayBacklog; GatewayName::VARIANTS.len()],
    pub(super) queues: Queues,
    /// Pairs that set out and are in no station, minus those in two.
    pub(super) conservation_error: i64,
    pub(super) accepted: [u64; 2],
    pub(super) refused: [[u64; Reason::VARIANTS.len()]; 2],
    /// By platform, then by [`Journey::code`].
    pub(super) settled: Vec<u64>,
    pub(super) open: [i64; WaitCause::VARIANTS.len()],
    pub(super) dismissals: [u64; Platform::VARIANTS.len()],
    pub(super) delivery_ms: [Samples; Platform::VARIANTS.len()],
    pub(super) lag_us: Samples,
    /// By cause.
    pub(super) waited_us: [u64; LagCause::VARIANTS.len()],
    pub(super) backlog: [i64; 2],
    pub(super) resident: [i64; ActorKind::VARIANTS.len()],
    pub(super) activations: [u64; ActorKind::VARIANTS.len()],
    pub(super) restarts: [u64; ActorKind::VARIANTS.len()],
    pub(super) timers: i64,
    pub(super) touched: Vec<u64>,
    pub(super) late_sends: u64,
    /// How many fault labels there are; the last one may stand for several faults.
    faults: usize,
    is_empty: bool,
}

impl MetricsBatch {
    /// An empty batch of a shard of this world.
    pub fn new(world: &World, shard: usize) -> Self {
        let faults = label::faults(world).len();
        Self {
            shard,
            oldest_waiting: None,
            now_queued: [GatewayBacklog::default(); GatewayName::VARIANTS.len()],
            queues: Queues::EMPTY,
            conservation_error: 0,
            accepted: [0; 2],
            refused: [[0; Reason::VARIANTS.len()]; 2],
            settled: vec![0; Platform::VARIANTS.len() * (Journey::CODES + faults)],
            open: [0; WaitCause::VARIANTS.len()],
            dismissals: [0; Platform::VARIANTS.len()],
            delivery_ms: std::array::from_fn(|_| Samples::new(DELIVERY_BOUNDS_MS)),
            lag_us: Samples::new(LAG_BOUNDS_US),
            waited_us: [0; LagCause::VARIANTS.len()],
            backlog: [0; 2],
            resident: [0; ActorKind::VARIANTS.len()],
            activations: [0; ActorKind::VARIANTS.len()],
            restarts: [0; ActorKind::VARIANTS.len()],
            timers: 0,
            touched: vec![0; faults],
            late_sends: 0,
            faults,
            is_empty: true,
        }
    }

    /// Whether nothing was counted since the last clear. Levels do not count.
    pub fn is_empty(&self) -> bool {
        self.is_empty
    }

    /// Resets the differences after a hand-over; levels stay.
    pub fn clear(&mut self) {
        self.conservation_error = 0;
        self.accepted = [0; 2];
        self.refused = [[0; Reason::VARIANTS.len()]; 2];
        self.settled.fill(0);
        self.open = [0; WaitCause::VARIANTS.len()];
        self.dismissals = [0; Platform::VARIANTS.len()];
        self.delivery_ms.iter_mut().for_each(Samples::clear);
        self.lag_us.clear();
        self.waited_us = [0; LagCause::VARIANTS.len()];
        self.backlog = [0; 2];
        self.resident = [0; ActorKind::VARIANTS.len()];
        self.activations = [0; ActorKind::VARIANTS.len()];
        self.restarts = [0; ActorKind::VARIANTS.len()];
        self.timers = 0;
        self.touched.fill(0);
        self.late_sends = 0;
        self.is_empty = true;
    }

    /// Counts an accepted message.
    pub fn message_accepted(&mut self, kind: MessageKind) {
        self.is_empty = false;
        self.accepted[kind as usize] += 1;
    }

    /// Counts a refused attempt to send.
    pub fn message_refused(&mut self, kind: MessageKind, reason: Reason) {
        self.is_empty = false;
        self.refused[kind as usize][reason as usize] += 1;
    }

    /// Counts pairs that set out, or turned back if negative; each must be in a station before the batch is handed
    /// over.
    #[inline]
    pub fn set_out(&mut self, pairs: i64) {
        self.is_empty = false;
        self.conservation_error += pairs;
    }

    /// Counts pairs that are skipped for now and may yet set out (X12); negative once decided. No metric shows this
    /// station.
    pub fn undecided(&mut self, pairs: i64) {
        self.is_empty = false;
        self.conservation_error -= pairs;
    }

    /// Pairs settled for good. A pair skipped as not enrolled is counted here only once its window has closed (X12).
    #[inline]
    pub fn settled(&mut self, platform: Platform, journey: Journey, pairs: u64) {
        assert!(journey.is_settled(), "what waits has not settled");
        self.is_empty = false;
        let code = journey.code().min(Journey::CODES + self.faults - 1);
        self.settled[platform as usize * (Journey::CODES + self.faults) + code] += pairs;
        self.conservation_error -= pairs.cast_signed();
    }

    /// Counts a move of a pair at `at`: out of waiting, into waiting, or to where it settles.
    #[inline]
    pub fn moved(&mut self, platform: Platform, at: SimTime, from: Option<Journey>, to: Journey) {
        self.is_empty = false;
        if let Some(gateway) = platform.gateway() {
            self.now_queued[gateway as usize].moved(at, from, to);
        }
        if let Some(Journey::Waiting(cause)) = from {
            self.waits(platform, cause, -1);
        }
        match to {
            Journey::Waiting(cause) => self.waits(platform, cause, 1),
            settled => self.settled(platform, settled, 1),
        }
    }

    /// Changes the count of waiting pairs; all but those in transit count as the gateway's backlog too.
    #[inline]
    fn waits(&mut self, platform: Platform, cause: WaitCause, change: i64) {
        self.open[cause as usize] += change;
        self.conservation_error -= change;
        if let (Some(gateway), false) = (platform.gateway(), cause == WaitCause::InTransit) {
            self.backlog[gateway as usize] += change;
        }
    }

    /// Marks the shard as idle; its next event is at `until`, or whenever it gets a command.
    pub fn all_done(&mut self, until: SimTime) {
        self.queues = Queues::new(self.now_queued, until);
    }

    /// Counts a pair shown so many ms of model time after its message was accepted; call [`MetricsBatch::moved`] too.
    #[inline]
    pub fn delivered(&mut self, platform: Platform, after_ms: u64) {
        self.is_empty = false;
        self.delivery_ms[platform as usize].record(after_ms);
    }

    /// Counts a dismissed notification.
    #[inline]
    pub fn dismissed(&mut self, platform: Platform) {
        self.is_empty = false;
        self.dismissals[platform as usize] += 1;
    }

    /// Counts an event that ran so many µs of wall time after it was due, with its waits by cause.
    pub fn lagged(&mut self, us: u64, waited_us: [u64; LagCause::VARIANTS.len()]) {
        self.is_empty = false;
        self.lag_us.record(us);
        self.waited_us.iter_mut().zip(waited_us).for_each(|(all, us)| *all += us);
    }

    /// Counts pairs that a fault touched, or changes that it slowed.
    pub fn touched(&mut self, fault: FaultIx, times: u64) {
        self.is_empty = false;
        self.touched[fault.at().min(self.faults - 1)] += times;
    }

    /// Counts started actors.
    pub fn activated(&mut self, kind: ActorKind, actors: u32) {
        self.is_empty = false;
        self.activations[kind as usize] += u64::from(actors);
        self.resident[kind as usize] += i64::from(actors);
    }

    /// Counts stopped actors, failed ones included.
    pub fn stopped(&mut self, kind: ActorKind, actors: u32) {
        self.is_empty = false;
        self.resident[kind as usize] -= i64::from(actors);
    }

    /// Counts a replaced actor; call [`MetricsBatch::stopped`] and [`MetricsBatch::activated`] too.
    pub fn restarted(&mut self, kind: ActorKind) {
        self.is_empty = false;
        self.restarts[kind as usize] += 1;
    }

    /// Counts entries added to the timer wheel, or removed if negative.
    pub fn timers(&mut self, change: i64) {
        self.is_empty = false;
        self.timers += change;
    }

    /// Counts a send issued more than 100 ms of wall time late.
    pub fn send_was_late(&mut self) {
        self.is_empty = false;
        self.late_sends += 1;
    }
}

const _: () = assert!(GatewayName::VARIANTS.len() == 2, "there is a backlog for each gateway");
