//! A user as the directory shows it. Reads the world, decides nothing.

use super::face::Scene;
use super::roll::principal_name;
use crate::odata::{Entity, Field, Kind, Schema, Value};
use crate::rules::ids::UserIx;

const fn text(name: &'static str) -> Field {
    Field { name, kind: Kind::Text }
}

/// The fields of a user.
pub(crate) const USER: Schema = &[
    text("id"),
    text("displayName"),
    text("userPrincipalName"),
    text("mail"),
    Field { name: "accountEnabled", kind: Kind::Flag },
];

/// One user.
pub(crate) struct User<'s> {
    pub(crate) scene: &'s Scene,
    pub(crate) user: UserIx,
}

impl Entity for User<'_> {
    fn value(&self, field: &Field) -> Value {
        let Scene { world, roll, .. } = self.scene;
        match field.name {
            "id" => Value::Text(roll.user(self.user).to_string()),
            "displayName" => Value::Text(world.fleet.user_name(self.user)),
            "userPrincipalName" | "mail" => Value::Text(principal_name(world, self.user)),
            "accountEnabled" => Value::Flag(true),
            _ => Value::Null,
        }
    }
}
