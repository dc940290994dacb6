//! Sliding windows: the worst of all windows of one length. Exact for every position, though only positions at which
//! something changes are computed. Must not depend on metrics.

use std::collections::{BTreeMap, VecDeque};

use crate::rules::base::time::{SimTime, Span};
use crate::rules::model::expectation::Bound;

use super::observed::{Observed, badness};
use crate::outcome::record::distribution::{Distribution, Extremes};

/// The contribution of a moment to a figure.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Portion {
    /// The numerator.
    pub(crate) part: u64,
    /// The denominator.
    pub(crate) whole: u64,
    /// The latencies.
    pub(crate) latency: Distribution,
}

impl Portion {
    /// Adds another.
    pub(crate) fn join(&mut self, other: &Self) {
        self.part += other.part;
        self.whole += other.whole;
        self.latency.join(&other.latency);
    }
}

/// The worst figure for `bound` among all windows of `window_ms` that lie wholly inside one of `stretches`, and the
/// start of its window; `None` if there is no window, or no window has a figure.
pub(super) fn worst(
    portions: &BTreeMap<SimTime, Portion>,
    stretches: &[Span],
    window_ms: u64,
    bound: Bound,
    figure: impl Fn(&Portion) -> Option<Observed>,
) -> Option<(Observed, SimTime)> {
    let mut found: Option<((bool, f64), Observed, SimTime)> = None;
    for stretch in stretches {
        if stretch.to.since(stretch.from) < window_ms {
            continue;
        }
        let mut window = Window::default();
        let mut coming = portions.range(stretch.from..stretch.to).peekable();
        for from in begins(portions, *stretch, window_ms) {
            while let Some((at, portion)) = coming.next_if(|(at, _)| **at < from + window_ms) {
                window.enter(*at, portion);
            }
            window.leave(from);
            let Some(observed) = figure(&window.sum) else { continue };
            let bad = badness(bound, observed);
            if found.as_ref().is_none_or(|(worst, ..)| bad > *worst) {
                found = Some((bad, observed, from));
            }
        }
    }
    found.map(|(_, observed, from)| (observed, from))
}

