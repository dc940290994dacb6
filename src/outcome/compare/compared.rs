//! The figures of a forecast that are compared with former ones: name, value, and which way is worse. Must not judge.

use super::headline::Headline;
use crate::outcome::words::{millis, share};

/// Billionths in one.
pub(super) const ONE: u64 = 1_000_000_000;

/// A figure to compare.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Compared {
    /// One of [`COMPARED_FIGURES`](crate::rules::model::baseline_limits::COMPARED_FIGURES).
    pub(super) name: String,
    pub(super) unit: FigureUnit,
    /// In its unit.
    pub(super) value: u64,
}

/// What a figure counts, and which way is worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FigureUnit {
    /// Billionths of all pairs that were shown: less is worse.
    Shown,
    /// Billionths of all pairs that were not: more is worse.
    NotShown,
    /// Milliseconds: more is worse.
    Millis,
}

impl FigureUnit {
    /// The value for people.
    #[expect(clippy::cast_precision_loss, reason = "text only")]
    pub(super) fn text(self, value: u64) -> String {
        match self {
            Self::Shown | Self::NotShown => share(value, ONE),
            Self::Millis => millis(value as f64),
        }
    }

    /// Whether `one` is worse than `other`.
    pub(super) fn is_worse(self, one: u64, other: u64) -> bool {
        match self {
            Self::Shown => one < other,
            Self::NotShown | Self::Millis => one > other,
        }
    }

    /// The value that is worse than `value` by `by`, as far as there is one.
    pub(super) fn worse_by(self, value: u64, by: u64) -> u64 {
        match self {
            Self::Shown => value.saturating_sub(by),
            Self::NotShown => value.saturating_add(by).min(ONE),
            Self::Millis => value.saturating_add(by),
        }
    }
}

/// The figures of a forecast. Without pairs there are none; if nothing was shown there are no latencies, and reach says so.
pub(super) fn compared(row: &Headline) -> Vec<Compared> {
    if row.pairs == 0 {
        return Vec::new();
    }
    let of_pairs = |part: u64| {
        let billionths = u128::from(part.min(row.pairs)) * u128::from(ONE) / u128::from(row.pairs);
        u64::try_from(billionths).unwrap_or(ONE)
    };
    let reach = [
        ("within 1 min", row.reach.one_minute),
        ("within 15 min", row.reach.fifteen_minutes),
        ("within 1 h", row.reach.one_hour),
        ("within 4 h", row.reach.four_hours),
        ("by the end", row.reach.end),
    ];
    let figure = |name: String, unit, value| Compared { name, unit, value };
    let mut figures: Vec<Compared> = reach
        .into_iter()
        .map(|(window, pairs)| figure(format!("reach {window}"), FigureUnit::Shown, of_pairs(pairs)))
        .collect();
    let others = row.stations.iter().filter(|(station, _)| *station != "shown");
    figures.extend(
        others.map(|(station, pairs)| figure(format!("pairs {station}"), FigureUnit::NotShown, of_pairs(*pairs))),
    );
    if let Some(latency) = row.latency_ms {
        let quantiles = [("p50", latency.p50), ("p95", latency.p95), ("p99", latency.p99)];
        figures.extend(quantiles.map(|(name, ms)| figure(format!("latency {name}"), FigureUnit::Millis, ms)));
    }
    figures
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::fixture::usual;
    use crate::rules::model::baseline_limits::COMPARED_FIGURES;

    #[test]
    fn the_names_are_those_that_a_limit_takes() {
        let row = Headline::new(&usual("").outcome(None));
        let mut names: Vec<String> = compared(&row).into_iter().map(|figure| figure.name).collect();
        let mut known = COMPARED_FIGURES.map(str::to_owned).to_vec();
        names.sort();
        known.sort();
        assert_eq!(names, known);
    }

    #[test]
    fn nothing_of_nothing_is_not_compared() {
        let row = Headline { pairs: 0, ..Headline::new(&usual("").outcome(None)) };
        assert_eq!(compared(&row), []);
    }
}
