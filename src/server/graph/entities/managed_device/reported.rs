//! Parses an exported text as the type of its property; null if it does not fit. Must not know any property.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use uuid::Uuid;

use crate::server::odata::{FieldKind, Value};

/// The value of a text.
pub(super) fn parsed(kind: FieldKind, text: &str) -> Option<Value> {
    match kind {
        FieldKind::Text => Some(Value::text(text)),
        FieldKind::Guid => Uuid::try_parse(text).ok().map(|id| Value::Text(id.to_string())),
        FieldKind::Choice(words) => {
            words.iter().find(|word| word.eq_ignore_ascii_case(text)).map(|word| Value::Choice(word))
        }
        FieldKind::Moment => moment(text),
        FieldKind::Flag => text.to_ascii_lowercase().parse().ok().map(Value::Flag),
        FieldKind::Whole => text.parse().ok().map(Value::Whole),
        FieldKind::Texts | FieldKind::Record(_) | FieldKind::Records(_) | FieldKind::Link => None,
    }
}

/// A moment, in UTC unless it has a zone; Graph writes whole seconds.
fn moment(text: &str) -> Option<Value> {
    let of_utc = || TimeZone::UTC.to_timestamp(text.parse::<DateTime>().ok()?).ok();
    let moment = text.parse::<Timestamp>().ok().or_else(of_utc)?;
    Timestamp::from_second(moment.as_second()).ok().map(Value::Moment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_read_as_the_type_of_its_property() {
        const WORDS: FieldKind = FieldKind::Choice(&["compliant", "noncompliant"]);
        let moment = |text: &str| Some(Value::Moment(text.parse().expect("it is one")));
        for (kind, text, value) in [
            (FieldKind::Text, "Ann's phone", Some(Value::text("Ann's phone"))),
            (FieldKind::Flag, "True", Some(Value::Flag(true))),
            (FieldKind::Flag, "yes", None),
            (FieldKind::Whole, "63451987968", Some(Value::Whole(63_451_987_968))),
            (FieldKind::Whole, "59.1 GB", None),
            (WORDS, "Compliant", Some(Value::Choice("compliant"))),
            (WORDS, "fine", None),
            (FieldKind::Moment, "2025-01-02T10:00:00.1234567Z", moment("2025-01-02T10:00:00Z")),
            (FieldKind::Moment, "2025-01-02 10:00:00.0000000", moment("2025-01-02T10:00:00Z")),
            (FieldKind::Moment, "yesterday", None),
            (FieldKind::Texts, "a;b", None),
        ] {
            assert_eq!(parsed(kind, text), value, "{text}");
        }
    }
}
