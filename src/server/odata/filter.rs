//! The tree of a `$filter`, in which every field and literal is typed. Its display form is valid `OData`. Must not
//! evaluate anything.

use std::fmt;

use super::field::{Field, FieldKind};
use super::value::Value;

/// The variable that printed `any` and `all` use.
const VARIABLE: &str = "x";
/// An entry of a list of texts, inside `any` and `all`.
pub static ENTRY: Field = Field::new(VARIABLE, FieldKind::Text);

/// A condition on an entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filter {
    /// All of them; at least two.
    All(Vec<Filter>),
    /// One of them; at least two.
    Any(Vec<Filter>),
    /// The negation.
    Not(Box<Filter>),
    /// A field compared with a literal.
    Compare {
        /// Which field.
        field: &'static Field,
        /// The operator.
        operator: Operator,
        /// The value, of the field's type, or null.
        value: Value,
    },
    /// A field that equals one of several literals; at least one.
    In {
        /// Which field.
        field: &'static Field,
        /// The literals, of the field's type.
        values: Vec<Value>,
    },
    /// A test on a text.
    Test {
        /// Which test.
        test: TextTest,
        /// Which field.
        field: &'static Field,
        /// The text to look for.
        needle: String,
    },
    /// A condition on the entries of a list.
    Lambda {
        /// How many entries must match.
        quantifier: Quantifier,
        /// Which list.
        field: &'static Field,
        /// The condition on an entry, whose fields are [`ENTRY`] or members of the list's record. `None` matches any
        /// entry.
        condition: Option<Box<Filter>>,
    },
}

/// How many entries of a list must match.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "snake_case", ascii_case_insensitive, const_into_str)]
pub enum Quantifier {
    /// At least one.
    Any,
    /// Every one.
    All,
}

impl Quantifier {
    /// The word in `OData`.
    pub const fn name(self) -> &'static str {
        self.into_str()
    }
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "snake_case", ascii_case_insensitive, const_into_str)]
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
    /// The word in `OData`.
    pub const fn name(self) -> &'static str {
        self.into_str()
    }

    /// The name that `OData` uses for it in error messages.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Eq => "Equal",
            Self::Ne => "NotEqual",
            Self::Lt => "LessThan",
            Self::Le => "LessThanOrEqual",
            Self::Gt => "GreaterThan",
            Self::Ge => "GreaterThanOrEqual",
        }
    }

    /// Does it need an order?
    pub const fn is_ordering(self) -> bool {
        !matches!(self, Self::Eq | Self::Ne)
    }
}

/// A test on a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "lowercase", ascii_case_insensitive, const_into_str)]
pub enum TextTest {
    /// The text starts with it.
    StartsWith,
    /// The text ends with it.
    EndsWith,
    /// The text contains it.
    Contains,
}

impl TextTest {
    /// The word in `OData`.
    pub const fn name(self) -> &'static str {
        self.into_str()
    }
}

impl Filter {
    fn is_chain(&self) -> bool {
        matches!(self, Self::All(_) | Self::Any(_))
    }

    /// Every condition that names a property, with the number of `not`s around it; without those inside `any` and
    /// `all`.
    pub fn conditions(&self) -> Vec<(&Self, usize)> {
        match self {
            Self::All(terms) | Self::Any(terms) => terms.iter().flat_map(Self::conditions).collect(),
            Self::Not(term) => term.conditions().into_iter().map(|(inner, nots)| (inner, nots + 1)).collect(),
            _ => vec![(self, 0)],
        }
    }

    fn print(&self, out: &mut fmt::Formatter<'_>, scope: Scope) -> fmt::Result {
        match self {
            Self::All(terms) => chain(out, terms, " and ", scope, Self::is_chain),
            // `and` binds tighter than `or`, so it needs no parentheses inside it.
            Self::Any(terms) => chain(out, terms, " or ", scope, |term| matches!(term, Self::Any(_))),
            Self::Not(term) if term.is_chain() => {
                out.write_str("not (")?;
                term.print(out, scope)?;
                out.write_str(")")
            }
            Self::Not(term) => {
                out.write_str("not ")?;
                term.print(out, scope)
            }
            Self::Compare { field, operator, value } => {
                write!(out, "{} {} {value}", scope.name(field), operator.name())
            }
            Self::In { field, values } => {
                let values: Vec<String> = values.iter().map(ToString::to_string).collect();
                write!(out, "{} in ({})", scope.name(field), values.join(", "))
            }
            Self::Test { test, field, needle } => {
                write!(out, "{}({}, {})", test.name(), scope.name(field), Value::text(needle))
            }
            Self::Lambda { quantifier, field, condition } => {
                write!(out, "{}/{}(", scope.name(field), quantifier.name())?;
                if let Some(condition) = condition {
                    write!(out, "{VARIABLE}:")?;
                    condition.print(out, Scope::Entry)?;
                }
                out.write_str(")")
            }
        }
    }
}

/// What a field is relative to when it is printed.
#[derive(Clone, Copy)]
enum Scope {
    Entity,
    Entry,
}

impl Scope {
    fn name(self, field: &Field) -> String {
        match self {
            Self::Entry if field.name != VARIABLE => format!("{VARIABLE}/{}", field.name),
            _ => field.name.to_owned(),
        }
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.print(out, Scope::Entity)
    }
}

fn chain(
    out: &mut fmt::Formatter<'_>,
    terms: &[Filter],
    between: &str,
    scope: Scope,
    needs_parentheses: impl Fn(&Filter) -> bool,
) -> fmt::Result {
    for (at, term) in terms.iter().enumerate() {
        if at > 0 {
            out.write_str(between)?;
        }
        if needs_parentheses(term) {
            out.write_str("(")?;
            term.print(out, scope)?;
            out.write_str(")")?;
        } else {
            term.print(out, scope)?;
        }
    }
    Ok(())
}
