//! Risk: a name leads to another user or device, or a key, and with it every draw, depends on what else is in the fleet.

use reveille::rules::base::ids::{DeviceIx, Key, UserIx};
use reveille::rules::model::world::World;
use reveille::rules::population::fleet::Fleet;
use roaring::RoaringBitmap;

use crate::fixtures::drivers::world;

/// Generated users with several devices or none, and named ones; of the named devices one has no user.
fn fleet(users: u32) -> std::sync::Arc<World> {
    world(&format!(
        r#"
schema = 1
name = "fleet"
seed = 3
duration = "1h"
[fleet]
users = {users}
devices_per_user = {{ "0" = 0.2, "1" = 0.3, "3" = 0.5 }}
[[fleet.cohort]]
name = "phones"
platform = "ios"
share = 1.0
[[user]]
name = "ada"
[[user]]
name = "bob"
[[device]]
name = "desk"
platform = "ios"
[[device]]
name = "ada-phone"
user = "ada"
platform = "ios"
[[device]]
name = "ada-tablet"
user = "ada"
platform = "android"
"#
    ))
}

fn devices_of(fleet: &Fleet, user: UserIx) -> Vec<DeviceIx> {
    let mut devices = Vec::new();
    fleet.devices_of(user, |device| devices.push(device));
    devices
}

#[test]
fn every_user_and_device_is_found_by_its_name_and_nothing_by_another() {
    let world = fleet(60);
    let fleet = &world.fleet;
    assert_eq!((fleet.users(), fleet.generated_users()), (62, 60));
    assert_eq!(fleet.devices(), fleet.generated_devices() + 3);
    for user in (0..fleet.users()).map(UserIx) {
        assert_eq!(fleet.find_user(&fleet.user_name(user)), Some(user));
        for device in devices_of(fleet, user) {
            assert_eq!(fleet.user_of(device), Some(user));
        }
    }
    for device in (0..fleet.devices()).map(DeviceIx) {
        assert_eq!(fleet.find_device(&fleet.device_name(device)), Some(device));
        let owned = fleet.user_of(device).is_some_and(|user| devices_of(fleet, user).contains(&device));
        assert_eq!(owned, fleet.device_name(device) != "desk");
    }
    for other in ["", "user-", "user-0", "user-61", "user-01", "user-+1", "cy", "ada-phone"] {
        assert_eq!(fleet.find_user(other), None, "{other}");
    }
    let lone = (0..60).map(UserIx).find(|user| devices_of(fleet, *user).is_empty()).expect("a fifth has none");
    let none = format!("{}.1", fleet.user_name(lone));
    for other in ["", "user-1", "user-1.0", "user-1.4", "user-0.1", "user-61.1", "user-01.1", "ada", &none] {
        assert_eq!(fleet.find_device(other), None, "{other}");
    }
}

#[test]
fn a_key_is_made_from_the_names_alone() {
    let (small, large) = (fleet(40), fleet(60));
    let (small, large) = (&small.fleet, &large.fleet);
    for user in (0..small.users()).map(UserIx) {
        let same = large.find_user(&small.user_name(user)).expect("it is in the larger fleet too");
        assert_eq!(small.user_key(user), large.user_key(same));
        for (nth, device) in (0..).zip(devices_of(small, user)) {
            let same = large.find_device(&small.device_name(device)).expect("it is in the larger fleet too");
            assert_eq!(small.device_key(device), large.device_key(same));
            if device.0 < small.generated_devices() {
                assert_eq!(small.device_key(device), small.user_key(user).nth(nth));
            }
        }
    }
    let ada = small.find_user("ada").expect("it is in the scenario");
    assert_eq!(small.user_key(ada), Key::of("user", "ada"));
    let desk = small.find_device("desk").expect("it is in the scenario");
    assert_eq!(small.device_key(desk), Key::of("device", "desk"));
}

#[test]
fn the_devices_of_some_users_are_those_of_each() {
    let world = fleet(60);
    let fleet = &world.fleet;
    let sets =
        [vec![], vec![0], vec![59], vec![60], vec![61], vec![3, 4, 5, 58, 59, 60, 61], (0..62).collect(), vec![59, 61]];
    for users in sets {
        let one_by_one: RoaringBitmap =
            users.iter().flat_map(|user| devices_of(fleet, UserIx(*user))).map(|device| device.0).collect();
        assert_eq!(fleet.devices_of_all(&users.iter().copied().collect()), one_by_one, "{users:?}");
    }
}
