//! The fleet of a scenario: generated users, cohorts, imports, named users and devices, checked so that `rules` can
//! build it.

use std::collections::{BTreeMap, BTreeSet};

use crate::rules::base::chance::{Chance, Ratio};
use crate::rules::base::ids::{DeviceIx, UserIx};
use crate::rules::base::limits::DEVICES_MAX;
use crate::rules::base::time::Zone;
use crate::rules::model::world::World;
use crate::rules::population::fleet::{Fleet, FleetPlan, NamedDevice};
use crate::rules::population::site::Site;
use crate::rules::population::traits::Doze;

use super::builder::Build;
use super::cohorts::{self, Common};
use super::directory_users;
use super::imported::{self, IMPORTED, Imported};
use super::named::{self, Generated, NamedUsers};
use super::names::{Names, small};
use super::sites::{self, Sites};
use super::traits;
use super::zone::Times;
use crate::scenario::diagnostics::diagnostic::{Code, Diagnostic};
use crate::scenario::diagnostics::limits::{DEVICES_PER_USER_MAX, STRATA_MAX};
use crate::scenario::diagnostics::source::SourceSpan;
use crate::scenario::text::document::Table;
use crate::scenario::text::view::{self, Spot, View};

/// Generated users of the built-in fleet, with a device each: enough to reach every station, quick to run.
const USERS_BUILT_IN: u32 = 1_000;

/// A built fleet and the names in it.
#[derive(Debug)]
pub(crate) struct Roster {
    /// The fleet.
    pub(crate) fleet: Fleet,
    pub(crate) generated: Generated,
    users: Names,
    /// Ids of imported users in their directory, with the names that the fleet has for them.
    user_ids: BTreeMap<String, String>,
    pub(crate) devices: Names,
    /// Names of cohorts, `named` among them where there are named devices.
    pub(crate) cohorts: Names,
    pub(crate) sites: Sites,
}

impl Roster {
    /// The names in the fleet of a world that was built before, except those of users.
    pub(crate) fn of(world: &World) -> Self {
        let fleet = world.fleet.clone();
        let (mut devices, mut cohorts) = (Names::new("device"), Names::new("cohort"));
        let named: Vec<String> =
            (fleet.generated_devices()..fleet.devices()).map(|device| fleet.device_name(DeviceIx(device))).collect();
        devices.take_all(named.iter().map(String::as_str));
        cohorts.take_all(fleet.strata().iter().map(|stratum| stratum.cohort.as_str()));
        let generated = Generated { users: fleet.generated_users() };
        Self {
            fleet,
            generated,
            users: Names::new("user"),
            user_ids: BTreeMap::new(),
            devices,
            cohorts,
            sites: Sites::none(),
        }
    }

    /// The user with this name; an unknown one is reported.
    pub(crate) fn user(&self, name: Spot<&str>, build: &mut Build) -> Option<UserIx> {
        let known = self.users.get(name.value).map(|at| UserIx(self.generated.users + at));
        let found = known.or_else(|| self.generated.user(name.value));
        if found.is_none() && !may_be_generated(name.value, build) {
            self.users.unknown(name.value, name.place, &mut build.out);
        }
        found
    }

    /// The user with this user principal name in lower case, or with this id in the directory.
    pub(crate) fn member(&self, name: Option<&str>, id: Option<&str>) -> Option<UserIx> {
        let known = |name: &str| {
            let at = self.users.get(name).map(|at| UserIx(self.generated.users + at));
            at.or_else(|| self.generated.user(name))
        };
        name.and_then(known).or_else(|| known(self.user_ids.get(id?)?))
    }

