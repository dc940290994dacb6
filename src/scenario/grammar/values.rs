//! The notation of values in a scenario: durations, ratios, rates, numbers. Exact integers, no floats.

use std::fmt::Write as _;

use crate::rules::base::chance::Ratio;

use crate::scenario::diagnostics::limits::{DURATION_MAX_MS, RATE_MAX};

/// Why a value cannot be read, and the remedy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unreadable {
    /// What is wrong, a lower-case fragment.
    pub(crate) message: &'static str,
    /// What to write instead.
    pub(crate) help: &'static str,
}

type Read<T> = Result<T, Unreadable>;

const fn unreadable<T>(message: &'static str, help: &'static str) -> Read<T> {
    Err(Unreadable { message, help })
}

const DURATION_HELP: &str = "write whole numbers with units, largest first: \"90s\", \"1h30m\", \"500ms\", \"2d\"";

/// A duration in ms: whole numbers with the units d, h, m, s, ms, each at most once, the largest first.
pub(crate) fn duration_ms(text: &str) -> Read<u64> {
    const UNITS: [(&str, u64); 5] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];
    let (mut rest, mut sum, mut next) = (text, 0_u64, 0);
    if rest.is_empty() {
        return unreadable("an empty duration", DURATION_HELP);
    }
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        if digits == 0 {
            return unreadable("not a duration", DURATION_HELP);
        }
        let (number, after) = rest.split_at(digits);
        let letters = after.len() - after.trim_start_matches(|c: char| c.is_ascii_alphabetic()).len();
        let (unit, after) = after.split_at(letters);
        let Some(at) = UNITS.iter().position(|(name, _)| *name == unit) else {
            let message = match (unit, after.chars().next()) {
                ("", Some('.')) => "a duration with a fraction",
                ("", None) => "a duration without a unit",
                _ => "not a duration",
            };
            return unreadable(message, DURATION_HELP);
        };
        if at < next {
            return unreadable("units of a duration out of order", DURATION_HELP);
        }
        let part = number.parse::<u64>().ok().and_then(|number| number.checked_mul(UNITS[at].1));
        let Some(total) = part.and_then(|part| sum.checked_add(part)).filter(|total| *total <= DURATION_MAX_MS) else {
            return unreadable("a duration of more than a hundred years", "write a shorter one");
        };
        (rest, sum, next) = (after, total, at + 1);
    }
    Ok(sum)
}

/// A local time of day in ms since midnight: `22:30` or `22:30:15`.
pub(crate) fn time_of_day_ms(text: &str) -> Read<u32> {
    const HELP: &str = "write hours and minutes: \"22:30\"";
    let mut sum = 0;
    let parts: Vec<&str> = text.split(':').collect();
    if !(2..=3).contains(&parts.len()) {
        return unreadable("not a time of day", HELP);
    }
    for (part, (limit, unit)) in parts.iter().zip([(24, 3_600_000), (60, 60_000), (60, 1_000)]) {
        let number = part.parse::<u32>().ok().filter(|number| part.len() == 2 && *number < limit);
        let Some(number) = number.filter(|_| part.bytes().all(|byte| byte.is_ascii_digit())) else {
            return unreadable("not a time of day", HELP);
        };
        sum += number * unit;
    }
    Ok(sum)
}

const RATIO_HELP: &str = "write a number from 0 to 1, or a percentage such as \"5%\"";

/// A ratio from its decimal notation (`0.05`) or as a percentage (`5%`), exact to billionths.
pub(crate) fn ratio(text: &str) -> Read<Ratio> {
    let (number, places) = match text.strip_suffix('%') {
        Some(percent) => (percent.trim_end(), 7),
        None => (text, 9),
    };
    match decimal(number, places) {
        Ok(billionths) => match u32::try_from(billionths).ok().filter(|billionths| *billionths <= 1_000_000_000) {
            Some(billionths) => Ok(Ratio::from_billionths(billionths)),
            None => unreadable("a ratio of more than 1", RATIO_HELP),
        },
        Err(Decimal::TooFine) => {
            unreadable("a ratio with more than nine decimal places", "ratios are exact to a billionth: round it")
        }
        Err(Decimal::Negative) => unreadable("a ratio below 0", RATIO_HELP),
        Err(Decimal::TooLarge) => unreadable("a ratio of more than 1", RATIO_HELP),
        Err(Decimal::NotANumber) => unreadable("not a ratio", RATIO_HELP),
    }
}

/// A ratio outside of a scenario, in the same notation.
///
/// # Errors
/// What is wrong with it, and what to write instead.
pub fn parse_ratio(text: &str) -> Result<Ratio, String> {
    ratio(text).map_err(|wrong| format!("{}: {}", wrong.message, wrong.help))
}

/// Why a decimal number cannot be taken exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decimal {
    NotANumber,
    Negative,
    TooLarge,
    TooFine,
}

