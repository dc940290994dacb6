//! Graph ids of all objects of a world, derived from their names once, and the lookup by id. Must not know tokens or
//! enrolment.

use std::collections::HashMap;
use std::sync::OnceLock;

use uuid::Uuid;

use crate::rules::base::ids::{DeviceIx, GroupIx, UserIx};
use crate::rules::model::world::World;
use crate::server::identity::{self, Issuer, id_of};

/// The ids of a world: the same in every run, and different from every other tenant's.
#[derive(Debug)]
pub struct GraphIds {
    tenant: Uuid,
    devices: Ids,
    users: Ids,
    groups: Ids,
    principals: HashMap<String, UserIx>,
    /// Ids of devices in the directory; built on the first lookup.
    directory: OnceLock<Ids>,
    /// Ids of device registrations; built on the first lookup.
    registrations: OnceLock<Ids>,
}

/// Ids of one kind, by index and by id.
#[derive(Debug)]
struct Ids {
    by_place: Vec<Uuid>,
    /// Indices in the order of their ids.
    by_id: Vec<u32>,
    /// Where the ids with each value of the first bits begin in `by_id`: about one id for each value, since ids are
    /// hashes or random.
    begins: Vec<u32>,
}

impl Ids {
    fn new(by_place: Vec<Uuid>) -> Self {
        let mut by_id: Vec<u32> = (0..by_place.len() as u32).collect();
        by_id.sort_unstable_by_key(|place| by_place[*place as usize]);
        let heads = by_place.len().next_power_of_two();
        let mut begins = vec![0; heads + 1];
        for id in &by_place {
            begins[head(*id, heads) + 1] += 1;
        }
        for at in 0..heads {
            begins[at + 1] += begins[at];
        }
        Self { by_place, by_id, begins }
    }

    fn find(&self, id: Uuid) -> Option<u32> {
        let head = head(id, self.begins.len() - 1);
        let alike = &self.by_id[self.begins[head] as usize..self.begins[head + 1] as usize];
        let at = alike.binary_search_by_key(&id, |place| self.by_place[*place as usize]).ok()?;
        Some(alike[at])
    }
}

/// The first bits of an id, enough to distinguish `heads` values, a power of two.
fn head(id: Uuid, heads: usize) -> usize {
    let (first, _) = id.as_u64_pair();
    ((u128::from(first) * heads as u128) >> 64) as usize
}

impl GraphIds {
    /// The ids of a world. A device that was imported with an id keeps it.
    pub fn new(world: &World) -> Self {
        let tenant = Issuer::tenant_id(&world.name);
        let own = |kind: &str, name: &str| Uuid::try_parse(name).unwrap_or_else(|_| id_of(tenant, kind, name));
        let device = |at: u32| own("device", &world.fleet.device_name(DeviceIx(at)));
        let user = |at: u32| own("user", &world.fleet.user_name(UserIx(at)));
        let principals = (0..world.fleet.users()).map(UserIx);
        Self {
            tenant,
            devices: Ids::new((0..world.fleet.devices()).map(device).collect()),
            users: Ids::new((0..world.fleet.users()).map(user).collect()),
            groups: Ids::new(world.groups.iter().map(|group| own("group", &group.name)).collect()),
            principals: principals.map(|user| (principal_name(world, user).to_lowercase(), user)).collect(),
            directory: OnceLock::new(),
            registrations: OnceLock::new(),
        }
    }

    /// The tenant's id.
    pub fn tenant(&self) -> Uuid {
        self.tenant
    }

    /// A device's id.
    pub fn device(&self, device: DeviceIx) -> Uuid {
        self.devices.by_place[device.at()]
    }

    /// A user's id.
    pub fn user(&self, user: UserIx) -> Uuid {
        self.users.by_place[user.at()]
    }

    /// A group's id.
    pub fn group(&self, group: GroupIx) -> Uuid {
        self.groups.by_place[group.at()]
    }

    /// The device with this id.
    pub fn find_device(&self, id: Uuid) -> Option<DeviceIx> {
        self.devices.find(id).map(DeviceIx)
    }

    /// A device's object id in the directory, which differs from Intune's.
    pub(crate) fn directory_id_of(&self, world: &World, device: DeviceIx) -> Uuid {
        id_of(self.tenant, "directory device", &world.fleet.device_name(device))
    }

    /// The id of a device's registration, which Intune and the directory share: the exported one, if there is one.
    pub(crate) fn registration_of(&self, world: &World, device: DeviceIx) -> Uuid {
        let registration = world.fleet.reported(device, "azureADDeviceId").and_then(|id| Uuid::try_parse(id).ok());
        let registration = registration.filter(|id| !id.is_nil());
        registration.unwrap_or_else(|| id_of(self.tenant, "registration", &world.fleet.device_name(device)))
    }

    /// The device with this id in the directory.
    pub(crate) fn find_directory_device(&self, world: &World, id: Uuid) -> Option<DeviceIx> {
        let devices = || (0..world.fleet.devices()).map(|at| self.directory_id_of(world, DeviceIx(at))).collect();
        self.directory.get_or_init(|| Ids::new(devices())).find(id).map(DeviceIx)
    }

    /// The device with this registration.
    pub(crate) fn find_registration(&self, world: &World, id: Uuid) -> Option<DeviceIx> {
        let devices = || (0..world.fleet.devices()).map(|at| self.registration_of(world, DeviceIx(at))).collect();
        self.registrations.get_or_init(|| Ids::new(devices())).find(id).map(DeviceIx)
    }

    /// The group with this id.
    pub fn find_group(&self, id: Uuid) -> Option<GroupIx> {
        self.groups.find(id).map(GroupIx)
    }

    /// The user with this id or user principal name, in any letter case.
    pub fn find_user(&self, key: &str) -> Option<UserIx> {
        match Uuid::try_parse(key) {
            Ok(id) => self.users.find(id).map(UserIx),
            Err(_) => self.principals.get(&key.to_lowercase()).copied(),
        }
    }
}

/// A user's principal name.
pub(crate) fn principal_name(world: &World, user: UserIx) -> String {
    identity::principal_name(&world.fleet.user_name(user), &world.domain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_id_is_found_and_no_other(
            numbers in prop::collection::btree_set(any::<u128>(), 0..200),
            narrow in any::<bool>(),
            other in any::<u128>(),
        ) {
            // Imported ids may have any form, including a common prefix.
            let id = |number: u128| Uuid::from_u128(if narrow { number >> 100 } else { number });
            let mut known: Vec<Uuid> = numbers.into_iter().rev().map(id).collect();
            known.dedup();
            let ids = Ids::new(known.clone());
            for (place, id) in known.iter().enumerate() {
                prop_assert_eq!(ids.find(*id), Some(place as u32));
            }
            prop_assert_eq!(ids.find(id(other)).is_some(), known.contains(&id(other)));
        }
    }
}