    /// The labels of a user while the fleet is being built, and its local time where that is not the scenario's.
    pub(crate) fn of_user<'a>(
        &'a self,
        user: UserIx,
        imported: &'a Imported,
        named: &'a NamedUsers,
    ) -> (&'a BTreeMap<String, String>, Option<&'a Zone>) {
        static NO_LABELS: BTreeMap<String, String> = BTreeMap::new();
        let Some(at) = user.0.checked_sub(self.generated.users) else {
            let site = self.sites.of_user(user.0);
            return site.map_or((&NO_LABELS, None), |site| (&site.labels, Some(&site.zone)));
        };
        match (at as usize).checked_sub(imported.users.len()) {
            None => imported.of_user(at as usize),
            Some(at) => named.of_user(at),
        }
    }

    /// The device with this name; an unknown one is reported.
    pub(crate) fn device(&self, name: Spot<&str>, build: &mut Build) -> Option<DeviceIx> {
        let known = self.devices.get(name.value).map(|at| DeviceIx(self.fleet.generated_devices() + at));
        let found = known.or_else(|| {
            let (user, nth) = name.value.split_once('.')?;
            let user = self.generated.user(user)?;
            let (mut devices, wanted) = (Vec::new(), nth.parse::<usize>().ok()?.checked_sub(1)?);
            self.fleet.devices_of(user, |device| devices.push(device));
            let found = devices.get(wanted).copied()?;
            (self.fleet.device_name(found) == name.value).then_some(found)
        });
        if found.is_none() && !may_be_generated(name.value, build) {
            self.devices.unknown(name.value, name.place, &mut build.out);
        }
        found
    }

    /// Adds the names of cohorts that no table of a cohort has.
    fn name_cohorts(
        &mut self,
        tables: &[View<'_>],
        imported: &Imported,
        has_named: bool,
        place: SourceSpan,
        build: &mut Build,
    ) {
        for (name, place) in &imported.cohorts {
            if name != IMPORTED || self.cohorts.get(IMPORTED).is_none() {
                self.cohorts.add(Spot { value: name, place: *place }, small(tables.len()), &mut build.out);
            }
        }
        if has_named && self.cohorts.get("named").is_none() {
            self.cohorts.add(Spot { value: "named", place }, small(tables.len()), &mut build.out);
        }
        if self.generated.users > 0 && tables.is_empty() {
            for (at, name) in ["ios", "android"].into_iter().enumerate() {
                self.cohorts.add(Spot { value: name, place }, small(at), &mut build.out);
            }
        }
    }
}

/// Whether the name may be a generated one, as long as the number of generated ones is unknown.
fn may_be_generated(name: &str, build: &Build) -> bool {
    build.is_fleet_unknown && name.starts_with("user-")
}

