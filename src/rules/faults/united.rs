//! The windows of several faults as one (X1, X20, X32): when all are over, and which faults made that later. Built once
//! for a set of faults and read by binary search, so that no lookup walks from window to window. Must not apply a
//! fault.

use std::cmp::Reverse;
use std::sync::OnceLock;

use super::fault::{Fault, FaultSet};
use crate::rules::base::ids::FaultIx;
use crate::rules::base::time::{SimTime, Span};

/// The windows of a set of faults that begin before the horizon, united. A window that begins where another ends
/// belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct United {
    /// Windows that made the end of the union later when they began, in the order in which they begin; their ends
    /// ascend too.
    edges: Vec<Edge>,
    /// The indices of each fault's windows in `edges`.
    by_fault: Vec<(FaultIx, Vec<u32>)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Edge {
    span: Span,
    /// The end of the union that it belongs to.
    ends: SimTime,
    fault: FaultIx,
}

/// A wait because of united faults.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wait {
    /// Faults that touch the pair at once.
    pub(crate) read: FaultSet,
    /// Faults that touch it later, if it still waits then (X32).
    pub(crate) later: Vec<(SimTime, FaultIx)>,
}

impl Wait {
    /// The faults known so far that touch a pair whose wait is over at `over`.
    pub(crate) fn faults_before(&self, over: SimTime) -> FaultSet {
        let later = self.later.iter().filter(|(at, _)| *at < over);
        later.fold(self.read, |set, (_, fault)| set.union(FaultSet::of(*fault)))
    }
}

impl United {
    /// The windows of the faults of `set` that begin before `horizon`.
    pub(crate) fn new(faults: &[Fault], set: FaultSet, horizon: SimTime) -> Self {
        let of = |ix: FaultIx| faults[ix.at()].windows(horizon).map(move |span| (span, ix));
        let mut windows: Vec<(Span, FaultIx)> =
            set.iter().flat_map(of).filter(|(span, _)| span.from < span.to).collect();
        windows.sort_unstable_by_key(|(span, ix)| (span.from, Reverse(span.to), *ix));
        let mut edges: Vec<Edge> = Vec::new();
        for (span, fault) in windows {
            // Of windows that begin together, only the longest move the end.
            if edges.last().is_none_or(|last| span.to > last.span.to || span == last.span) {
                edges.push(Edge { span, ends: span.to, fault });
            }
        }
        for at in (1..edges.len()).rev() {
            if edges[at].span.from <= edges[at - 1].span.to {
                edges[at - 1].ends = edges[at].ends;
            }
        }
        let places = |ix: FaultIx| (0..).zip(&edges).filter(|(_, edge)| edge.fault == ix).map(|(at, _)| at).collect();
        let by_fault = set.iter().map(|ix| (ix, places(ix))).collect();
        Self { edges, by_fault }
    }

    /// The last edge at or before `now` if its window is in force; then it is the one that ends last.
    fn edge_at(&self, now: SimTime) -> Option<usize> {
        let last = self.edges.partition_point(|edge| edge.span.from <= now).checked_sub(1)?;
        (self.edges[last].span.to > now).then_some(last)
    }

    /// The end of the union in force at `now`; `None` if none is in force.
    pub(crate) fn end(&self, now: SimTime) -> Option<SimTime> {
        self.edge_at(now).map(|at| self.edges[at].ends)
    }

    /// The faults that begin after `now`, within the union in force at `now`, and move its end: each once, with the
    /// moment.
    pub(crate) fn moved_after(&self, now: SimTime) -> impl Iterator<Item = (SimTime, FaultIx)> + '_ {
        let at = self.edge_at(now);
        self.by_fault.iter().filter_map(move |(fault, places)| {
            let at = at?;
            let next = *places.get(places.partition_point(|place| *place as usize <= at))?;
            let next = &self.edges[next as usize];
            (next.ends == self.edges[at].ends).then_some((next.span.from, *fault))
        })
    }

    /// The faults in force at `now` that had moved the end of the union when they began.
    pub(crate) fn moved_before(&self, now: SimTime) -> FaultSet {
        let begun = self.edges.partition_point(|edge| edge.span.from <= now);
        let in_force = self.edges[..begun].iter().rev().take_while(|edge| edge.span.to > now);
        in_force.fold(FaultSet::default(), |set, edge| set.union(FaultSet::of(edge.fault)))
    }
}

