//! A user of the directory: a user of the fleet, or an account that signs in and owns no device.

use std::sync::LazyLock;

use uuid::Uuid;

use super::table::TABLE;
use super::value::UserReader;
use crate::rules::base::ids::UserIx;
use crate::scenario::UserAttribute;
use crate::server::graph::entities::property::{LazyTypes, Property, Types};
use crate::server::graph::ids::principal_name;
use crate::server::graph::route::Edition;
use crate::server::graph::scene::Scene;
use crate::server::identity::id_of;
use crate::server::odata::{Dialect, Entity, Field, Schema, Value};

static TYPES: LazyTypes = LazyLock::new(|| Types::of("user", Dialect::Directory, TABLE));

/// The type of a user in an edition.
pub(crate) fn types(edition: Edition) -> Schema {
    TYPES.in_edition(edition)
}

/// Every property, for the reference documentation.
pub(crate) const fn table_of_contents() -> &'static [Property<UserReader>] {
    TABLE
}

/// Which user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Person {
    /// A user of the fleet.
    Member(UserIx),
    /// An account that signs in, by name.
    Account(String),
}

/// One user.
pub(crate) struct User<'s> {
    pub(crate) scene: &'s Scene,
    pub(crate) person: Person,
}

impl User<'_> {
    pub(crate) fn id(&self) -> Uuid {
        match &self.person {
            Person::Member(user) => self.scene.graph_ids.user(*user),
            Person::Account(name) => id_of(self.scene.graph_ids.tenant(), "account", name),
        }
    }

    pub(crate) fn display_name(&self) -> String {
        match &self.person {
            Person::Member(user) => self.scene.world.fleet.user_name(*user),
            Person::Account(name) => name.clone(),
        }
    }

    /// The user principal name.
    pub(crate) fn principal_name(&self) -> String {
        match &self.person {
            Person::Member(user) => principal_name(&self.scene.world, *user),
            Person::Account(name) => name.clone(),
        }
    }

    /// What the label of this attribute tells; null for an account, and for a user without that label.
    pub(crate) fn attribute(&self, attribute: UserAttribute) -> Value {
        let Person::Member(user) = self.person else { return Value::Null };
        self.scene.world.fleet.user_labels(user).get(attribute.label()).map_or(Value::Null, Value::text)
    }

    /// The mail address; `None` for an account whose name is not an address.
    pub(crate) fn mail(&self) -> Option<String> {
        Some(self.principal_name()).filter(|name| name.contains('@'))
    }
}

impl Entity for User<'_> {
    fn value(&self, field: &Field) -> Value {
        let Property { kind, source, .. } = &TABLE[field.at];
        source.value(*kind, |read| read(self))
    }
}
