//! Exports of groups with their members, and of the members of one group. Must not know a user.

use std::collections::BTreeMap;

use super::directory_columns::DirectoryColumn;
use super::entry::{ExportEntry, ExportNoun, ExportText};
use super::users::ColumnCache;
use super::{export_csv, forms};
use crate::scenario::diagnostics::diagnostic::{Code, Diagnostic};
use crate::scenario::diagnostics::source::SourceSpan;

/// Members that Graph answers with `$expand=members`; a group of as many may have more.
pub(crate) const EXPANDED_MAX: usize = 20;

/// What a member is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MemberKind {
    /// A user.
    User,
    /// A nested group.
    Group,
    /// A device, a contact or an application: nothing is delivered to it (R23).
    Other,
    /// The export does not say.
    Unsaid,
}

/// A member of a group in an export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ExportMember {
    /// Its beginning.
    pub(crate) place: SourceSpan,
    /// Its id, in lower case if it is a GUID.
    pub(crate) id: Option<String>,
    /// Its user principal name in lower case.
    pub(crate) name: Option<String>,
    /// What it is.
    pub(crate) kind: MemberKind,
}

/// A group of an export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ExportGroup {
    /// Its beginning.
    pub(crate) place: SourceSpan,
    /// Its id, in lower case if it is a GUID.
    pub(crate) id: Option<String>,
    /// Its display name, or its id if it has none.
    pub(crate) name: String,
    /// Its members, in the order of the export; `None` if the export does not list them.
    pub(crate) members: Option<Vec<ExportMember>>,
    /// It has, or may have, more members than the export lists.
    pub(crate) is_cut: bool,
}

/// The contents of an export of groups.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct GroupExport {
    /// Its groups, in its order.
    pub(crate) groups: Vec<ExportGroup>,
    /// The place of a link to further pages, if there is one.
    pub(crate) more: Option<SourceSpan>,
}

/// The contents of an export of the members of one group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct MemberExport {
    /// The members, in its order.
    pub(crate) members: Vec<ExportMember>,
    /// The place of a link to further pages, if there is one.
    pub(crate) more: Option<SourceSpan>,
}

const GROUPS: ExportNoun = ExportNoun {
    noun: "group",
    is_needed: DirectoryColumn::names_a_group,
    no_title: (
        "no column names the group of each member",
        "`Download groups` has no members: save GET groups?$expand=members as .json, name the columns of a script's list \
         `groupName` and `userPrincipalName`, or give `[[group]] file = …` what `Download members` saves of one group",
    ),
    save: "save the answer to GET groups?$expand=members",
    formats: "save groups?$expand=members of Graph as .json, or a list with the columns `groupName` and \
              `userPrincipalName` as .csv",
    nested: Some("members"),
};

const MEMBERS: ExportNoun = ExportNoun {
    noun: "member",
    is_needed: DirectoryColumn::names_a_user,
    no_title: (
        "no column is called `userPrincipalName` or `id`",
        "use `Download members` of the group in the Entra admin centre, or Get-MgGroupMember with Export-Csv",
    ),
    save: "save the answer to GET groups/{id}/members",
    formats: "save groups/{id}/members of Graph as .json, or the admin centre's `Download members` as .csv",
    nested: Some("members"),
};

/// Reads an export of groups: as JSON each with its members, as CSV a line for each member.
pub(crate) fn read(export: ExportText<'_>) -> Result<GroupExport, Diagnostic> {
    let mut columns = ColumnCache::default();
    let mut groups: Vec<ExportGroup> = Vec::new();
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    let more = export.each(&GROUPS, &mut |entry| {
        let words = Words::of(&entry, &mut columns);
        let is_line = words.group_id.is_some() || words.group_name.is_some();
        let (id, name) = if is_line { (&words.group_id, &words.group_name) } else { (&words.id, &words.shown) };
        let Some(key) = id.as_ref().or(name.as_ref()).cloned() else { return };
        let at = *known.entry(key.clone()).or_insert_with(|| {
            let name = name.clone().unwrap_or(key);
            groups.push(ExportGroup { place: entry.place, id: id.clone(), name, members: None, is_cut: false });
            groups.len() - 1
        });
        let group = &mut groups[at];
        if is_line {
            group.members.get_or_insert_default().extend(words.member(entry.place));
        }
        if let Some(nested) = entry.nested {
            group.is_cut |= nested.len() == EXPANDED_MAX || entry.has_more_nested;
            let members = nested.iter().filter_map(|inner| Words::of(inner, &mut columns).member(inner.place));
            group.members.get_or_insert_default().extend(members);
        }
    })?;
    if !groups.is_empty() && groups.iter().all(|group| group.members.is_none()) {
        let found = Diagnostic::new(Code::Export, export.named, "the export lists groups without their members");
        return Err(found.help(GROUPS.save));
    }
    Ok(GroupExport { groups, more })
}

