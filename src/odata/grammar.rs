//! The grammar of `$filter`: text to a typed tree, or to the place where it stops making sense. Never looks at an entity.

use jiff::Timestamp;
use jiff::civil::Date;
use winnow::Parser as _;
use winnow::combinator::{alt, opt, repeat};
use winnow::error::ParserError;
use winnow::stream::{LocatingSlice, Location as _, Stateful};
use winnow::token::{any, literal, take_while};

use super::fault::Fault;
use super::field::{Field, Kind, Schema, find};
use super::filter::{Filter, Operator, TextTest};
use super::value::Value;

/// Bytes of a filter: as long as an address that servers take.
const FILTER_BYTES_MAX: usize = 8_192;
/// Conditions inside one another.
const DEPTH_MAX: usize = 32;
/// Comparisons and tests of one filter; each is made for every entity.
const TERMS_MAX: usize = 200;

const OPTION: &str = "$filter";

type Input<'t> = Stateful<LocatingSlice<&'t str>, Count>;
type Parsed<T> = Result<T, Miss>;

/// What a filter may hold, and how much of it there is so far.
#[derive(Clone, Copy, Debug)]
struct Count {
    schema: Schema,
    depth: usize,
    terms: usize,
}

/// What was expected at a byte.
#[derive(Clone, Debug)]
struct Miss {
    at: usize,
    what: String,
    /// The text was understood and cannot be: nothing else is tried.
    is_final: bool,
}

impl ParserError<Input<'_>> for Miss {
    type Inner = Self;

    fn from_input(input: &Input<'_>) -> Self {
        Self { at: input.current_token_start(), what: String::new(), is_final: false }
    }

    /// The one that came further knows better.
    fn or(self, other: Self) -> Self {
        if self.at > other.at && !other.is_final && !self.what.is_empty() { self } else { other }
    }

    fn is_backtrack(&self) -> bool {
        !self.is_final
    }

    fn into_inner(self) -> Result<Self, Self> {
        Ok(self)
    }
}

impl Filter {
    /// Reads a filter over these fields.
    ///
    /// # Errors
    /// What was expected, and at which character.
    pub fn parse(text: &str, schema: Schema) -> Result<Self, Fault> {
        if text.len() > FILTER_BYTES_MAX {
            return Err(Fault::new(OPTION, format!("a filter has at most {FILTER_BYTES_MAX} bytes")));
        }
        let mut input = Stateful { input: LocatingSlice::new(text), state: Count { schema, depth: 0, terms: 0 } };
        let read = whole(&mut input);
        read.map_err(|miss| Fault::at(OPTION, miss.what, text, miss.at))
    }
}

fn whole(input: &mut Input<'_>) -> Parsed<Filter> {
    space(input)?;
    let filter = either(input)?;
    match any::<_, Miss>.parse_next(&mut input.clone()) {
        Ok(_) => Err(miss(input, "expected `and`, `or` or the end")),
        Err(_) => Ok(filter),
    }
}

fn either(input: &mut Input<'_>) -> Parsed<Filter> {
    deeper(input, |input| {
        let mut terms = vec![both(input)?];
        while opt(word("or")).parse_next(input)?.is_some() {
            terms.push(both(input)?);
        }
        Ok(if terms.len() == 1 { terms.remove(0) } else { Filter::Any(terms) })
    })
}

fn both(input: &mut Input<'_>) -> Parsed<Filter> {
    let mut terms = vec![term(input)?];
    while opt(word("and")).parse_next(input)?.is_some() {
        terms.push(term(input)?);
    }
    Ok(if terms.len() == 1 { terms.remove(0) } else { Filter::All(terms) })
}

fn term(input: &mut Input<'_>) -> Parsed<Filter> {
    if opt(word("not")).parse_next(input)?.is_some() {
        return deeper(input, |input| Ok(Filter::Not(Box::new(term(input)?))));
    }
    if opt(sign("(")).parse_next(input)?.is_some() {
        let filter = either(input)?;
        sign(")").parse_next(input).map_err(|_| miss(input, "expected `and`, `or` or `)`"))?;
        return Ok(filter);
    }
    input.state.terms += 1;
    if input.state.terms > TERMS_MAX {
        return Err(miss(input, format!("a filter has at most {TERMS_MAX} conditions")));
    }
    alt((test, comparison)).parse_next(input)
}