/// Reads the whole fleet. A faulty one is reported and replaced by a valid one, so that the rest can be checked too.
pub(crate) fn read(root: View<'_>, times: &Times, doze: Option<Doze>, chance: &Chance, build: &mut Build) -> Roster {
    let nothing = Table::default();
    let fleet = root.table("fleet").unwrap_or(View { table: &nothing, place: root.place });
    let (users, devices) = (root.tables("user"), root.tables("device"));
    let (cohort_tables, site_tables, imports) = (fleet.tables("cohort"), fleet.tables("site"), fleet.tables("import"));
    let cohort_names = Names::of("cohort", &cohort_tables, &[], &mut build.out);
    let directory_tables = root.table("directory").map_or(Vec::new(), |directory| directory.tables("users"));
    let named = !users.is_empty() || !devices.is_empty() || build.has_exports();
    let size = size(fleet, &cohort_tables, &site_tables, named, build);
    build.is_fleet_unknown = size.is_none();
    let generated = Generated { users: size.as_ref().map_or(USERS_BUILT_IN, |(users, _)| *users) };
    let sites = sites::read(&site_tables, generated.users, fleet, times, build);
    let common = Common { defaults: fleet.table("defaults"), times, doze };
    let cohorts = cohorts::read(&cohort_tables, generated.users, &sites.outlines, &common, build);
    let exports = std::mem::take(&mut build.exports.users);
    let directory = directory_users::read(&directory_tables, exports, &sites, build);
    let mut imported = imported::read(&imports, directory, generated, &sites, &common, build);
    let mut roster = Roster {
        fleet: Fleet::new(FleetPlan::default(), chance),
        generated,
        users: named::user_names(&users, &imported, generated, build),
        user_ids: std::mem::take(&mut imported.user_ids),
        devices: Names::new("device"),
        cohorts: cohort_names,
        sites,
    };
    let own_users = NamedUsers::read(&users, &roster.sites, times, build);
    roster.devices.take_all(imported.devices.iter().map(|device| device.name.as_str()));
    let own_devices = named::devices(&devices, &imported, &own_users, &mut roster, times, doze, build);
    roster.name_cohorts(&cohort_tables, &imported, !devices.is_empty(), root.place, build);
    sites::check_mixes(&site_tables, &roster.cohorts, build);
    let mut named_devices = std::mem::take(&mut imported.devices);
    named_devices.extend(own_devices);
    let mut sites = cohorts::of_sites(&cohorts, &roster.sites.outlines, generated.users);
    let has_too_many = limit_strata(&sites, &named_devices, root.place, build);
    if has_too_many && sites.len() > 1 {
        // Comparing them all would make a scenario slow that is refused anyway.
        sites.truncate(1);
        sites[0].users = generated.users;
        cohorts::fall_back(&mut sites);
    }
    if build.out.has_errors() && named_devices.len() > STRATA_MAX {
        for device in &mut named_devices {
            device.model.labels.clear();
        }
    }
    let devices_per_user = size.map(|(_, weights)| weights).unwrap_or_default();
    if build.is_fleet_unknown {
        cohorts::fall_back(&mut sites);
    } else {
        let plan =
            FleetPlan { sites: sites.clone(), devices_per_user: devices_per_user.clone(), ..FleetPlan::default() };
        cohorts::fit(&mut sites, || plan.count_generated_devices(chance), fleet.place_of("cohort"), build);
    }
    let named_users = imported.users.into_iter().chain(own_users.users).collect();
    roster.fleet = Fleet::new(FleetPlan { sites, devices_per_user, named_users, named_devices }, chance);
    if u64::from(roster.fleet.devices()) > DEVICES_MAX {
        let message = format!("a fleet of {} devices", roster.fleet.devices());
        build.report(
            Diagnostic::new(Code::TooMuch, root.place, message).help("a fleet has at most 100,000,000 devices"),
        );
    }
    roster
}

