//! Named users and devices, and the reserved names of generated ones. Must not count strata.

use std::collections::BTreeMap;

use crate::rules::base::chance::Ratio;
use crate::rules::base::ids::UserIx;
use crate::rules::base::platform::Platform;
use crate::rules::base::time::Zone;
use crate::rules::population::fleet::{NamedDevice, NamedUser};
use crate::rules::population::traits::Doze;

use super::builder::Build;
use super::fleet::Roster;
use super::imported::Imported;
use super::names::{Names, small};
use super::sites::Sites;
use super::traits;
use super::zone::Times;
use crate::scenario::diagnostics::diagnostic::{Code, Diagnostic};
use crate::scenario::text::view::{Spot, View};

/// The generated users, whose names are reserved.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Generated {
    /// The number of generated users.
    pub(crate) users: u32,
}

impl Generated {
    /// `user-17` as the 17th generated user.
    pub(crate) fn user(self, name: &str) -> Option<UserIx> {
        let digits = name.strip_prefix("user-")?;
        let number = digits.parse::<u32>().ok().filter(|number| number.to_string() == digits)?;
        number.checked_sub(1).filter(|at| *at < self.users).map(UserIx)
    }

    /// Reports a user with the name of a generated one.
    pub(crate) fn refuse_user(self, name: Spot<&str>, build: &mut Build) {
        taken(name, self.user(name.value).is_some(), build);
    }

    /// Reports a device with a name that is reserved for a generated one.
    pub(crate) fn refuse_device(self, name: Spot<&str>, build: &mut Build) {
        taken(name, name.value.split_once('.').is_some_and(|(user, _)| self.user(user).is_some()), build);
    }
}

fn taken(name: Spot<&str>, taken: bool, build: &mut Build) {
    if taken {
        let message = format!("`{}` is the name of a generated one", name.value);
        build.report(Diagnostic::new(Code::DuplicateName, name.place, message).label("the name is taken"));
    }
}

/// The named users, each with its local time where that is not the scenario's.
#[derive(Debug, Default)]
pub(crate) struct NamedUsers {
    /// The users, in file order.
    pub(crate) users: Vec<NamedUser>,
    zones: Vec<Option<Zone>>,
}

impl NamedUsers {
    /// Reads the tables of users.
    pub(crate) fn read(tables: &[View<'_>], sites: &Sites, times: &Times, build: &mut Build) -> Self {
        let mut read = Self::default();
        for table in tables {
            let site = sites.of(*table, build);
            let mut labels = site.map(|site| site.labels.clone()).unwrap_or_default();
            labels.extend(traits::labels(*table, "labels"));
            let name = table.text("name").map_or("", |name| name.value).to_owned();
            read.users.push(NamedUser { name, labels });
            let own = table.has("timezone").then(|| times.zone_of(*table, &mut build.out));
            read.zones.push(own.or_else(|| site.map(|site| site.zone.clone())));
        }
        read
    }

    /// The labels of a user, and its local time where that is not the scenario's.
    pub(super) fn of_user(&self, at: usize) -> (&BTreeMap<String, String>, Option<&Zone>) {
        (&self.users[at].labels, self.zones[at].as_ref())
    }
}

/// The names of imported and then of named users.
pub(crate) fn user_names(tables: &[View<'_>], imported: &Imported, generated: Generated, build: &mut Build) -> Names {
    let mut names = Names::new("user");
    names.take_all(imported.users.iter().map(|user| user.name.as_str()));
    for (at, table) in tables.iter().enumerate() {
        let Some(name) = table.text("name") else { continue };
        generated.refuse_user(name, build);
        if !imported.has_user(name, build) {
            names.add(name, small(imported.users.len() + at), &mut build.out);
        }
    }
    names
}

/// The named devices; their names join those of the roster.
pub(crate) fn devices(
    tables: &[View<'_>],
    imported: &Imported,
    users: &NamedUsers,
    roster: &mut Roster,
    times: &Times,
    doze: Option<Doze>,
    build: &mut Build,
) -> Vec<NamedDevice> {
    let mut devices = Vec::with_capacity(tables.len());
    for (at, table) in tables.iter().enumerate() {
        let platform = table.text("platform").and_then(|word| traits::platform(word.value)).unwrap_or(Platform::Ios);
        let user = table.text("user").and_then(|user| roster.user(user, build));
        let mut model = traits::named_default(platform, times.zone_of(*table, &mut build.out));
        traits::apply(&mut model, *table, build);
        if let Some(user) = user {
            let (labels, zone) = roster.of_user(user, imported, users);
            for (label, value) in labels {
                model.labels.entry(label.clone()).or_insert_with(|| value.clone());
            }
            if let Some(zone) = zone.filter(|_| !table.has("timezone")) {
                model.zone = zone.clone();
            }
        }
        if let Some(doze) = doze.filter(|_| platform == Platform::Android) {
            model.doze = doze;
        }
        if let Some(by) = table.text("enrolled_by") {
            let by = roster.user(by, build);
            model.enrolled_by_another = Ratio::sure(by.is_some() && by != user);
        }
        let name = table.text("name");
        if let Some(name) = name {
            roster.generated.refuse_device(name, build);
            if !imported.has_device(name, build) {
                roster.devices.add(name, small(imported.devices.len() + at), &mut build.out);
            }
        }
        devices.push(NamedDevice { name: name.map_or("", |name| name.value).to_owned(), user, model, reported: None });
    }
    devices
}
