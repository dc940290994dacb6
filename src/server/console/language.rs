//! The languages of the console, which one a request wants, and how each writes numbers, shares, spans and dates. Must not
//! contain a sentence: `phrase` has them.

use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::rules::base::time::SimTime;
use crate::rules::model::world::World;

/// A language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub(crate) enum Language {
    /// English.
    #[strum(serialize = "en")]
    English,
    /// French.
    #[strum(serialize = "fr")]
    French,
}

/// The space within a number, which never ends a line.
const NARROW: char = '\u{202F}';

impl Language {
    /// Its code in HTML.
    pub(super) const fn code(self) -> &'static str {
        self.into_str()
    }

    /// Its own name.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::French => "Français",
        }
    }

    /// The one that a browser wants most of those that there are; English if it wants neither.
    pub(super) fn wanted(headers: &HeaderMap) -> Self {
        let header = headers.get(ACCEPT_LANGUAGE).and_then(|header| header.to_str().ok()).unwrap_or("");
        let mut best = (0.0, Self::English);
        for range in header.split(',') {
            let mut parts = range.split(';').map(str::trim);
            let tag = parts.next().unwrap_or("");
            let weight = parts.find_map(|part| part.strip_prefix("q=")?.parse::<f64>().ok()).unwrap_or(1.0);
            let primary = tag.split('-').next().unwrap_or("").to_ascii_lowercase();
            if let Ok(language) = primary.parse::<Self>()
                && weight > best.0
            {
                best = (weight, language);
            }
        }
        best.1
    }

    /// What stands between a word and what it introduces.
    pub(super) const fn colon(self) -> &'static str {
        match self {
            Self::English => ": ",
            Self::French => "\u{A0}: ",
        }
    }

    /// A whole number, in groups of three digits.
    pub(super) fn count(self, number: u64) -> String {
        let (digits, space) = (number.to_string(), if self == Self::French { NARROW } else { ',' });
        let mut out = String::with_capacity(digits.len() + digits.len() / 3);
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                out.push(space);
            }
            out.push(digit);
        }
        out
    }

    /// A share in per cent, with one digit after the point; a dash of nothing.
    pub(super) fn share(self, part: u64, whole: u64) -> String {
        if whole == 0 {
            return "–".to_owned();
        }
        self.per_cent(part as f64 / whole as f64)
    }

    /// A ratio in per cent. What is neither nothing nor all is not written as if it were.
    pub(super) fn per_cent(self, ratio: f64) -> String {
        let tenths = (ratio * 1_000.0).round();
        let tenths = if ratio > 0.0 && ratio < 1.0 { tenths.clamp(1.0, 999.0) } else { tenths };
        let text = format!("{:.1}", tenths / 10.0);
        let text = text.strip_suffix(".0").unwrap_or(&text).to_owned();
        format!("{}{NARROW}%", self.decimal(&text))
    }

    /// A number with a point, as this language writes it.
    pub(super) fn decimal(self, text: &str) -> String {
        match self {
            Self::English => text.to_owned(),
            Self::French => text.replace('.', ","),
        }
    }

    /// A span of time in its two largest units.
    pub(super) fn span(self, ms: u64) -> String {
        let day = if self == Self::French { "j" } else { "d" };
        let two = |large: u64, one: &str, small: u64, other: &str| {
            let rest = if small > 0 { format!(" {small}{NARROW}{other}") } else { String::new() };
            format!("{}{NARROW}{one}{rest}", self.count(large))
        };
        match ms {
            0..1_000 => format!("{ms}{NARROW}ms"),
            1_000..60_000 => {
                let text = format!("{:.1}", (ms / 100) as f64 / 10.0);
                format!("{}{NARROW}s", self.decimal(text.strip_suffix(".0").unwrap_or(&text)))
            }
            60_000..3_600_000 => two(ms / 60_000, "min", ms / 1_000 % 60, "s"),
            3_600_000..86_400_000 => two(ms / 3_600_000, "h", ms / 60_000 % 60, "min"),
            _ => two(ms / 86_400_000, day, ms / 3_600_000 % 24, "h"),
        }
    }

    /// A moment of model time in the scenario's local time: `Mon 5 Jan 2026, 06:00:00`.
    pub(super) fn moment(self, world: &World, at: SimTime) -> String {
        if at == SimTime::NEVER {
            return "–".to_owned();
        }
        // The offset of a zone leads from model time to local time, and has the start in it.
        let unix_ms = world.zone.offset_ms(at).saturating_add_unsigned(at.ms());
        let local = TimeZone::UTC.to_datetime(Timestamp::from_millisecond(unix_ms).unwrap_or_default());
        let day = usize::from(local.weekday().to_monday_zero_offset().unsigned_abs());
        let month = usize::from(local.month().unsigned_abs()) - 1;
        let (days, months) = match self {
            Self::English => (DAYS, MONTHS),
            Self::French => (JOURS, MOIS),
        };
        let first = if self == Self::French && local.day() == 1 { "er" } else { "" };
        let (date, year, time) = (local.day(), local.year(), local.strftime("%H:%M:%S"));
        format!("{} {date}{first} {} {year}, {time}", days[day], months[month])
    }
}

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const JOURS: [&str; 7] = ["lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim."];
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const MOIS: [&str; 12] =
    ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juill.", "août", "sept.", "oct.", "nov.", "déc."];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::fixture::Hand;

    fn wanted(header: &str) -> Language {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_LANGUAGE, header.parse().expect("it is a header"));
        Language::wanted(&headers)
    }

    #[test]
    fn a_browser_gets_the_language_that_it_wants_most() {
        assert_eq!(wanted("fr-CA,fr;q=0.9,en;q=0.8"), Language::French);
        assert_eq!(wanted("de, fr;q=0.5, en;q=0.6"), Language::English);
        assert_eq!(wanted("en;q=0.1, FR;q=0.2"), Language::French);
        assert_eq!(wanted("fr;q=0"), Language::English);
        assert_eq!(wanted("*, ;q=x, ,"), Language::English);
        assert_eq!(Language::wanted(&HeaderMap::new()), Language::English);
    }

    #[test]
    fn each_language_writes_numbers_in_its_own_way() {
        let (en, fr) = (Language::English, Language::French);
        assert_eq!((en.count(1_234_567), fr.count(1_234_567)), ("1,234,567".into(), "1\u{202F}234\u{202F}567".into()));
        assert_eq!((en.count(0), en.count(999), en.count(1_000)), ("0".into(), "999".into(), "1,000".into()));
        assert_eq!((en.share(1, 8), fr.share(1, 8)), ("12.5\u{202F}%".into(), "12,5\u{202F}%".into()));
        assert_eq!((en.share(1, 100_000), en.share(99_999, 100_000)), ("0.1\u{202F}%".into(), "99.9\u{202F}%".into()));
        assert_eq!(
            (en.share(0, 9), en.share(9, 9), en.share(0, 0)),
            ("0\u{202F}%".into(), "100\u{202F}%".into(), "–".into())
        );
        let spans = [0, 999, 1_500, 60_000, 61_000, 3_660_000, 90_000_000].map(|ms| fr.span(ms).replace(NARROW, " "));
        assert_eq!(spans, ["0 ms", "999 ms", "1,5 s", "1 min", "1 min 1 s", "1 h 1 min", "1 j 1 h"]);
    }

    #[test]
    fn a_moment_is_in_the_local_time_of_the_scenario() {
        let world = Hand::new("", |_| Ok(())).world;
        let (en, fr) = [Language::English, Language::French].map(|language| language.moment(&world, SimTime(0))).into();
        assert!(en.contains("20") && en != fr, "{en} {fr}");
        assert_eq!(Language::English.moment(&world, SimTime::NEVER), "–");
    }
}
