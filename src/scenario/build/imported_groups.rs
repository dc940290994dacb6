//! Imported groups: names, and members by user principal name or id. Must not create a user.

use std::collections::BTreeMap;

use roaring::RoaringBitmap;

use crate::rules::base::ids::GroupIx;
use crate::rules::model::group::{Group, Members};

use super::builder::Build;
use super::directory_users::Count;
use super::fleet::Roster;
use super::names::{Names, small};
use crate::scenario::diagnostics::diagnostic::{Code, Diagnostic};
use crate::scenario::import::groups::{EXPANDED_MAX, ExportGroup, ExportMember, MemberExport, MemberKind};
use crate::scenario::text::view::{Spot, View};

/// The groups of all exports of groups, each with its name in the scenario.
#[derive(Debug, Default)]
pub(crate) struct ImportedGroups {
    groups: Vec<(String, ExportGroup)>,
    by_id: BTreeMap<String, GroupIx>,
}

/// Names the groups of all exports, after those of the scenario. A name that is taken, or that two groups have, gets the
/// group's id: directories allow it twice.
pub(crate) fn name(tables: &[View<'_>], names: &mut Names, first: usize, build: &mut Build) -> ImportedGroups {
    let mut named = ImportedGroups::default();
    let exports = std::mem::take(&mut build.exports.groups);
    let mut uses: BTreeMap<String, usize> = BTreeMap::new();
    for group in exports.iter().flat_map(|export| &export.groups) {
        *uses.entry(group.name.clone()).or_default() += 1;
    }
    for (table, export) in tables.iter().zip(exports) {
        if let Some(place) = export.more {
            let found = Diagnostic::new(Code::Gap, place, "the export is one page of several");
            build.report(found.help("follow `@odata.nextLink`, and save the groups of all pages in one file"));
        }
        if export.groups.is_empty() && !build.out.has_errors() {
            let found = Diagnostic::new(Code::Nothing, table.place, "an export of no groups");
            build.report(found.help("save the groups of all pages, or leave the import out"));
        }
        let groups = export.groups.len();
        let (mut taken, mut cut, mut unlisted) = (Count::default(), Count::default(), Count::default());
        for group in export.groups {
            let is_taken = names.get(&group.name).is_some() || uses[&group.name] > 1;
            let name = match group.id.as_ref().filter(|_| is_taken) {
                Some(id) => {
                    taken.add(group.place);
                    format!("{} ({id})", group.name)
                }
                None => group.name.clone(),
            };
            if group.is_cut {
                cut.add(group.place);
            }
            if group.members.is_none() {
                unlisted.add(group.place);
            }
            let at = small(first + named.groups.len());
            names.add(Spot { value: &name, place: group.place }, at, &mut build.out);
            named.by_id.extend(group.id.clone().map(|id| (id, GroupIx(at))));
            named.groups.push((name, group));
        }
        let message = |count| format!("{count} of {groups} groups have a name that is taken");
        taken.warn(message, "each is called `NAME (ID)` here", build);
        let message = |count| {
            format!("{count} of {groups} groups may have more members: with `$expand` Graph answers {EXPANDED_MAX}")
        };
        let help = "save GET groups/{id}/members of each, all pages, and name that file in `[[group]] file = …`";
        cut.warn(message, help, build);
        let message = |count| format!("{count} of {groups} groups come without a list of members");
        unlisted.warn(message, "they are empty; save the answer to GET groups?$expand=members", build);
    }
    named
}

impl ImportedGroups {
    /// The groups with their members.
    pub(crate) fn groups(&self, roster: &Roster, build: &mut Build) -> Vec<Group> {
        let mut unknown = Unknown::default();
        let mut groups = Vec::with_capacity(self.groups.len());
        for (name, group) in &self.groups {
            if build.is_stopped() {
                break;
            }
            let members = group.members.as_deref().unwrap_or_default();
            let (users, inner) = self.members(members, roster, &mut unknown);
            groups.push(Group { name: name.clone(), users: Members::These(users), groups: inner, devices: Vec::new() });
        }
        unknown.warn(build);
        groups
    }

    /// The members that an export lists for one group.
    pub(crate) fn of_group(
        &self,
        export: &MemberExport,
        roster: &Roster,
        build: &mut Build,
    ) -> (RoaringBitmap, Vec<GroupIx>) {
        let mut unknown = Unknown::default();
        let found = self.members(&export.members, roster, &mut unknown);
        unknown.warn(build);
        if let Some(place) = export.more {
            let found = Diagnostic::new(Code::Gap, place, "the export is one page of several");
            build.report(found.help("follow `@odata.nextLink`, and save the members of all pages in one file"));
        }
        found
    }

    /// The users and nested groups among members; devices and others are no recipients (R23).
    fn members(
        &self,
        members: &[ExportMember],
        roster: &Roster,
        unknown: &mut Unknown,
    ) -> (RoaringBitmap, Vec<GroupIx>) {
        let (mut users, mut groups) = (RoaringBitmap::new(), Vec::new());
        unknown.members += members.len();
        for member in members {
            let group = || self.by_id.get(member.id.as_ref()?).copied();
            let user = || roster.member(member.name.as_deref(), member.id.as_deref());
            match member.kind {
                MemberKind::Other => {}
                MemberKind::Group => match group() {
                    Some(group) => groups.push(group),
                    None => unknown.groups.add(member.place),
                },
                MemberKind::User | MemberKind::Unsaid => match (user(), group()) {
                    (Some(user), _) => drop(users.insert(user.0)),
                    (None, Some(group)) if member.kind == MemberKind::Unsaid => groups.push(group),
                    _ => unknown.users.add(member.place),
                },
            }
        }
        groups.sort_unstable();
        groups.dedup();
        (users, groups)
    }
}

/// Members that are not in the scenario.
#[derive(Debug, Default)]
struct Unknown {
    members: usize,
    users: Count,
    groups: Count,
}

impl Unknown {
    fn warn(self, build: &mut Build) {
        let members = self.members;
        let message = |count| format!("{count} of {members} members of groups are no users of the scenario");
        self.users.warn(message, "they are left out; give [[directory.users]] an export of all users", build);
        let message = |count| format!("{count} of {members} members of groups are groups in no export");
        self.groups.warn(message, "their members are left out; give [[directory.groups]] an export with them", build);
    }
}
