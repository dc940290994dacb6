//! Imported users and devices: the values of an export, over the defaults of its import. Must not guess: a gap is
//! warned of, and the warning names the assumption that replaces the value.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::rules::base::chance::Ratio;
use crate::rules::base::ids::UserIx;
use crate::rules::base::platform::Platform;
use crate::rules::base::time::Zone;
use crate::rules::population::fleet::{NamedDevice, NamedUser};
use crate::rules::population::reported::Reported;
use crate::rules::population::traits::{Enrollment, Model};

use super::builder::Build;
use super::cohorts::Common;
use super::directory_users::{Count, DirectoryUsers};
use super::gaps::{ExportGaps, Gap};
use super::named::Generated;
use super::names::small;
use super::sites::{SiteOutline, Sites};
use crate::scenario::diagnostics::diagnostic::{Code, Diagnostic, shown};
use crate::scenario::diagnostics::source::SourceSpan;
use crate::scenario::grammar::fleet_keys::IMPORT;
use crate::scenario::grammar::parts::Need;
use crate::scenario::import::export::{DeviceField, Export, ExportRow};
use crate::scenario::import::words;
use crate::scenario::text::view::{Spot, View};

/// The cohort of an import without a name.
pub(crate) const IMPORTED: &str = "imported";
/// An import that loses more than one row in this many is warned of.
const LOST_SHARE: usize = 10;
/// The label for the owner of a device.
const OWNERSHIP: &str = "ownership";
/// Traits of Android devices: an import without Android needs no values for them.
const ANDROID_ONLY: [&str; 5] =
    ["app_outdated", "play_services", "force_stopped", "battery_restricted", "notification_access"];

/// The users and devices that imports add to a fleet.
#[derive(Debug, Default)]
pub(crate) struct Imported {
    /// Users, in the order of their first occurrence; those without a device come last.
    pub(crate) users: Vec<NamedUser>,
    zones: Vec<Option<Zone>>,
    /// The labels that the devices of each user have too.
    carried: Vec<BTreeMap<String, String>>,
    /// The index of each user in the directory, if it is known there.
    known: Vec<Option<usize>>,
    directory: DirectoryUsers,
    /// Ids of users, with their names.
    pub(crate) user_ids: BTreeMap<String, String>,
    /// Devices, in the order of the exports.
    pub(crate) devices: Vec<NamedDevice>,
    /// Names of their cohorts, with their places.
    pub(crate) cohorts: Vec<(String, SourceSpan)>,
    user_places: BTreeMap<String, (UserIx, SourceSpan)>,
    device_places: BTreeMap<String, SourceSpan>,
}

/// The state shared by all devices of one import.
struct ImportContext<'v> {
    table: View<'v>,
    sites: &'v Sites,
    site: Option<&'v SiteOutline>,
    common: Common<'v>,
    /// By platform and site.
    models: BTreeMap<(Platform, Option<usize>), Model>,
    gaps: ExportGaps,
    /// Property names of rows, shared by rows with the same ones.
    properties: BTreeSet<Arc<[&'static str]>>,
}

