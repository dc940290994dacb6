//! The fleet of a scenario: generated users, cohorts, imports, named users and devices, checked so that `rules` can
//! build it.

use std::collections::{BTreeMap, BTreeSet};

use crate::rules::base::chance::{Chance, Ratio};
use crate::rules::base::ids::{DeviceIx, UserIx};
use crate::rules::base::limits::DEVICES_MAX;
use crate::rules::base::platform::Platform;
use crate::rules::model::world::World;
use crate::rules::population::cohort::CohortSize;
use crate::rules::population::fleet::{Fleet, FleetPlan, NamedDevice};
use crate::rules::population::traits::{Doze, Model};

use super::builder::Build;
use super::imported::{self, IMPORTED};
use super::named::{self, Generated};
use super::names::{Names, small};
use super::traits;
use super::zone::Times;
use crate::scenario::diagnostics::diagnostic::{Code, Diagnostic};
use crate::scenario::diagnostics::limits::{COHORTS_MAX, DEVICES_PER_USER_MAX, STRATA_MAX};
use crate::scenario::diagnostics::source::SourceSpan;
use crate::scenario::grammar::fleet_keys::COHORT;
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
    pub(crate) devices: Names,
    /// Names of cohorts, `named` among them where there are named devices.
    pub(crate) cohorts: Names,
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
        Self { fleet, generated, users: Names::new("user"), devices, cohorts }
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
}

/// Whether the name may be a generated one, as long as the number of generated ones is unknown.
fn may_be_generated(name: &str, build: &Build) -> bool {
    build.is_fleet_unknown && name.starts_with("user-")
}

/// Reads the whole fleet. A faulty one is reported and replaced by a valid one, so that the rest can be checked too.
pub(crate) fn read(root: View<'_>, times: &Times, doze: Option<Doze>, chance: &Chance, build: &mut Build) -> Roster {
    let fleet = root.table("fleet");
    let (users, devices) = (root.tables("user"), root.tables("device"));
    let cohort_tables = fleet.map(|fleet| fleet.tables("cohort")).unwrap_or_default();
    let imports = fleet.map(|fleet| fleet.tables("import")).unwrap_or_default();
    let cohort_names = Names::of("cohort", &cohort_tables, &[], &mut build.out);
    let named = !users.is_empty() || !devices.is_empty() || !imports.is_empty();
    let size = size(fleet, &cohort_tables, named, build);
    build.is_fleet_unknown = size.is_none();
    let generated = size.as_ref().map_or(USERS_BUILT_IN, |plan| plan.users);
    let cohorts = cohorts(&cohort_tables, generated, times, doze, build);
    let generated = Generated { users: generated };
    let mut imported = imported::read(&imports, generated, times, doze, build);
    let user_names = named::users(&users, &imported, generated, build);
    let mut roster = Roster {
        fleet: Fleet::new(FleetPlan::default(), chance),
        generated,
        users: user_names,
        devices: Names::new("device"),
        cohorts: cohort_names,
    };
    roster.devices.take_all(imported.devices.iter().map(|device| device.name.as_str()));
    let own_devices = named::devices(&devices, &imported, &mut roster, times, doze, build);
    for (name, place) in &imported.cohorts {
        if name != IMPORTED || roster.cohorts.get(IMPORTED).is_none() {
            roster.cohorts.add(Spot { value: name, place: *place }, small(cohort_tables.len()), &mut build.out);
        }
    }
    if !devices.is_empty() && roster.cohorts.get("named").is_none() {
        let place = root.place;
        roster.cohorts.add(Spot { value: "named", place }, small(cohort_tables.len()), &mut build.out);
    }
    if generated.users > 0 && cohort_tables.is_empty() {
        for (at, name) in ["ios", "android"].into_iter().enumerate() {
            roster.cohorts.add(Spot { value: name, place: root.place }, small(at), &mut build.out);
        }
    }
    let mut named_devices = std::mem::take(&mut imported.devices);
    named_devices.extend(own_devices);
    limit_strata(&cohorts, &named_devices, root.place, build);
    if build.out.has_errors() && named_devices.len() > STRATA_MAX {
        for device in &mut named_devices {
            device.model.labels.clear();
        }
    }
    let own_users = users.iter().map(|user| user.text("name").map_or("", |name| name.value).to_owned());
    let mut plan = FleetPlan {
        cohorts,
        named_users: imported.users.into_iter().chain(own_users).collect(),
        named_devices,
        ..size.unwrap_or_else(|| FleetPlan { users: USERS_BUILT_IN, ..FleetPlan::default() })
    };
    let place = fleet.map_or(root.place, |fleet| fleet.place_of("cohort"));
    if build.is_fleet_unknown {
        fall_back(&mut plan);
    } else {
        fit_cohorts(&mut plan, chance, place, build);
    }
    roster.fleet = Fleet::new(plan, chance);
    if u64::from(roster.fleet.devices()) > DEVICES_MAX {
        let message = format!("a fleet of {} devices", roster.fleet.devices());
        build.report(Diagnostic::new(Code::TooMuch, place, message).help("a fleet has at most 100,000,000 devices"));
    }
    roster
}

