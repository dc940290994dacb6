//! Distributions as tables of quantiles in whole milliseconds, built once when a scenario is checked. A draw goes in, a
//! duration comes out. Must not draw. Tables are built with `libm`, whose results are the same on every platform.

use std::sync::{Arc, OnceLock};

/// Equal steps of probability in the body of a table.
const STEPS: usize = 1_024;

/// A distribution of durations, in whole milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dist {
    /// Always the same.
    Fixed(u64),
    /// By quantile.
    Table(Arc<QuantileTable<u32>>),
    /// By quantile, some of which are longer than 49 days.
    Long(Arc<QuantileTable<u64>>),
}

/// Quantiles of a distribution: a body of 1,024 equal steps, and the last step divided again into 1,024. Small enough
/// for the first-level cache where 32 bits suffice.
#[derive(Debug, PartialEq, Eq)]
pub struct QuantileTable<T> {
    body: [T; STEPS],
    tail: [T; STEPS + 1],
}

impl Dist {
    /// A lognormal distribution by two of its quantiles.
    ///
    /// # Panics
    /// If `median_ms` is 0 or `p95_ms` is less than it; a checked scenario has neither.
    pub fn lognormal(median_ms: u64, p95_ms: u64) -> Self {
        assert!(median_ms > 0 && p95_ms >= median_ms, "a lognormal distribution has 0 < median <= p95");
        let (median, p95) = (millis(median_ms), millis(p95_ms));
        let sigma = libm::log(p95 / median) / normal_quantile(0.95);
        let normal = NORMAL.get_or_init(|| points().map(normal_quantile));
        Self::of_quantiles(&normal.map(|quantile| median * libm::exp(sigma * quantile)))
    }

    /// An exponential distribution by its mean.
    pub fn exponential(mean_ms: u64) -> Self {
        Self::tabulate(|p| -millis(mean_ms) * libm::log(1.0 - p))
    }

    /// Every duration from `from_ms` to `to_ms` alike.
    pub fn uniform(from_ms: u64, to_ms: u64) -> Self {
        if from_ms == to_ms {
            return Self::Fixed(from_ms);
        }
        Self::tabulate(|p| millis(from_ms) + p * (millis(to_ms) - millis(from_ms)))
    }

    /// A distribution by some of its quantiles, straight lines between them: `(billionths of probability, ms)`, both
    /// ascending; before the first and after the last it stays level.
    ///
    /// # Panics
    /// If `quantiles` is empty.
    pub fn from_quantiles(quantiles: &[(u32, u64)]) -> Self {
        assert!(!quantiles.is_empty(), "a distribution has at least one quantile");
        Self::tabulate(|p| {
            let wanted = p * 1e9;
            let after = quantiles.partition_point(|(share, _)| f64::from(*share) < wanted);
            let (Some(high), Some(low)) = (quantiles.get(after), after.checked_sub(1).map(|at| quantiles[at])) else {
                return millis(quantiles[after.min(quantiles.len() - 1)].1);
            };
            let part = (wanted - f64::from(low.0)) / (f64::from(high.0) - f64::from(low.0));
            millis(low.1) + part * (millis(high.1) - millis(low.1))
        })
    }

    /// The duration at a uniform draw: integer interpolation between two quantiles.
    #[inline]
    pub fn at(&self, draw: u32) -> u64 {
        match self {
            Self::Fixed(ms) => *ms,
            Self::Table(table) => {
                let (low, high, part, bits) = table.around(draw);
                u64::from(low) + ((u64::from(high - low) * u64::from(part)) >> bits)
            }
            Self::Long(table) => {
                let (low, high, part, bits) = table.around(draw);
                low + ((u128::from(high - low) * u128::from(part)) >> bits) as u64
            }
        }
    }

    /// Whether it is zero for every draw.
    pub fn is_zero(&self) -> bool {
        matches!(self, Self::Fixed(0))
    }

    fn tabulate(quantile: impl Fn(f64) -> f64) -> Self {
        Self::of_quantiles(&points().map(quantile))
    }

    /// A table of the quantiles at [`points`], in ms.
    fn of_quantiles(quantiles: &[f64; POINTS]) -> Self {
        #[expect(clippy::cast_sign_loss, reason = "it is not negative")]
        let rounded = quantiles.map(|ms| libm::rint(ms.clamp(0.0, LONGEST_MS)) as u64);
        let body: [u64; STEPS] = std::array::from_fn(|at| rounded[at]);
        let tail: [u64; STEPS + 1] = std::array::from_fn(|at| rounded[STEPS + at]);
        let is_long = tail[STEPS] > u64::from(u32::MAX);
        if is_long {
            return Self::Long(Arc::new(QuantileTable { body, tail }));
        }
        Self::Table(Arc::new(QuantileTable { body: body.map(|ms| ms as u32), tail: tail.map(|ms| ms as u32) }))
    }
}

impl<T: Copy> QuantileTable<T> {
    /// The quantiles on both sides of a draw, and its position between them as a fraction of that many bits.
    #[inline]
    fn around(&self, draw: u32) -> (T, T, u32, u32) {
        let step = (draw >> 22) as usize;
        if step + 1 < STEPS {
            return (self.body[step], self.body[step + 1], draw & 0x3f_ffff, 22);
        }
        let step = (draw >> 12 & 0x3ff) as usize;
        (self.tail[step], self.tail[step + 1], draw & 0xfff, 12)
    }
}