/// A decimal number (`1`, `0.25`, `2.5e-3`) times 10 to the power of `places`, if that is whole.
pub(crate) fn decimal(text: &str, places: i32) -> Result<u64, Decimal> {
    let unsigned = text.strip_prefix('+').unwrap_or(text);
    let (negative, unsigned) = match unsigned.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, unsigned),
    };
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().map_err(|_| Decimal::NotANumber)?),
        None => (unsigned, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits: String = whole.chars().chain(fraction.chars()).filter(|c| *c != '_').collect();
    if whole.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) || digits.len() > 400 {
        return Err(Decimal::NotANumber);
    }
    let fraction_len = fraction.chars().filter(|c| *c != '_').count();
    let significant = digits.trim_start_matches('0').trim_end_matches('0');
    if significant.is_empty() {
        return Ok(0);
    }
    if negative {
        return Err(Decimal::Negative);
    }
    let trailing = digits.len() - digits.trim_end_matches('0').len();
    let power = i64::from(places) + i64::from(exponent) + signed(trailing) - signed(fraction_len);
    if power < 0 {
        return Err(Decimal::TooFine);
    }
    let power = u32::try_from(power).ok().filter(|power| *power <= 19).ok_or(Decimal::TooLarge)?;
    let value = significant.parse::<u64>().map_err(|_| Decimal::TooLarge)?;
    10_u64.checked_pow(power).and_then(|scale| value.checked_mul(scale)).ok_or(Decimal::TooLarge)
}

/// A length of a text as a signed number.
fn signed(length: usize) -> i64 {
    i64::try_from(length).expect("a text is shorter than that")
}

const RATE_HELP: &str = "write a whole number and a unit of time: \"500/s\", \"30/min\", \"25/h\"";

/// A rate in units of 1/3,600,000 of a message a millisecond (X16).
pub(crate) fn rate_units(text: &str) -> Read<u64> {
    let Some((number, unit)) = text.split_once('/') else {
        return unreadable("not a rate", RATE_HELP);
    };
    let per_hour_parts = match unit.trim() {
        "s" | "sec" => 3_600,
        "m" | "min" => 60,
        "h" => 1,
        _ => return unreadable("a rate per an unknown unit", RATE_HELP),
    };
    let number: String = number.trim().chars().filter(|c| *c != '_').collect();
    if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return unreadable("not a rate in whole numbers", RATE_HELP);
    }
    match number.parse::<u64>().ok().filter(|number| *number <= RATE_MAX) {
        Some(number) => Ok(number * per_hour_parts),
        None => unreadable("a rate of more than 1,000,000,000 per unit of time", RATE_HELP),
    }
}

/// A speed in thousandths of a model second a second.
pub(crate) fn speed_thousandths(text: &str) -> Read<u64> {
    const HELP: &str = "write model seconds a second, such as 60 or 0.5, or \"max\"";
    match decimal(text, 3) {
        Ok(0) | Err(Decimal::Negative) => unreadable("a speed that stands still", HELP),
        Ok(speed) if speed <= crate::scenario::diagnostics::limits::SPEED_MAX * 1_000 => Ok(speed),
        Ok(_) | Err(Decimal::TooLarge) => unreadable("a speed of more than 1,000,000", "write \"max\""),
        Err(Decimal::TooFine) => unreadable("a speed finer than a thousandth", HELP),
        Err(Decimal::NotANumber) => unreadable("not a speed", HELP),
    }
}

/// A duration in ms in a scenario's notation.
pub(crate) fn duration_text(ms: u64) -> String {
    if ms == 0 {
        return "0s".to_owned();
    }
    let mut rest = ms;
    let mut text = String::new();
    for (unit, length) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)] {
        if rest >= length {
            write!(text, "{}{unit}", rest / length).expect("a string takes all");
            rest %= length;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_whole_milliseconds() {
        let read = |text| duration_ms(text).ok();
        assert_eq!(read("90s"), Some(90_000));
        assert_eq!(read("1h30m"), Some(5_400_000));
        assert_eq!(read("3659999ms"), Some(3_659_999));
        assert_eq!(read("2d"), Some(172_800_000));
        assert_eq!(read("1s500ms"), Some(1_500));
        for wrong in ["", "5", "1.5h", "-1s", "30m1h", "1h1h", "h", "1 h", "99999999999999999999d", "40000d"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        assert_eq!(duration_text(5_400_500), "1h30m500ms");
    }

    #[test]
    fn ratios_are_exact_to_a_billionth() {
        let read = |text: &str| ratio(text).map(Ratio::billionths).ok();
        assert_eq!(read("0.002"), Some(2_000_000));
        assert_eq!(read("5%"), Some(50_000_000));
        assert_eq!(read("0.2%"), Some(2_000_000));
        assert_eq!(read("1"), Some(1_000_000_000));
        assert_eq!(read("1e-9"), Some(1));
        assert_eq!(read("0.1000000000000"), Some(100_000_000));
        for wrong in ["1e-10", "1.000000001", "101%", "-0.5", "inf", "nan", "", ".", "5 percent", "1e99999999999"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn rates_are_whole_units_a_millisecond() {
        assert_eq!(rate_units("1/h"), Ok(1));
        assert_eq!(rate_units("600_000/min"), Ok(36_000_000));
        assert_eq!(rate_units("500/s"), Ok(1_800_000));
        assert_eq!(rate_units("0/s"), Ok(0));
        assert!(rate_units("1.5/s").is_err() && rate_units("5").is_err() && rate_units("5/d").is_err());
    }

    #[test]
    fn times_of_day_have_two_digits_each() {
        assert_eq!(time_of_day_ms("22:30"), Ok(81_000_000));
        assert_eq!(time_of_day_ms("00:00:01"), Ok(1_000));
        assert!(
            time_of_day_ms("24:00").is_err() && time_of_day_ms("9:00").is_err() && time_of_day_ms("+1:00").is_err()
        );
    }
}
