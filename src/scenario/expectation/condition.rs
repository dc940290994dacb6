//! The grammar of `check`: `>= 0.75`, `p(95) < 5s`, `max <= 25`, `count == 5`, `in [0.6, 0.8]`. Must not judge a value.

use crate::rules::model::expectation::{Bound, Check, Statistic};

use crate::scenario::grammar::values;

/// The kind of the numbers of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Measure {
    /// Durations, in ms.
    Duration,
    /// Shares, from 0 to 1.
    Share,
    /// Counts.
    Count,
}

/// Makes a bound from its number.
type Make = fn(f64) -> Bound;

/// Why a check cannot be read; a lower-case fragment.
pub(crate) type Wrong = String;

/// Reads a check of a measure.
pub(crate) fn check(text: &str, measure: Measure) -> Result<Check, Wrong> {
    let (statistic, rest) = statistic(text.trim())?;
    let rest = rest.trim_start();
    if (statistic, measure) == (Statistic::Count, Measure::Duration) {
        return Err("a count of durations is not measured here: count pairs with `metric = \"journeys\"`".to_owned());
    }
    let bound = if let Some(list) = rest.strip_prefix("in").filter(|list| list.trim_start().starts_with('[')) {
        range(list.trim(), measure)?
    } else {
        let operators: [(&str, Make); 6] = [
            ("<=", Bound::AtMost),
            (">=", Bound::AtLeast),
            ("==", Bound::Equal),
            ("!=", Bound::NotEqual),
            ("<", Bound::Less),
            (">", Bound::More),
        ];
        let found = operators.iter().find_map(|(sign, bound)| Some((bound, rest.strip_prefix(sign)?)));
        let Some((bound, value)) = found else {
            let hint = if rest.starts_with('=') {
                "write `==` for equality"
            } else {
                "expected <, <=, >, >=, ==, != or `in [a, b]`"
            };
            return Err(format!("no comparison: {hint}"));
        };
        bound(number(value.trim(), measure)?)
    };
    let statistic = fitting(statistic, measure)?;
    says_something(bound, measure)?;
    Ok(Check { text: text.to_owned(), statistic, bound })
}

/// Refuses a check that holds, or fails, for every value: no figure is below 0, and no share above 1.
fn says_something(bound: Bound, measure: Measure) -> Result<(), Wrong> {
    let most = if measure == Measure::Share { 1.0 } else { f64::INFINITY };
    let always = match bound {
        Bound::AtLeast(limit) => limit <= 0.0,
        Bound::AtMost(limit) => limit >= most,
        Bound::In(low, high) => low <= 0.0 && high >= most,
        Bound::Less(_) | Bound::More(_) | Bound::Equal(_) | Bound::NotEqual(_) => false,
    };
    let never = match bound {
        Bound::Less(limit) => limit <= 0.0,
        Bound::More(limit) => limit >= most,
        Bound::AtLeast(_) | Bound::AtMost(_) | Bound::In(..) | Bound::Equal(_) | Bound::NotEqual(_) => false,
    };
    match (always, never) {
        (true, _) => Err("this holds whatever happens".to_owned()),
        (_, true) => Err("this holds never, whatever happens".to_owned()),
        (false, false) => Ok(()),
    }
}

fn statistic(text: &str) -> Result<(Statistic, &str), Wrong> {
    let letters = text.len() - text.trim_start_matches(|c: char| c.is_ascii_alphabetic()).len();
    let (word, rest) = text.split_at(letters);
    Ok(match word {
        "" => (Statistic::Value, rest),
        "in" => (Statistic::Value, text),
        "count" => (Statistic::Count, rest),
        "min" => (Statistic::Min, rest),
        "max" => (Statistic::Max, rest),
        "avg" => (Statistic::Mean, rest),
        "med" => (Statistic::Quantile(0.5), rest),
        "p" => {
            let inside = rest.strip_prefix('(').and_then(|rest| rest.split_once(')'));
            let (percent, rest) = inside.ok_or("a quantile is written p(95)")?;
            let ratio = values::ratio(&format!("{}%", percent.trim())).ok().filter(|ratio| ratio.billionths() > 0);
            let ratio = ratio.ok_or("a quantile lies above 0 and at most at 100: p(95)")?;
            (Statistic::Quantile(f64::from(ratio.billionths()) / 1e9), rest)
        }
        other => {
            return Err(format!(
                "`{}` is no figure: there are p(N), min, max, avg, med and count",
                crate::scenario::diagnostics::diagnostic::shown(other)
            ));
        }
    })
}

