//! Views: reading a checked table's values by key. A value that the first check reported reads as absent; only `has`
//! and `place_of` still see it.

use crate::rules::base::chance::Ratio;

use super::document::{DocumentValue, Node, Table};
use crate::scenario::diagnostics::source::SourceSpan;
use crate::scenario::grammar::values;

/// A value with its place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spot<T> {
    pub(crate) value: T,
    pub(crate) place: SourceSpan,
}

/// A table with its place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'d> {
    pub(crate) table: &'d Table,
    pub(crate) place: SourceSpan,
}

impl<'d> View<'d> {
    /// The view of a node, if that is a table.
    pub(crate) fn of(node: &'d Node) -> Option<Self> {
        node.as_table().map(|table| Self { table, place: node.place })
    }

    /// The value of a key.
    pub(crate) fn node(self, key: &str) -> Option<&'d Node> {
        self.table.get(key)
    }

    /// Whether the key is there, readable or not.
    pub(crate) fn has(self, key: &str) -> bool {
        self.node(key).is_some()
    }

    /// Whether the key's value, or one inside it, was reported by the first check.
    pub(crate) fn is_refused(self, key: &str) -> bool {
        self.node(key).is_some_and(|node| match &node.value {
            DocumentValue::Table(inner) => {
                inner.entries.values().any(|entry| matches!(entry.node.value, DocumentValue::Refused))
            }
            value => matches!(value, DocumentValue::Refused),
        })
    }

    /// The place of the key's value, or else of the table.
    pub(crate) fn place_of(self, key: &str) -> SourceSpan {
        self.node(key).map_or(self.place, |node| node.place)
    }

    fn spot<T>(self, key: &str, read: impl FnOnce(&'d Node) -> Option<T>) -> Option<Spot<T>> {
        let node = self.node(key)?;
        read(node).map(|value| Spot { value, place: node.place })
    }

    /// A text.
    pub(crate) fn text(self, key: &str) -> Option<Spot<&'d str>> {
        self.spot(key, Node::as_text)
    }

    /// A whole number.
    pub(crate) fn whole(self, key: &str) -> Option<Spot<u64>> {
        self.spot(key, whole)
    }

    /// `true` or `false`.
    pub(crate) fn yes(self, key: &str) -> Option<bool> {
        self.spot(key, |node| if let DocumentValue::YesNo(yes) = node.value { Some(yes) } else { None })
            .map(|spot| spot.value)
    }

    /// A duration, in ms.
    pub(crate) fn duration(self, key: &str) -> Option<Spot<u64>> {
        self.spot(key, |node| values::duration_ms(node.as_text()?).ok())
    }

    /// A ratio; `true` is 1 and `false` is 0.
    pub(crate) fn ratio(self, key: &str) -> Option<Spot<Ratio>> {
        self.spot(key, ratio)
    }

    /// A rate, in units a millisecond.
    pub(crate) fn rate(self, key: &str) -> Option<Spot<u64>> {
        self.spot(key, |node| values::rate_units(node.as_text()?).ok())
    }

    /// A local time of day, in ms since midnight.
    pub(crate) fn time_of_day(self, key: &str) -> Option<Spot<u32>> {
        self.spot(key, |node| values::time_of_day_ms(node.as_text()?).ok())
    }

    /// A table.
    pub(crate) fn table(self, key: &str) -> Option<View<'d>> {
        self.node(key).and_then(Self::of)
    }

    /// An array of tables; empty if there is none.
    pub(crate) fn tables(self, key: &str) -> Vec<View<'d>> {
        self.node(key).and_then(Node::as_array).unwrap_or_default().iter().filter_map(Self::of).collect()
    }

    /// A list of texts.
    pub(crate) fn names(self, key: &str) -> Option<Vec<Spot<&'d str>>> {
        Some(names(self.node(key)?.as_array()?))
    }

    /// The first of these keys that is there.
    pub(crate) fn first_of<'k>(self, keys: &[&'k str]) -> Option<&'k str> {
        keys.iter().copied().find(|key| self.has(key))
    }

    /// How many of these keys are there.
    pub(crate) fn count_of(self, keys: &[&str]) -> usize {
        keys.iter().filter(|key| self.has(key)).count()
    }
}

/// A node as a whole number.
pub(crate) fn whole(node: &Node) -> Option<u64> {
    if let DocumentValue::Integer(number) = node.value { u64::try_from(number).ok() } else { None }
}

/// A node as a ratio.
pub(crate) fn ratio(node: &Node) -> Option<Ratio> {
    match &node.value {
        DocumentValue::YesNo(yes) => Some(Ratio::sure(*yes)),
        DocumentValue::Text(text) if !text.ends_with('%') => None,
        DocumentValue::Text(text) | DocumentValue::Float(text) => values::ratio(text).ok(),
        DocumentValue::Integer(number) => values::ratio(&number.to_string()).ok(),
        DocumentValue::Moment(_) | DocumentValue::Array(_) | DocumentValue::Table(_) | DocumentValue::Refused => None,
    }
}

/// The texts of a list.
pub(crate) fn names(items: &[Node]) -> Vec<Spot<&str>> {
    items.iter().filter_map(|item| item.as_text().map(|value| Spot { value, place: item.place })).collect()
}
