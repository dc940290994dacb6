//! Entities that `$expand` writes with another one: members, memberships, owners. Reads the world and a snapshot of the
//! directory.

use super::collection::{Collection, Entities};
use super::row::{EntityContent, Row};
use super::user::Person;
use crate::rules::base::ids::{DeviceIx, GroupIx, UserIx};
use crate::server::graph::scene::Scene;
use crate::server::odata::{Dialect, Query, Schema};

/// Entities of one expanded link, at most, as in Graph.
const LINKED_MAX: usize = 20;

/// The supported links, by type.
const LINKS: [(&str, &[&str]); 4] = [
    ("managedDevice", &["users"]),
    ("user", &["memberOf", "transitiveMemberOf", "ownedDevices", "registeredDevices"]),
    ("group", &["members", "transitiveMembers", "memberOf", "transitiveMemberOf"]),
    ("device", &["memberOf", "transitiveMemberOf", "registeredOwners", "registeredUsers"]),
];

/// Refuses unsupported links.
///
/// # Errors
/// The name of the first one, with the supported ones.
pub(crate) fn check(query: &Query, schema: Schema) -> Result<(), String> {
    let known = LINKS.iter().find(|(name, _)| *name == schema.name).map_or(&[][..], |(_, known)| known);
    let Some(other) = query.expand.iter().find(|expand| !known.contains(&expand.link.name)) else { return Ok(()) };
    let name = other.link.name;
    Err(match known {
        [] => format!("`{name}` cannot be expanded here: nothing is expanded of {}.", schema.full_name()),
        known => format!(
            "`{name}` cannot be expanded here: of {} only {} can; the model has no other.",
            schema.full_name(),
            known.join(", ")
        ),
    })
}

/// The entities behind a supported link.
pub(crate) fn linked<'s>(row: &Row<'s>, link: &str) -> Vec<Row<'s>> {
    match &row.content {
        EntityContent::ManagedDevice(device) => {
            let users = Collection { entities: Entities::Users, edition: row.edition };
            device.user().map(|user| users.at(device.scene, user.0)).into_iter().collect()
        }
        EntityContent::User(user) => of_user(row, user.scene, &user.person, link),
        EntityContent::Group(group) => of_group(row, group.scene, group.group, link),
        EntityContent::Device(device) => of_device(row, device.managed.scene, device.managed.device, link),
        EntityContent::Organization(_) => Vec::new(),
    }
}

fn of_user<'s>(row: &Row<'s>, scene: &'s Scene, person: &Person, link: &str) -> Vec<Row<'s>> {
    let Person::Member(user) = person else { return Vec::new() };
    match link {
        "memberOf" => groups(row, scene, scene.groups_of_user(*user)),
        "transitiveMemberOf" => groups(row, scene, scene.above(scene.groups_of_user(*user))),
        _ => {
            let mut devices = Vec::new();
            scene.world.fleet.devices_of(*user, |device| devices.push(device.0));
            objects(row, scene, Entities::Devices, devices)
        }
    }
}

fn of_group<'s>(row: &Row<'s>, scene: &'s Scene, group: GroupIx, link: &str) -> Vec<Row<'s>> {
    match link {
        "memberOf" => groups(row, scene, scene.groups_of_group(group)),
        "transitiveMemberOf" => groups(row, scene, scene.above(scene.groups_of_group(group))),
        _ => {
            let inside = if link == "members" { vec![group] } else { scene.below(group) };
            let inner = inside.iter().flat_map(|outer| scene.world.groups[outer.at()].groups.iter());
            let mut inner: Vec<GroupIx> = inner.copied().filter(|inner| *inner != group).collect();
            inner.sort_unstable();
            inner.dedup();
            let users = scene.users_of(&inside).into_iter().take(LINKED_MAX).collect();
            let devices = scene.devices_in(&inside);
            let mut found = groups(row, scene, inner);
            found.extend(objects(row, scene, Entities::Users, users));
            found.extend(objects(row, scene, Entities::Devices, devices));
            found.truncate(LINKED_MAX);
            found
        }
    }
}

fn of_device<'s>(row: &Row<'s>, scene: &'s Scene, device: DeviceIx, link: &str) -> Vec<Row<'s>> {
    match link {
        "memberOf" => groups(row, scene, scene.groups_of_device(device)),
        "transitiveMemberOf" => groups(row, scene, scene.above(scene.groups_of_device(device))),
        _ => {
            let user = scene.world.fleet.user_of(device).map(|UserIx(user)| user);
            objects(row, scene, Entities::Users, user.into_iter().collect())
        }
    }
}

fn groups<'s>(row: &Row<'s>, scene: &'s Scene, groups: Vec<GroupIx>) -> Vec<Row<'s>> {
    objects(row, scene, Entities::Groups, groups.into_iter().map(|group| group.0).collect())
}

/// Directory objects, written with their types.
fn objects<'s>(row: &Row<'s>, scene: &'s Scene, entities: Entities, places: Vec<u32>) -> Vec<Row<'s>> {
    let collection = Collection { entities, edition: row.edition };
    debug_assert!(collection.schema().dialect == Dialect::Directory, "the directory links to its own objects");
    places.into_iter().take(LINKED_MAX).map(|place| Row { is_mixed: true, ..collection.at(scene, place) }).collect()
}