/// Reads all imports.
pub(crate) fn read(
    tables: &[View<'_>],
    directory: DirectoryUsers,
    generated: Generated,
    sites: &Sites,
    common: &Common<'_>,
    build: &mut Build,
) -> Imported {
    let mut imported = Imported { directory, ..Imported::default() };
    let exports = std::mem::take(&mut build.exports.devices);
    for (table, export) in tables.iter().zip(exports) {
        let given = table.text("name").map(|name| (name.value.to_owned(), name.place));
        let shared = ImportContext {
            table: *table,
            sites,
            site: sites.of(*table, build),
            common: *common,
            models: BTreeMap::new(),
            gaps: ExportGaps::default(),
            properties: BTreeSet::new(),
        };
        imported.cohorts.push(given.unwrap_or_else(|| (IMPORTED.to_owned(), table.place)));
        imported.add(&export, shared, generated, build);
    }
    imported.join(sites, generated, build);
    imported
}

impl Imported {
    /// Whether it is the name of an imported user. If so, the name is taken, which is reported with both places.
    pub(crate) fn has_user(&self, name: Spot<&str>, build: &mut Build) -> bool {
        let place = self.user_places.get(name.value).map(|(_, place)| *place);
        place.inspect(|place| taken("user", name, *place, build)).is_some()
    }

    /// The same for a device.
    pub(crate) fn has_device(&self, name: Spot<&str>, build: &mut Build) -> bool {
        let place = self.device_places.get(name.value).copied();
        place.inspect(|place| taken("device", name, *place, build)).is_some()
    }

    /// The labels that the devices of a user have, and its local time where that is not the scenario's.
    pub(super) fn of_user(&self, at: usize) -> (&BTreeMap<String, String>, Option<&Zone>) {
        (&self.carried[at], self.zones[at].as_ref())
    }

    /// Adds the devices of one export, and their users.
    fn add(&mut self, export: &Export, mut shared: ImportContext<'_>, generated: Generated, build: &mut Build) {
        let first = self.devices.len();
        for row in &export.rows {
            let Some(id) = row.get(DeviceField::Id) else {
                shared.gaps.count(Gap::Id, None, row.place);
                continue;
            };
            let system = row.get(DeviceField::System);
            let Some(platform) = platform(row) else {
                shared.gaps.count(Gap::Platform, system, row.place);
                continue;
            };
            let enrollment = system.and_then(|system| words::enrollment_of_system(system.value));
            if self.has_device(id, build) {
                continue;
            }
            generated.refuse_device(id, build);
            let user = self.user(row, &shared, generated, build);
            let known = user.and_then(|user| self.known[(user.0 - generated.users) as usize]);
            let known = known.map(|known| &self.directory.users[known]);
            let mut model = shared.model(platform, known.and_then(|known| known.site), build);
            shared.tell(&mut model, row, enrollment);
            if let Some(known) = known {
                model.labels.extend(known.device_labels.clone());
            }
            if user.is_none() {
                shared.gaps.count(Gap::User, None, row.place);
            }
            self.device_places.insert(id.value.to_owned(), id.place);
            let reported = shared.reported(row);
            self.devices.push(NamedDevice { name: id.value.to_owned(), user, model, reported });
        }
        if let Some(place) = export.more {
            let found = Diagnostic::new(Code::Gap, place, "the export is one page of several");
            build.report(found.help("follow `@odata.nextLink`, and save the devices of all pages in one list"));
        }
        shared.finish(&self.devices[first..], export.rows.len(), generated, build);
    }

    /// The user of a device, created at its first occurrence. Names of users are case-insensitive.
    fn user(
        &mut self,
        row: &ExportRow,
        shared: &ImportContext<'_>,
        generated: Generated,
        build: &mut Build,
    ) -> Option<UserIx> {
        let id = row.get(DeviceField::UserId).filter(|id| !is_no_user(id.value));
        let found = user_name(row).or(id)?;
        let mut name = found.value.to_lowercase();
        let known = self.directory.find(Some(&name), id.map(|id| id.value));
        if let Some(known) = known {
            name.clone_from(&self.directory.users[known].name);
        }
        if let Some(id) = id {
            self.user_ids.entry(id.value.to_owned()).or_insert_with(|| name.clone());
        }
        if let Some((user, _)) = self.user_places.get(&name) {
            return Some(*user);
        }
        Some(self.add_user(name, found.place, known, (shared.sites, shared.site), generated, build))
    }

    /// Adds a user, of the site of the office if there is one, else of the import's.
    fn add_user(
        &mut self,
        name: String,
        place: SourceSpan,
        known: Option<usize>,
        (sites, site): (&Sites, Option<&SiteOutline>),
        generated: Generated,
        build: &mut Build,
    ) -> UserIx {
        generated.refuse_user(Spot { value: &name, place }, build);
        let user = UserIx(generated.users + small(self.users.len()));
        self.user_places.insert(name.clone(), (user, place));
        let told = known.map(|known| &self.directory.users[known]);
        let office = told.and_then(|told| sites.outlines.get(told.site?));
        let site = office.or(site);
        let mut labels = site.map(|site| site.labels.clone()).unwrap_or_default();
        let mut carried = labels.clone();
        if let Some(told) = told {
            labels.extend(told.labels.clone());
            carried.extend(told.device_labels.clone());
        }
        self.users.push(NamedUser { name, labels });
        self.carried.push(carried);
        self.zones.push(site.map(|site| site.zone.clone()));
        self.known.push(known);
        user
    }

    /// Adds the users of the directory that have no device, and warns of users that the directory does not know.
    fn join(&mut self, sites: &Sites, generated: Generated, build: &mut Build) {
        if self.directory.users.is_empty() {
            return;
        }
        let mut unknown = Count::default();
        for (user, place) in self.user_places.values() {
            if self.known[(user.0 - generated.users) as usize].is_none() {
                unknown.add(*place);
            }
        }
        let users = self.users.len();
        let message = |count| format!("{count} of {users} users with a device are in no export of users");
        unknown.warn(message, "they have none of its labels; export the users once more, all of them", build);
        for at in 0..self.directory.users.len() {
            let told = &self.directory.users[at];
            if !self.user_places.contains_key(&told.name) {
                let (name, place) = (told.name.clone(), told.place);
                self.add_user(name, place, Some(at), (sites, None), generated, build);
            }
        }
        let ids = self.directory.ids().map(|(id, name)| (id.to_owned(), name.to_owned()));
        self.user_ids.extend(ids);
    }
}

impl ImportContext<'_> {
    /// The import's values for devices of this platform; the site of an office comes before that of the import.
    fn model(&mut self, platform: Platform, office: Option<usize>, build: &mut Build) -> Model {
        if let Some(model) = self.models.get(&(platform, office)) {
            return model.clone();
        }
        let name = self.table.text("name").map_or(IMPORTED, |name| name.value);
        let mut model = self.common.model(name, platform, Some(self.table), build);
        if let Some(site) = office.and_then(|office| self.sites.outlines.get(office)).or(self.site) {
            model.labels.extend(site.labels.clone());
            if !self.table.has("timezone") {
                model.zone = site.zone.clone();
            }
        }
        self.models.insert((platform, office), model.clone());
        model
    }

    /// Applies the export's values of one device over them.
    fn tell(&mut self, model: &mut Model, row: &ExportRow, by_system: Option<Enrollment>) {
        let kind = row.get(DeviceField::Enrollment);
        if model.platform == Platform::Android {
            match by_system.or_else(|| words::enrollment(kind?.value)) {
                Some(given) => model.enrollment = vec![(given, Ratio::ALWAYS)],
                None => self.count(Gap::Enrollment, "enrollment", kind, row),
            }
        }
        let enroller = row.get(DeviceField::EnrolledBy).filter(|by| !is_no_user(by.value));
        let by_manager = kind.is_some_and(|kind| kind.value.eq_ignore_ascii_case("deviceEnrollmentManager"));
        match (user_name(row), enroller) {
            _ if by_manager => model.enrolled_by_another = Ratio::ALWAYS,
            (Some(user), Some(by)) => {
                model.enrolled_by_another = Ratio::sure(user.value.to_lowercase() != by.value.to_lowercase());
            }
            (None, _) if row.get(DeviceField::UserId).is_none() => {}
            (_, by) => self.count(Gap::EnrolledBy, "enrolled_by_another", by, row),
        }
        let agent = row.get(DeviceField::Agent);
        match agent.and_then(|agent| words::is_mdm(agent.value)) {
            Some(given) => model.enrolled = Ratio::sure(given),
            None => self.count(Gap::Agent, "enrolled", agent, row),
        }
        let owner = row.get(DeviceField::Owner);
        match owner.and_then(|owner| words::ownership(owner.value)) {
            Some(given) => drop(model.labels.insert(OWNERSHIP.to_owned(), given.to_owned())),
            None if model.labels.contains_key(OWNERSHIP) => {}
            None => self.gaps.count(Gap::Owner, owner, row.place),
        }
    }

    /// Whether the import, or the defaults of all, give this key.
    fn has(&self, key: &str) -> bool {
        self.table.has(key) || self.common.has(key)
    }

    /// Counts a gap, unless the import fills it by this key.
    fn count(&mut self, gap: Gap, key: &str, word: Option<Spot<&str>>, row: &ExportRow) {
        if !self.has(key) {
            self.gaps.count(gap, word, row.place);
        }
    }

    /// Warns of every value that both export and import lack, and names the assumption that replaces it.
    fn finish(self, devices: &[NamedDevice], rows: usize, generated: Generated, build: &mut Build) {
        let has_android = devices.iter().any(|device| device.model.platform == Platform::Android);
        let has_phones = devices.iter().any(|device| device.model.platform.gateway().is_some());
        let mut missing = Vec::new();
        for key in IMPORT.keys.iter().filter(|key| has_phones && !self.has(key.name)) {
            let Need::Assumed(default) = key.need else { continue };
            let (is_assumed, is_known_by_none) = match key.name {
                "enrollment" => (self.gaps.has(Gap::Enrollment), false),
                "enrolled_by_another" => (self.gaps.has(Gap::EnrolledBy), false),
                "enrolled" => (self.gaps.has(Gap::Agent), false),
                name => (has_android || !ANDROID_ONLY.contains(&name), true),
            };
            if is_assumed {
                build.assumptions.insert(format!("import.{}", key.name), default.to_owned());
                missing.extend(is_known_by_none.then(|| format!("`{}`", key.name)));
            }
        }
        if !missing.is_empty() {
            let message = format!("no export tells {}", missing.join(", "));
            let found = Diagnostic::new(Code::Gap, self.table.place, message);
            build.report(found.help("the defaults of a cohort hold; give the import these keys to say what is so"));
        }
        if !build.out.has_errors() {
            self.losses(devices.len(), rows, generated, build);
        }
        self.gaps.report(rows, build);
    }
}

