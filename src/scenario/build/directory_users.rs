//! Users of exports: what the directory tells of a user, found by user principal name or id. Must not create a user.

use std::collections::{BTreeMap, BTreeSet};

use strum::VariantArray as _;

use super::builder::Build;
use super::sites::{Sites, office_key};
use crate::scenario::diagnostics::diagnostic::{Code, Diagnostic, listed, nearest, shown};
use crate::scenario::diagnostics::source::SourceSpan;
use crate::scenario::import::users::{UserAttribute, UserExport, UserRow};
use crate::scenario::text::view::View;

/// A user of the directory.
#[derive(Debug)]
pub(crate) struct DirectoryUser {
    /// The user principal name in lower case, or the id where the export has no name.
    pub(crate) name: String,
    /// The beginning of the user's row.
    pub(crate) place: SourceSpan,
    /// The index of the site whose office it is.
    pub(crate) site: Option<usize>,
    /// What the export tells, as labels of the user.
    pub(crate) labels: BTreeMap<String, String>,
    /// Those that the devices of the user have too.
    pub(crate) device_labels: BTreeMap<String, String>,
}

/// The users of all exports of users.
#[derive(Debug, Default)]
pub(crate) struct DirectoryUsers {
    /// The users, in the order of the exports.
    pub(crate) users: Vec<DirectoryUser>,
    by_name: BTreeMap<String, usize>,
    by_id: BTreeMap<String, usize>,
}

impl DirectoryUsers {
    /// The index of the user with this name in lower case, or with this id.
    pub(crate) fn find(&self, name: Option<&str>, id: Option<&str>) -> Option<usize> {
        let named = name.and_then(|name| self.by_name.get(name));
        named.or_else(|| self.by_id.get(id?)).copied()
    }

    /// Each id, with the name of its user.
    pub(crate) fn ids(&self) -> impl Iterator<Item = (&str, &str)> {
        self.by_id.iter().map(|(id, at)| (id.as_str(), self.users[*at].name.as_str()))
    }
}

