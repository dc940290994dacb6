//! A property of an entity: its name, its type, and which queries it supports. Must not know any entity.

use super::ability::Rules;

/// The type of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// Text; compared without regard to letter case, as the directory and Intune do.
    Text,
    /// A GUID; a filter may give it without quotes.
    Guid,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A moment.
    Moment,
    /// Yes or no.
    Flag,
    /// A whole number.
    Whole,
    /// A list of texts.
    Texts,
    /// A complex value.
    Record(&'static ComplexType),
    /// A list of complex values.
    Records(&'static ComplexType),
    /// Another entity, or a list of entities; only `$expand` writes it.
    Link,
}

impl FieldKind {
    /// The name of the type in Graph's metadata, for a single value.
    pub const fn edm(self) -> &'static str {
        match self {
            Self::Text | Self::Texts => "Edm.String",
            Self::Guid => "Edm.Guid",
            Self::Moment => "Edm.DateTimeOffset",
            Self::Flag => "Edm.Boolean",
            Self::Whole => "Edm.Int64",
            Self::Choice(_) => "Edm.Enum",
            Self::Record(record) | Self::Records(record) => record.name,
            Self::Link => "microsoft.graph.entity",
        }
    }

    /// Does it hold a list, which filters examine with `any` and `all`?
    pub const fn is_list(self) -> bool {
        matches!(self, Self::Texts | Self::Records(_))
    }

    /// Is the type ordered, so that `lt` and the like are allowed?
    pub const fn is_ordered(self) -> bool {
        matches!(self, Self::Text | Self::Moment | Self::Whole)
    }

    /// May a list be sorted by it?
    pub const fn is_sortable(self) -> bool {
        !matches!(self, Self::Texts | Self::Record(_) | Self::Records(_) | Self::Link)
    }
}

/// A complex type.
#[derive(Debug, PartialEq, Eq)]
pub struct ComplexType {
    /// Its name in Graph's metadata.
    pub name: &'static str,
    /// Its members that a filter may name.
    pub members: &'static [Field],
}

/// A property that can be selected, and possibly filtered and sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name, as Graph writes it; with a slash for a part of a complex value.
    pub name: &'static str,
    /// What it holds.
    pub kind: FieldKind,
    /// Its index in the table of its entity, by which the entity finds its value.
    pub at: usize,
    /// Which queries it supports.
    pub rules: Rules,
    /// When it is written.
    pub shown: Shown,
    /// Whether it is a property of the entity itself.
    pub part: FieldPart,
}

/// When a property is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// With and without `$select`.
    Always,
    /// Only if it is selected.
    Selected,
    /// Always, but its value only if it is selected on a single entity; otherwise null or an empty list.
    Alone,
    /// Only as an expanded link.
    Never,
}

/// How a field relates to a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldPart {
    /// It is the property.
    Whole,
    /// A member of a complex property.
    Member {
        /// The property.
        of: &'static Field,
        /// The member.
        member: &'static Field,
    },
    /// The length of a list.
    Count {
        /// The property that holds the list.
        of: &'static Field,
    },
}

impl Field {
    /// A field that supports every query.
    pub const fn new(name: &'static str, kind: FieldKind) -> Self {
        Self { name, kind, at: 0, rules: Rules::FREE, shown: Shown::Always, part: FieldPart::Whole }
    }
}
