//! The values between two, evenly spaced in their own kind and written in a scenario's notation. Exact integers only.
//! Must not depend on keys.

use crate::scenario::diagnostics::limits::RATE_MAX;
use crate::scenario::grammar::parts::Shape;
use crate::scenario::grammar::values::{self, Unreadable};

/// The kinds of values that can be divided into steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(const_into_str)]
pub(crate) enum StepKind {
    /// In whole milliseconds.
    #[strum(serialize = "a duration")]
    Duration,
    /// In ones.
    #[strum(serialize = "a whole number")]
    Whole,
    /// In billionths.
    #[strum(serialize = "a ratio")]
    Ratio,
    /// In ones per hour.
    #[strum(serialize = "a rate")]
    Rate,
}

impl StepKind {
    /// The kind of a shape, if its values can be divided.
    pub(crate) fn of(shape: &Shape) -> Option<Self> {
        match shape {
            Shape::Duration(_) => Some(Self::Duration),
            Shape::Whole(..) => Some(Self::Whole),
            Shape::Ratio => Some(Self::Ratio),
            Shape::Rate => Some(Self::Rate),
            Shape::Text
            | Shape::Word(_)
            | Shape::YesNo
            | Shape::Speed
            | Shape::TimeOfDay
            | Shape::Moment
            | Shape::Names
            | Shape::Words(..)
            | Shape::Map(_)
            | Shape::Table(_)
            | Shape::Tables(_)
            | Shape::Any(_) => None,
        }
    }

    /// Its name with the article.
    pub(crate) const fn name(self) -> &'static str {
        self.into_str()
    }

    /// A value as an integer.
    pub(crate) fn read(self, text: &str) -> Result<u64, Unreadable> {
        match self {
            Self::Duration => values::duration_ms(text),
            Self::Whole => text
                .replace('_', "")
                .parse()
                .map_err(|_| Unreadable { message: "not a whole number", help: "write digits, such as 5000 or 5_000" }),
            Self::Ratio => values::ratio(text).map(|ratio| u64::from(ratio.billionths())),
            Self::Rate => values::rate_units(text),
        }
    }

    /// An integer as a value, in the notation of the two ends.
    fn write(self, value: u64, first: &str, last: &str) -> String {
        match self {
            Self::Duration => values::duration_text(value),
            Self::Whole => value.to_string(),
            Self::Ratio if first.ends_with('%') || last.ends_with('%') => format!("{}%", decimal(value, 7)),
            Self::Ratio => decimal(value, 9),
            Self::Rate => rate_text(value, [first, last]),
        }
    }
}

/// `steps` values from `first` to `last`, both included, each rounded to the nearest of its kind.
///
/// # Panics
/// If there are fewer than two steps.
pub(crate) fn between(kind: StepKind, first: &str, last: &str, steps: u64) -> Result<Vec<String>, Unreadable> {
    assert!(steps >= 2, "a range has a first and a last value");
    let ends = [kind.read(first)?, kind.read(last)?];
    Ok((0..steps).map(|step| kind.write(at(ends, step, steps - 1), first, last)).collect())
}

/// The value after `step` of `whole` steps on a straight line, halves rounded up.
fn at([first, last]: [u64; 2], step: u64, whole: u64) -> u64 {
    let [first, last, step, whole] = [first, last, step, whole].map(i128::from);
    let value = (2 * first * whole + 2 * (last - first) * step + whole).div_euclid(2 * whole);
    u64::try_from(value).expect("it lies between two that fit")
}

/// A decimal number of parts, 10 to the power of `places` of which are one, without trailing zeros.
fn decimal(parts: u64, places: usize) -> String {
    let digits = format!("{parts:0>width$}", width = places + 1);
    let (whole, fraction) = digits.split_at(digits.len() - places);
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") }
}

