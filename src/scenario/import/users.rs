//! Exports of users, as listed by Graph, PowerShell (JSON or CSV) or an admin centre (CSV). Must not know a device.

use std::collections::BTreeMap;

use strum::VariantArray as _;

use super::directory_columns::DirectoryColumn;
use super::entry::{ExportEntry, ExportNoun, ExportText};
use super::{export_csv, forms};
use crate::scenario::diagnostics::diagnostic::Diagnostic;
use crate::scenario::diagnostics::source::SourceSpan;

/// What an export tells of a user: a label of the user.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, strum::IntoStaticStr, strum::VariantArray, strum::EnumString,
)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub(crate) enum UserAttribute {
    /// The department.
    Department,
    /// The office location.
    Office,
    /// The city.
    City,
    /// The country, as the tenant writes it.
    Country,
    /// The usage location, two letters.
    UsageLocation,
}

impl UserAttribute {
    /// The name of the label.
    pub(crate) const fn label(self) -> &'static str {
        self.into_str()
    }

    /// Its property of Graph.
    const fn property(self) -> &'static str {
        match self {
            Self::Department => "department",
            Self::Office => "officeLocation",
            Self::City => "city",
            Self::Country => "country",
            Self::UsageLocation => "usageLocation",
        }
    }
}

/// One user of an export.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct UserRow {
    /// Its beginning.
    pub(crate) place: SourceSpan,
    /// The id, in lower case if it is a GUID.
    pub(crate) id: Option<String>,
    /// The user principal name in lower case.
    pub(crate) name: Option<String>,
    /// What is told of the user.
    pub(crate) attributes: BTreeMap<UserAttribute, String>,
}

/// The contents of an export of users.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct UserExport {
    /// Its users, in its order.
    pub(crate) rows: Vec<UserRow>,
    /// The place of a link to further pages, if there is one.
    pub(crate) more: Option<SourceSpan>,
}

const USERS: ExportNoun = ExportNoun {
    noun: "user",
    is_needed: DirectoryColumn::names_a_user,
    no_title: (
        "no column is called `userPrincipalName` or `id`",
        "use `Download users` of the Entra admin centre, or Get-MgUser with Export-Csv",
    ),
    save: "save the answer to GET users?$select=id,userPrincipalName,department,officeLocation,city,country,usageLocation",
    formats: "save users of Graph as .json, or the admin centre's `Download users` as .csv",
    nested: None,
};

/// Reads an export of users.
pub(crate) fn read(export: ExportText<'_>) -> Result<UserExport, Diagnostic> {
    let mut columns = ColumnCache::default();
    let mut rows = Vec::new();
    let more = export.each(&USERS, &mut |entry| rows.push(row(&entry, &mut columns)))?;
    Ok(UserExport { rows, more })
}

fn row(entry: &ExportEntry<'_>, columns: &mut ColumnCache) -> UserRow {
    let mut row = UserRow { place: entry.place, ..UserRow::default() };
    for value in &entry.values {
        let text = value.value.trim();
        let Some(column) = columns.of(&value.title).filter(|_| !text.is_empty()) else { continue };
        let attribute = match column {
            DirectoryColumn::Id => {
                row.id.get_or_insert_with(|| forms::id(text));
                continue;
            }
            DirectoryColumn::UserName => {
                row.name.get_or_insert_with(|| text.to_lowercase());
                continue;
            }
            DirectoryColumn::Department => UserAttribute::Department,
            DirectoryColumn::Office => UserAttribute::Office,
            DirectoryColumn::City => UserAttribute::City,
            DirectoryColumn::Country => UserAttribute::Country,
            DirectoryColumn::UsageLocation => UserAttribute::UsageLocation,
            DirectoryColumn::DisplayName
            | DirectoryColumn::GroupId
            | DirectoryColumn::GroupName
            | DirectoryColumn::MemberKind => continue,
        };
        row.attributes.entry(attribute).or_insert_with(|| text.to_owned());
    }
    row
}

/// An export as CSV with what the fleet uses: read again, it holds the same.
pub(crate) fn write(export: &UserExport) -> String {
    let attributes = UserAttribute::VARIANTS;
    let titles: Vec<&str> =
        ["id", "userPrincipalName"].into_iter().chain(attributes.iter().map(|one| one.property())).collect();
    let cells = |row: &'_ UserRow| -> Vec<String> {
        let text = |value: Option<&String>| value.cloned().unwrap_or_default();
        let names = [text(row.id.as_ref()), text(row.name.as_ref())];
        names.into_iter().chain(attributes.iter().map(|one| text(row.attributes.get(one)))).collect()
    };
    export_csv::write(&titles, export.rows.iter().map(cells))
}

/// Columns by title, each looked up once.
#[derive(Debug, Default)]
pub(super) struct ColumnCache(BTreeMap<String, Option<DirectoryColumn>>);

impl ColumnCache {
    /// The column of a title.
    pub(super) fn of(&mut self, title: &str) -> Option<DirectoryColumn> {
        if let Some(known) = self.0.get(title) {
            return *known;
        }
        *self.0.entry(title.to_owned()).or_insert_with(|| DirectoryColumn::of(title))
    }
}