/// Sets of faults whose union a world caches; others are united again at each read.
const SETS_KEPT: usize = 256;
/// Slots of the cache that are probed for a set.
const PROBES: usize = 16;

type Places = Box<[OnceLock<(FaultSet, United)>]>;

/// The cache of unions read so far; it changes no result. A clone of a world may get other faults, so a clone of the
/// cache is empty.
#[derive(Debug, Default)]
pub struct Unions(OnceLock<Places>);

impl Clone for Unions {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Unions {
    /// The union of a set of the world's faults; `None` if the cache has no room for it.
    pub(crate) fn get(&self, set: FaultSet, unite: impl Fn() -> United) -> Option<&United> {
        let places = self.0.get_or_init(|| (0..SETS_KEPT).map(|_| OnceLock::new()).collect());
        let [low, high]: [u64; 2] = set.into();
        let first = (low ^ high.rotate_left(32)).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 48;
        (0..PROBES).map(|nth| &places[(first as usize + nth) % SETS_KEPT]).find_map(|place| {
            let (key, united) = place.get_or_init(|| (set, unite()));
            (*key == set).then_some(united)
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rules::faults::fault::FaultKind;

    const HORIZON: SimTime = SimTime(400);

    fn all(faults: &[Fault]) -> FaultSet {
        (0..faults.len()).fold(FaultSet::default(), |set, at| set.union(FaultSet::of(FaultIx(at as u32))))
    }

    /// The same by a walk over every millisecond from `now` on: the end, and the faults that moved it with the moment.
    fn walked(faults: &[Fault], now: u64) -> Option<(SimTime, Vec<(SimTime, FaultIx)>)> {
        let begins = |fault: &Fault, at: u64| fault.window(SimTime(at)).filter(|window| window.from.0 == at);
        let standing = faults.iter().filter_map(|fault| fault.window(SimTime(now)));
        let mut end = standing.map(|window| window.to).max()?;
        let mut moved: Vec<(SimTime, FaultIx)> = Vec::new();
        let mut at = now;
        while at < end.0.min(HORIZON.0 - 1) {
            at += 1;
            let latest = faults.iter().filter_map(|fault| begins(fault, at)).map(|window| window.to).max();
            let Some(latest) = latest.filter(|latest| *latest > end) else { continue };
            for (ix, fault) in (0..).map(FaultIx).zip(faults) {
                let reaches = begins(fault, at).is_some_and(|window| window.to == latest);
                if reaches && moved.iter().all(|(_, known)| *known != ix) {
                    moved.push((SimTime(at), ix));
                }
            }
            end = latest;
        }
        moved.sort_unstable_by_key(|(_, ix)| *ix);
        Some((end, moved))
    }

    /// The faults in force at `now` that moved the end when they began, by the same walk from the beginning on.
    fn walked_before(faults: &[Fault], now: u64) -> FaultSet {
        let (mut end, mut movers) = (SimTime::ZERO, Vec::new());
        for at in 0..=now {
            let begun = (0..).map(FaultIx).zip(faults).filter_map(|(ix, fault)| Some((ix, fault.window(SimTime(at))?)));
            let begun: Vec<(FaultIx, Span)> = begun.filter(|(_, window)| window.from.0 == at).collect();
            let Some(latest) = begun.iter().map(|(_, window)| window.to).max().filter(|latest| *latest > end) else {
                continue;
            };
            movers.extend(begun.into_iter().filter(|(_, window)| window.to == latest));
            end = latest;
        }
        let standing = movers.into_iter().filter(|(_, window)| window.contains(SimTime(now)));
        standing.fold(FaultSet::default(), |set, (ix, _)| set.union(FaultSet::of(ix)))
    }

    proptest! {
        #[test]
        fn the_end_and_the_faults_that_moved_it_are_those_of_a_walk_x32(
            faults in prop::collection::vec((0_u64..200, prop::option::of(1_u64..60), prop::option::of(1_u64..90)), 0..6),
        ) {
            let fault = |(at, lasts, gap): (u64, Option<u64>, Option<u64>)| {
                let every = lasts.zip(gap).map(|(lasts, gap)| lasts + gap);
                Fault::by_hand(FaultKind::Offline, at, lasts, every)
            };
            let faults: Vec<Fault> = faults.into_iter().map(fault).collect();
            let united = United::new(&faults, all(&faults), HORIZON);
            for now in 0..HORIZON.0 {
                let found = united.end(SimTime(now)).map(|end| (end, united.moved_after(SimTime(now)).collect::<Vec<_>>()));
                prop_assert_eq!(found, walked(&faults, now));
                prop_assert_eq!(united.moved_before(SimTime(now)), walked_before(&faults, now));
            }
        }
    }

    fn every(at: u64, lasts: u64, every: u64) -> Fault {
        Fault::by_hand(FaultKind::Offline, at, Some(lasts), Some(every))
    }

    #[test]
    fn a_union_without_a_gap_ends_with_the_last_window_that_begins_in_the_run_x33() {
        let faults = [every(0, 60_000, 60_001), every(30_000, 60_000, 60_001)];
        let united = United::new(&faults, all(&faults), SimTime(3_600_000_000));
        let end = united.end(SimTime(1)).expect("the union is in force");
        assert!(end >= SimTime(3_600_000_000), "{end}");
        assert_eq!(
            united.moved_after(SimTime(1)).collect::<Vec<_>>(),
            [(SimTime(60_001), FaultIx(0)), (SimTime(30_000), FaultIx(1)),]
        );
    }

    #[test]
    fn a_fault_that_begins_when_a_wait_is_over_does_not_touch_it_x32() {
        let wait =
            Wait { read: FaultSet::of(FaultIx(3)), later: vec![(SimTime(10), FaultIx(1)), (SimTime(20), FaultIx(2))] };
        let before = |over| wait.faults_before(SimTime(over)).iter().map(|ix| ix.0).collect::<Vec<_>>();
        assert_eq!((before(10), before(11), before(20), before(21)), (vec![3], vec![1, 3], vec![1, 3], vec![1, 2, 3]));
    }

    #[test]
    fn the_cache_keeps_each_of_256_sets_apart_and_refuses_what_has_no_room() {
        let unions = Unions::default();
        let sets = || (0..4_096_u128).map(|at| FaultSet(((at * at) << 40) | at));
        let of =
            |set: FaultSet| United { edges: Vec::new(), by_fault: set.iter().map(|ix| (ix, Vec::new())).collect() };
        let kept: Vec<FaultSet> = sets().filter(|set| unions.get(*set, || of(*set)).is_some()).collect();
        assert!((SETS_KEPT / 2..=SETS_KEPT).contains(&kept.len()), "{}", kept.len());
        for set in kept {
            assert_eq!(unions.get(set, || unreachable!("it is kept")), Some(&of(set)));
        }
    }

    #[test]
    fn a_set_is_united_once_and_a_clone_of_the_world_starts_empty() {
        let faults = [every(0, 10, 20)];
        let unions = Unions::default();
        let unite = || United::new(&faults, all(&faults), HORIZON);
        let first: *const United = unions.get(all(&faults), unite).expect("there is room");
        let second = unions.get(all(&faults), || unreachable!("it is kept")).expect("there is room");
        assert!(std::ptr::eq(first, second));
        let other = United::new(&[], FaultSet::default(), HORIZON);
        assert_eq!(unions.clone().get(all(&faults), || other.clone()), Some(&other));
    }
}
