//! Remedies for frequent mistakes, found by what was written. Must not refuse anything: the checks do.

use super::document::{DocumentValue, Node};
use crate::scenario::grammar::parts::Shape;
use crate::scenario::grammar::values::time_of_day_ms;

/// Words of other notations, each with the word that is meant.
const SYNONYMS: [(&str, &str); 21] = [
    ("iphone", "ios"),
    ("iphones", "ios"),
    ("ipad", "ipados"),
    ("ipads", "ipados"),
    ("mac", "macos"),
    ("osx", "macos"),
    ("pc", "windows"),
    ("win", "windows"),
    ("apple", "apns"),
    ("google", "fcm"),
    ("firebase", "fcm"),
    ("slow", "delay"),
    ("latency", "delay"),
    ("down", "outage"),
    ("drop", "loss"),
    ("drops", "loss"),
    ("limit", "throttle"),
    ("crashes", "crash"),
    ("portal", "company_portal"),
    ("companyportal", "company_portal"),
    ("no", "none"),
];

/// Keys of other notations, each with the table that it stands in and the remedy.
const KEYS: [(&str, &str, &str); 8] = [
    ("send", "from", "the account that sends is `as`"),
    ("send", "sender", "the account that sends is `as`"),
    ("send", "message", "the text is `title` and `body`"),
    ("send", "text", "the text is `title` and `body`"),
    ("send", "group", "the recipients are `to = { groups = [\"…\"] }`"),
    ("send", "groups", "the recipients are `to = { groups = [\"…\"] }`"),
    ("fault", "target", "what it covers is `scope`, such as scope = { gateway = \"fcm\" }"),
    ("fault", "gateway", "what it covers is `scope`, such as scope = { gateway = \"fcm\" }"),
];

/// The remedy for a key of another notation in a table.
pub(super) fn of_key(noun: &str, key: &str) -> Option<&'static str> {
    KEYS.iter().find(|(table, wrong, _)| (*table, *wrong) == (noun, key)).map(|(.., remedy)| *remedy)
}

