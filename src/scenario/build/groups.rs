//! Groups and accounts: recipients and senders. Resolves names; must not judge a send.

use std::collections::BTreeSet;

use strum::VariantArray as _;

use crate::rules::base::chance::{Chance, Purpose};
use crate::rules::base::ids::{DeviceIx, GroupIx, Key, UserIx};
use crate::rules::model::group::{Group, Members};
use crate::rules::service::access::{Account, Permission, Role};

use super::builder::Build;
use super::fleet::Roster;
use super::names::Names;
use crate::scenario::diagnostics::diagnostic::{Code, Diagnostic, listed, nearest, shown};
use crate::scenario::diagnostics::limits::{MEMBERS_MAX, SAMPLED_MAX};
use crate::scenario::text::view::{Spot, View};

/// Users drawn between two checks of the stop flag: less than a millisecond of work.
const USERS_A_LOOK: u32 = 1 << 12;
/// The built-in group of every user; its index is 0.
pub(crate) const ALL_USERS: &str = "All users";
/// The built-in account with every permission; its index is 0.
pub(crate) const ADMINISTRATOR: &str = "administrator";

/// Reads groups, the built-in one first.
pub(crate) fn groups(
    tables: &[View<'_>],
    names: &Names,
    roster: &Roster,
    chance: &Chance,
    build: &mut Build,
) -> Vec<Group> {
    let mut members_left = MEMBERS_MAX;
    let mut groups =
        vec![Group { name: ALL_USERS.to_owned(), users: Members::All, groups: Vec::new(), devices: Vec::new() }];
    for table in tables {
        if build.is_stopped() {
            break;
        }
        let name = table.text("name").map_or("", |name| name.value);
        let users = members(*table, name, roster, chance, &mut members_left, build);
        let inner = table.names("groups").unwrap_or_default();
        let inner = inner.into_iter().filter_map(|group| names.find(group, &mut build.out)).map(GroupIx).collect();
        // R23: nothing is delivered to them; they are kept for display, and an unknown name is still a mistake.
        let devices = table.names("devices").unwrap_or_default();
        let devices: BTreeSet<DeviceIx> =
            devices.into_iter().filter_map(|device| roster.device(device, build)).collect();
        let devices = devices.into_iter().collect();
        groups.push(Group { name: name.to_owned(), users, groups: inner, devices });
    }
    groups
}

fn members(
    table: View<'_>,
    name: &str,
    roster: &Roster,
    chance: &Chance,
    members_left: &mut u64,
    build: &mut Build,
) -> Members {
    let users = roster.fleet.users();
    if table.text("users").is_some() {
        return Members::All;
    }
    if let Some(listed) = table.names("users") {
        let found: BTreeSet<UserIx> = listed.into_iter().filter_map(|user| roster.user(user, build)).collect();
        return Members::These(found.into_iter().collect());
    }
    let Some(some) = table.table("users") else { return Members::These(Vec::new()) };
    let range = some.count_of(&["from", "to"]) > 0;
    if some.count_of(&["share", "sample"]) + usize::from(range) != 1 {
        build.conflict(some.place, "members are given by exactly one of `share`, `sample`, or `from` and `to`");
        return Members::These(Vec::new());
    }
    let from = some.whole("from").map_or(0, |from| from.value);
    let to = some.whole("to").map_or(u64::from(users), |to| to.value);
    // A share is drawn for each user; the other cases take time proportional to their members.
    let looked_at = match some.whole("sample") {
        Some(wanted) => wanted.value,
        None if range => to.saturating_sub(from),
        None => u64::from(users),
    };
    let Some(left) = members_left.checked_sub(looked_at.min(u64::from(users))) else {
        let found = Diagnostic::new(Code::TooMuch, some.place, "too many groups drawn from too many users");
        build.report(found.help("groups may look at 200,000,000 users in all: use fewer groups, or \"all\""));
        return Members::These(Vec::new());
    };
    *members_left = left;
    if let Some(share) = some.ratio("share") {
        let key = Key::of("group share", name);
        let hit = |user: &UserIx| share.value.hits(chance.draw(Purpose::Plan, roster.fleet.user_key(*user), key));
        let goes_on = |user: &UserIx| !(user.0.is_multiple_of(USERS_A_LOOK) && build.is_stopped());
        return Members::These((0..users).map(UserIx).take_while(goes_on).filter(hit).collect());
    }
    if let Some(wanted) = some.whole("sample") {
        let picked = sample(wanted, users, "users", Key::of("group sample", name), chance, build);
        return Members::These(picked.into_iter().map(UserIx).collect());
    }
    if from > to || to > u64::from(users) {
        if build.is_fleet_unknown {
            return Members::These(Vec::new());
        }
        let message = format!("there are {users} users, counted from 0: this range does not lie among them");
        build.report(Diagnostic::new(Code::BadValue, some.place, message));
        return Members::These(Vec::new());
    }
    let small = |number: u64| u32::try_from(number).unwrap_or(users);
    Members::These((small(from)..small(to)).map(UserIx).collect())
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
