//! A group of the directory.

use std::sync::LazyLock;

use uuid::Uuid;

use super::table::TABLE;
use super::value::GroupReader;
use crate::rules::base::ids::GroupIx;
use crate::server::graph::entities::property::{LazyTypes, Property, Types};
use crate::server::graph::route::Edition;
use crate::server::graph::scene::Scene;
use crate::server::odata::{Dialect, Entity, Field, Schema, Value};

static TYPES: LazyTypes = LazyLock::new(|| Types::of("group", Dialect::Directory, TABLE));

/// The type of a group in an edition.
pub(crate) fn types(edition: Edition) -> Schema {
    TYPES.in_edition(edition)
}

/// Every property, for the reference documentation.
pub(crate) const fn table_of_contents() -> &'static [Property<GroupReader>] {
    TABLE
}

/// One group.
pub(crate) struct GroupEntity<'s> {
    pub(crate) scene: &'s Scene,
    pub(crate) group: GroupIx,
}

impl GroupEntity<'_> {
    pub(crate) fn id(&self) -> Uuid {
        self.scene.graph_ids.group(self.group)
    }

    pub(crate) fn name(&self) -> &str {
        &self.scene.world.groups[self.group.at()].name
    }
}

impl Entity for GroupEntity<'_> {
    fn value(&self, field: &Field) -> Value {
        let Property { kind, source, .. } = &TABLE[field.at];
        source.value(*kind, |read| read(self))
    }
}
