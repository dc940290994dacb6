//! The figure that an expectation observed, its text, and whether it meets a bound. Must not read totals itself.

use std::cmp::Ordering;

use crate::rules::model::expectation::{Bound, Statistic};

use crate::outcome::record::distribution::{Distribution, Parts};
use crate::outcome::words;

/// An observed figure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Observed {
    /// A share of a whole, both as counts.
    Share(u64, u64),
    /// A count.
    Count(u64),
    /// Milliseconds.
    Millis(u64),
    /// The mean of milliseconds: their sum, and how many there are.
    Mean(u128, u64),
    /// There was nothing to measure.
    Nothing(&'static str),
    /// This driver cannot measure it, which is no failure.
    NotApplicable,
}

impl Observed {
    /// The figure for reports, rounded to 53 bits.
    #[expect(clippy::cast_precision_loss, reason = "what is compared is the fraction, which is exact")]
    pub fn figure(self) -> Option<f64> {
        self.fraction().map(|(part, whole)| part as f64 / whole as f64)
    }

    /// The figure that is compared, exactly, as a fraction.
    fn fraction(self) -> Option<(u128, u128)> {
        match self {
            Self::Share(_, 0) | Self::Mean(_, 0) | Self::Nothing(_) | Self::NotApplicable => None,
            Self::Share(part, whole) => Some((part.into(), whole.into())),
            Self::Count(count) | Self::Millis(count) => Some((count.into(), 1)),
            Self::Mean(sum, samples) => Some((sum, samples.into())),
        }
    }

    /// Its order relative to a limit; `None` if there is no figure.
    fn against(self, limit: f64) -> Option<Ordering> {
        let (part, whole) = self.fraction()?;
        Some(part.saturating_mul(BILLION.into()).cmp(&billionths(limit).saturating_mul(whole)))
    }

    /// Whether it meets a bound. Nothing to measure does not.
    pub(crate) fn holds(self, bound: Bound) -> bool {
        let is = |limit: f64, fits: fn(Ordering) -> bool| self.against(limit).is_some_and(fits);
        match bound {
            Bound::Less(limit) => is(limit, Ordering::is_lt),
            Bound::AtMost(limit) => is(limit, Ordering::is_le),
            Bound::More(limit) => is(limit, Ordering::is_gt),
            Bound::AtLeast(limit) => is(limit, Ordering::is_ge),
            Bound::Equal(limit) => is(limit, Ordering::is_eq),
            Bound::NotEqual(limit) => is(limit, Ordering::is_ne),
            Bound::In(from, to) => is(from, Ordering::is_ge) && is(to, Ordering::is_le),
        }
    }

    /// As text: `87.3 %`, `12,114`, `4.2 s`.
    pub fn text(self) -> String {
        match self {
            Self::Share(_, 0) => "no such pairs".to_owned(),
            Self::Share(part, whole) => words::share(part, whole),
            Self::Count(count) => words::count(count),
            Self::Millis(_) | Self::Mean(..) => self.figure().map_or_else(|| "–".to_owned(), words::millis),
            Self::Nothing(why) => why.to_owned(),
            Self::NotApplicable => "not applicable".to_owned(),
        }
    }

    /// The text beside a bound. Text is rounded: if it equals the text of a limit that it is not equal to, the exact
    /// figure follows, so that the text does not contradict the judgement.
    pub(super) fn text_beside(self, bound: Bound) -> String {
        let text = self.text();
        let limit_holds = matches!(bound, Bound::AtMost(_) | Bound::AtLeast(_) | Bound::Equal(_) | Bound::In(..));
        let is_mistaken_for =
            |limit: f64| self.holds(bound) != limit_holds && self.limit_text(limit).as_ref() == Some(&text);
        let limits = match bound {
            Bound::Less(limit)
            | Bound::AtMost(limit)
            | Bound::More(limit)
            | Bound::AtLeast(limit)
            | Bound::Equal(limit)
            | Bound::NotEqual(limit) => [limit; 2],
            Bound::In(from, to) => [from, to],
        };
        match self.exact_text() {
            Some(exact) if limits.into_iter().any(is_mistaken_for) => format!("{text} ({exact})"),
            _ => text,
        }
    }

    /// A limit as text of the same kind; `None` where text is not rounded.
    fn limit_text(self, limit: f64) -> Option<String> {
        match self {
            Self::Share(..) => u64::try_from(billionths(limit)).ok().map(|part| words::share(part, BILLION)),
            Self::Millis(_) | Self::Mean(..) => Some(words::millis(limit)),
            Self::Count(_) | Self::Nothing(_) | Self::NotApplicable => None,
        }
    }