impl ImportContext<'_> {
    /// Reports an import that adds nothing, and warns of one that loses more than a tenth of its rows.
    fn losses(&self, devices: usize, rows: usize, generated: Generated, build: &mut Build) {
        let (place, lost) = (self.table.place, rows - devices);
        if rows == 0 && generated.users > 0 {
            let found = Diagnostic::new(Code::Nothing, place, "an export of no devices");
            build.report(found.help("save the devices of all pages, or leave the import out"));
        } else if devices == 0 {
            let message = if rows == 0 { "an export of no devices".to_owned() } else { self.gaps.left_out(rows) };
            let found = Diagnostic::new(Code::Export, place, format!("the import adds no device: {message}"));
            build.report(
                found.help("export the list of devices once more, with ids and systems, or leave the import out"),
            );
        } else if lost * LOST_SHARE > rows {
            let found = Diagnostic::new(Code::Gap, place, self.gaps.left_out(rows));
            build.report(
                found.help("the forecast is of the others only: export the list once more, with these columns"),
            );
        }
    }

    /// The export's values of a device for display.
    fn reported(&mut self, row: &ExportRow) -> Option<Reported> {
        let names: Vec<&'static str> = row.shown.iter().map(|(name, _)| *name).collect();
        let known = self.properties.get(names.as_slice()).cloned();
        let shared = known.unwrap_or_else(|| {
            let shared: Arc<[&'static str]> = Arc::from(names.as_slice());
            self.properties.insert(Arc::clone(&shared));
            shared
        });
        (!names.is_empty()).then(|| Reported::new(&shared, row.shown.iter().map(|(_, value)| value.as_str())))
    }
}

