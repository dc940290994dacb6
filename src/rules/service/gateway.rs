//! Gateways (APNs, FCM): one state machine with different numbers. Capacity is exact arithmetic over a timeline of
//! rates (T4, X16–X18).

use crate::rules::base::distribution::Dist;
use crate::rules::base::ids::FaultIx;
use crate::rules::base::limits::CAPACITY_UNITS;
use crate::rules::base::platform::GatewayName;
use crate::rules::base::time::SimTime;
use crate::rules::faults::fault::{Fault, FaultKind, FaultSet};
use crate::rules::faults::united::Wait;

/// What a store does when one message too many arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overflow {
    /// R53: the newest by acceptance stay.
    Supersede,
    /// R54: all go, the newcomer included.
    Discard,
}

/// FCM's priority of a message (R55).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Priority {
    /// Wakes a dozing phone.
    #[default]
    High,
    /// Waits for a maintenance window.
    Normal,
}

/// The parameters of one gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gateway {
    /// Its name.
    pub name: GatewayName,
    /// How long a copy travels to the phone.
    pub latency: Dist,
    /// The share it loses by itself.
    pub loss: crate::rules::base::chance::Ratio,
    /// How long after a hold a copy leaves.
    pub retry: Dist,
    /// Messages stored for an offline phone.
    pub stored: u32,
    /// What happens when one more arrives.
    pub overflow: Overflow,
    /// How long a message is tried, in ms, if the send does not set it.
    pub expiry_ms: Option<u64>,
    /// FCM's priority; irrelevant for APNs.
    pub priority: Priority,
    /// Its rate over time.
    pub rates: Rates,
}

/// A gateway's rate over time, and C(t), its integral.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rates {
    /// Units a millisecond without any throttle; `None` without a limit.
    capacity: Option<u64>,
    /// Ascending, the first at 0; each holds until the next begins.
    pieces: Vec<Piece>,
    /// By throttle that cuts the rate of some piece: the pieces in which it alone determines the rate, or is the first
    /// that does.
    leading: Vec<(FaultIx, Vec<u32>)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Piece {
    from: SimTime,
    /// Units a millisecond; `None` without a limit.
    rate: Option<u64>,
    /// C at `from`, in units.
    sum: u128,
    /// C at the last moment of the piece: a copy with a slot up to it leaves in this piece or before, unless the rate
    /// is 0.
    last_sum: u128,
    /// The first piece from here on whose rate is not 0, and the first without a limit; the number of pieces for none.
    moving: u32,
    unlimited: u32,
    /// Throttles in force that are below the gateway's own capacity.
    throttles: FaultSet,
}

/// The most pieces in a rate's timeline; `every` can make many.
pub const RATE_PIECES_MAX: usize = 100_000;

/// A throttle of the gateway: its index, itself, units a millisecond.
type Throttle<'a> = (FaultIx, &'a Fault, u64);

impl Rates {
    /// The timeline of a gateway with this `capacity` (units of [`CAPACITY_UNITS`] a ms, `None` without a limit) under
    /// the throttles among `faults` that cover it, up to `horizon`. `None` if it has more than [`RATE_PIECES_MAX`]
    /// pieces.
    pub fn new(name: GatewayName, capacity: Option<u64>, faults: &[Fault], horizon: SimTime) -> Option<Self> {
        let throttles: Vec<Throttle<'_>> = faults
            .iter()
            .enumerate()
            .filter(|(_, fault)| fault.scope.gateway.is_none_or(|gateway| gateway == name))
            .filter_map(|(at, fault)| match fault.kind {
                FaultKind::Throttle { units_per_ms } => Some((FaultIx(at as u32), fault, units_per_ms)),
                _ => None,
            })
            .collect();
        let mut edges = vec![SimTime::ZERO];
        for (_, fault, _) in &throttles {
            for window in fault.windows(horizon) {
                edges.extend([window.from, window.to]);
                if edges.len() > RATE_PIECES_MAX {
                    return None;
                }
            }
        }
        edges.retain(|edge| *edge < SimTime::NEVER);
        edges.sort_unstable();
        edges.dedup();
        let mut rates = Self { capacity, pieces: Vec::with_capacity(edges.len()), leading: Vec::new() };
        for (at, from) in edges.iter().enumerate() {
            rates.push(*from, edges.get(at + 1).copied(), &throttles);
        }
        rates.link();
        Some(rates)
    }

