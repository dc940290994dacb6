//! How much worse than in a former report a figure may be. Data only; the comparison is of `outcome`.

use crate::rules::base::chance::Ratio;

/// Every figure that reports compare, by its name there.
pub const COMPARED_FIGURES: [&str; 15] = [
    "reach within 1 min",
    "reach within 15 min",
    "reach within 1 h",
    "reach within 4 h",
    "reach by the end",
    "pairs waiting",
    "pairs skipped",
    "pairs blocked",
    "pairs discarded",
    "pairs expired",
    "pairs lost",
    "pairs superseded",
    "latency p50",
    "latency p95",
    "latency p99",
];

/// Limits of a scenario for comparisons with a former report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BaselineLimits {
    /// For figures without a limit of their own.
    pub max_regression: Option<Ratio>,
    /// Limits of single figures, each figure once.
    pub figures: Vec<FigureLimit>,
}

/// The limit of one figure, or of all figures of a kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FigureLimit {
    /// One of [`COMPARED_FIGURES`], or its first word: `reach`, `pairs`, `latency`.
    pub figure: String,
    /// How much worse it may be; left out, as other figures.
    pub max_regression: Option<Ratio>,
    /// A change of at most so much is none.
    pub ignore: Option<IgnoredChange>,
}

/// A change that is too small to count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IgnoredChange {
    /// Of reach and pairs: a share of all pairs.
    Share(Ratio),
    /// Of a latency, in ms.
    Millis(u64),
}

impl BaselineLimits {
    /// The limit that the figure `name` has: its own, or that of its kind.
    pub fn of(&self, name: &str) -> Option<&FigureLimit> {
        let is_kind = |limit: &&FigureLimit| name.split(' ').next() == Some(limit.figure.as_str());
        let own = self.figures.iter().find(|limit| limit.figure == name);
        own.or_else(|| self.figures.iter().find(is_kind))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_of_a_figure_precedes_that_of_its_kind() {
        let limit = |figure: &str, percent| FigureLimit {
            figure: figure.to_owned(),
            max_regression: Some(Ratio::percent(percent)),
            ignore: None,
        };
        let limits =
            BaselineLimits { max_regression: None, figures: vec![limit("latency", 20), limit("latency p99", 50)] };
        let of = |name| limits.of(name).and_then(|limit| limit.max_regression);
        assert_eq!(of("latency p99"), Some(Ratio::percent(50)));
        assert_eq!(of("latency p95"), Some(Ratio::percent(20)));
        assert_eq!(of("reach by the end"), None);
    }
}
