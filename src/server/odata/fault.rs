//! What is wrong with a query option, and where in it. Must not know status codes.

use std::fmt;

/// Characters of an option that are repeated in a message.
const SHOWN_MAX: usize = 120;

/// A query option that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryError {
    /// Which option.
    pub option: &'static str,
    /// What is wrong: a lower-case fragment, or a sentence of Graph's.
    pub what: String,
    /// The position, if it is at one place.
    pub place: Option<OptionPlace>,
    /// The kind of mistake.
    pub mistake: Mistake,
}

/// The kind of mistake; each has a Graph error code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mistake {
    /// The text cannot be parsed: `BadRequest`.
    Syntax,
    /// The text names an unknown property or compares incompatible types: `BadRequest`.
    Meaning,
    /// The directory does not have the option: `Request_BadRequest`.
    Option,
    /// The directory does not answer such a query, or not in this form: `Request_UnsupportedQuery`.
    Query,
}

/// A place in the text of an option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionPlace {
    /// Characters before it.
    pub at: usize,
    /// The text of the option.
    pub text: String,
}

impl OptionPlace {
    /// The position of a byte in a text.
    pub(crate) fn of(text: &str, byte: usize) -> Self {
        let at = text.get(..byte).unwrap_or(text).chars().count();
        Self { at, text: text.to_owned() }
    }
}

impl QueryError {
    /// An error about an option as a whole.
    pub fn new(option: &'static str, what: impl Into<String>) -> Self {
        Self { option, what: what.into(), place: None, mistake: Mistake::Syntax }
    }

    /// An error at a byte of an option's text.
    pub fn at(option: &'static str, what: impl Into<String>, text: &str, byte: usize) -> Self {
        Self { place: Some(OptionPlace::of(text, byte)), ..Self::new(option, what) }
    }

    /// A query that the directory does not answer, in Graph's words.
    pub(crate) fn query(option: &'static str, what: impl Into<String>) -> Self {
        Self { mistake: Mistake::Query, ..Self::new(option, what) }
    }

    /// There is no property of this name.
    pub(crate) fn unknown(option: &'static str, name: &str, type_name: &str) -> Self {
        let name: String = name.chars().take(80).collect();
        let what = format!("Could not find a property named '{name}' on type '{type_name}'.");
        Self { mistake: Mistake::Meaning, ..Self::new(option, what) }
    }
}

impl std::error::Error for QueryError {}

impl fmt::Display for QueryError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match (self.mistake, self.option) {
            (Mistake::Option | Mistake::Query, _) | (Mistake::Meaning, "$orderby") => return out.write_str(&self.what),
            (Mistake::Meaning, "$select" | "$expand") => "Parsing OData Select and Expand failed".to_owned(),
            (_, "$filter") => "Invalid filter clause".to_owned(),
            (_, option) => format!("Invalid {option}"),
        };
        write!(out, "{kind}: {}", self.what)?;
        let Some(OptionPlace { at, text }) = self.place.as_ref().filter(|_| self.mistake == Mistake::Syntax) else {
            return Ok(());
        };
        let shown: String = text.chars().take(SHOWN_MAX).collect();
        let more = if shown.len() < text.len() { "…" } else { "" };
        write!(out, " at position {at} in '{shown}{more}'.")
    }
}
