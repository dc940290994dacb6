//! Figures as text: grouped digits, shares, durations. The record keeps the integers; these texts are never parsed.

use crate::rules::base::chance::Ratio;

pub use crate::rules::base::visible::count;

/// A share in per cent with one digit. Only the whole is `100.0 %` and only nothing is `0.0 %`; values near them stay
/// different.
pub fn share(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "–".to_owned();
    }
    let tenths = (u128::from(part) * 1_000 + u128::from(whole) / 2) / u128::from(whole);
    match (part, tenths) {
        (1.., 0) => "< 0.1 %".to_owned(),
        (part, 1_000) if part < whole => "> 99.9 %".to_owned(),
        (_, tenths) => format!("{}.{} %", tenths / 10, tenths % 10),
    }
}

/// A probability in per cent with all its digits: `0.2 %`, `12 %`.
pub fn per_cent(ratio: Ratio) -> String {
    let (whole, part) = (ratio.billionths() / PER_CENT, ratio.billionths() % PER_CENT);
    let digits = format!("{part:07}");
    match digits.trim_end_matches('0') {
        "" => format!("{whole} %"),
        digits => format!("{whole}.{digits} %"),
    }
}

/// A draw in per cent of the range of draws, with enough digits to show on which side of `ratio` it lies.
pub fn drawn(draw: u32, ratio: Ratio) -> String {
    let mut digits = 1;
    loop {
        let scale = 10_u64.pow(digits);
        let scaled = (u64::from(draw) * 100 * scale) >> 32;
        let is_below = u128::from(scaled) * u128::from(PER_CENT) < u128::from(ratio.billionths()) * u128::from(scale);
        if is_below == ratio.hits(draw) || digits == PER_CENT_DIGITS {
            return format!("{}.{:0width$} %", scaled / scale, scaled % scale, width = digits as usize);
        }
        digits += 1;
    }
}

/// Billionths in a per cent. With all seven decimal places a draw is on its side of every ratio.
const PER_CENT: u32 = 10_000_000;
const PER_CENT_DIGITS: u32 = 7;

/// Milliseconds in the two largest units that are not 0: `350 ms`, `4.2 s`, `2 min 10 s`, `1 h 05 min`, `3 d 2 h`.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "spans are finite and not negative")]
pub fn millis(ms: f64) -> String {
    let ms = ms.round() as u64;
    let (seconds, minutes, hours, days) = (ms / 1_000, ms / 60_000, ms / 3_600_000, ms / 86_400_000);
    match ms {
        0..1_000 => format!("{ms} ms"),
        1_000..60_000 if ms % 1_000 < 50 => format!("{seconds} s"),
        1_000..60_000 => format!("{seconds}.{} s", ms % 1_000 / 100),
        60_000..3_600_000 => two(minutes, "min", seconds % 60, "s"),
        3_600_000..86_400_000 => two(hours, "h", minutes % 60, "min"),
        _ => two(days, "d", hours % 24, "h"),
    }
}

/// Milliseconds in one unit with one decimal place, for narrow columns: `350 ms`, `4.2 s`, `1.1 min`, `2.3 h`.
pub fn brief(ms: u64) -> String {
    let (unit, name) = match ms {
        0..1_000 => return format!("{ms} ms"),
        1_000..60_000 => (1_000, "s"),
        60_000..3_600_000 => (60_000, "min"),
        3_600_000..86_400_000 => (3_600_000, "h"),
        _ => (86_400_000, "d"),
    };
    let tenths = ms / (unit / 10);
    format!("{}.{} {name}", tenths / 10, tenths % 10)
}

fn two(large: u64, large_unit: &str, small: u64, small_unit: &str) -> String {
    if small == 0 { format!("{large} {large_unit}") } else { format!("{large} {large_unit} {small:02} {small_unit}") }
}

/// Bytes in the unit that leaves at most four digits.
pub fn bytes(bytes: u64) -> String {
    match bytes {
        0..10_000 => format!("{bytes} B"),
        10_000..10_000_000 => format!("{} kB", bytes / 1_000),
        10_000_000..10_000_000_000 => format!("{} MB", bytes / 1_000_000),
        _ => format!("{} GB", bytes / 1_000_000_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_digits() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(count), ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn nearly_all_is_not_all_and_nearly_none_is_not_none() {
        assert_eq!(share(9_999, 10_000), "> 99.9 %");
        assert_eq!(share(1, 10_000), "< 0.1 %");
        assert_eq!(share(10_000, 10_000), "100.0 %");
        assert_eq!(share(0, 10_000), "0.0 %");
        assert_eq!(share(873, 1_000), "87.3 %");
        assert_eq!(share(0, 0), "–");
    }

    #[test]
    fn a_draw_is_seen_on_its_side_of_a_ratio() {
        let fifth = Ratio::from_billionths(2_000_000);
        let first_above = u32::try_from(fifth.threshold()).expect("far below all");
        assert_eq!(
            (per_cent(fifth), per_cent(Ratio::ALWAYS), per_cent(Ratio::NEVER)),
            ("0.2 %".into(), "100 %".into(), "0 %".into())
        );
        assert_eq!(drawn(1 << 31, fifth), "50.0 %");
        assert_eq!((drawn(first_above - 1, fifth), drawn(first_above, fifth)), ("0.1 %".into(), "0.2 %".into()));
        let odd = Ratio::from_billionths(2_345_678);
        let first_above = u32::try_from(odd.threshold()).expect("far below all");
        assert_eq!((per_cent(odd), drawn(first_above, odd)), ("0.2345678 %".into(), "0.2345678 %".into()));
    }

    #[test]
    fn spans_have_two_units_at_most() {
        let of = |ms: f64| millis(ms);
        assert_eq!([350.0, 4_200.0, 5_000.0].map(of), ["350 ms", "4.2 s", "5 s"]);
        assert_eq!([130_000.0, 3_900_000.0, 266_400_000.0].map(of), ["2 min 10 s", "1 h 05 min", "3 d 02 h"]);
        assert_eq!(of(3_600_000.0), "1 h");
        assert_eq!([350, 4_200, 63_500, 8_300_000].map(brief), ["350 ms", "4.2 s", "1.0 min", "2.3 h"]);
    }
}
