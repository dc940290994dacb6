//! One row of an entity's property table: name, type, edition, visibility and the source of its value. Must not read
//! entities.

use std::sync::LazyLock;

use crate::server::graph::route::Edition;
use crate::server::odata::{Dialect, EntityType, Field, FieldKind, FieldPart, Rules, Shown, Value};

/// A property.
pub(crate) struct Property<R: 'static> {
    pub(crate) name: &'static str,
    pub(crate) kind: FieldKind,
    pub(crate) editions: Editions,
    pub(crate) shown: Visibility,
    pub(crate) rules: Rules,
    pub(crate) source: PropertySource<R>,
}

/// Where the value of a property comes from.
pub(crate) enum PropertySource<R> {
    /// The model.
    Model(R),
    /// Derived from the model and from the stable key of the entity.
    Derived(R),
    /// No source: it is null, or an empty list.
    Nothing,
}

/// Which editions have a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Editions {
    V1,
    Beta,
    Both,
}

/// When a property is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Visibility {
    /// The same in both editions.
    Same(Shown),
    /// By default in beta; in v1.0 only if it is selected.
    WideInBeta,
}

pub(crate) const BOTH: Editions = Editions::Both;
pub(crate) const BETA: Editions = Editions::Beta;
pub(crate) const V1: Editions = Editions::V1;
pub(crate) const ALWAYS: Visibility = Visibility::Same(Shown::Always);
pub(crate) const SELECTED: Visibility = Visibility::Same(Shown::Selected);
pub(crate) const ALONE: Visibility = Visibility::Same(Shown::Alone);
pub(crate) const NEVER: Visibility = Visibility::Same(Shown::Never);
pub(crate) const WIDE: Visibility = Visibility::WideInBeta;

/// A property of the directory.
pub(crate) const fn row<R: Copy>(
    name: &'static str,
    kind: FieldKind,
    editions: Editions,
    shown: Visibility,
    rules: Rules,
    source: PropertySource<R>,
) -> Property<R> {
    Property { name, kind, editions, shown, rules, source }
}

/// A property of Intune, which supports every query.
pub(crate) const fn free<R: Copy>(
    name: &'static str,
    kind: FieldKind,
    editions: Editions,
    shown: Visibility,
    source: PropertySource<R>,
) -> Property<R> {
    row(name, kind, editions, shown, Rules::FREE, source)
}

impl Editions {
    pub(crate) const fn has(self, edition: Edition) -> bool {
        matches!((self, edition), (Self::Both, _) | (Self::V1, Edition::V1) | (Self::Beta, Edition::Beta))
    }
}

impl Visibility {
    const fn in_edition(self, edition: Edition) -> Shown {
        match (self, edition) {
            (Self::Same(shown), _) => shown,
            (Self::WideInBeta, Edition::Beta) => Shown::Always,
            (Self::WideInBeta, Edition::V1) => Shown::Selected,
        }
    }
}

impl<R> PropertySource<R> {
    /// The value from `read`; null or an empty list without a source.
    pub(crate) fn value(&self, kind: FieldKind, read: impl FnOnce(&R) -> Value) -> Value {
        match self {
            Self::Model(by) | Self::Derived(by) => read(by),
            Self::Nothing => nothing(kind),
        }
    }
}

/// The empty value of a type.
pub(crate) const fn nothing(kind: FieldKind) -> Value {
    if kind.is_list() { Value::List(Vec::new()) } else { Value::Null }
}

/// The types of an entity in v1.0 and in beta.
pub(crate) struct Types {
    v1: EntityType,
    beta: EntityType,
}

impl Types {
    /// Those of a table.
    pub(crate) fn of<R>(name: &'static str, dialect: Dialect, table: &'static [Property<R>]) -> Self {
        let of = |edition| EntityType::new(name, dialect, fields(table, edition));
        Self { v1: of(Edition::V1), beta: of(Edition::Beta) }
    }

    pub(crate) const fn in_edition(&self, edition: Edition) -> &EntityType {
        match edition {
            Edition::V1 => &self.v1,
            Edition::Beta => &self.beta,
        }
    }
}

/// The fields of an edition. They have static lifetime: there are as many as the tables have rows.
fn fields<R>(table: &'static [Property<R>], edition: Edition) -> &'static [Field] {
    let rows = table.iter().enumerate().filter(|(_, property)| property.editions.has(edition));
    let field = |(at, property): (usize, &Property<R>)| Field {
        name: property.name,
        kind: property.kind,
        at,
        rules: property.rules,
        shown: property.shown.in_edition(edition),
        part: FieldPart::Whole,
    };
    rows.map(field).collect::<Vec<_>>().leak()
}

/// A type that is built on first use.
pub(crate) type LazyTypes = LazyLock<Types>;
