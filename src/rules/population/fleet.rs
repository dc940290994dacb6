//! The fleet: users and their devices, and the traits of each device, drawn by its key. Must not hold the state of a
//! run.

use std::collections::BTreeMap;
use std::ops::{Range, RangeInclusive};

use roaring::RoaringBitmap;

use super::cohort::{shuffled, weighted};
use super::device_ranges::DeviceRanges;
use super::draws::Odds;
use super::reported::Reported;
use super::site::{Site, SiteRanges};
use super::traits::{App, Enrollment, LockScreen, Model, Traits};
use crate::rules::base::chance::{Chance, Purpose, Ratio};
use crate::rules::base::ids::{DeviceIx, Key, ModelIx, StratumIx, UserIx};
use crate::rules::base::platform::Platform;
use crate::rules::base::time::Zone;

/// A named or imported device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedDevice {
    /// Its id, unique in the fleet.
    pub name: String,
    /// Its user, if it has one.
    pub user: Option<UserIx>,
    /// Its model.
    pub model: Model,
    /// Its values in an export, if it was imported.
    pub reported: Option<Reported>,
}

/// Devices with one cohort name, platform, set of labels and local time: the finest division of reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stratum {
    /// Cohort name.
    pub cohort: String,
    /// Platform.
    pub platform: Platform,
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// Local time.
    pub zone: Zone,
}

/// A named or imported user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NamedUser {
    /// The name, unique in the fleet.
    pub name: String,
    /// Labels, those of its site included.
    pub labels: BTreeMap<String, String>,
}

/// The description from which a fleet is built.
#[derive(Clone, Debug, Default)]
pub struct FleetPlan {
    /// Generated users and their devices, site after site; a fleet without named sites has one without a name.
    pub sites: Vec<Site>,
    /// Weights of the number of devices that a generated user has, ascending by number.
    pub devices_per_user: Vec<(u32, Ratio)>,
    /// Users by name, after the generated ones.
    pub named_users: Vec<NamedUser>,
    /// Imported, then named devices, in file order.
    pub named_devices: Vec<NamedDevice>,
}

/// The users and devices of a tenant.
#[derive(Clone, Debug)]
pub struct Fleet {
    models: Vec<Model>,
    odds: Vec<Odds>,
    model_strata: Vec<StratumIx>,
    strata: Vec<Stratum>,
    generated_users: u32,
    /// The base of the keys of generated users.
    generated_user: Key,
    /// The devices of each generated user.
    ranges: DeviceRanges,
    /// The sites of generated users.
    sites: SiteRanges,
    named_users: Vec<NamedUser>,
    named_devices: Vec<(String, Option<UserIx>, ModelIx)>,
    /// By index among the named devices.
    reported: Vec<Option<Reported>>,
    devices_of_named_user: BTreeMap<UserIx, Vec<DeviceIx>>,
    chance: Chance,
}

impl FleetPlan {
    /// The number of generated users.
    pub fn users(&self) -> u32 {
        self.sites.iter().map(|site| site.users).sum()
    }

    /// The number of generated devices: exact if all users have the same number, else the mean of the distribution.
    /// Nothing is built for it, so that a fleet can be refused before.
    pub fn generated_devices(&self) -> u64 {
        let weight = |(_, weight): &(u32, Ratio)| u128::from(weight.billionths());
        let total: u128 = self.devices_per_user.iter().map(weight).sum();
        let sum: u128 = self.devices_per_user.iter().map(|one| u128::from(one.0) * weight(one)).sum();
        let users = u128::from(self.users());
        let devices = (users * sum).checked_div(total).unwrap_or(users);
        u64::try_from(devices).unwrap_or(u64::MAX)
    }

    /// The exact number, drawn user by user.
    pub fn count_generated_devices(&self, chance: &Chance) -> u64 {
        DeviceRanges::count(self.users(), &self.devices_per_user, chance)
    }
}

impl Fleet {
    /// Builds the fleet of a checked plan.
    ///
    /// # Panics
    /// If cohorts with a count claim more devices than there are, or there are generated devices and no cohort, or far
    /// more devices than a fleet may have; `scenario` checks all three.
    pub fn new(plan: FleetPlan, chance: &Chance) -> Self {
        let generated_users = plan.users();
        let ranges = DeviceRanges::new(generated_users, &plan.devices_per_user, chance);
        let generated = ranges.devices();
        let sites = SiteRanges::new(&plan.sites, |user| ranges.first(user));
        let mut fleet = Self {
            models: Vec::new(),
            odds: Vec::new(),
            model_strata: Vec::new(),
            strata: Vec::new(),
            generated_users,
            generated_user: Key::of("generated user", ""),
            ranges,
            sites,
            named_users: plan.named_users,
            named_devices: Vec::with_capacity(plan.named_devices.len()),
            reported: Vec::with_capacity(plan.named_devices.len()),
            devices_of_named_user: BTreeMap::new(),
            chance: chance.clone(),
        };
        for (_, model) in plan.sites.into_iter().flat_map(|site| site.cohorts) {
            fleet.add_model(model);
        }
        for (at, device) in plan.named_devices.into_iter().enumerate() {
            let model = fleet.add_model(device.model);
            if let Some(user) = device.user {
                let ix = DeviceIx(generated + u32::try_from(at).expect("named devices are limited"));
                fleet.devices_of_named_user.entry(user).or_default().push(ix);
            }
            fleet.named_devices.push((device.name, device.user, model));
            fleet.reported.push(device.reported);
        }
        fleet
    }

