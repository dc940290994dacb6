//! Evaluates a filter on an entity, with two truth values: null equals only null, and every test on null is false.

use std::cmp::Ordering;

use super::field::{Field, FieldPart};
use super::filter::{ENTRY, Filter, Operator, Quantifier, TextTest};
use super::value::{Value, folded};

/// Something with properties.
pub trait Entity {
    /// The value of a property of its own, not of a part of one; [`Value::Null`] if there is none.
    fn value(&self, field: &Field) -> Value;
}

/// The value of a field, which may be a part of a property.
pub fn value_of(entity: &impl Entity, field: &Field) -> Value {
    match field.part {
        FieldPart::Whole => entity.value(field),
        FieldPart::Member { of, member } => entity.value(of).member(member.name),
        FieldPart::Count { of } => Value::Whole(i64::try_from(entity.value(of).entries()).unwrap_or(i64::MAX)),
    }
}

/// An entry of a list.
struct Entry<'a>(&'a Value);

impl Entity for Entry<'_> {
    fn value(&self, field: &Field) -> Value {
        if std::ptr::eq(field, &raw const ENTRY) { self.0.clone() } else { self.0.clone().member(field.name) }
    }
}

impl Filter {
    /// Does the entity match the filter?
    pub fn holds(&self, entity: &impl Entity) -> bool {
        match self {
            Self::All(terms) => terms.iter().all(|term| term.holds(entity)),
            Self::Any(terms) => terms.iter().any(|term| term.holds(entity)),
            Self::Not(term) => !term.holds(entity),
            Self::Compare { field, operator, value } => compare(&value_of(entity, field), *operator, value),
            Self::In { field, values } => {
                let mine = value_of(entity, field);
                values.iter().any(|value| compare(&mine, Operator::Eq, value))
            }
            Self::Test { test, field, needle } => match value_of(entity, field) {
                Value::Text(text) => passes(&folded(&text), *test, &folded(needle)),
                _ => false,
            },
            Self::Lambda { quantifier, field, condition } => {
                let Value::List(entries) = value_of(entity, field) else { return *quantifier == Quantifier::All };
                let fits = |entry: &Value| condition.as_ref().is_none_or(|filter| filter.holds_for_entry(entry));
                match quantifier {
                    Quantifier::Any => entries.iter().any(fits),
                    Quantifier::All => entries.iter().all(fits),
                }
            }
        }
    }

    /// The same for an entry of a list; a separate function, because a generic recursion would instantiate ever new
    /// types.
    fn holds_for_entry(&self, entry: &Value) -> bool {
        self.holds(&Entry(entry))
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