/// The word that is meant by one of another notation, if it is among those allowed.
pub(super) fn synonym(word: &str, allowed: &[&'static str]) -> Option<&'static str> {
    let word = word.to_lowercase();
    let meant = SYNONYMS.iter().find(|(wrong, _)| *wrong == word).map(|(_, meant)| *meant);
    meant.filter(|meant| allowed.contains(meant))
}

/// The remedy for a value that its key cannot have.
pub(super) fn of_value(key: &str, shape: &Shape, node: &Node) -> Option<String> {
    let has = |wanted: fn(&Shape) -> bool| shape.alternatives().iter().any(wanted);
    let takes_local = has(|shape| matches!(shape, Shape::Table(grammar) if grammar.key("local").is_some()));
    match &node.value {
        DocumentValue::Text(text) if takes_local && time_of_day_ms(text).is_ok() => {
            Some(format!("write {key} = {{ local = \"{text}\" }} for that local time"))
        }
        DocumentValue::Text(text) if takes_local && looks_like_moment(text) => Some(moment_help(key)),
        DocumentValue::Moment(_) if takes_local => Some(moment_help(key)),
        DocumentValue::Integer(number @ 2..=100) if has(|shape| matches!(shape, Shape::Ratio)) => {
            Some(format!("write \"{number}%\" for a percentage"))
        }
        DocumentValue::Integer(number) if has(|shape| matches!(shape, Shape::Duration(_))) => {
            Some(format!("write a unit, and quotes: \"{number}m\" or \"{number}h\""))
        }
        DocumentValue::Text(text) if has(|shape| matches!(shape, Shape::Duration(_))) => {
            duration_in_words(text).map(|meant| format!("write \"{meant}\""))
        }
        DocumentValue::Text(text) if has(|shape| matches!(shape, Shape::Moment)) && looks_like_moment(text) => {
            Some("write year, month and day without quotes: 2026-12-01T21:00:00Z".to_owned())
        }
        DocumentValue::Text(text) if has(|shape| matches!(shape, Shape::Moment)) && is_moving_day(text) => Some(
            "a scenario gives the same result on every day: write a date, such as 2026-12-01T06:00:00Z, and choose another one \
             with --start"
                .to_owned(),
        ),
        DocumentValue::Text(text) if has(|shape| matches!(shape, Shape::Whole(..))) => {
            let is_number = text.starts_with(|c: char| c.is_ascii_digit());
            is_number.then(|| "write the number without quotes".to_owned())
        }
        DocumentValue::Table(_) if has(|shape| matches!(shape, Shape::Tables(_))) => {
            Some(format!("write [[{key}]], with two brackets: there may be several"))
        }
        DocumentValue::Text(_) if key == "to" => Some("write to = { groups = [\"All users\"] }".to_owned()),
        _ => None,
    }
}

/// Whether a text is another day on each day.
fn is_moving_day(text: &str) -> bool {
    ["today", "now", "tomorrow", "monday"].contains(&text.to_lowercase().as_str())
}

fn moment_help(key: &str) -> String {
    format!(
        "write a duration since `start`, such as {key} = \"30m\", or a local time, {key} = {{ local = \"21:30\" }}; the date is \
         that of `start`"
    )
}

/// Whether a text begins like a date.
fn looks_like_moment(text: &str) -> bool {
    let mut parts = text.split(['-', '/', '.']);
    let is_number = |part: Option<&str>| {
        part.is_some_and(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    is_number(parts.next())
        && is_number(parts.next())
        && parts.next().is_some_and(|part| part.starts_with(|c: char| c.is_ascii_digit()))
}

/// A duration in the notation of scenarios, from one in words: `4 hours`, `0.5h`, `1 week`.
fn duration_in_words(text: &str) -> Option<String> {
    const UNITS: [(&str, u64); 19] = [
        ("y", 365 * 86_400_000),
        ("year", 365 * 86_400_000),
        ("month", 30 * 86_400_000),
        ("w", 7 * 86_400_000),
        ("week", 7 * 86_400_000),
        ("d", 86_400_000),
        ("day", 86_400_000),
        ("h", 3_600_000),
        ("hr", 3_600_000),
        ("hour", 3_600_000),
        ("m", 60_000),
        ("min", 60_000),
        ("minute", 60_000),
        ("s", 1_000),
        ("sec", 1_000),
        ("second", 1_000),
        ("ms", 1),
        ("msec", 1),
        ("millisecond", 1),
    ];
    let text = text.trim().to_lowercase();
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').len();
    let (number, unit) = text.split_at(digits);
    let unit = unit.trim();
    let of = |unit: &str| UNITS.iter().find(|(name, _)| *name == unit).map(|(_, ms)| *ms);
    let unit_ms = of(unit).or_else(|| of(unit.strip_suffix('s')?))?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let whole = whole.parse::<u64>().ok()?.checked_mul(unit_ms)?;
    let digits = u32::try_from(fraction.len()).ok().filter(|digits| *digits <= 6)?;
    let part =
        if fraction.is_empty() { 0 } else { fraction.parse::<u64>().ok()?.checked_mul(unit_ms)? / 10_u64.pow(digits) };
    let ms = whole.checked_add(part)?;
    let meant = crate::scenario::grammar::values::duration_text(ms);
    (crate::scenario::grammar::values::duration_ms(&meant) == Ok(ms)).then_some(meant)
}

/// The remedy for a line that is no TOML. It repeats nothing of the line: that of a foreign file must not be shown.
pub(super) fn of_syntax(line: &str) -> Option<&'static str> {
    let line = line.trim();
    if line.contains(['“', '”', '„', '‘', '’', '«', '»']) {
        return Some("these are curly quotes: write straight ones, \"…\"");
    }
    let is_key = |key: &str| !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c));
    if let Some((key, _)) = line.split_once(':').filter(|(key, _)| is_key(key.trim())) {
        return (!key.contains('='))
            .then_some("TOML has `=` between a key and its value, and texts in quotes: name = \"text\"");
    }
    let (_, value) = line.split_once('=').filter(|(key, _)| is_key(key.trim()))?;
    let value = value.split('#').next().unwrap_or_default().trim();
    let after_digits = value.trim_start_matches(|c: char| c.is_ascii_digit());
    match after_digits.chars().next() {
        _ if after_digits.len() == value.len() => {
            let is_word = value.chars().all(|c| c.is_ascii_alphanumeric() || "_- ".contains(c)) && !value.is_empty();
            is_word.then_some("texts are written in quotes: name = \"text\"")
        }
        Some(',') => Some("numbers have no commas: write 3500 or 3_500"),
        Some('%') => Some("percentages are written in quotes: \"60%\""),
        Some(c) if c.is_ascii_alphabetic() => Some("durations are written in quotes: \"4h\""),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_in_words_are_read() {
        let meant = |text| duration_in_words(text).unwrap_or_default();
        assert_eq!(["4 hours", "10y", "0.5h", "1 week", "90 sec"].map(meant), ["4h", "3650d", "30m", "7d", "1m30s"]);
        assert_eq!(["soon", "4 apples", "", "1.2.3h", "99999999999y"].map(meant), [""; 5]);
    }

    #[test]
    fn lines_that_are_no_toml_have_a_remedy() {
        let hint = |line| of_syntax(line).unwrap_or_default().split(':').next().unwrap_or_default();
        assert_eq!(hint("name = “x”"), "these are curly quotes");
        assert_eq!(hint("duration = 4h"), "durations are written in quotes");
        assert_eq!(hint("users = 3,500 # people"), "numbers have no commas");
        assert_eq!(hint("duration: 4h"), "TOML has `=` between a key and its value, and texts in quotes");
        assert_eq!(hint("platform = ios"), "texts are written in quotes");
        assert_eq!(hint("share = 60%"), "percentages are written in quotes");
        assert_eq!(hint("users = "), "");
    }
}