    /// Adds the piece from `from` to `to`, or for ever.
    fn push(&mut self, from: SimTime, to: Option<SimTime>, throttles: &[Throttle<'_>]) {
        let sum = self.pieces.last().map_or(0, |last| last.sum_at(from));
        let (mut rate, mut cutting) = (self.capacity, FaultSet::default());
        // Of the throttles that determine the rate: when the first began, and which they are.
        let (mut began, mut leading) = (SimTime::NEVER, FaultSet::default());
        for (ix, fault, units) in throttles {
            let Some(window) = fault.window(from) else { continue };
            if self.capacity.is_none_or(|own| *units < own) {
                cutting.insert(*ix);
                let is_least = rate.is_none_or(|least| *units < least);
                if is_least || (rate == Some(*units) && window.from < began) {
                    (began, leading) = (window.from, FaultSet::of(*ix));
                } else if rate == Some(*units) && window.from == began {
                    leading.insert(*ix);
                }
            }
            rate = Some(rate.map_or(*units, |least| least.min(*units)));
        }
        let at = self.pieces.len() as u32;
        for ix in leading.iter() {
            match self.leading.iter_mut().find(|(known, _)| *known == ix) {
                Some((_, pieces)) => pieces.push(at),
                None => self.leading.push((ix, vec![at])),
            }
        }
        let mut piece = Piece { from, rate, sum, last_sum: 0, moving: at, unlimited: at, throttles: cutting };
        piece.last_sum = match (to, rate) {
            (None, Some(1..)) => u128::MAX,
            (to, _) => piece.sum_at(to.unwrap_or(from).just_before().max(from)),
        };
        self.pieces.push(piece);
    }

    /// Links each piece to the next that moves and to the next without a limit.
    fn link(&mut self) {
        let (mut moving, mut unlimited) = (self.pieces.len() as u32, self.pieces.len() as u32);
        for (at, piece) in self.pieces.iter_mut().enumerate().rev() {
            if piece.rate != Some(0) {
                moving = at as u32;
            }
            if piece.rate.is_none() {
                unlimited = at as u32;
            }
            (piece.moving, piece.unlimited) = (moving, unlimited);
        }
    }

    /// The timeline of the same gateway under other faults; `None` as for [`Rates::new`].
    pub(crate) fn under(&self, name: GatewayName, faults: &[Fault], horizon: SimTime) -> Option<Self> {
        Self::new(name, self.capacity, faults, horizon)
    }

    /// The same under a subset of its faults.
    pub(crate) fn under_fewer(&self, name: GatewayName, faults: &[Fault], horizon: SimTime) -> Self {
        self.under(name, faults, horizon).expect("fewer throttles change a rate less often")
    }

    #[inline]
    fn index(&self, now: SimTime) -> usize {
        if self.pieces.len() == 1 {
            return 0;
        }
        self.pieces.partition_point(|piece| piece.from <= now) - 1
    }

    /// C(now), in units.
    pub fn sum_at(&self, now: SimTime) -> u128 {
        self.pieces[self.index(now)].sum_at(now)
    }

    /// Whether the gateway has a limit at `now`.
    pub fn limited(&self, now: SimTime) -> bool {
        self.pieces[self.index(now)].rate.is_some()
    }

    /// Whether there is a moment without a limit in `(after, to]`, or at `after`.
    fn unlimited_between(&self, after: SimTime, to: SimTime) -> bool {
        self.pieces[self.index(after)].unlimited as usize <= self.index(to)
    }

    /// Whether any throttle cuts the rate at any time.
    #[inline]
    pub(crate) const fn are_cut(&self) -> bool {
        !self.leading.is_empty()
    }

    /// The moment at which the copy with this slot leaves, not before `now`.
    #[inline]
    pub fn leaves(&self, slot: u128, now: SimTime) -> SimTime {
        match self.pieces.as_slice() {
            [only] => only.leaves(slot, now),
            _ => self.leaves_in_time(slot, now),
        }
    }

    fn leaves_in_time(&self, slot: u128, now: SimTime) -> SimTime {
        let first = self.index(now);
        let reaching = self.pieces.partition_point(|piece| piece.last_sum < slot).max(first);
        let moving = self.pieces.get(reaching).map_or(self.pieces.len(), |piece| piece.moving as usize);
        let leaving = moving.min(self.pieces[first].unlimited as usize);
        self.pieces.get(leaving).map_or(SimTime::NEVER, |piece| piece.leaves(slot, piece.from.max(now)))
    }

    /// The throttles because of which a copy waits from `now` until it leaves (X32): at once those in force below the
    /// gateway's own rate; later those that determine the rate of a later piece, or of several the one that began
    /// first.
    pub(crate) fn wait(&self, now: SimTime, leaves: SimTime) -> Wait {
        let first = self.index(now);
        let later = self.leading.iter().filter_map(|(fault, pieces)| {
            let next = *pieces.get(pieces.partition_point(|at| *at as usize <= first))?;
            Some((self.pieces[next as usize].from, *fault)).filter(|(from, _)| *from < leaves)
        });
        Wait { read: self.pieces[first].throttles, later: later.collect() }
    }
}

impl Piece {
    /// The moment at which the copy with this slot leaves if the rate stays as it is, not before `begins`.
    #[inline]
    fn leaves(&self, slot: u128, begins: SimTime) -> SimTime {
        match self.rate {
            None => begins,
            Some(0) => SimTime::NEVER,
            Some(rate) => {
                let missing = slot.saturating_sub(self.sum);
                // A division of 64 bits if that suffices: it is several times as fast.
                let waits_ms = match u64::try_from(missing) {
                    Ok(missing) => missing.div_ceil(rate),
                    Err(_) => u64::try_from(missing.div_ceil(u128::from(rate))).unwrap_or(u64::MAX),
                };
                begins.max(self.from + waits_ms)
            }
        }
    }

