//! A property of an entity: its name, what it holds, and which queries it takes part in. Knows no entity.

use super::ability::Rules;

/// What a field holds.
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
    /// Another entity, or a list of entities; only `$expand` shows it.
    Link,
}

impl FieldKind {
    /// The name of the type in Graph's metadata, of a value that stands alone.
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

    /// Does it hold a list, which a filter looks into with `any` and `all`?
    pub const fn is_list(self) -> bool {
        matches!(self, Self::Texts | Self::Records(_))
    }

    /// Has it an order, so that `lt` and the like make sense?
    pub const fn is_ordered(self) -> bool {
        matches!(self, Self::Text | Self::Moment | Self::Whole)
    }

    /// May a list be ordered by it?
    pub const fn is_sortable(self) -> bool {
        !matches!(self, Self::Texts | Self::Record(_) | Self::Records(_) | Self::Link)
    }
}

/// A complex type.
#[derive(Debug, PartialEq, Eq)]
pub struct ComplexType {
    /// Its name in Graph's metadata.
    pub name: &'static str,
    /// Its members, as far as a filter may name them.
    pub members: &'static [Field],
}

/// A property that may be selected, and maybe filtered by and ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name, as Graph spells it; with a slash inside for a part of a complex value.
    pub name: &'static str,
    /// What it holds.
    pub kind: FieldKind,
    /// Its place in the table of its entity; the entity finds its value by it.
    pub at: usize,
    /// Which queries it takes part in.
    pub rules: Rules,
    /// When it is written.
    pub shown: Shown,
    /// Whether it is a property of the entity itself.
    pub part: FieldPart,
}

/// When a property is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// If nothing is selected, and if it is.
    Always,
    /// If it is selected.
    Selected,
    /// Always, but its value only if it is selected of one entity; otherwise what stands for nothing.
    Alone,
    /// Only as an expanded link.
    Never,
}

/// What a field is of another one.
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
    /// How long a list is.
    Count {
        /// The property that holds the list.
        of: &'static Field,
    },
}

impl Field {
    /// A field that every query may use.
    pub const fn new(name: &'static str, kind: FieldKind) -> Self {
        Self { name, kind, at: 0, rules: Rules::FREE, shown: Shown::Always, part: FieldPart::Whole }
    }
}
