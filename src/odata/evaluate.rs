//! A filter put to an entity. Two-valued: nothing is equal to nothing only, and every test on it fails.

use std::cmp::Ordering;

use super::field::Field;
use super::filter::{Filter, Operator, TextTest};
use super::value::{Value, folded};

/// Something with fields.
pub trait Entity {
    /// What it has in this field; [`Value::Null`] for nothing.
    fn value(&self, field: &Field) -> Value;
}

impl Filter {
    /// Does the entity fulfil it?
    pub fn holds(&self, entity: &impl Entity) -> bool {
        match self {
            Self::All(terms) => terms.iter().all(|term| term.holds(entity)),
            Self::Any(terms) => terms.iter().any(|term| term.holds(entity)),
            Self::Not(term) => !term.holds(entity),
            Self::Compare { field, operator, value } => compare(&entity.value(field), *operator, value),
            Self::In { field, values } => {
                let mine = entity.value(field);
                values.iter().any(|value| compare(&mine, Operator::Eq, value))
            }
            Self::Test { test, field, needle } => match entity.value(field) {
                Value::Text(text) => passes(&folded(&text), *test, &folded(needle)),
                _ => false,
            },
        }
    }
}

fn compare(mine: &Value, operator: Operator, theirs: &Value) -> bool {
    let is_equal = match (mine, theirs) {
        (Value::Null, Value::Null) => true,
        _ => mine.compare(theirs) == Some(Ordering::Equal),
    };
    let order = mine.compare(theirs);
    match operator {
        Operator::Eq => is_equal,
        Operator::Ne => !is_equal,
        Operator::Lt => order == Some(Ordering::Less),
        Operator::Le => order.is_some_and(Ordering::is_le),
        Operator::Gt => order == Some(Ordering::Greater),
        Operator::Ge => order.is_some_and(Ordering::is_ge),
    }
}

fn passes(text: &str, test: TextTest, needle: &str) -> bool {
    match test {
        TextTest::StartsWith => text.starts_with(needle),
        TextTest::EndsWith => text.ends_with(needle),
        TextTest::Contains => text.contains(needle),
    }
}
