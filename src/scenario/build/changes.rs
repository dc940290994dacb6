//! Changes: what happens when to which user or device. Must not apply the directory's lag.

use crate::rules::base::ids::{GroupIx, Key, UserIx};
use crate::rules::base::time::SimTime;
use crate::rules::model::change::{Change, ChangeKind, Subject};

use super::builder::Build;
use super::groups;
use super::schedule::{self, Owner};
use super::sends::SendRefs;
use crate::scenario::diagnostics::diagnostic::{Code, Diagnostic};
use crate::scenario::diagnostics::limits::CHANGE_STEPS_MAX;
use crate::scenario::text::view::View;

/// Reads every change.
pub(crate) fn changes(tables: &[View<'_>], around: &SendRefs<'_>, build: &mut Build) -> Vec<Change> {
    let mut steps_left = CHANGE_STEPS_MAX;
    let mut changes = Vec::with_capacity(tables.len());
    for table in tables {
        if build.is_stopped() {
            break;
        }
        changes.extend(change(*table, around, &mut steps_left, build));
    }
    changes
}

fn change(table: View<'_>, around: &SendRefs<'_>, steps_left: &mut usize, build: &mut Build) -> Option<Change> {
    let name = table.text("name").map_or("", |name| name.value);
    let kind = kind(table, around, build);
    let subjects = subjects(table, name, around, *steps_left, build);
    if subjects.len() > *steps_left {
        let found =
            Diagnostic::new(Code::TooMuch, table.place, "more than 10,000,000 steps of changes in one scenario");
        build.report(found.help("change fewer users or devices"));
        return None;
    }
    *steps_left -= subjects.len();
    let key = Key::of("change arrivals", name);
    let (wanted, remedy) = (Some(subjects.len()), schedule::FEWER);
    let owner = Owner { key, wanted, limit: CHANGE_STEPS_MAX, remedy, chance: around.chance };
    let times = schedule::times(table, &owner, around.times, build);
    let steps: Vec<(SimTime, Subject)> = times.into_iter().zip(subjects).collect();
    Some(Change { name: name.to_owned(), key: Key::of("change", name), kind: kind?, steps })
}

fn kind(table: View<'_>, around: &SendRefs<'_>, build: &mut Build) -> Option<ChangeKind> {
    let kind = table.text("kind")?;
    let group = table.text("group");
    let membership = matches!(kind.value, "join" | "leave");
    match (membership, group) {
        (true, None) if !table.has("group") => {
            let message = format!("which group? `{}` needs `group`", kind.value);
            build.report(Diagnostic::new(Code::MissingKey, kind.place, message));
        }
        (false, Some(group)) => build.conflict(group.place, "`group` goes with `join` and `leave` only"),
        _ => {}
    }
    let group = group.filter(|_| membership).and_then(|group| around.groups.find(group, &mut build.out)).map(GroupIx);
    if let (Some(GroupIx(0)), Some(name)) = (group, table.text("group")) {
        let found =
            Diagnostic::new(Code::Conflict, name.place, "no user can join or leave the built-in group of all users");
        build.report(found.help("name a [[group]] of your own"));
    }
    Some(match kind.value {
        "join" => ChangeKind::Join(group?),
        "leave" => ChangeKind::Leave(group?),
        "enroll" => ChangeKind::Enroll,
        "unenroll" => ChangeKind::Unenroll,
        "install_app" => ChangeKind::InstallApp,
        "remove_app" => ChangeKind::RemoveApp,
        "update_app" => ChangeKind::UpdateApp,
        "open_app" => ChangeKind::OpenApp,
        "grant_permission" => ChangeKind::GrantPermission,
        "revoke_permission" => ChangeKind::RevokePermission,
        _ => return None,
    })
}

/// The subjects of a change, in the order listed: users, then devices.
fn subjects(table: View<'_>, name: &str, around: &SendRefs<'_>, limit: usize, build: &mut Build) -> Vec<Subject> {
    let membership = table.text("kind").is_some_and(|kind| matches!(kind.value, "join" | "leave"));
    if membership && table.has("devices") {
        build.conflict(table.place_of("devices"), "devices join and leave no group: name users");
    }
    if !table.has("users") && (membership || !table.has("devices")) {
        let message =
            if membership { "a change of membership needs `users`" } else { "a change needs `users` or `devices`" };
        build.report(Diagnostic::new(Code::MissingKey, table.place, message));
        return Vec::new();
    }
    let errors = build.out.errors();
    let mut subjects: Vec<Subject> = users(table, name, around, limit, build).into_iter().map(Subject::User).collect();
    let key = Key::of("change sample of devices", name);
    let devices = groups::devices(table, "devices", around.roster, limit, (key, around.chance), build);
    subjects.extend(devices.unwrap_or_default().into_iter().map(Subject::Device));
    let is_refused = table.is_refused("users") || table.is_refused("devices");
    let is_told = build.is_fleet_unknown || is_refused || build.out.errors() > errors;
    if subjects.is_empty() && !is_told {
        build.report(Diagnostic::new(Code::BadValue, table.place, "a change without users and devices"));
    }
    subjects
}

fn users(table: View<'_>, name: &str, around: &SendRefs<'_>, limit: usize, build: &mut Build) -> Vec<UserIx> {
    if let Some(listed) = table.names("users") {
        return listed.into_iter().filter_map(|user| around.roster.user(user, build)).collect();
    }
    let among = (around.roster.fleet.users(), "users");
    let key = Key::of("change sample", name);
    let picked = groups::some_of(table, "users", among, limit, (key, around.chance), build);
    picked.unwrap_or_default().into_iter().map(UserIx).collect()
}