fn deeper(input: &mut Input<'_>, inside: impl FnOnce(&mut Input<'_>) -> Parsed<Filter>) -> Parsed<Filter> {
    if input.state.depth == DEPTH_MAX {
        return Err(miss(input, format!("conditions stand at most {DEPTH_MAX} deep inside one another")));
    }
    input.state.depth += 1;
    let filter = inside(input)?;
    input.state.depth -= 1;
    Ok(filter)
}

/// `startswith(deviceName, 'a')`, and `… eq true`.
fn test(input: &mut Input<'_>) -> Parsed<Filter> {
    let begin = input.current_token_start();
    let name = name(input)?;
    sign("(").parse_next(input)?;
    let test = TextTest::ALL.into_iter().find(|test| test.name().eq_ignore_ascii_case(name));
    let test = test.ok_or_else(|| Miss {
        at: begin,
        what: format!("there is no function `{}` here: only startswith, endswith and contains", shown(name)),
        is_final: true,
    })?;
    let at = input.current_token_start();
    let field = field(input)?;
    if field.kind != Kind::Text {
        let what = format!("`{}` is no text", field.name);
        return Err(Miss { at, what, is_final: true });
    }
    sign(",").parse_next(input).map_err(|_| miss(input, "expected `,`"))?;
    let needle = quoted(input).map_err(|found| found.or_say(input, "expected a text in quotes"))?;
    sign(")").parse_next(input).map_err(|_| miss(input, "expected `)`"))?;
    let filter = Filter::Test { test, field, needle };
    let Some(operator) = opt(operator).parse_next(input)? else { return Ok(filter) };
    let at = input.current_token_start();
    let is_wanted = match (operator, literal_word(input)?) {
        (Operator::Eq, "true") | (Operator::Ne, "false") => true,
        (Operator::Eq, "false") | (Operator::Ne, "true") => false,
        _ => return Err(Miss { at, what: "expected `eq` or `ne` and `true` or `false`".to_owned(), is_final: true }),
    };
    Ok(if is_wanted { filter } else { Filter::Not(Box::new(filter)) })
}

fn comparison(input: &mut Input<'_>) -> Parsed<Filter> {
    let field = field(input)?;
    if opt(word("in")).parse_next(input)?.is_some() {
        sign("(").parse_next(input).map_err(|_| miss(input, "expected `(`"))?;
        let mut values = vec![value(input, field)?];
        while opt(sign(",")).parse_next(input)?.is_some() {
            values.push(value(input, field)?);
            input.state.terms += 1;
            if input.state.terms > TERMS_MAX {
                return Err(miss(input, format!("a filter has at most {TERMS_MAX} conditions")));
            }
        }
        sign(")").parse_next(input).map_err(|_| miss(input, "expected `,` or `)`"))?;
        return Ok(Filter::In { field, values });
    }
    let at = input.current_token_start();
    let operator = operator(input).map_err(|_| miss(input, "expected eq, ne, lt, le, gt, ge or in"))?;
    if operator.is_ordering() && matches!(field.kind, Kind::Choice(_) | Kind::Flag) {
        let what = format!("`{}` is compared with eq and ne only", field.name);
        return Err(Miss { at, what, is_final: true });
    }
    Ok(Filter::Compare { field, operator, value: value(input, field)? })
}