    /// The figure as exact text.
    fn exact_text(self) -> Option<String> {
        match self {
            Self::Share(part, whole) => Some(format!("{} of {}", words::count(part), words::count(whole))),
            Self::Millis(ms) => Some(format!("{} ms", words::count(ms))),
            Self::Mean(sum, samples) => {
                let sum = u64::try_from(sum).map_or_else(|_| sum.to_string(), words::count);
                Some(format!("{sum} ms ÷ {}", words::count(samples)))
            }
            Self::Count(_) | Self::Nothing(_) | Self::NotApplicable => None,
        }
    }
}

const BILLION: u64 = 1_000_000_000;

/// A limit in billionths, exactly: limits are whole, or ratios with at most nine decimal places.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "limits are not below 0, and a cast saturates"
)]
fn billionths(limit: f64) -> u128 {
    (limit.trunc() as u128).saturating_mul(BILLION.into()).saturating_add((limit.fract() * 1e9).round() as u128)
}

/// A figure of a distribution of durations, or why there is none.
pub(super) fn of_distribution(of: &Distribution, statistic: Statistic, nothing: &'static str) -> Observed {
    let observed = match statistic {
        Statistic::Count => return Observed::Count(of.samples()),
        // A bound without a figure applies to every sample, so the largest decides.
        Statistic::Value | Statistic::Max => of.max().map(Observed::Millis),
        Statistic::Min => of.min().map(Observed::Millis),
        Statistic::Quantile(share) => of.quantile(Parts::nearest(share)).map(Observed::Millis),
        Statistic::Mean => (of.samples() > 0).then(|| Observed::Mean(of.sum(), of.samples())),
    };
    observed.unwrap_or(Observed::Nothing(nothing))
}

/// How bad a figure is for a bound, larger is worse: of several figures, the worst holds only if all do. No figure is
/// worse than any.
pub(super) fn badness(bound: Bound, observed: Observed) -> (bool, f64) {
    // The distance is rounded; whether the bound holds is not.
    let distance = observed.figure().map_or(f64::INFINITY, |figure| distance(bound, figure));
    (!observed.holds(bound), distance)
}

/// How far a figure is on the wrong side of a bound.
fn distance(bound: Bound, figure: f64) -> f64 {
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
        let figures = [0, 3, 4, 5, 6, 7, 10].map(Observed::Count);
        for bound in bounds {
            for one in figures {
                for other in figures {
                    let worst = if badness(bound, one) >= badness(bound, other) { one } else { other };
                    let all = one.holds(bound) && other.holds(bound);
                    assert_eq!(worst.holds(bound), all, "{bound:?} of {one:?} and {other:?}");
                }
            }
        }
    }

    #[test]
    fn a_fraction_is_compared_without_rounding_x37() {
        // Both fractions are 0.75 and 600,000 in 53 bits.
        let share = Observed::Share(3_000_000_000_000_000_001, 4_000_000_000_000_000_000);
        let mean = Observed::Mean(600_000_000_000_000_000_000_001, 1_000_000_000_000_000_000);
        for (above, limit) in [(share, 0.75), (mean, 600_000.0)] {
            assert!(above.holds(Bound::More(limit)) && !above.holds(Bound::AtMost(limit)), "{above:?}");
            assert!(above.holds(Bound::NotEqual(limit)) && !above.holds(Bound::In(0.0, limit)), "{above:?}");
            assert!(badness(Bound::AtMost(limit), above).0);
        }
        assert!(Observed::Share(999, 1_000).holds(Bound::Equal(0.999)));
        assert!(!Observed::Nothing("nothing").holds(Bound::NotEqual(5.0)));
    }

    #[test]
    fn words_beside_a_bound_do_not_contradict_the_judgement() {
        let ten_minutes = Bound::AtMost(600_000.0);
        let said = [600_000, 600_400, 601_000].map(|ms| Observed::Millis(ms).text_beside(ten_minutes));
        assert_eq!(said, ["10 min", "10 min (600,400 ms)", "10 min 01 s"]);
        assert_eq!(Observed::Millis(600_400).text_beside(Bound::AtLeast(600_000.0)), "10 min");
        assert_eq!(Observed::Millis(600_000).text_beside(Bound::Less(600_000.0)), "10 min");
        assert_eq!(Observed::Millis(600_400).text_beside(Bound::More(600_000.0)), "10 min (600,400 ms)");
        let mean = Observed::Mean(1_200_001, 2);
        assert_eq!(mean.text_beside(Bound::In(0.0, 600_000.0)), "10 min (1,200,001 ms ÷ 2)");
        let share = |part| Observed::Share(part, 10_000).text_beside(Bound::AtLeast(0.75));
        assert_eq!([7_496, 7_500, 7_400].map(share), ["75.0 % (7,496 of 10,000)", "75.0 %", "74.0 %"]);
        assert_eq!(Observed::Count(4).text_beside(Bound::AtMost(3.0)), "4");
    }
}