/// The longest duration that a table holds, in ms: 285,000 years. A distribution with a heavy tail reaches further, and
/// sums of such durations must stay far below the 2⁶¹ ms that the moments of a pair can hold.
const LONGEST_MS: f64 = (1_u64 << 53) as f64;

/// Quantiles in a table: those of the body, and those of the last step.
const POINTS: usize = STEPS + STEPS + 1;

/// The quantiles of the standard normal distribution at [`points`]: the same for every lognormal one, and nearly all
/// the work of making its table.
static NORMAL: OnceLock<[f64; POINTS]> = OnceLock::new();

/// The probabilities whose quantiles a table holds, those of the body first.
fn points() -> [f64; POINTS] {
    let step = 1.0 / 1_024.0;
    std::array::from_fn(|at| match at.checked_sub(STEPS) {
        None => at as f64 * step,
        // The very last quantile may be infinite: the one half a step before the end stands for it.
        Some(at) => 1.0 - step + (at as f64).min(STEPS as f64 - 0.5) * step * step,
    })
}

fn millis(ms: u64) -> f64 {
    ms as f64
}

/// The quantile of the standard normal distribution, by bisection of `erfc`: slow, portable, and exact to the
/// millisecond in use.
fn normal_quantile(p: f64) -> f64 {
    let (mut low, mut high) = (-9.0, 9.0);
    if p <= 0.0 {
        return low;
    }
    for _ in 0..64 {
        let middle = f64::midpoint(low, high);
        if 0.5 * libm::erfc(-middle * std::f64::consts::FRAC_1_SQRT_2) < p {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn draw(per_mille: u64) -> u32 {
        ((per_mille << 32) / 1_000) as u32
    }

    #[test]
    fn a_lognormal_has_the_quantiles_it_was_made_from() {
        let latency = Dist::lognormal(600, 2_000);
        assert_eq!(latency.at(draw(500)), 600);
        assert!(latency.at(draw(950)).abs_diff(2_000) <= 2, "{}", latency.at(draw(950)));
    }

    #[test]
    fn an_exponential_has_its_mean() {
        let gap = Dist::exponential(3_600_000);
        let draws = 100_000_u64;
        let sum: u64 = (0..draws).map(|at| gap.at((at * (1 << 32) / draws) as u32)).sum();
        assert!((sum / draws).abs_diff(3_600_000) < 3_600, "{}", sum / draws);
    }

    #[test]
    fn sums_of_the_heaviest_tail_do_not_overflow() {
        let heavy = Dist::lognormal(1, 36_525 * 86_400_000);
        assert_eq!(heavy.at(draw(500)), 1);
        assert_eq!(heavy.at(u32::MAX), 1 << 53, "of no distribution is it a number of years that matters");
    }

    #[test]
    fn a_table_never_falls() {
        for dist in
            [Dist::lognormal(1_500, 6_000), Dist::exponential(77), Dist::from_quantiles(&[(0, 5), (500_000_000, 9)])]
        {
            let mut last = 0;
            for step in 0..4_096_u32 {
                let ms = dist.at(step << 20 | 0xf_ffff);
                assert!(ms >= last);
                last = ms;
            }
        }
    }

    #[test]
    fn a_century_keeps_its_precision() {
        let (century, day) = (36_525 * 86_400_000, 86_400_000);
        let (long, short) = (Dist::uniform(0, century), Dist::uniform(0, day));
        assert!(matches!((&long, &short), (Dist::Long(_), Dist::Table(_))));
        assert!((1_000..2_000_000).contains(&(century - long.at(u32::MAX))));
        for step in 0..1_000_u64 {
            let (ms, of_a_day) = (long.at(draw(step)), short.at(draw(step)));
            assert!(ms.abs_diff(century / 1_000 * step) < 2_000 && of_a_day.abs_diff(day / 1_000 * step) < 2);
        }
    }

    #[test]
    fn a_uniform_ends_where_it_should() {
        let retry = Dist::uniform(0, 60_000);
        assert_eq!(retry.at(0), 0);
        assert!(retry.at(u32::MAX) <= 60_000);
        assert_eq!(retry.at(draw(250)), 15_000);
        assert!(Dist::Fixed(0).is_zero() && !Dist::Fixed(1).is_zero() && !retry.is_zero());
    }

    #[test]
    fn straight_lines_join_the_quantiles_and_the_ends_are_level() {
        let dist = Dist::from_quantiles(&[(250_000_000, 1_000), (500_000_000, 5_000), (750_000_000, 29_000)]);
        let wanted =
            [(0, 1_000), (250, 1_000), (375, 3_000), (500, 5_000), (625, 17_000), (750, 29_000), (999, 29_000)];
        for (per_mille, ms) in wanted {
            assert!(dist.at(draw(per_mille)).abs_diff(ms) <= 1, "{per_mille}: {}", dist.at(draw(per_mille)));
        }
    }

    #[test]
    fn the_quantiles_of_the_normal_distribution_are_those_of_its_tables() {
        for (p, wanted) in [(0.5, 0.0), (0.841_344_746, 1.0), (0.975, 1.959_963_985), (0.01, -2.326_347_874)] {
            assert!((normal_quantile(p) - wanted).abs() < 1e-6, "{p}: {}", normal_quantile(p));
        }
        assert!((normal_quantile(0.0) + 9.0).abs() < 1e-6);
    }
}
