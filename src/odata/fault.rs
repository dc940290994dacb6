//! What is wrong with a query option, and where in it. Knows no status code.

use std::fmt;

/// Characters of an option that are repeated in a complaint.
const SHOWN_MAX: usize = 120;

/// A query option that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Which option.
    pub option: &'static str,
    /// What is wrong, as a lower-case fragment.
    pub what: String,
    /// Where, if it is at one place.
    pub place: Option<Place>,
}

/// A place in the text of an option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Characters before it.
    pub at: usize,
    /// The text of the option.
    pub text: String,
}

impl Fault {
    /// A fault of an option as a whole.
    pub fn new(option: &'static str, what: impl Into<String>) -> Self {
        Self { option, what: what.into(), place: None }
    }

    /// A fault at a byte of an option's text.
    pub fn at(option: &'static str, what: impl Into<String>, text: &str, byte: usize) -> Self {
        let at = text.get(..byte).unwrap_or(text).chars().count();
        Self { option, what: what.into(), place: Some(Place { at, text: text.to_owned() }) }
    }
}

impl std::error::Error for Fault {}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.option {
            "$filter" => "Invalid filter clause".to_owned(),
            option => format!("Invalid {option}"),
        };
        write!(out, "{kind}: {}", self.what)?;
        let Some(Place { at, text }) = &self.place else { return Ok(()) };
        let shown: String = text.chars().take(SHOWN_MAX).collect();
        let more = if shown.len() < text.len() { "…" } else { "" };
        write!(out, " at position {at} in '{shown}{more}'.")
    }
}