/// The number of generated users and of devices of each, judged before they are built; `None` if the values for it were
/// reported.
fn size(
    fleet: View<'_>,
    cohorts: &[View<'_>],
    sites: &[View<'_>],
    named: bool,
    build: &mut Build,
) -> Option<(u32, Vec<(u32, Ratio)>)> {
    let is_refused = fleet.is_refused("users") || fleet.is_refused("devices_per_user");
    if is_refused
        || cohorts.iter().any(|cohort| cohort.is_refused("devices"))
        || sites.iter().any(|site| site.is_refused("users"))
    {
        return None;
    }
    let users = generated_users(fleet, cohorts, sites, named, build)?;
    let weights = devices_per_user(fleet, build);
    let anonymous = Site { users, ..Site::default() };
    let plan = FleetPlan { sites: vec![anonymous], devices_per_user: weights, ..FleetPlan::default() };
    let devices = plan.generated_devices();
    if devices > DEVICES_MAX {
        let place = fleet.place_of("devices_per_user");
        let found = Diagnostic::new(Code::TooMuch, place, format!("a fleet of {devices} devices"));
        build.report(found.help("a fleet has at most 100,000,000 devices"));
        return None;
    }
    Some((users, plan.devices_per_user))
}

fn generated_users(
    fleet: View<'_>,
    cohorts: &[View<'_>],
    sites: &[View<'_>],
    named: bool,
    build: &mut Build,
) -> Option<u32> {
    if let Some(users) = fleet.whole("users") {
        return u32::try_from(users.value).ok();
    }
    if let Some(users) = sites::counted_users(sites, build.has_exports()) {
        if users.value > DEVICES_MAX {
            let message = format!("sites of {} users in all", users.value);
            let found = Diagnostic::new(Code::TooMuch, users.place, message);
            build.report(found.help("a fleet has at most 100,000,000 devices"));
            return None;
        }
        return u32::try_from(users.value).ok();
    }
    let counts: Vec<u64> = cohorts.iter().filter_map(|cohort| cohort.whole("devices")).map(|spot| spot.value).collect();
    if !counts.is_empty() && counts.len() == cohorts.len() {
        // A user for each device: the counts determine the number of users.
        if fleet.has("devices_per_user") {
            let place = fleet.place_of("devices_per_user");
            let found = Diagnostic::new(Code::Conflict, place, "`devices_per_user` with counted cohorts needs `users`");
            build.report(
                found.help("add `users`, or leave `devices_per_user` out: each device then has a user of its own"),
            );
            return None;
        }
        let total: u64 = counts.iter().map(|count| (*count).min(DEVICES_MAX)).sum();
        if total > DEVICES_MAX {
            let place = cohorts[0].place;
            let found = Diagnostic::new(Code::TooMuch, place, format!("cohorts of {total} devices in all"));
            build.report(found.help("a fleet has at most 100,000,000 devices"));
            return None;
        }
        return u32::try_from(total).ok();
    }
    if named && sites.iter().all(|site| !site.has("share")) {
        if let Some(cohort) = cohorts.first() {
            let found = Diagnostic::new(Code::Nothing, cohort.place, "a cohort of no devices");
            build.report(
                found.help("with named users or devices no user is generated, unless `[fleet] users` gives a number"),
            );
        }
        return Some(0);
    }
    Some(USERS_BUILT_IN)
}

fn devices_per_user(fleet: View<'_>, build: &mut Build) -> Vec<(u32, Ratio)> {
    let one = vec![(1, Ratio::ALWAYS)];
    let mut weights: Vec<(u32, Ratio)> = Vec::new();
    if let Some(number) = fleet.whole("devices_per_user") {
        weights.push((u32::try_from(number.value).unwrap_or(1), Ratio::ALWAYS));
    } else if let Some(shares) = fleet.table("devices_per_user") {
        traits::check_shares("devices_per_user", shares, build);
        for (number, entry) in &shares.table.entries {
            let parsed = number
                .parse::<u64>()
                .ok()
                .filter(|parsed| *parsed <= DEVICES_PER_USER_MAX && parsed.to_string() == *number);
            match (parsed.and_then(|parsed| u32::try_from(parsed).ok()), view::ratio(&entry.node)) {
                (Some(number), Some(share)) => weights.push((number, share)),
                (Some(_), None) => {}
                (None, _) => {
                    let found = Diagnostic::new(Code::BadValue, entry.key_place, "not a number of devices");
                    build.report(found.help("write numbers from 0 to 100 as keys: { \"1\" = 0.6, \"2\" = 0.4 }"));
                }
            }
        }
    }
    weights.sort_unstable_by_key(|(number, _)| *number);
    if weights.iter().all(|(_, share)| *share == Ratio::NEVER) { one } else { weights }
}

/// Limits the strata: reports are divided by them, and building a fleet compares them. Returns whether there are too many.
fn limit_strata(sites: &[Site], devices: &[NamedDevice], place: SourceSpan, build: &mut Build) -> bool {
    let cohorts = sites.iter().flat_map(|site| &site.cohorts);
    let models = cohorts.map(|(_, model)| model).chain(devices.iter().map(|device| &device.model));
    let strata: BTreeSet<_> =
        models.map(|model| (&model.cohort, model.platform, &model.labels, &model.zone.offsets)).collect();
    let has_too_many = strata.len() > STRATA_MAX;
    if has_too_many {
        let message = format!("{} different combinations of cohort, platform, labels and local time", strata.len());
        let found = Diagnostic::new(Code::TooMuch, place, message);
        build
            .report(found.help(
                "reports are divided by them, so there may be at most 1,024: use fewer labels, sites or cohorts, or less of \
                 [[directory.users]] by its `device_labels`",
            ));
    }
    has_too_many
}
