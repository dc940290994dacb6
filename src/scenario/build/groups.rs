//! Groups and accounts: recipients and senders. Resolves names; must not judge a send.

use std::collections::{BTreeMap, BTreeSet};

use roaring::RoaringBitmap;
use strum::VariantArray as _;

use crate::rules::base::chance::{Chance, Purpose};
use crate::rules::base::ids::{DeviceIx, GroupIx, Key, UserIx};
use crate::rules::model::group::{Group, Members};
use crate::rules::population::site::SITE_LABEL;
use crate::rules::service::access::{Account, Permission, Role};

use super::builder::Build;
use super::fleet::Roster;
use super::imported_groups::ImportedGroups;
use super::names::Names;
use super::traits;
use crate::scenario::diagnostics::diagnostic::{Code, Diagnostic, listed, nearest, shown};
use crate::scenario::diagnostics::limits::{MEMBERS_MAX, SAMPLED_MAX};
use crate::scenario::text::view::{Spot, View};

/// Users drawn between two checks of the stop flag: less than a millisecond of work.
const USERS_A_LOOK: u32 = 1 << 12;
/// The built-in group of every user; its index is 0.
pub(crate) const ALL_USERS: &str = "All users";
/// The built-in account with every permission; its index is 0.
pub(crate) const ADMINISTRATOR: &str = "administrator";

/// The names of groups that no table declares: "All users", and one a site.
pub(crate) fn built_in(roster: &Roster) -> Vec<&str> {
    let sites = roster.sites.outlines.iter().map(|site| site.name.as_str());
    std::iter::once(ALL_USERS).chain(sites).collect()
}

/// Reads groups: those of tables after the built-in ones, then imported ones.
pub(crate) fn groups(
    tables: &[View<'_>],
    names: &Names,
    imported: &ImportedGroups,
    (roster, chance): (&Roster, &Chance),
    build: &mut Build,
) -> Vec<Group> {
    let exports = std::mem::take(&mut build.exports.members);
    let mut drawing = Drawing { roster, chance, members_left: MEMBERS_MAX };
    let plain = |name: &str, users| Group { name: name.to_owned(), users, groups: Vec::new(), devices: Vec::new() };
    let mut groups = vec![plain(ALL_USERS, Members::All)];
    for site in &roster.sites.outlines {
        let users = roster.fleet.users_with(|labels| labels.get(SITE_LABEL) == Some(&site.name));
        if let Some(place) = site.without_size.filter(|_| users.is_empty() && !build.out.has_errors()) {
            let found = Diagnostic::new(Code::Nothing, place, "a site of no users");
            build.report(found.help("list their office locations in `offices`, or give it `users` or a `share`"));
        }
        groups.push(plain(&site.name, Members::These(users)));
    }
    for (at, table) in tables.iter().enumerate() {
        if build.is_stopped() {
            break;
        }
        let name = table.text("name").map_or("", |name| name.value);
        let inner = table.names("groups").unwrap_or_default();
        let mut inner: Vec<GroupIx> =
            inner.into_iter().filter_map(|group| names.find(group, &mut build.out)).map(GroupIx).collect();
        let users = match exports.get(&at) {
            Some(export) => {
                if table.has("users") {
                    build.conflict(table.place_of("users"), "the members of a group are given by `users` or an export");
                }
                let (users, nested) = imported.of_group(export, roster, build);
                inner.extend(nested);
                Members::These(users)
            }
            None => drawing.members(*table, name, build),
        };
        // R23: nothing is delivered to them; they are kept for display, and an unknown name is still a mistake.
        let devices = table.names("devices").unwrap_or_default();
        let devices: BTreeSet<DeviceIx> =
            devices.into_iter().filter_map(|device| roster.device(device, build)).collect();
        let devices = devices.into_iter().collect();
        groups.push(Group { name: name.to_owned(), users, groups: inner, devices });
    }
    groups.extend(imported.groups(roster, build));
    groups
}

/// The state shared by all groups that are drawn.
struct Drawing<'a> {
    roster: &'a Roster,
    chance: &'a Chance,
    /// Users that the groups may still look at.
    members_left: u64,
}