/// Starts of windows, ascending: the start of the part, and wherever something enters or leaves.
fn begins(portions: &BTreeMap<SimTime, Portion>, stretch: Span, window_ms: u64) -> Vec<SimTime> {
    let last = SimTime(stretch.to.ms() - window_ms);
    let of = |at: &SimTime| [SimTime((at.ms() + 1).saturating_sub(window_ms)), SimTime(at.ms() + 1)];
    let changes = portions.range(stretch.from..stretch.to).flat_map(|(at, _)| of(at));
    let inside = changes.filter(|from| stretch.from <= *from && *from <= last);
    let mut found: Vec<SimTime> = std::iter::once(stretch.from).chain(inside).collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// The sum of a window, updated while it slides.
#[derive(Default)]
struct Window<'p> {
    inside: VecDeque<(SimTime, &'p Portion)>,
    sum: Portion,
    /// How many portions have which minimum, and which maximum: after a removal the extremes of the rest are known
    /// exactly.
    shortest: BTreeMap<u64, usize>,
    longest: BTreeMap<u64, usize>,
}

impl<'p> Window<'p> {
    fn enter(&mut self, at: SimTime, portion: &'p Portion) {
        self.inside.push_back((at, portion));
        self.sum.join(portion);
        if let Some(Extremes { min, max }) = portion.latency.extremes() {
            *self.shortest.entry(min).or_default() += 1;
            *self.longest.entry(max).or_default() += 1;
        }
    }

    /// Removes what is before `from`.
    fn leave(&mut self, from: SimTime) {
        while let Some((_, portion)) = self.inside.pop_front_if(|(at, _)| *at < from) {
            self.sum.part -= portion.part;
            self.sum.whole -= portion.whole;
            let Some(Extremes { min, max }) = portion.latency.extremes() else { continue };
            take_one(&mut self.shortest, min);
            take_one(&mut self.longest, max);
            let shortest = self.shortest.first_key_value().map_or(0, |(min, _)| *min);
            let longest = self.longest.last_key_value().map_or(0, |(max, _)| *max);
            self.sum.latency.part_with(&portion.latency, Extremes { min: shortest, max: longest });
        }
    }
}

/// Removes one of the count under `key`.
fn take_one(counts: &mut BTreeMap<u64, usize>, key: u64) {
    let left = counts.get_mut(&key).expect("it was counted when it was added");
    *left -= 1;
    if *left == 0 {
        counts.remove(&key);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use hdrhistogram::Histogram;

    use super::*;

    fn counts(moments: &[(u64, u64)]) -> BTreeMap<SimTime, Portion> {
        let mut portions: BTreeMap<SimTime, Portion> = BTreeMap::new();
        for (at, part) in moments {
            portions.entry(SimTime(*at)).or_default().part += part;
        }
        portions
    }

    fn span(from: u64, to: u64) -> Span {
        Span { from: SimTime(from), to: SimTime(to) }
    }

    #[expect(clippy::unnecessary_wraps, reason = "a figure may have nothing to say; this one always has")]
    fn count(portion: &Portion) -> Option<Observed> {
        Some(Observed::Count(portion.part))
    }

    #[test]
    fn a_window_is_half_open_and_its_edge_is_a_millisecond_wide() {
        let two = counts(&[(1_000, 1), (4_600, 1)]);
        let most = |window| worst(&two, &[span(0, 9_000)], window, Bound::AtMost(1.0), count);
        assert_eq!(most(3_600), Some((Observed::Count(1), SimTime(0))), "exactly a window apart");
        assert_eq!(most(3_601), Some((Observed::Count(2), SimTime(1_000))));
        let least = worst(&two, &[span(0, 9_000)], 3_600, Bound::AtLeast(1.0), count);
        assert_eq!(least, Some((Observed::Count(0), SimTime(4_601))));
        assert_eq!(worst(&two, &[span(0, 9_000)], 9_001, Bound::AtMost(1.0), count), None, "it fits nowhere");
    }

    /// The same by looking at every millisecond.
    fn slow(
        portions: &BTreeMap<SimTime, Portion>,
        stretches: &[Span],
        window: u64,
        bound: Bound,
    ) -> Option<(bool, f64)> {
        let mut found: Option<(bool, f64)> = None;
        for stretch in stretches {
            for from in stretch.from.ms()..=stretch.to.ms().saturating_sub(window) {
                if stretch.to.since(stretch.from) < window {
                    continue;
                }
                let inside = portions.range(SimTime(from)..SimTime(from + window));
                let bad = badness(bound, Observed::Count(inside.map(|(_, portion)| portion.part).sum()));
                if found.is_none_or(|worst| bad > worst) {
                    found = Some(bad);
                }
            }
        }
        found
    }

    proptest! {
        #[test]
        fn it_is_the_worst_of_every_position(
            moments in proptest::collection::vec((0_u64..200, 0_u64..4), 0..20),
            window in 1_u64..120,
            cut in 0_u64..200,
            limit in 0_u64..9,
            how in 0_usize..4,
        ) {
            let portions = counts(&moments);
            let limit = limit as f64;
            let bound = [Bound::AtMost(limit), Bound::AtLeast(limit), Bound::Equal(limit), Bound::In(1.0, limit)][how];
            let stretches = [span(0, cut), span(cut, 200)];
            let found = worst(&portions, &stretches, window, bound, count);
            let found = found.map(|(observed, _)| badness(bound, observed));
            prop_assert_eq!(found, slow(&portions, &stretches, window, bound));
        }

        #[test]
        fn latencies_that_leave_are_forgotten(samples in proptest::collection::vec((0_u64..50, 1_u64..10_000), 1..20)) {
            let mut portions: BTreeMap<SimTime, Portion> = BTreeMap::new();
            for (at, sample) in &samples {
                let mut one = Histogram::<u32>::new_with_bounds(1, 1 << 32, 2).expect("the bounds are valid");
                one.saturating_record(*sample);
                let portion = portions.entry(SimTime(*at)).or_default();
                portion.whole += 1;
                portion.latency.add(&one, *sample);
            }
            for portion in portions.values_mut() {
                let below = portion.latency.buckets().filter(|(ms, _)| *ms <= 255).map(|(_, count)| count).sum();
                portion.latency.know(255, below);
            }
            let last = portions.last_key_value().expect("there is one").1;
            let mut window = Window::default();
            for (at, portion) in &portions {
                window.enter(*at, portion);
            }
            window.leave(*portions.last_key_value().expect("there is one").0);
            prop_assert_eq!(&window.sum, last);
        }
    }
}
