//! Values of fields, and how two of them compare.

use std::cmp::Ordering;
use std::fmt;

use jiff::Timestamp;
use serde::{Serialize, Serializer};

/// The value of a field or a literal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Null.
    Null,
    /// Text, or a GUID.
    Text(String),
    /// A word of an enumeration, as Graph writes it.
    Choice(&'static str),
    /// A moment.
    Moment(Timestamp),
    /// Yes or no.
    Flag(bool),
    /// A whole number.
    Whole(i64),
    /// A list.
    List(Vec<Value>),
    /// A complex value, member by member.
    Record(Vec<(&'static str, Value)>),
}

impl Value {
    /// A text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A list of texts.
    pub fn texts<T: Into<String>>(texts: impl IntoIterator<Item = T>) -> Self {
        Self::List(texts.into_iter().map(Self::text).collect())
    }

    /// Compares two values; `None` if either is null or they have different types. Letter case is ignored.
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Text(mine), Self::Text(theirs)) => Some(folded(mine).cmp(&folded(theirs))),
            (Self::Choice(mine), Self::Choice(theirs)) => Some(mine.cmp(theirs)),
            (Self::Moment(mine), Self::Moment(theirs)) => Some(mine.cmp(theirs)),
            (Self::Flag(mine), Self::Flag(theirs)) => Some(mine.cmp(theirs)),
            (Self::Whole(mine), Self::Whole(theirs)) => Some(mine.cmp(theirs)),
            _ => None,
        }
    }

    /// A member of a complex value; null if it is absent.
    #[must_use]
    pub fn member(self, name: &str) -> Self {
        match self {
            Self::Record(members) => {
                members.into_iter().find(|(known, _)| *known == name).map_or(Self::Null, |(_, value)| value)
            }
            _ => Self::Null,
        }
    }

    /// The number of entries of a list.
    pub fn entries(&self) -> usize {
        match self {
            Self::List(entries) => entries.len(),
            _ => 0,
        }
    }
}

/// A text, folded for comparison.
pub(crate) fn folded(text: &str) -> String {
    text.to_lowercase()
}

impl fmt::Display for Value {
    /// As a literal of a filter.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => out.write_str("null"),
            Self::Text(text) => write!(out, "'{}'", text.replace('\'', "''")),
            Self::Choice(word) => write!(out, "'{word}'"),
            Self::Moment(moment) => write!(out, "{moment}"),
            Self::Flag(flag) => write!(out, "{flag}"),
            Self::Whole(number) => write!(out, "{number}"),
            // No filter compares with these.
            Self::List(_) => out.write_str("[]"),
            Self::Record(_) => out.write_str("{}"),
        }
    }
}

impl Serialize for Value {
    /// As in the JSON of an answer.
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => to.serialize_unit(),
            Self::Text(text) => to.serialize_str(text),
            Self::Choice(word) => to.serialize_str(word),
            Self::Moment(moment) => to.collect_str(moment),
            Self::Flag(flag) => to.serialize_bool(*flag),
            Self::Whole(number) => to.serialize_i64(*number),
            Self::List(entries) => to.collect_seq(entries),
            Self::Record(members) => to.collect_map(members.iter().map(|(name, value)| (name, value))),
        }
    }
}