/// Durations are measured as distributions. A share or a count is one value, which is its own least, greatest and mean.
fn fitting(statistic: Statistic, measure: Measure) -> Result<Statistic, Wrong> {
    match (measure, statistic) {
        (Measure::Duration, _) | (Measure::Count, Statistic::Count) => Ok(statistic),
        (_, Statistic::Quantile(_)) => Err("this metric is one value and has no quantiles".to_owned()),
        (Measure::Share, Statistic::Count) => Err("a share cannot be counted: write only the comparison".to_owned()),
        (_, Statistic::Value | Statistic::Min | Statistic::Max | Statistic::Mean) => Ok(Statistic::Value),
    }
}

fn range(list: &str, measure: Measure) -> Result<Bound, Wrong> {
    let inside = list.strip_prefix('[').and_then(|list| list.strip_suffix(']'));
    let parts = inside.and_then(|inside| inside.split_once(','));
    let (low, high) = parts.ok_or("a range is written `in [a, b]`")?;
    let (low, high) = (number(low.trim(), measure)?, number(high.trim(), measure)?);
    if low > high {
        return Err("a range whose first number is greater than its second".to_owned());
    }
    Ok(Bound::In(low, high))
}

#[expect(clippy::cast_precision_loss, reason = "a hundred years of milliseconds are exact in 53 bits")]
fn number(text: &str, measure: Measure) -> Result<f64, Wrong> {
    let shown = crate::scenario::diagnostics::diagnostic::shown(text);
    match measure {
        Measure::Duration => match values::duration_ms(text) {
            Ok(ms) => Ok(ms as f64),
            Err(_) => Err(format!("`{shown}` is no duration: write \"5s\" or \"1h30m\"")),
        },
        Measure::Share => match values::ratio(text) {
            Ok(ratio) => Ok(f64::from(ratio.billionths()) / 1e9),
            Err(wrong) => Err(format!("`{shown}` is {}", wrong.message)),
        },
        Measure::Count => {
            let digits: String = text.chars().filter(|c| *c != '_').collect();
            let count = digits.parse::<u32>().ok().filter(|_| digits.bytes().all(|byte| byte.is_ascii_digit()));
            count.map(f64::from).ok_or_else(|| format!("`{shown}` is no whole number"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_checks_of_the_manual() {
        let read = |text, measure| check(text, measure).map(|check| (check.statistic, check.bound));
        assert_eq!(read(">= 0.75", Measure::Share), Ok((Statistic::Value, Bound::AtLeast(0.75))));
        assert_eq!(read(">=75%", Measure::Share), Ok((Statistic::Value, Bound::AtLeast(0.75))));
        assert_eq!(read("p(95) < 5s", Measure::Duration), Ok((Statistic::Quantile(0.95), Bound::Less(5_000.0))));
        assert_eq!(read("max <= 25m", Measure::Duration), Ok((Statistic::Max, Bound::AtMost(1_500_000.0))));
        assert_eq!(read("count == 5", Measure::Count), Ok((Statistic::Count, Bound::Equal(5.0))));
        assert_eq!(read("in [0.6, 0.8]", Measure::Share), Ok((Statistic::Value, Bound::In(0.6, 0.8))));
        let p95_in = read("p(95) in [1s, 5s]", Measure::Duration);
        assert_eq!(p95_in, Ok((Statistic::Quantile(0.95), Bound::In(1_000.0, 5_000.0))));
    }

    #[test]
    fn a_check_that_nothing_can_change_is_refused() {
        for (text, measure) in [
            (">= 0", Measure::Count),
            ("count >= 0", Measure::Count),
            ("< 0", Measure::Count),
            ("p(95) >= 0s", Measure::Duration),
            ("max < 0s", Measure::Duration),
            (">= 0%", Measure::Share),
            ("<= 100%", Measure::Share),
            ("> 1", Measure::Share),
            ("in [0, 1]", Measure::Share),
        ] {
            assert!(check(text, measure).is_err_and(|wrong| wrong.contains("whatever happens")), "{text}");
        }
        for text in ["<= 0", "> 0", "== 0", "in [0, 1]"] {
            assert!(check(text, Measure::Count).is_ok(), "{text}");
        }
    }

    #[test]
    fn says_what_is_wrong_with_a_check() {
        for (text, measure) in [
            ("", Measure::Share),
            ("= 5", Measure::Count),
            ("p95 < 5s", Measure::Duration),
            ("p(0) < 5s", Measure::Duration),
            ("< 5", Measure::Duration),
            ("p(95) > 0.5", Measure::Share),
            ("in [0.8, 0.6]", Measure::Share),
            ("in [0.8]", Measure::Share),
            ("median < 5s", Measure::Duration),
            (">= 1.5", Measure::Share),
            ("é", Measure::Share),
        ] {
            assert!(check(text, measure).is_err(), "{text}");
        }
    }
}
