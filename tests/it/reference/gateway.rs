//! A gateway's queue: when a copy with a slot leaves (T4, X16–X18). Must not know outages or phones.

use super::faults::Window;
use super::model::{Fault, FaultKind, GatewayName, Ms, NEVER, Rate, Scenario};

/// The cost of one message, in the units of [`Rate::per_ms`].
const MESSAGE: u128 = 3_600_000;

/// The end of the slots handed out so far (E in T4), and when they were handed out.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Queue {
    end: u128,
    last: Ms,
}

/// The rate of a throttle on this gateway.
fn throttle(fault: &Fault, name: GatewayName) -> Option<u64> {
    match fault.kind {
        FaultKind::Throttle(rate) if fault.scope.gateway.is_none_or(|only| only == name) => Some(rate.per_ms()),
        _ => None,
    }
}

impl Scenario {
    fn capacity(&self, name: GatewayName) -> Option<u64> {
        self.gateway(name).capacity.map(Rate::per_ms)
    }

    /// The messages that a gateway lets through per millisecond; `None` is unlimited.
    fn rate(&self, name: GatewayName, now: Ms) -> Option<u64> {
        let throttles = self.faults.iter().filter(|fault| fault.is_in_force(now));
        throttles.filter_map(|fault| throttle(fault, name)).chain(self.capacity(name)).min()
    }

    /// Every moment at which a throttle of this gateway begins or ends, ascending, with the start of the run.
    fn throttle_edges(&self, name: GatewayName) -> Vec<Ms> {
        let throttles = self.faults.iter().filter(|fault| throttle(fault, name).is_some());
        let windows = throttles.flat_map(|fault| fault.windows(self.duration));
        let mut edges: Vec<Ms> = windows.flat_map(|Window { from, to }| [from, to]).chain([0, NEVER]).collect();
        edges.sort_unstable();
        edges.dedup();
        edges
    }

    /// C(now): the number of messages that could have left since the start. Without capacity, C stands still (X18).
    fn passed(&self, name: GatewayName, now: Ms) -> u128 {
        let edges = self.throttle_edges(name);
        let stretches = edges.windows(2).filter(|stretch| stretch[0] < now);
        let passed = |stretch: &[Ms]| {
            u128::from(stretch[1].min(now) - stretch[0]) * u128::from(self.rate(name, stretch[0]).unwrap_or(0))
        };
        stretches.map(passed).sum()
    }

    /// The slots of a batch of `count` copies (T4).
    pub(crate) fn slots(&self, name: GatewayName, queue: &mut Queue, now: Ms, count: usize) -> Vec<u128> {
        let passed = self.passed(name, now);
        let between = self.throttle_edges(name).into_iter().filter(|edge| queue.last < *edge && *edge <= now);
        let was_free = [queue.last, now].into_iter().chain(between).any(|at| self.rate(name, at).is_none());
        let first = if was_free { passed } else { queue.end.max(passed) };
        queue.last = now;
        // Without capacity a batch takes no slots: all leave at once (X18).
        let taken = if self.rate(name, now).is_none() { 0 } else { count as u128 };
        queue.end = first + taken * MESSAGE;
        (0..count as u128).map(|rank| first + rank.min(taken) * MESSAGE).collect()
    }

    /// The first moment from `now` on at which a copy with this slot may leave.
    pub(crate) fn leaves(&self, name: GatewayName, slot: u128, now: Ms) -> Ms {
        for stretch in self.throttle_edges(name).windows(2).filter(|stretch| stretch[1] > now) {
            let from = stretch[0].max(now);
            match self.rate(name, from) {
                None => return from,
                Some(0) => {}
                Some(rate) => {
                    let missing = slot.saturating_sub(self.passed(name, from));
                    let wait = missing.div_ceil(u128::from(rate));
                    let leaves = u128::from(from) + wait;
                    if leaves < u128::from(stretch[1]) {
                        return Ms::try_from(leaves).expect("it is before the end of the stretch");
                    }
                }
            }
        }
        NEVER
    }

    /// The throttles in force that cut below the gateway's own capacity, with their rates and beginnings.
    pub(crate) fn cuts(&self, name: GatewayName, now: Ms) -> Vec<(usize, u64, Ms)> {
        let own = self.capacity(name);
        let cut = |(at, fault): (usize, &Fault)| {
            let rate = throttle(fault, name).filter(|rate| own.is_none_or(|own| *rate < own))?;
            Some((at, rate, fault.window_at(now)?.from))
        };
        self.faults.iter().enumerate().filter_map(cut).collect()
    }

    /// Of the throttles in force, those that make the rate of a stretch: the least rate, then the first to begin (X32).
    pub(crate) fn tightest(&self, name: GatewayName, now: Ms) -> Vec<usize> {
        let cuts = self.cuts(name, now);
        let least = cuts.iter().map(|(_, rate, from)| (*rate, *from)).min();
        cuts.into_iter().filter(|(_, rate, from)| Some((*rate, *from)) == least).map(|(at, ..)| at).collect()
    }

    pub(crate) fn is_throttle_edge(&self, name: GatewayName, now: Ms) -> bool {
        self.throttle_edges(name).contains(&now)
    }
}