/// The number of generated users and of devices of each, judged before they are built; `None` if the values for it were
/// reported.
fn size(fleet: Option<View<'_>>, cohorts: &[View<'_>], named: bool, build: &mut Build) -> Option<FleetPlan> {
    let refused = |key: &str| fleet.is_some_and(|fleet| fleet.is_refused(key));
    let is_refused = refused("users") || refused("devices_per_user");
    if is_refused || cohorts.iter().any(|cohort| cohort.is_refused("devices")) {
        return None;
    }
    let users = generated_users(fleet, cohorts, named, build)?;
    let plan = FleetPlan { users, devices_per_user: devices_per_user(fleet, build), ..FleetPlan::default() };
    let devices = plan.generated_devices();
    if devices > DEVICES_MAX {
        let place = fleet.map_or(SourceSpan::default(), |fleet| fleet.place_of("devices_per_user"));
        let found = Diagnostic::new(Code::TooMuch, place, format!("a fleet of {devices} devices"));
        build.report(found.help("a fleet has at most 100,000,000 devices"));
        return None;
    }
    Some(plan)
}

fn generated_users(fleet: Option<View<'_>>, cohorts: &[View<'_>], named: bool, build: &mut Build) -> Option<u32> {
    if let Some(users) = fleet.and_then(|fleet| fleet.whole("users")) {
        return u32::try_from(users.value).ok();
    }
    let counts: Vec<u64> = cohorts.iter().filter_map(|cohort| cohort.whole("devices")).map(|spot| spot.value).collect();
    if !counts.is_empty() && counts.len() == cohorts.len() {
        // A user for each device: the counts determine the number of users.
        if let Some(per_user) = fleet.filter(|fleet| fleet.has("devices_per_user")) {
            let place = per_user.place_of("devices_per_user");
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
    if named {
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

fn devices_per_user(fleet: Option<View<'_>>, build: &mut Build) -> Vec<(u32, Ratio)> {
    let one = vec![(1, Ratio::ALWAYS)];
    let Some(fleet) = fleet.filter(|fleet| fleet.has("devices_per_user")) else { return one };
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

fn cohorts(
    tables: &[View<'_>],
    generated: u32,
    times: &Times,
    doze: Option<Doze>,
    build: &mut Build,
) -> Vec<(CohortSize, Model)> {
    let dozes = |mut model: Model| {
        if model.platform == Platform::Android {
            model.doze = doze.unwrap_or(model.doze);
        }
        model
    };
    if tables.is_empty() && generated == 0 {
        return Vec::new();
    }
    if tables.is_empty() {
        build.assume("cohort", None, &COHORT);
        build.assumptions.insert("fleet.cohort".to_owned(), "half ios, half android".to_owned());
        return [("ios", Platform::Ios), ("android", Platform::Android)]
            .map(|(name, platform)| {
                let model = traits::cohort_default(name, platform, times.zone.clone(), build);
                (CohortSize::Share(Ratio::percent(50)), dozes(model))
            })
            .into();
    }
    if let Some(one_more) = tables.get(COHORTS_MAX) {
        let found = Diagnostic::new(Code::TooMuch, one_more.place, format!("{} cohorts", tables.len()));
        build.report(found.help("a fleet has at most 256 cohorts; labels divide them further"));
    }
    let mut made = Vec::new();
    let mut shares = Vec::new();
    for table in tables.iter().take(COHORTS_MAX) {
        let size = match table.count_of(&["share", "devices"]) {
            1 => match (table.ratio("share"), table.whole("devices")) {
                (Some(share), _) => {
                    shares.push(share.value);
                    CohortSize::Share(share.value)
                }
                (_, Some(count)) => CohortSize::Devices(u32::try_from(count.value).unwrap_or(0)),
                _ => CohortSize::Share(Ratio::ALWAYS),
            },
            both_or_none => {
                let message = if both_or_none == 0 {
                    "a cohort needs `share` or `devices`"
                } else {
                    "a cohort has either `share` or `devices`"
                };
                build.conflict(table.place, message);
                CohortSize::Share(Ratio::ALWAYS)
            }
        };
        let platform = table.text("platform").and_then(|word| traits::platform(word.value)).unwrap_or(Platform::Ios);
        let name = table.text("name").map_or("", |name| name.value);
        let zone = times.zone_of(*table, &mut build.out);
        let mut model = traits::cohort_default(name, platform, zone, build);
        traits::apply(&mut model, *table, build);
        if generated > 0 {
            build.assume("cohort", Some(*table), &COHORT);
        }
        made.push((size, dozes(model)));
    }
    if !shares.is_empty() && !tables.iter().any(|table| table.is_refused("share")) {
        traits::check_total("cohort", shares.iter().map(|share| u64::from(share.billionths())).sum(), tables[0], build);
    }
    made
}

/// Limits the strata: reports are divided by them, and building a fleet compares them.
fn limit_strata(cohorts: &[(CohortSize, Model)], devices: &[NamedDevice], place: SourceSpan, build: &mut Build) {
    let models = cohorts.iter().map(|(_, model)| model).chain(devices.iter().map(|device| &device.model));
    let strata: BTreeSet<(&str, Platform, &BTreeMap<String, String>)> =
        models.map(|model| (model.cohort.as_str(), model.platform, &model.labels)).collect();
    if strata.len() > STRATA_MAX {
        let message = format!("{} different combinations of cohort, platform and labels", strata.len());
        let found = Diagnostic::new(Code::TooMuch, place, message);
        build.report(found.help("reports are divided by them, so there may be at most 1,024: use fewer labels"));
    }
}

/// Gives every cohort an equal share if the counts cannot be used, so that the fleet can be built.
fn fall_back(plan: &mut FleetPlan) {
    plan.cohorts.iter_mut().for_each(|(size, _)| *size = CohortSize::Share(Ratio::ALWAYS));
    // Strata and models beyond the limits would make building slow for a scenario that is refused anyway.
    plan.cohorts.truncate(COHORTS_MAX);
}

/// Checks that the counts of cohorts fit the generated devices; if not, reports it and falls back to shares.
fn fit_cohorts(plan: &mut FleetPlan, chance: &Chance, place: SourceSpan, build: &mut Build) {
    let count = |size: &CohortSize| if let CohortSize::Devices(count) = size { u64::from(*count) } else { 0 };
    let counted: u64 = plan.cohorts.iter().map(|(size, _)| count(size)).sum();
    let shared = plan.cohorts.iter().any(|(size, _)| matches!(size, CohortSize::Share(share) if *share > Ratio::NEVER));
    if counted == 0 && shared {
        return;
    }
    let generated = plan.count_generated_devices(chance);
    if counted > generated {
        let message = format!("the cohorts claim {counted} devices, but only {generated} are generated");
        build.report(Diagnostic::new(Code::TooMuch, place, message).help("raise `[fleet] users`, or lower the counts"));
        fall_back(plan);
    } else if counted < generated && !shared {
        let message = format!("{generated} devices are generated, but the cohorts claim only {counted}");
        build.report(Diagnostic::new(Code::Conflict, place, message).help("give one cohort a `share` of the rest"));
        fall_back(plan);
    }
}