/// The platform of a device: from its operating system, else from its device type.
fn platform(row: &ExportRow) -> Option<Platform> {
    let word = |field| row.get(field).map_or("", |spot: Spot<&str>| spot.value);
    let hints = [word(DeviceField::Model), word(DeviceField::Product), word(DeviceField::Kind)];
    match row.get(DeviceField::System) {
        Some(system) => words::platform(system.value, &hints),
        None => words::platform_of_kind(word(DeviceField::Kind)),
    }
}

fn taken(noun: &str, name: Spot<&str>, first: SourceSpan, build: &mut Build) {
    // Finding a line in a large export takes time; a full list of problems does not need it.
    if build.out.full() {
        return build.report(Diagnostic::new(Code::DuplicateName, name.place, "the name is taken"));
    }
    let source = build.out.source(first);
    let (line, _) = source.line_and_column(first.start);
    let label = format!("the first is in {}:{line}", source.name);
    let message = format!("two {noun}s are called `{}`", shown(name.value));
    let found = Diagnostic::new(Code::DuplicateName, name.place, message);
    build.report(found.label(label).help("leave one of them out"));
}

fn user_name(row: &ExportRow) -> Option<Spot<&str>> {
    row.get(DeviceField::UserName).filter(|name| !is_no_user(name.value))
}

/// The portal writes `None`, and Graph zeros, for a device without a user.
fn is_no_user(word: &str) -> bool {
    word.eq_ignore_ascii_case("none") || word.bytes().all(|byte| matches!(byte, b'0' | b'-'))
}