/// Reads an export of the members of one group.
pub(crate) fn read_members(export: ExportText<'_>) -> Result<MemberExport, Diagnostic> {
    let mut columns = ColumnCache::default();
    let mut members = Vec::new();
    let more = export.each(&MEMBERS, &mut |entry| match &entry.nested {
        Some(nested) => {
            members.extend(nested.iter().filter_map(|inner| Words::of(inner, &mut columns).member(inner.place)));
        }
        None => members.extend(Words::of(&entry, &mut columns).member(entry.place)),
    })?;
    Ok(MemberExport { members, more })
}

/// An export of groups as CSV with what the fleet uses: read again, it holds the same.
pub(crate) fn write(export: &GroupExport) -> String {
    let titles = ["groupId", "groupName", "id", "userPrincipalName", "objectType"];
    let lines = export.groups.iter().flat_map(|group| {
        let own = [group.id.as_deref().unwrap_or_default(), group.name.as_str()];
        let line = move |member: [&'_ str; 3]| own.into_iter().chain(member).map(str::to_owned).collect::<Vec<_>>();
        let members = group.members.as_deref().unwrap_or_default();
        let empty = members.is_empty().then(|| line(["", "", ""]));
        empty.into_iter().chain(members.iter().map(move |member| line(member.cells())))
    });
    export_csv::write(&titles, lines)
}

/// The same for the members of one group.
pub(crate) fn write_members(export: &MemberExport) -> String {
    let cells = |member: &'_ ExportMember| member.cells().map(str::to_owned).to_vec();
    export_csv::write(&["id", "userPrincipalName", "objectType"], export.members.iter().map(cells))
}

impl ExportMember {
    fn cells(&self) -> [&str; 3] {
        let kind = match self.kind {
            MemberKind::User => "user",
            MemberKind::Group => "group",
            MemberKind::Other => "other",
            MemberKind::Unsaid => "",
        };
        [self.id.as_deref().unwrap_or_default(), self.name.as_deref().unwrap_or_default(), kind]
    }
}

/// The values of an entry that matter for groups.
#[derive(Debug, Default)]
struct Words {
    id: Option<String>,
    user: Option<String>,
    shown: Option<String>,
    group_id: Option<String>,
    group_name: Option<String>,
    kind: Option<String>,
}

impl Words {
    fn of(entry: &ExportEntry<'_>, columns: &mut ColumnCache) -> Self {
        let mut words = Self::default();
        for value in &entry.values {
            let text = value.value.trim();
            let Some(column) = columns.of(&value.title).filter(|_| !text.is_empty()) else { continue };
            let (slot, text) = match column {
                DirectoryColumn::Id => (&mut words.id, forms::id(text)),
                DirectoryColumn::UserName => (&mut words.user, text.to_lowercase()),
                DirectoryColumn::DisplayName => (&mut words.shown, text.to_owned()),
                DirectoryColumn::GroupId => (&mut words.group_id, forms::id(text)),
                DirectoryColumn::GroupName => (&mut words.group_name, text.to_owned()),
                DirectoryColumn::MemberKind => (&mut words.kind, text.to_owned()),
                _ => continue,
            };
            slot.get_or_insert(text);
        }
        words
    }

    fn member(self, place: SourceSpan) -> Option<ExportMember> {
        let kind = self.kind.as_deref().map(|kind| kind.trim_start_matches("#microsoft.graph.").to_lowercase());
        let kind = match kind.as_deref() {
            Some("user") => MemberKind::User,
            Some("group") => MemberKind::Group,
            Some(_) => MemberKind::Other,
            None if self.user.is_some() => MemberKind::User,
            None => MemberKind::Unsaid,
        };
        (self.id.is_some() || self.user.is_some()).then_some(ExportMember { place, id: self.id, name: self.user, kind })
    }
}