    fn add_model(&mut self, model: Model) -> ModelIx {
        let &Model { platform, ref cohort, ref labels, ref zone, .. } = &model;
        let stratum = Stratum { cohort: cohort.clone(), platform, labels: labels.clone(), zone: zone.clone() };
        let at = self.strata.iter().position(|known| *known == stratum).unwrap_or_else(|| {
            self.strata.push(stratum);
            self.strata.len() - 1
        });
        self.model_strata.push(StratumIx(u32::try_from(at).expect("strata are fewer than devices")));
        self.odds.push(Odds::new(&model));
        self.models.push(model);
        ModelIx(u32::try_from(self.models.len() - 1).expect("models are fewer than devices"))
    }

    /// How many devices there are.
    pub fn devices(&self) -> u32 {
        self.generated_devices() + self.named_devices.len() as u32
    }

    /// How many devices were generated; they come first.
    pub fn generated_devices(&self) -> u32 {
        self.ranges.devices()
    }

    /// How many users were generated; they come first.
    pub fn generated_users(&self) -> u32 {
        self.generated_users
    }

    /// How many users there are.
    pub fn users(&self) -> u32 {
        self.generated_users + self.named_users.len() as u32
    }

    /// The labels of a user, those of its site included.
    pub fn user_labels(&self, user: UserIx) -> &BTreeMap<String, String> {
        match user.0.checked_sub(self.generated_users) {
            Some(at) => &self.named_users[at as usize].labels,
            None => self.sites.labels_of(user.0),
        }
    }

    /// The users whose labels fit.
    pub fn users_with(&self, fits: impl Fn(&BTreeMap<String, String>) -> bool) -> RoaringBitmap {
        let mut found = self.sites.users_with(&fits);
        found.extend(
            (self.generated_users..).zip(&self.named_users).filter(|(_, user)| fits(&user.labels)).map(|(ix, _)| ix),
        );
        found
    }

    /// The strata, in order of their indices.
    pub fn strata(&self) -> &[Stratum] {
        &self.strata
    }

    /// A phone model.
    pub fn model(&self, ix: ModelIx) -> &Model {
        &self.models[ix.at()]
    }

    /// The thresholds of the draws for each message to a phone of this model.
    pub fn odds(&self, ix: ModelIx) -> &Odds {
        &self.odds[ix.at()]
    }

    /// The user of a device, if it has one.
    pub fn user_of(&self, device: DeviceIx) -> Option<UserIx> {
        if device.0 < self.generated_devices() {
            return Some(UserIx(self.ranges.user_of(device.0)));
        }
        self.named_devices[(device.0 - self.generated_devices()) as usize].1
    }

    /// Calls `each` with every device of a user, in fleet order.
    pub fn devices_of(&self, user: UserIx, mut each: impl FnMut(DeviceIx)) {
        if user.0 < self.generated_users {
            (self.ranges.first(user.0)..self.ranges.first(user.0 + 1)).map(DeviceIx).for_each(&mut each);
        }
        // An imported device may belong to a generated user, a named one to a named user.
        if let Some(devices) = self.devices_of_named_user.get(&user) {
            devices.iter().copied().for_each(each);
        }
    }

    /// Calls `each` with the devices of neighbouring users, in ranges.
    pub fn devices_of_range(&self, users: RangeInclusive<UserIx>, mut each: impl FnMut(Range<u32>)) {
        let (first, last) = (users.start().0, users.end().0);
        if first < self.generated_users {
            let after = self.generated_users.min(last + 1);
            each(self.ranges.first(first)..self.ranges.first(after));
        }
        for devices in self.devices_of_named_user.range(users).map(|(_, devices)| devices) {
            for device in devices {
                each(device.0..device.0 + 1);
            }
        }
    }

    /// The devices of all these users.
    pub fn devices_of_all(&self, users: &RoaringBitmap) -> RoaringBitmap {
        let mut devices = RoaringBitmap::new();
        let mut users = users.iter().peekable();
        while let Some(first) = users.next() {
            let mut last = first;
            while let Some(next) = users.next_if(|next| *next == last + 1) {
                last = next;
            }
            self.devices_of_range(UserIx(first)..=UserIx(last), |range| {
                devices.insert_range(range);
            });
        }
        devices
    }

    /// The device's id.
    pub fn device_name(&self, device: DeviceIx) -> String {
        if device.0 < self.generated_devices() {
            let user = self.user_of(device).expect("a generated device has a user");
            return format!("user-{}.{}", user.0 + 1, device.0 - self.ranges.first(user.0) + 1);
        }
        self.named_devices[(device.0 - self.generated_devices()) as usize].0.clone()
    }

