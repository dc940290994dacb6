//! The organisation of a tenant, as the directory shows it.

use std::sync::LazyLock;

use super::table::TABLE;
use super::value::OrganizationReader;
use crate::server::graph::entities::property::{LazyTypes, Property, Types};
use crate::server::graph::route::Edition;
use crate::server::graph::scene::Scene;
use crate::server::odata::{Dialect, Entity, Field, Schema, Value};

static TYPES: LazyTypes = LazyLock::new(|| Types::of("organization", Dialect::Directory, TABLE));

/// The type of an organisation in an edition.
pub(crate) fn types(edition: Edition) -> Schema {
    TYPES.in_edition(edition)
}

/// Every property, for the reference documentation.
pub(crate) const fn table_of_contents() -> &'static [Property<OrganizationReader>] {
    TABLE
}

/// The organisation of the tenant.
pub(crate) struct Organization<'s> {
    pub(crate) scene: &'s Scene,
}

impl Entity for Organization<'_> {
    fn value(&self, field: &Field) -> Value {
        let Property { kind, source, .. } = &TABLE[field.at];
        source.value(*kind, |read| read(self))
    }
}
