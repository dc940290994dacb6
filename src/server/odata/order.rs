//! `$orderby`: by which fields, in which direction. Null comes first.

use std::cmp::Ordering;

use super::evaluate::{Entity, value_of};
use super::fault::{OptionPlace, QueryError};
use super::field::Field;
use super::schema::Schema;
use super::value::Value;

const OPTION: &str = "$orderby";
/// Fields of one order, at most.
const FIELDS_MAX: usize = 8;

/// The direction of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The least first.
    Ascending,
    /// The greatest first.
    Descending,
}

/// An order of entities; without fields, it keeps their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Order(pub Vec<(&'static Field, Direction)>);

impl Order {
    /// Parses `a desc, b`.
    ///
    /// # Errors
    /// The part that names no known field or direction.
    pub fn parse(text: &str, schema: Schema) -> Result<Self, QueryError> {
        let mut fields = Vec::new();
        for part in text.split(',') {
            let at = part.as_ptr().addr() - text.as_ptr().addr();
            let mut words = part.split_whitespace();
            let (name, direction, more) = (words.next(), words.next(), words.next());
            let name = name.ok_or_else(|| QueryError::at(OPTION, "expected a property", text, at))?;
            let Some(field) = schema.find_part(name) else {
                let fault = QueryError::unknown(OPTION, name, &schema.full_name());
                return Err(QueryError { place: Some(OptionPlace::of(text, at)), ..fault });
            };
            if !field.kind.is_sortable() {
                return Err(QueryError::at(OPTION, format!("`{}` has no order", field.name), text, at));
            }
            let direction = match direction.map(str::to_ascii_lowercase).as_deref() {
                None | Some("asc") => Direction::Ascending,
                Some("desc") => Direction::Descending,
                Some(_) => return Err(QueryError::at(OPTION, "expected `asc` or `desc`", text, at)),
            };
            if more.is_some() {
                return Err(QueryError::at(OPTION, "expected `,` or the end", text, at));
            }
            fields.push((field, direction));
        }
        if fields.len() > FIELDS_MAX {
            return Err(QueryError::new(OPTION, format!("at most {FIELDS_MAX} properties order a list")));
        }
        Ok(Self(fields))
    }

    /// Does it keep the order as it is?
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The sort keys of an entity.
    pub fn keys(&self, entity: &impl Entity) -> Vec<Value> {
        self.0.iter().map(|(field, _)| value_of(entity, field)).collect()
    }

    /// Compares two entities by their sort keys.
    pub fn compare(&self, mine: &[Value], theirs: &[Value]) -> Ordering {
        for ((_, direction), (mine, theirs)) in self.0.iter().zip(mine.iter().zip(theirs)) {
            let nothing = |value: &Value| *value == Value::Null;
            let order = mine.compare(theirs).unwrap_or_else(|| nothing(theirs).cmp(&nothing(mine)));
            let order = if *direction == Direction::Descending { order.reverse() } else { order };
            if order != Ordering::Equal {
                return order;
            }
        }
        Ordering::Equal
    }
}