impl Drawing<'_> {
    fn members(&mut self, table: View<'_>, name: &str, build: &mut Build) -> Members {
        if table.text("users").is_some() {
            return Members::All;
        }
        if let Some(listed) = table.names("users") {
            let found = listed.into_iter().filter_map(|user| self.roster.user(user, build)).map(|user| user.0);
            return Members::These(found.collect());
        }
        let users = table.table("users").and_then(|some| self.some(some, name, build));
        Members::These(users.unwrap_or_default())
    }

    /// The users that all filters let pass, and of these a share, a range or a sample; `None` if that is not possible,
    /// which was reported.
    fn some(&mut self, some: View<'_>, name: &str, build: &mut Build) -> Option<RoaringBitmap> {
        let users = self.roster.fleet.users();
        let is_range = some.count_of(&["from", "to"]) > 0;
        let ways = some.count_of(&["share", "sample"]) + usize::from(is_range);
        let is_filtered = some.count_of(&["site", "labels", "cohort"]) > 0;
        if ways > 1 || ways == 0 && !is_filtered {
            let message = "members are given by exactly one of `share`, `sample`, or `from` and `to`";
            let found = Diagnostic::new(Code::Conflict, some.place, message);
            build.report(found.help("filters, `site`, `labels` and `cohort`, may stand alone or beside one of them"));
            return None;
        }
        let (from, to) = (some.whole("from"), some.whole("to"));
        let (from, to) = (from.map_or(0, |from| from.value), to.map_or(u64::from(users), |to| to.value));
        // A share is drawn for each user; the other cases take time proportional to their members.
        let looked_at = match some.whole("sample") {
            Some(wanted) => wanted.value,
            None if is_range => to.saturating_sub(from),
            None => u64::from(users),
        };
        self.look_at(looked_at.min(u64::from(users)), some, build)?;
        let among = if is_filtered { Some(self.filtered(some, build)?) } else { None };
        let passes = |user: u32| among.as_ref().is_none_or(|among| among.contains(user));
        if let Some(share) = some.ratio("share") {
            let key = Key::of("group share", name);
            let draw = |user: u32| self.chance.draw(Purpose::Plan, self.roster.fleet.user_key(UserIx(user)), key);
            let goes_on = |user: &u32| !(user.is_multiple_of(USERS_A_LOOK) && build.is_stopped());
            let hit = |user: &u32| passes(*user) && share.value.hits(draw(*user));
            return Some((0..users).take_while(goes_on).filter(hit).collect());
        }
        if let Some(wanted) = some.whole("sample") {
            let key = Key::of("group sample", name);
            let Some(among) = among else {
                return Some(sample(wanted, users, "users", key, self.chance, build).into_iter().collect());
            };
            let number = u32::try_from(among.len()).expect("users have 32-bit indices");
            let picked = sample(wanted, number, "users that the filters let pass", key, self.chance, build);
            return Some(picked.into_iter().filter_map(|nth| among.select(nth)).collect());
        }
        if !is_range {
            return among;
        }
        if from > to || to > u64::from(users) {
            if !build.is_fleet_unknown {
                let message = format!("there are {users} users, counted from 0: this range does not lie among them");
                build.report(Diagnostic::new(Code::BadValue, some.place, message));
            }
            return None;
        }
        let small = |number: u64| u32::try_from(number).unwrap_or(users);
        let mut range = RoaringBitmap::new();
        range.insert_range(small(from)..small(to));
        Some(match among {
            Some(among) => range & among,
            None => range,
        })
    }

    /// Takes users from what the groups may look at; `None` if too few are left, which is reported.
    fn look_at(&mut self, users: u64, some: View<'_>, build: &mut Build) -> Option<()> {
        let Some(left) = self.members_left.checked_sub(users) else {
            let found = Diagnostic::new(Code::TooMuch, some.place, "too many groups drawn from too many users");
            build.report(found.help("groups may look at 200,000,000 users in all: use fewer groups, or \"all\""));
            return None;
        };
        self.members_left = left;
        Some(())
    }

    /// The users that every filter lets pass; one that lets none pass is reported.
    fn filtered(&mut self, some: View<'_>, build: &mut Build) -> Option<RoaringBitmap> {
        let fleet = &self.roster.fleet;
        let errors = build.out.errors();
        let sites: Vec<String> =
            self.roster.sites.addressed(some, "site", build).into_iter().map(|site| site.name.clone()).collect();
        let labels = traits::labels(some, "labels");
        let is_there = |of: &BTreeMap<String, String>| {
            let is_at = |site: &String| of.get(SITE_LABEL) == Some(site);
            (!some.has("site") || sites.iter().any(is_at))
                && labels.iter().all(|(label, value)| of.get(label) == Some(value))
        };
        let mut found = fleet.users_with(is_there);
        if some.has("cohort") {
            let named = some.text("cohort").into_iter().chain(some.names("cohort").unwrap_or_default());
            let cohorts: BTreeSet<&str> = named
                .filter(|cohort| self.roster.cohorts.find(*cohort, &mut build.out).is_some())
                .map(|cohort| cohort.value)
                .collect();
            self.look_at(u64::from(fleet.devices()), some, build)?;
            let goes_on = |device: &u32| !(device.is_multiple_of(USERS_A_LOOK) && build.is_stopped());
            let has = |device: &DeviceIx| cohorts.contains(fleet.model(fleet.model_of(*device)).cohort.as_str());
            let devices = (0..fleet.devices()).take_while(goes_on).map(DeviceIx).filter(has);
            found &= devices.filter_map(|device| fleet.user_of(device)).map(|user| user.0).collect::<RoaringBitmap>();
        }
        let is_told = build.out.errors() > errors || build.is_fleet_unknown || build.is_stopped();
        if found.is_empty() && !is_told {
            let found = Diagnostic::new(Code::Nothing, some.place, "no user passes all these filters");
            build
                .report(found.help("labels of users come from `[[fleet.site]]`, `[[user]]`, `[[directory.users]]` and imports with a `site`"));
        }
        Some(found)
    }
}