/// Reads the users of all exports.
pub(crate) fn read(tables: &[View<'_>], exports: Vec<UserExport>, sites: &Sites, build: &mut Build) -> DirectoryUsers {
    let mut directory = DirectoryUsers::default();
    let offices = sites.by_office(build);
    let mut without_site = Count::default();
    let mut seen_offices = BTreeSet::new();
    for (table, export) in tables.iter().zip(exports) {
        let carried = carried(*table, build);
        let (mut nameless, mut repeated) = (Count::default(), Count::default());
        let rows = export.rows.len();
        for row in export.rows {
            let Some(name) = row.name.clone().or_else(|| row.id.clone()) else {
                nameless.add(row.place);
                continue;
            };
            if directory.find(row.name.as_deref(), row.id.as_deref()).is_some() {
                repeated.add(row.place);
                continue;
            }
            let office = row.attributes.get(&UserAttribute::Office).map(|office| office_key(office));
            let site = office.as_ref().and_then(|office| offices.get(office).copied());
            if let (Some(office), None) = (row.attributes.get(&UserAttribute::Office), site) {
                without_site.add_word(row.place, office);
            }
            seen_offices.extend(office);
            directory.add(name, &row, site, &carried);
        }
        let told = directory.users.iter().any(|user| !user.labels.is_empty());
        report_gaps(*table, rows, [nameless, repeated], told, build);
        if let Some(place) = export.more {
            let found = Diagnostic::new(Code::Gap, place, "the export is one page of several");
            build.report(found.help("follow `@odata.nextLink`, and save the users of all pages in one file"));
        }
    }
    if !tables.is_empty() && !sites.outlines.is_empty() && !build.out.has_errors() {
        report_offices(sites, without_site, (directory.users.len(), &seen_offices), build);
    }
    directory
}

impl DirectoryUsers {
    fn add(&mut self, name: String, row: &UserRow, site: Option<usize>, carried: &[UserAttribute]) {
        let at = self.users.len();
        let label = |(attribute, value): (&UserAttribute, &String)| (attribute.label().to_owned(), value.clone());
        self.by_name.insert(name.clone(), at);
        if let Some(id) = &row.id {
            self.by_id.insert(id.clone(), at);
        }
        self.users.push(DirectoryUser {
            name,
            place: row.place,
            site,
            labels: row.attributes.iter().map(label).collect(),
            device_labels: row.attributes.iter().filter(|(one, _)| carried.contains(one)).map(label).collect(),
        });
    }
}

/// What devices have as labels too: all of it, unless the import says otherwise.
fn carried(table: View<'_>, build: &mut Build) -> Vec<UserAttribute> {
    let Some(words) = table.names("device_labels") else { return UserAttribute::VARIANTS.to_vec() };
    let mut carried = Vec::new();
    for word in words {
        match word.value.parse() {
            Ok(attribute) => carried.push(attribute),
            Err(strum::ParseError::VariantNotFound) => {
                let labels = || UserAttribute::VARIANTS.iter().map(|one| one.label());
                let message = format!("no export of users tells `{}`", shown(word.value));
                let near = nearest(word.value, labels()).map(|near| format!("did you mean `{near}`?"));
                let help = near.unwrap_or_else(|| format!("there are {}", listed(labels())));
                build.report(Diagnostic::new(Code::UnknownWord, word.place, message).help(help));
            }
        }
    }
    carried
}

/// Rows with one problem.
#[derive(Clone, Debug, Default)]
pub(super) struct Count {
    rows: usize,
    first: SourceSpan,
    word: Option<String>,
}

impl Count {
    /// Counts one more.
    pub(super) fn add(&mut self, place: SourceSpan) {
        if self.rows == 0 {
            self.first = place;
        }
        self.rows += 1;
    }

    /// Counts one more, for this word.
    fn add_word(&mut self, place: SourceSpan, word: &str) {
        self.add(place);
        self.word.get_or_insert_with(|| word.to_owned());
    }

    /// Warns at the first of them, if there are any.
    pub(super) fn warn(self, message: impl FnOnce(usize) -> String, help: &str, build: &mut Build) {
        if self.rows > 0 {
            let label = self.word.map(|word| format!("the first says `{}`", shown(&word)));
            let found = Diagnostic::new(Code::Gap, self.first, message(self.rows));
            build.report(found.label(label.unwrap_or_else(|| "the first of them".to_owned())).help(help));
        }
    }
}

fn report_gaps(table: View<'_>, rows: usize, [nameless, repeated]: [Count; 2], told: bool, build: &mut Build) {
    if build.out.has_errors() {
        return;
    }
    if rows == 0 {
        let found = Diagnostic::new(Code::Nothing, table.place, "an export of no users");
        build.report(found.help("save the users of all pages, or leave the import out"));
    } else if !told {
        let labels = listed(UserAttribute::VARIANTS.iter().map(|one| one.label()));
        let message = format!("no user of the export has any of {labels}");
        let found = Diagnostic::new(Code::Gap, table.place, message);
        build.report(found.help("Graph tells them only with `$select`, and Get-MgUser with `-Property`"));
    }
    let message = |count| format!("{count} of {rows} users have neither a user principal name nor an id");
    nameless.warn(message, "they are left out", build);
    let message = |count| format!("{count} of {rows} users were there before");
    repeated.warn(message, "they are left out: the first row of a user counts", build);
}

/// Warns of offices without a site, and of sites without an office.
fn report_offices(sites: &Sites, without_site: Count, (users, seen): (usize, &BTreeSet<String>), build: &mut Build) {
    let message = |count| format!("{count} of {users} users have an office location that is no site's");
    let help = "their local time is that of the import, or the scenario's; give a [[fleet.site]] this name, or list it in \
                its `offices`";
    without_site.warn(message, help, build);
    for (office, place) in sites.outlines.iter().flat_map(|site| &site.offices) {
        if !seen.contains(office) {
            let message = format!("no imported user has the office location `{}`", shown(office));
            let near = nearest(office, seen.iter().map(String::as_str)).map(|near| format!("did you mean `{near}`?"));
            build.report(Diagnostic::new(Code::Nothing, *place, message).maybe_help(near));
        }
    }
}