fn field(input: &mut Input<'_>) -> Parsed<&'static Field> {
    let at = input.current_token_start();
    let name = name(input).map_err(|_| miss(input, "expected a property, a function, `not` or `(`"))?;
    find(input.state.schema, name).ok_or_else(|| Miss {
        at,
        what: format!("there is no property `{}` to filter by", shown(name)),
        is_final: false,
    })
}

fn operator(input: &mut Input<'_>) -> Parsed<Operator> {
    let begin = *input;
    let found = name(input)
        .ok()
        .and_then(|name| Operator::ALL.into_iter().find(|operator| operator.name().eq_ignore_ascii_case(name)));
    found.ok_or_else(|| {
        *input = begin;
        miss(input, "expected an operator").softly()
    })
}

/// A literal of the field's kind, or null.
fn value(input: &mut Input<'_>, field: &'static Field) -> Parsed<Value> {
    let at = input.current_token_start();
    let wrong = |what: String| Miss { at, what, is_final: true };
    if let Some(text) = opt(quoted).parse_next(input)? {
        return match field.kind {
            Kind::Text => Ok(Value::Text(text)),
            Kind::Choice(words) => choice(words, &text).ok_or_else(|| {
                wrong(format!("`{}` is not one of {} for `{}`", shown(&text), words.join(", "), field.name))
            }),
            Kind::Moment => moment(&text).ok_or_else(|| wrong(format!("`{}` is no date", shown(&text)))),
            Kind::Flag => Err(wrong(format!("`{}` is true or false", field.name))),
        };
    }
    let word = literal_word(input)?;
    if word.eq_ignore_ascii_case("null") {
        return Ok(Value::Null);
    }
    let found = match field.kind {
        Kind::Text => None,
        Kind::Choice(words) => choice(words, word),
        Kind::Moment => moment(word),
        Kind::Flag => word.to_ascii_lowercase().parse().ok().map(Value::Flag),
    };
    let expected = match field.kind {
        Kind::Text => "a text in quotes",
        Kind::Choice(_) => "one of its words in quotes",
        Kind::Moment => "a date such as 2026-01-05T06:00:00Z",
        Kind::Flag => "true or false",
    };
    found.ok_or_else(|| wrong(format!("expected {expected} for `{}`", field.name)))
}

fn choice(words: &'static [&'static str], word: &str) -> Option<Value> {
    words.iter().find(|known| known.eq_ignore_ascii_case(word)).map(|known| Value::Choice(known))
}

fn moment(text: &str) -> Option<Value> {
    let of_day = || {
        let midnight = text.parse::<Date>().ok()?.at(0, 0, 0, 0);
        jiff::tz::TimeZone::UTC.to_timestamp(midnight).ok()
    };
    text.parse::<Timestamp>().ok().or_else(of_day).map(Value::Moment)
}

/// A text in single quotes; a quote in it is doubled.
fn quoted(input: &mut Input<'_>) -> Parsed<String> {
    let at = input.current_token_start();
    literal::<_, _, Miss>("'").parse_next(input)?;
    let piece = alt((take_while::<_, _, Miss>(1.., |c| c != '\''), literal("''").value("'")));
    let text: String = repeat(0.., piece)
        .fold(String::new, |mut text, piece: &str| {
            text.push_str(piece);
            text
        })
        .parse_next(input)?;
    let end = literal::<_, _, Miss>("'").parse_next(input);
    end.map_err(|_| Miss { at, what: "a text in quotes does not end".to_owned(), is_final: true })?;
    space(input)?;
    Ok(text)
}

/// A literal without quotes.
fn literal_word<'t>(input: &mut Input<'t>) -> Parsed<&'t str> {
    let inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '+' | ':' | '.' | '_');
    let word = take_while::<_, _, Miss>(1.., inside).parse_next(input).map_err(|_| miss(input, "expected a value"))?;
    space(input)?;
    Ok(word)
}

fn name<'t>(input: &mut Input<'t>) -> Parsed<&'t str> {
    let inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '/' | '@' | '$');
    let name = take_while::<_, _, Miss>(1.., inside).parse_next(input)?;
    space(input)?;
    Ok(name)
}

/// A keyword, in any letter case, that no longer word begins with.
fn word<'t>(wanted: &'static str) -> impl FnMut(&mut Input<'t>) -> Parsed<()> {
    move |input| {
        let begin = *input;
        match name(input) {
            Ok(name) if name.eq_ignore_ascii_case(wanted) => Ok(()),
            _ => {
                *input = begin;
                Err(miss(input, format!("expected `{wanted}`")).softly())
            }
        }
    }
}

fn sign<'t>(wanted: &'static str) -> impl FnMut(&mut Input<'t>) -> Parsed<()> {
    move |input| {
        literal::<_, _, Miss>(wanted).parse_next(input)?;
        space(input)
    }
}

fn space(input: &mut Input<'_>) -> Parsed<()> {
    take_while::<_, _, Miss>(0.., char::is_whitespace).void().parse_next(input)
}

fn miss(input: &Input<'_>, what: impl Into<String>) -> Miss {
    Miss { at: input.current_token_start(), what: what.into(), is_final: true }
}

impl Miss {
    fn softly(self) -> Self {
        Self { is_final: false, ..self }
    }

    /// What is said where nothing better is known.
    fn or_say(self, input: &Input<'_>, what: &str) -> Self {
        if self.is_final { self } else { miss(input, what) }
    }
}

fn shown(word: &str) -> String {
    word.chars().take(60).collect()
}
