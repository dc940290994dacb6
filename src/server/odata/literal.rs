//! Parses a literal of a `$filter` as the type of the field that it is compared with. Must not compare anything.

use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;
use winnow::Parser as _;
use winnow::combinator::opt;
use winnow::stream::Location as _;

use super::field::{Field, FieldKind};
use super::filter::Operator;
use super::lexer::{LexerInput, Miss, Parsed, literal_word, quoted};
use super::value::Value;

/// A literal of the field's type, or null.
pub(super) fn value(input: &mut LexerInput<'_>, field: &'static Field, operator: Operator) -> Parsed<Value> {
    let at = input.current_token_start();
    if let Some(text) = opt(quoted).parse_next(input)? {
        return of_text(field, text, operator).map_err(|what| Miss::meaning(at, what));
    }
    let word = literal_word(input)?;
    if word.eq_ignore_ascii_case("null") {
        return Ok(Value::Null);
    }
    // An enumeration may be written with its type, `microsoft.graph.deviceType'desktop'`.
    if let (FieldKind::Choice(_), Some(text)) = (field.kind, opt(quoted).parse_next(input)?) {
        return of_text(field, text, operator).map_err(|what| Miss::meaning(at, what));
    }
    let found = match field.kind {
        FieldKind::Guid => Uuid::try_parse(word).ok().map(|id| Value::Text(id.to_string())),
        FieldKind::Moment => moment(word),
        FieldKind::Flag => word.to_ascii_lowercase().parse().ok().map(Value::Flag),
        FieldKind::Whole => word.parse().ok().map(Value::Whole),
        _ => None,
    };
    found.ok_or_else(|| match type_of(word) {
        Some(theirs) => Miss::meaning(at, incompatible(field, theirs, operator)),
        None => Miss::meaning(at, unknown(input, word)),
    })
}

fn of_text(field: &Field, text: String, operator: Operator) -> Result<Value, String> {
    match field.kind {
        FieldKind::Text => Ok(Value::Text(text)),
        FieldKind::Guid => match Uuid::try_parse(&text) {
            Ok(id) => Ok(Value::Text(id.to_string())),
            Err(_) => Err(incompatible(field, "Edm.String", operator)),
        },
        FieldKind::Choice(words) => {
            let known = words.iter().find(|known| known.eq_ignore_ascii_case(&text));
            let shown: String = text.chars().take(60).collect();
            known
                .map(|known| Value::Choice(known))
                .ok_or_else(|| format!("The string '{shown}' is not a valid enumeration type constant."))
        }
        _ => Err(incompatible(field, "Edm.String", operator)),
    }
}

/// The `OData` message about comparing two incompatible types.
pub(super) fn incompatible(field: &Field, theirs: &str, operator: Operator) -> String {
    let mine = field.kind.edm();
    let mine = if field.kind.is_list() { format!("Collection({mine})") } else { mine.to_owned() };
    let kind = operator.kind();
    format!(
        "A binary operator with incompatible types was detected. Found operand types '{mine}' and '{theirs}' for operator kind '{kind}'."
    )
}

fn unknown(input: &LexerInput<'_>, word: &str) -> String {
    let word: String = word.chars().take(60).collect();
    format!("Could not find a property named '{word}' on type '{}'.", input.state.schema.full_name())
}

/// The type of a literal without quotes; `None` for a word that can only be a name.
fn type_of(word: &str) -> Option<&'static str> {
    if word.eq_ignore_ascii_case("true") || word.eq_ignore_ascii_case("false") {
        return Some("Edm.Boolean");
    }
    if Uuid::try_parse(word).is_ok() {
        return Some("Edm.Guid");
    }
    if word.parse::<i32>().is_ok() {
        return Some("Edm.Int32");
    }
    if word.parse::<i64>().is_ok() {
        return Some("Edm.Int64");
    }
    if word.parse::<Date>().is_ok() && word.len() == "2026-01-05".len() {
        return Some("Edm.Date");
    }
    moment(word).map(|_| "Edm.DateTimeOffset")
}

fn moment(text: &str) -> Option<Value> {
    let of_day = || {
        let midnight = text.parse::<Date>().ok()?.at(0, 0, 0, 0);
        jiff::tz::TimeZone::UTC.to_timestamp(midnight).ok()
    };
    text.parse::<Timestamp>().ok().or_else(of_day).map(Value::Moment)
}
