//! Words, signs and literals in the text of a `$filter`, and what was expected where one is missing. Must not know
//! types.

use winnow::Parser as _;
use winnow::combinator::{alt, repeat};
use winnow::error::ParserError;
use winnow::stream::{LocatingSlice, Location as _, Stateful};
use winnow::token::{literal, take_while};

use super::fault::Mistake;
use super::field::Field;
use super::schema::Schema;

pub(super) type LexerInput<'t> = Stateful<LocatingSlice<&'t str>, LexerState<'t>>;
pub(super) type Parsed<T> = Result<T, Miss>;

/// The schema and scope of names in a filter, and its nesting depth and number of terms so far.
#[derive(Clone, Copy, Debug)]
pub(super) struct LexerState<'t> {
    pub(super) schema: Schema,
    pub(super) scope: NameScope<'t>,
    pub(super) depth: usize,
    pub(super) terms: usize,
}

/// What names refer to.
#[derive(Clone, Copy, Debug)]
pub(super) enum NameScope<'t> {
    /// A property.
    Entity,
    /// The variable of `any` or `all`, or a member of it.
    Entry { variable: &'t str, of: &'static Field },
}

/// What was expected at a byte.
#[derive(Clone, Debug)]
pub(super) struct Miss {
    pub(super) at: usize,
    pub(super) what: String,
    /// The text was understood and is invalid: no alternative is tried.
    pub(super) is_final: bool,
    pub(super) mistake: Mistake,
}

impl ParserError<LexerInput<'_>> for Miss {
    type Inner = Self;

    fn from_input(input: &LexerInput<'_>) -> Self {
        Self { at: input.current_token_start(), what: String::new(), is_final: false, mistake: Mistake::Syntax }
    }

    /// The error that is further along in the text is the better one.
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

impl Miss {
    /// Something invalid, at a byte.
    pub(super) fn wrong(at: usize, what: impl Into<String>) -> Self {
        Self { at, what: what.into(), is_final: true, mistake: Mistake::Syntax }
    }

    /// Something that parses and has no meaning, in Graph's words.
    pub(super) fn meaning(at: usize, what: impl Into<String>) -> Self {
        Self { mistake: Mistake::Meaning, ..Self::wrong(at, what) }
    }

    pub(super) fn softly(self) -> Self {
        Self { is_final: false, ..self }
    }

    /// Replaces a non-final error by this message, at the start of the current token.
    pub(super) fn or_say(self, input: &LexerInput<'_>, what: &str) -> Self {
        if self.is_final { self } else { miss(input, what) }
    }
}

pub(super) fn miss(input: &LexerInput<'_>, what: impl Into<String>) -> Miss {
    Miss::wrong(input.current_token_start(), what)
}

/// A text in single quotes; a quote in it is doubled.
pub(super) fn quoted(input: &mut LexerInput<'_>) -> Parsed<String> {
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
    end.map_err(|_| Miss::wrong(at, "a text in quotes does not end"))?;
    space(input)?;
    Ok(text)
}

/// A literal without quotes.
pub(super) fn literal_word<'t>(input: &mut LexerInput<'t>) -> Parsed<&'t str> {
    let inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '+' | ':' | '.' | '_');
    let word = take_while::<_, _, Miss>(1.., inside).parse_next(input).map_err(|_| miss(input, "expected a value"))?;
    space(input)?;
    Ok(word)
}

pub(super) fn name<'t>(input: &mut LexerInput<'t>) -> Parsed<&'t str> {
    let inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '/' | '@' | '$');
    let name = take_while::<_, _, Miss>(1.., inside).parse_next(input)?;
    space(input)?;
    Ok(name)
}

/// A keyword in any letter case that is not the beginning of a longer word.
pub(super) fn word<'t>(wanted: &'static str) -> impl FnMut(&mut LexerInput<'t>) -> Parsed<()> {
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

pub(super) fn sign<'t>(wanted: &'static str) -> impl FnMut(&mut LexerInput<'t>) -> Parsed<()> {
    move |input| {
        literal::<_, _, Miss>(wanted).parse_next(input)?;
        space(input)
    }
}

pub(super) fn space(input: &mut LexerInput<'_>) -> Parsed<()> {
    take_while::<_, _, Miss>(0.., char::is_whitespace).void().parse_next(input)
}

pub(super) fn shown(word: &str) -> String {
    word.chars().take(60).collect()
}