    fn sum_at(&self, now: SimTime) -> u128 {
        self.sum + u128::from(self.rate.unwrap_or(0)) * u128::from(now.since(self.from))
    }
}

/// The queue in front of a gateway: the beginning of the next batch (T4's E).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Queue {
    end: u128,
    last: SimTime,
}

impl Queue {
    /// Takes a batch of `copies` at `now` and returns its W, in units: the copy of rank r has the slot W + r messages.
    pub fn take(&mut self, rates: &Rates, copies: u64, now: SimTime) -> u128 {
        let sum = rates.sum_at(now);
        if rates.unlimited_between(self.last, now) {
            self.end = sum;
        }
        self.last = now;
        let begin = self.end.max(sum);
        self.end = if rates.limited(now) { begin + u128::from(copies) * CAPACITY_UNITS } else { begin };
        begin
    }
}

/// The slot of the copy of rank `rank` in a batch that begins at `begin`.
pub fn slot(begin: u128, rank: u64) -> u128 {
    begin + u128::from(rank) * CAPACITY_UNITS
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The least of the capacity and the throttles in force at `now`, and the throttles below the capacity that determine it,
    /// of which those that began first.
    fn least(capacity: Option<u64>, throttles: &[Fault], now: u64) -> (Option<u64>, Vec<FaultIx>) {
        let standing = (0..).map(FaultIx).zip(throttles).filter_map(|(ix, fault)| {
            let FaultKind::Throttle { units_per_ms } = fault.kind else { return None };
            Some((ix, fault.window(SimTime(now))?.from, units_per_ms))
        });
        let standing: Vec<(FaultIx, SimTime, u64)> = standing.collect();
        let rate = standing.iter().map(|(.., units)| *units).chain(capacity).min();
        let leading = standing.iter().filter(|one| Some(one.2) == rate && capacity.is_none_or(|own| one.2 < own));
        let began = leading.clone().map(|one| one.1).min();
        (rate, leading.filter(|one| Some(one.1) == began).map(|one| one.0).collect())
    }

    proptest! {
        /// Against a walk over every millisecond.
        #[test]
        fn copies_leave_and_wait_as_in_a_walk_x16_x32(
            capacity in prop::option::of(1_u64..6),
            throttles in prop::collection::vec(
                (prop::sample::select(vec![0_u64, 10, 20, 25]), prop::option::of(1_u64..30), 1_u64..30, 0_u64..4, any::<bool>()), 0..5),
            now in 0_u64..90,
            slot in 0_u128..400,
        ) {
            let fault = |(at, lasts, pause, units_per_ms, again): (u64, Option<u64>, u64, u64, bool)| {
                let every = lasts.filter(|_| again).map(|lasts| lasts + pause);
                Fault::by_hand(FaultKind::Throttle { units_per_ms }, at, lasts, every)
            };
            let throttles: Vec<Fault> = throttles.into_iter().map(fault).collect();
            let rates = Rates::new(GatewayName::Apns, capacity, &throttles, SimTime(200)).expect("few pieces");
            let by_ms: Vec<(Option<u64>, Vec<FaultIx>)> = (0..200).map(|at| least(capacity, &throttles, at)).collect();
            let rate = |at: u64| by_ms[at as usize].0;
            let sum = |to: u64| (0..to).map(|at| u128::from(rate(at).unwrap_or(0))).sum::<u128>();
            prop_assert_eq!((rates.sum_at(SimTime(now)), rates.limited(SimTime(now))), (sum(now), rate(now).is_some()));
            // A copy whose slot is reached leaves at the first moment with a rate above 0.
            let leaves = (now..200).find(|at| rate(*at).is_none_or(|rate| rate > 0 && sum(*at) >= slot));
            let found = rates.leaves(slot, SimTime(now));
            prop_assert_eq!(Some(found.0).filter(|at| *at < 200), leaves, "{:?}", found);
            let wait = rates.wait(SimTime(now), found);
            let read = (0..).map(FaultIx).zip(&throttles).filter(|(_, fault)| {
                let is_lower = matches!(fault.kind, FaultKind::Throttle { units_per_ms } if capacity.is_none_or(|own| units_per_ms < own));
                is_lower && fault.in_force(SimTime(now))
            });
            prop_assert_eq!(wait.read, read.fold(FaultSet::default(), |set, (ix, _)| set.union(FaultSet::of(ix))));
            let edges: Vec<u64> =
                rates.pieces.iter().map(|piece| piece.from.0).filter(|at| *at > now && *at < 200).collect();
            for ix in (0..throttles.len()).map(|at| FaultIx(at as u32)) {
                let begins = edges.iter().copied().find(|at| by_ms[*at as usize].1.contains(&ix));
                let begins = begins.filter(|at| *at < found.0).map(SimTime);
                let later = wait.later.iter().find(|(at, known)| *known == ix && at.0 < 200).map(|(at, _)| *at);
                prop_assert_eq!(later, begins, "{:?}", ix);
            }
            let unlimited = (now / 2..=now).any(|at| rate(at).is_none());
            prop_assert_eq!(rates.unlimited_between(SimTime(now / 2), SimTime(now)), unlimited);
            prop_assert!(rates.are_cut() || by_ms.iter().all(|(_, leading)| leading.is_empty()));
        }
    }

    fn fcm() -> Rates {
        Rates::new(GatewayName::Fcm, Some(600_000 * 60), &[], SimTime(3_600_000)).expect("one piece")
    }

    #[test]
    fn the_default_capacity_lets_ten_leave_each_millisecond_x16() {
        let (rates, mut queue) = (fcm(), Queue::default());
        let begin = queue.take(&rates, 30, SimTime(1_000));
        let leaves = |rank| rates.leaves(slot(begin, rank), SimTime(1_000)).0;
        assert_eq!(
            (leaves(0), leaves(1), leaves(10), leaves(11), leaves(20), leaves(21)),
            (1_000, 1_001, 1_001, 1_002, 1_002, 1_003)
        );
    }

    #[test]
    fn a_second_batch_queues_behind_the_first() {
        let (rates, mut queue) = (fcm(), Queue::default());
        let first = queue.take(&rates, 100, SimTime(0));
        let second = queue.take(&rates, 1, SimTime(5));
        assert_eq!(second - first, 100 * CAPACITY_UNITS);
    }
}