/// `wanted` of `0..among`, ascending, drawn by their own key; too large a sample is reported.
pub(crate) fn sample(
    wanted: Spot<u64>,
    among: u32,
    noun: &str,
    key: Key,
    chance: &Chance,
    build: &mut Build,
) -> Vec<u32> {
    if wanted.value > u64::from(among) {
        if !build.is_fleet_unknown {
            let message = format!("a sample of {} among {among} {noun}", wanted.value);
            build.report(Diagnostic::new(Code::TooMuch, wanted.place, message));
        }
        return Vec::new();
    }
    if wanted.value == u64::from(among) {
        return (0..among).collect();
    }
    build.sampled = build.sampled.saturating_add(wanted.value);
    if build.sampled > SAMPLED_MAX {
        let found = Diagnostic::new(Code::TooMuch, wanted.place, "samples of more than 10,000,000 in one scenario");
        build.report(found.help("take smaller samples; a group can have a `share` of all users instead"));
        return Vec::new();
    }
    let amount = usize::try_from(wanted.value).expect("a sample is no larger than the fleet");
    let mut stream = chance.stream(Purpose::Plan, key);
    let picked = rand::seq::index::sample(&mut stream, among as usize, amount);
    let mut picked: Vec<u32> = picked.into_iter().map(super::names::small).collect();
    picked.sort_unstable();
    picked
}

/// As many of `0..among` as a key's `"all"` or sample has, ascending; more than `limit` are reported.
pub(crate) fn some_of(
    table: View<'_>,
    key: &str,
    among: (u32, &str),
    limit: usize,
    sampling: (Key, &Chance),
    build: &mut Build,
) -> Option<Vec<u32>> {
    let (all, noun) = among;
    let sampled = table.table(key).and_then(|some| some.whole("sample"));
    let wanted = match sampled {
        Some(wanted) => wanted,
        None => Spot { value: table.text(key).map(|_| u64::from(all))?, place: table.place_of(key) },
    };
    if usize::try_from(wanted.value).map_or(true, |wanted| wanted > limit) {
        let message =
            format!("{} {noun} at once: no more than {limit} are left of what one scenario may name", wanted.value);
        build.report(Diagnostic::new(Code::TooMuch, wanted.place, message));
        return Some(Vec::new());
    }
    if sampled.is_none() {
        return Some((0..all).collect());
    }
    Some(sample(wanted, all, noun, sampling.0, sampling.1, build))
}

/// The devices of a key: `"all"`, names or a sample.
pub(crate) fn devices(
    table: View<'_>,
    key: &str,
    roster: &Roster,
    limit: usize,
    sampling: (Key, &Chance),
    build: &mut Build,
) -> Option<Vec<DeviceIx>> {
    let among = (roster.fleet.devices(), "devices");
    if let Some(listed) = table.names(key) {
        return Some(listed.into_iter().filter_map(|device| roster.device(device, build)).collect());
    }
    Some(some_of(table, key, among, limit, sampling, build)?.into_iter().map(DeviceIx).collect())
}

/// Reads accounts, the built-in one first.
pub(crate) fn accounts(tables: &[View<'_>], groups: &Names, build: &mut Build) -> Vec<Account> {
    let mut accounts = vec![Account {
        name: ADMINISTRATOR.to_owned(),
        permissions: Role::TenantAdministrator.permissions().iter().copied().collect(),
        scope_groups: None,
    }];
    for table in tables {
        let role: Option<Role> = table.text("role").and_then(|word| word.value.parse().ok());
        let mut permissions: BTreeSet<Permission> =
            role.map_or(&[] as &[_], |role| role.permissions()).iter().copied().collect();
        for word in table.names("permissions").unwrap_or_default() {
            match word.value.parse() {
                Ok(permission) => drop(permissions.insert(permission)),
                Err(strum::ParseError::VariantNotFound) => unknown_permission(word, build),
            }
        }
        let scope = table.names("scope_groups");
        if scope.as_ref().is_some_and(Vec::is_empty) {
            let found =
                Diagnostic::new(Code::BadValue, table.place_of("scope_groups"), "an empty list of scope groups");
            build.report(found.help("leave it out for an account that may send to every group"));
        }
        let scope_groups = scope.map(|scope| {
            scope.into_iter().filter_map(|group| groups.find(group, &mut build.out)).map(GroupIx).collect()
        });
        let name = table.text("name").map_or("", |name| name.value).to_owned();
        accounts.push(Account { name, permissions, scope_groups });
    }
    accounts
}

fn unknown_permission(word: Spot<&str>, build: &mut Build) {
    let words = || Permission::VARIANTS.iter().copied().map(Permission::name);
    let found =
        Diagnostic::new(Code::UnknownWord, word.place, format!("no permission is called `{}`", shown(word.value)));
    let near = nearest(word.value, words());
    let help = near.map_or_else(|| format!("there are {}", listed(words())), |near| format!("did you mean `{near}`?"));
    build.report(found.help(help));
}
