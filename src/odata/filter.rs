//! The tree of a `$filter`: every field and literal has its kind. Printed, it reads as `OData` again. Evaluates nothing.

use std::fmt;

use super::field::Field;
use super::value::Value;

/// A condition on an entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filter {
    /// All of them, two at least.
    All(Vec<Filter>),
    /// One of them, two at least.
    Any(Vec<Filter>),
    /// Not this.
    Not(Box<Filter>),
    /// A field compared with a literal.
    Compare {
        /// Which field.
        field: &'static Field,
        /// How.
        operator: Operator,
        /// With what; of the field's kind, or null.
        value: Value,
    },
    /// A field that is one of several literals, one at least.
    In {
        /// Which field.
        field: &'static Field,
        /// The literals, of the field's kind.
        values: Vec<Value>,
    },
    /// A test on a text.
    Test {
        /// Which test.
        test: TextTest,
        /// Which field.
        field: &'static Field,
        /// What is looked for.
        needle: String,
    },
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// Equal.
    Eq,
    /// Not equal.
    Ne,
    /// Less; on texts and moments.
    Lt,
    /// Less or equal.
    Le,
    /// Greater.
    Gt,
    /// Greater or equal.
    Ge,
}

impl Operator {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Eq, Self::Ne, Self::Lt, Self::Le, Self::Gt, Self::Ge];

    /// The word of `OData`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Eq => "eq",
            Self::Ne => "ne",
            Self::Lt => "lt",
            Self::Le => "le",
            Self::Gt => "gt",
            Self::Ge => "ge",
        }
    }

    /// Does it ask which is greater?
    pub const fn is_ordering(self) -> bool {
        !matches!(self, Self::Eq | Self::Ne)
    }
}

/// A test on a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextTest {
    /// It begins so.
    StartsWith,
    /// It ends so.
    EndsWith,
    /// It has this inside.
    Contains,
}

impl TextTest {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::StartsWith, Self::EndsWith, Self::Contains];

    /// The word of `OData`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::StartsWith => "startswith",
            Self::EndsWith => "endswith",
            Self::Contains => "contains",
        }
    }
}

impl Filter {
    fn is_chain(&self) -> bool {
        matches!(self, Self::All(_) | Self::Any(_))
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All(terms) => chain(out, terms, " and ", Self::is_chain),
            // `and` binds tighter than `or`, and needs no parentheses inside it.
            Self::Any(terms) => chain(out, terms, " or ", |term| matches!(term, Self::Any(_))),
            Self::Not(term) if term.is_chain() => write!(out, "not ({term})"),
            Self::Not(term) => write!(out, "not {term}"),
            Self::Compare { field, operator, value } => write!(out, "{} {} {value}", field.name, operator.name()),
            Self::In { field, values } => {
                let values: Vec<String> = values.iter().map(ToString::to_string).collect();
                write!(out, "{} in ({})", field.name, values.join(", "))
            }
            Self::Test { test, field, needle } => {
                write!(out, "{}({}, {})", test.name(), field.name, Value::text(needle))
            }
        }
    }
}

fn chain(
    out: &mut fmt::Formatter<'_>,
    terms: &[Filter],
    between: &str,
    needs_parentheses: impl Fn(&Filter) -> bool,
) -> fmt::Result {
    for (at, term) in terms.iter().enumerate() {
        if at > 0 {
            out.write_str(between)?;
        }
        if needs_parentheses(term) {
            write!(out, "({term})")?;
        } else {
            write!(out, "{term}")?;
        }
    }
    Ok(())
}
