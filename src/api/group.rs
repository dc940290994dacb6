//! A group as the directory shows it. Reads the world, decides nothing.

use super::face::Scene;
use crate::odata::{Entity, Field, Kind, Schema, Value};
use crate::rules::ids::GroupIx;

const fn text(name: &'static str) -> Field {
    Field { name, kind: Kind::Text }
}

/// The fields of a group.
pub(crate) const GROUP: Schema = &[
    text("id"),
    text("displayName"),
    text("description"),
    Field { name: "mailEnabled", kind: Kind::Flag },
    text("mailNickname"),
    Field { name: "securityEnabled", kind: Kind::Flag },
];

/// One group.
pub(crate) struct Group<'s> {
    pub(crate) scene: &'s Scene,
    pub(crate) group: GroupIx,
}

impl Entity for Group<'_> {
    fn value(&self, field: &Field) -> Value {
        let name = &self.scene.world.groups[self.group.at()].name;
        match field.name {
            "id" => Value::Text(self.scene.roll.group(self.group).to_string()),
            "displayName" => Value::Text(name.clone()),
            "mailNickname" => Value::Text(name.chars().filter(|c| c.is_alphanumeric()).collect()),
            "mailEnabled" => Value::Flag(false),
            "securityEnabled" => Value::Flag(true),
            _ => Value::Null,
        }
    }
}
