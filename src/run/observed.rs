//! What an expectation saw: one figure, with its words, and whether it is as it should be. Looks nowhere itself.

use crate::rules::expectation::{Bound, Statistic};

use super::distribution::{Distribution, Parts};
use super::words;

/// What an expectation saw.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Observed {
    /// A share of a whole, both as counts.
    Share(u64, u64),
    /// A count.
    Count(u64),
    /// Milliseconds.
    Millis(f64),
    /// There was nothing to measure.
    Nothing(&'static str),
    /// This driver has nothing to measure it on, so nothing is wrong.
    NotApplicable,
}

impl Observed {
    /// The figure that is compared.
    #[expect(clippy::cast_precision_loss, reason = "counts below 2^53; comparing them decides no fate")]
    pub fn figure(self) -> Option<f64> {
        match self {
            Self::Share(_, 0) | Self::Nothing(_) | Self::NotApplicable => None,
            Self::Share(part, whole) => Some(part as f64 / whole as f64),
            Self::Count(count) => Some(count as f64),
            Self::Millis(ms) => Some(ms),
        }
    }

    /// For people: `87.3 %`, `12,114`, `4.2 s`.
    pub fn text(self) -> String {
        match self {
            Self::Share(_, 0) => "no such pairs".to_owned(),
            Self::Share(part, whole) => words::share(part, whole),
            Self::Count(count) => words::count(count),
            Self::Millis(ms) => words::millis(ms),
            Self::Nothing(why) => why.to_owned(),
            Self::NotApplicable => "not applicable".to_owned(),
        }
    }
}

/// A figure of a distribution of durations, or why there is none.
pub(super) fn of_distribution(of: &Distribution, statistic: Statistic, nothing: &'static str) -> Observed {
    let observed = match statistic {
        Statistic::Count => return Observed::Count(of.samples()),
        // A bound without a figure is meant for every sample; the largest is the one to look at.
        Statistic::Value | Statistic::Max => of.max().map(millis),
        Statistic::Min => of.min().map(millis),
        Statistic::Quantile(share) => of.quantile(Parts::nearest(share)).map(millis),
        Statistic::Mean => of.mean().map(Observed::Millis),
    };
    observed.unwrap_or(Observed::Nothing(nothing))
}

/// Whole milliseconds.
#[expect(clippy::cast_precision_loss, reason = "times are far below 2^53 ms")]
pub(super) fn millis(ms: u64) -> Observed {
    Observed::Millis(ms as f64)
}

/// Is a figure within a bound?
#[expect(clippy::float_cmp, reason = "`==` compares counts, and ratios that were rounded once on both sides")]
pub(super) fn holds(bound: Bound, figure: f64) -> bool {
    match bound {
        Bound::Less(limit) => figure < limit,
        Bound::AtMost(limit) => figure <= limit,
        Bound::More(limit) => figure > limit,
        Bound::AtLeast(limit) => figure >= limit,
        Bound::Equal(limit) => figure == limit,
        Bound::NotEqual(limit) => figure != limit,
        Bound::In(from, to) => from <= figure && figure <= to,
    }
}

/// How far a figure is on the wrong side of a bound: of several figures, the one with the largest holds only if all do.
pub(super) fn badness(bound: Bound, figure: f64) -> f64 {
    match bound {
        Bound::Less(limit) | Bound::AtMost(limit) => figure - limit,
        Bound::More(limit) | Bound::AtLeast(limit) => limit - figure,
        Bound::Equal(limit) => (figure - limit).abs(),
        Bound::NotEqual(limit) => -(figure - limit).abs(),
        Bound::In(from, to) => (from - figure).max(figure - to),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_of_several_figures_holds_only_if_all_do() {
        let bounds = [
            Bound::Less(5.0),
            Bound::AtMost(5.0),
            Bound::More(5.0),
            Bound::AtLeast(5.0),
            Bound::Equal(5.0),
            Bound::NotEqual(5.0),
            Bound::In(4.0, 6.0),
        ];
        let figures = [0.0, 3.0, 4.0, 5.0, 6.0, 7.0, 10.0];
        for bound in bounds {
            for one in figures {
                for other in figures {
                    let worst = if badness(bound, one) >= badness(bound, other) { one } else { other };
                    let all = holds(bound, one) && holds(bound, other);
                    assert_eq!(holds(bound, worst), all, "{bound:?} of {one} and {other}");
                }
            }
        }
    }
}