    /// A device's value in an export, by the name of Graph's property; `None` if there is no export or no such value.
    pub fn reported(&self, device: DeviceIx, property: &str) -> Option<&str> {
        let at = device.0.checked_sub(self.generated_devices())?;
        self.reported[at as usize].as_ref()?.get(property)
    }

    /// The user's name.
    pub fn user_name(&self, user: UserIx) -> String {
        if user.0 < self.generated_users {
            return format!("user-{}", user.0 + 1);
        }
        self.named_users[(user.0 - self.generated_users) as usize].name.clone()
    }

    /// The device with this id.
    pub fn find_device(&self, name: &str) -> Option<DeviceIx> {
        if let Some(at) = self.named_devices.iter().position(|(known, ..)| known == name) {
            return Some(DeviceIx(self.generated_devices() + at as u32));
        }
        let (user, nth) = name.strip_prefix("user-")?.split_once('.')?;
        let (user, nth): (u32, u32) = (user.parse().ok()?, nth.parse().ok()?);
        let user = user.checked_sub(1).filter(|user| *user < self.generated_users)?;
        let ix = self.ranges.first(user).checked_add(nth.checked_sub(1)?)?;
        let found = DeviceIx(ix);
        (ix < self.ranges.first(user + 1) && self.device_name(found) == name).then_some(found)
    }

    /// The user with this name.
    pub fn find_user(&self, name: &str) -> Option<UserIx> {
        if let Some(at) = self.named_users.iter().position(|known| known.name == name) {
            return Some(UserIx(self.generated_users + at as u32));
        }
        let number: u32 = name.strip_prefix("user-")?.parse().ok()?;
        let found = UserIx(number.checked_sub(1).filter(|user| *user < self.generated_users)?);
        (self.user_name(found) == name).then_some(found)
    }

    /// The stable key of a user.
    pub fn user_key(&self, user: UserIx) -> Key {
        if user.0 < self.generated_users {
            return self.generated_user.nth(u64::from(user.0));
        }
        Key::of("user", &self.named_users[(user.0 - self.generated_users) as usize].name)
    }

    /// The stable key of a device.
    pub fn device_key(&self, device: DeviceIx) -> Key {
        if device.0 < self.generated_devices() {
            let user = self.user_of(device).expect("a generated device has a user");
            return self.user_key(user).nth(u64::from(device.0 - self.ranges.first(user.0)));
        }
        Key::of("device", &self.named_devices[(device.0 - self.generated_devices()) as usize].0)
    }

    /// The model of a device. This takes as long as drawing its traits.
    pub fn model_of(&self, device: DeviceIx) -> ModelIx {
        let generated = self.generated_devices();
        if device.0 >= generated {
            return self.named_devices[(device.0 - generated) as usize].2;
        }
        self.sites.model_of(device.0, |keys, at, among| shuffled(&self.chance, keys, at, among))
    }

    /// All constant traits of a device.
    pub fn traits(&self, device: DeviceIx) -> Traits {
        self.traits_from(self.model_of(device), device)
    }

    /// The same for a device whose model is known.
    pub fn traits_from(&self, ix: ModelIx, device: DeviceIx) -> Traits {
        let key = self.device_key(device);
        let model = self.model(ix);
        let block = |at: u64| self.chance.block(Purpose::Traits, key, Key(at));
        let (first, second, third) = (block(0), block(1), block(2));
        Traits {
            key,
            model: ix,
            stratum: self.model_strata[ix.at()],
            platform: model.platform,
            enrolled: model.enrolled.hits(first[0]),
            enrolled_by_another: model.enrolled_by_another.hits(first[1]),
            enrollment: weighted(&model.enrollment, first[2]).copied().unwrap_or(Enrollment::PersonalWorkProfile),
            app: weighted(&model.app, first[3]).copied().unwrap_or(App::CompanyPortal),
            app_outdated: model.app_outdated.hits(second[0]),
            push_permission: model.push_permission.hits(second[1]),
            play_services: model.play_services.hits(second[2]),
            force_stopped: model.force_stopped.hits(second[3]),
            battery_restricted: model.battery_restricted.hits(third[0]),
            notification_access: model.notification_access.hits(third[1]),
            lock_screen: weighted(&model.lock_screen, third[2]).copied().unwrap_or(LockScreen::Full),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_has_the_mean_number_of_devices() {
        let plan = |weights: &[(u32, u32)]| {
            let devices_per_user =
                weights.iter().map(|(devices, percent)| (*devices, Ratio::percent(*percent))).collect();
            let sites = vec![Site { users: 1_000, ..Site::default() }];
            FleetPlan { sites, devices_per_user, ..FleetPlan::default() }.generated_devices()
        };
        assert_eq!((plan(&[]), plan(&[(2, 40)])), (1_000, 2_000));
        assert_eq!((plan(&[(1, 50), (4, 50)]), plan(&[(0, 75), (4, 25)])), (2_500, 1_000));
    }
}