/// A rate per the unit of time of the ends, or else per the largest that divides it. One that fits no unit exactly is
/// rounded to the smallest unit in which it can be written: by less than a millionth.
fn rate_text(per_hour: u64, ends: [&str; 2]) -> String {
    const UNITS: [(&str, u64); 3] = [("s", 3_600), ("min", 60), ("h", 1)];
    let of = |text: &str| {
        let unit = text.split_once('/').map_or("", |(_, unit)| unit.trim());
        UNITS.iter().find(|(name, _)| name.starts_with(&unit[..unit.len().min(1)])).copied()
    };
    let exact = |(_, parts): &(&str, u64)| per_hour.is_multiple_of(*parts) && per_hour / parts <= RATE_MAX;
    let preferred = ends.into_iter().filter_map(of).chain(UNITS);
    let (unit, parts) = preferred.clone().find(exact).unwrap_or_else(|| {
        let fits = |(_, parts): &&(&str, u64)| per_hour / parts < RATE_MAX;
        *UNITS.iter().rev().find(fits).unwrap_or(&UNITS[0])
    });
    format!("{}/{unit}", (per_hour + parts / 2) / parts)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn steps(kind: StepKind, first: &str, last: &str, steps: u64) -> Vec<String> {
        between(kind, first, last, steps).unwrap_or_else(|why| panic!("{first}..{last}: {}", why.message))
    }

    #[test]
    fn each_kind_is_spaced_evenly_and_written_as_its_ends_are() {
        assert_eq!(steps(StepKind::Duration, "10m", "2h", 5), ["10m", "37m30s", "1h5m", "1h32m30s", "2h"]);
        assert_eq!(steps(StepKind::Duration, "0s", "1ms", 3), ["0s", "1ms", "1ms"], "whole milliseconds");
        assert_eq!(steps(StepKind::Whole, "1_000", "5000", 5), ["1000", "2000", "3000", "4000", "5000"]);
        assert_eq!(steps(StepKind::Ratio, "0", "30%", 5), ["0%", "7.5%", "15%", "22.5%", "30%"]);
        assert_eq!(steps(StepKind::Ratio, "0", "1", 3), ["0", "0.5", "1"], "a ratio is no whole number");
        assert_eq!(steps(StepKind::Ratio, "0", "1", 4), ["0", "0.333333333", "0.666666667", "1"]);
        assert_eq!(steps(StepKind::Rate, "100/s", "1000/s", 4), ["100/s", "400/s", "700/s", "1000/s"]);
        assert_eq!(steps(StepKind::Rate, "60/min", "180/min", 3), ["60/min", "120/min", "180/min"]);
        assert_eq!(steps(StepKind::Rate, "1/s", "2/s", 3), ["1/s", "90/min", "2/s"], "finer where it has to be");
    }

    #[test]
    fn a_range_may_descend_or_be_constant() {
        assert_eq!(steps(StepKind::Ratio, "30%", "0%", 3), ["30%", "15%", "0%"]);
        assert_eq!(steps(StepKind::Whole, "7", "7", 3), ["7", "7", "7"]);
    }

    #[test]
    fn values_of_another_kind_are_refused() {
        for (kind, wrong) in [
            (StepKind::Duration, "5"),
            (StepKind::Whole, "-1"),
            (StepKind::Whole, "5%"),
            (StepKind::Ratio, "5m"),
            (StepKind::Rate, "5"),
        ] {
            assert!(between(kind, wrong, wrong, 2).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn every_step_can_be_read_back_and_lies_in_order(
            kind in prop::sample::select(vec![StepKind::Duration, StepKind::Whole, StepKind::Ratio, StepKind::Rate]),
            ends in prop::array::uniform2(0_u64..1_000_000_001),
            unit in prop::sample::select(vec!["s", "min", "h"]),
            count in 2_u64..20,
        ) {
            let text = |end: u64| match kind {
                StepKind::Duration => values::duration_text(end),
                StepKind::Whole => end.to_string(),
                StepKind::Ratio => decimal(end.min(1_000_000_000), 9),
                StepKind::Rate => format!("{}/{unit}", end.min(RATE_MAX)),
            };
            let [first, last] = ends.map(text);
            let steps = between(kind, &first, &last, count).map_err(|why| TestCaseError::fail(why.message))?;
            let mut read: Vec<u64> = steps.iter().map(|step| kind.read(step).expect("a step is a value")).collect();
            prop_assert_eq!(read.len() as u64, count);
            prop_assert_eq!([read[0], *read.last().expect("a last")], [&first, &last].map(|end| kind.read(end).expect("an end")));
            if ends[0] > ends[1] {
                read.reverse();
            }
            prop_assert!(read.is_sorted(), "{:?}", steps);
        }
    }
}
