//! The bound of a figure: how bad it may be, from its values in a former report and from the limits. Must not compare.

use crate::rules::base::chance::Ratio;
use crate::rules::model::baseline_limits::{BaselineLimits, FigureLimit, IgnoredChange};

use super::compared::{Compared, FigureUnit, ONE, compared};
use super::headline::Headline;

/// Pairs by which a figure may differ from the median of many seeds whatever their spread: what happened with none of twenty
/// seeds may well happen to a few pairs with the next one.
const CHANCE_PAIRS: u64 = 3;

/// A figure in a former report.
#[derive(Clone, Copy, Debug)]
pub(super) struct FormerFigure<'r> {
    pub(super) figure: &'r Compared,
    /// With each seed, ascending; not empty.
    pub(super) values: &'r [u64],
    /// The fewest pairs of a seed, at least 1.
    pub(super) fewest_pairs: u64,
}

impl FormerFigure<'_> {
    /// The worst that it may be now: what it was, worse by the largest of what the seeds, the limits and chance allow.
    /// `is_one_of_chance`: the present value is of few seeds.
    pub(super) fn allowed(&self, limits: &BaselineLimits, is_one_of_chance: bool) -> u64 {
        let (unit, median) = (self.figure.unit, middle(self.values));
        let worst = self.values.iter().copied();
        let worst = worst.reduce(|one, other| if unit.is_worse(other, one) { other } else { one });
        let spread = worst.unwrap_or(median).abs_diff(median);
        let spread = if is_one_of_chance { spread.saturating_mul(2) } else { spread };
        let limit = limits.of(&self.figure.name);
        let by_limit = limit.and_then(|limit| limit.max_regression).or(limits.max_regression);
        let by_limit = by_limit.map_or(0, |ratio| share_of(unit, median, ratio));
        let margin = [spread, by_limit, ignored(limit), self.by_chance()].into_iter().fold(0, u64::max);
        unit.worse_by(median, margin)
    }

    /// The change that chance alone makes where many seeds showed none.
    fn by_chance(&self) -> u64 {
        match self.figure.unit {
            FigureUnit::Shown | FigureUnit::NotShown if self.values.len() > 1 => {
                (CHANCE_PAIRS * ONE).div_ceil(self.fewest_pairs)
            }
            FigureUnit::Shown | FigureUnit::NotShown | FigureUnit::Millis => 0,
        }
    }
}

/// The values of each figure over all rows that have it, ascending.
pub(super) fn by_figure(rows: &[Headline]) -> Vec<(Compared, Vec<u64>)> {
    let mut found: Vec<(Compared, Vec<u64>)> = Vec::new();
    for figure in rows.iter().flat_map(compared) {
        match found.iter_mut().find(|(known, _)| known.name == figure.name) {
            Some((_, values)) => values.push(figure.value),
            None => found.push((figure.clone(), vec![figure.value])),
        }
    }
    for (_, values) in &mut found {
        values.sort_unstable();
    }
    found
}

/// The lower middle of ascending values.
pub(super) fn middle(values: &[u64]) -> u64 {
    values[(values.len() - 1) / 2]
}

/// How much `ratio` is for a figure: of reach and latencies a share of the value, of pairs a share of all pairs.
fn share_of(unit: FigureUnit, value: u64, ratio: Ratio) -> u64 {
    let whole = match unit {
        FigureUnit::NotShown => ONE,
        FigureUnit::Shown | FigureUnit::Millis => value,
    };
    let share = (u128::from(whole) * u128::from(ratio.billionths())).div_ceil(u128::from(ONE));
    u64::try_from(share).unwrap_or(u64::MAX)
}

/// The change that a limit ignores, in the unit of its figure.
fn ignored(limit: Option<&FigureLimit>) -> u64 {
    match limit.and_then(|limit| limit.ignore) {
        None => 0,
        Some(IgnoredChange::Share(ratio)) => u64::from(ratio.billionths()),
        Some(IgnoredChange::Millis(ms)) => ms,
    }
}
