//! Figures for people: grouped digits, shares, spans of time. The record keeps the integers; these words are never read back.

/// `1234567` as `1,234,567`.
pub fn count(count: u64) -> String {
    let digits = count.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A share in per cent with one digit. Only all is `100.0 %` and only none is `0.0 %`: what is nearly so says so.
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

/// Milliseconds as the two largest units that say something: `350 ms`, `4.2 s`, `2 min 10 s`, `1 h 05 min`, `3 d 2 h`.
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

/// Milliseconds in one unit with one digit behind the point, for narrow columns: `350 ms`, `4.2 s`, `1.1 min`, `2.3 h`.
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
    fn spans_have_two_units_at_most() {
        let of = |ms: f64| millis(ms);
        assert_eq!([350.0, 4_200.0, 5_000.0].map(of), ["350 ms", "4.2 s", "5 s"]);
        assert_eq!([130_000.0, 3_900_000.0, 266_400_000.0].map(of), ["2 min 10 s", "1 h 05 min", "3 d 02 h"]);
        assert_eq!(of(3_600_000.0), "1 h");
        assert_eq!([350, 4_200, 63_500, 8_300_000].map(brief), ["350 ms", "4.2 s", "1.0 min", "2.3 h"]);
    }
}
