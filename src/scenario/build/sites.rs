//! Sites: names, sizes, local time, labels and mix of devices. Must not build a device.

use std::collections::BTreeMap;

use crate::rules::base::chance::Ratio;
use crate::rules::base::time::Zone;
use crate::rules::population::cohort::{PartSize, part_ends};
use crate::rules::population::site::SITE_LABEL;

use super::builder::Build;
use super::cohorts::Fit;
use super::names::Names;
use super::traits;
use super::zone::Times;
use crate::scenario::diagnostics::diagnostic::{Code, Diagnostic, shown};
use crate::scenario::diagnostics::limits::SITES_MAX;
use crate::scenario::diagnostics::source::SourceSpan;
use crate::scenario::text::view::{self, Spot, View};

/// Addresses every site; no site has this name.
pub(crate) const ALL_SITES: &str = "all";

/// A site as it is written.
#[derive(Clone, Debug)]
pub(crate) struct SiteOutline {
    /// Its unique name.
    pub(crate) name: String,
    /// Its generated users.
    pub(crate) users: u32,
    /// Its local time.
    pub(crate) zone: Zone,
    /// The name of its time zone: its own, or the scenario's.
    pub(crate) zone_name: String,
    /// Its labels, its name among them.
    pub(crate) labels: BTreeMap<String, String>,
    /// The shares of cohorts among its devices, where it says so.
    pub(crate) mix: Option<BTreeMap<String, Ratio>>,
    /// Office locations of its imported users, beside its name.
    pub(crate) offices: Vec<(String, SourceSpan)>,
    /// Its place, if it says no size: its users are imported ones.
    pub(crate) without_size: Option<SourceSpan>,
}

/// The sites of a fleet.
#[derive(Clone, Debug)]
pub(crate) struct Sites {
    /// Their names.
    pub(crate) names: Names,
    /// The sites, in file order.
    pub(crate) outlines: Vec<SiteOutline>,
}

impl Sites {
    /// No sites.
    pub(crate) fn none() -> Self {
        Self { names: Names::new("site"), outlines: Vec::new() }
    }

    /// The site with this name; an unknown one is reported.
    pub(crate) fn find(&self, name: Spot<&str>, build: &mut Build) -> Option<&SiteOutline> {
        let at = self.names.find(name, &mut build.out)?;
        self.outlines.get(at as usize)
    }

    /// The site that a table's `site` names.
    pub(crate) fn of(&self, table: View<'_>, build: &mut Build) -> Option<&SiteOutline> {
        self.find(table.text("site")?, build)
    }

    /// The site of a generated user.
    pub(crate) fn of_user(&self, user: u32) -> Option<&SiteOutline> {
        let mut end = 0;
        self.outlines.iter().find(|site| {
            end += site.users;
            user < end
        })
    }

    /// The site of each office location: that which lists it among its `offices`, else that which has its name. An office
    /// of two sites is reported.
    pub(crate) fn by_office(&self, build: &mut Build) -> BTreeMap<String, usize> {
        let mut found: BTreeMap<String, usize> = BTreeMap::new();
        for (at, site) in self.outlines.iter().enumerate() {
            for (office, place) in &site.offices {
                if found.insert(office.clone(), at).is_some_and(|other| other != at) {
                    let message = format!("the office `{}` is one of two sites", shown(office));
                    let found = Diagnostic::new(Code::Conflict, *place, message);
                    build.report(found.help("a user is at one site: leave the office out of one of them"));
                }
            }
        }
        for (at, site) in self.outlines.iter().enumerate() {
            found.entry(office_key(&site.name)).or_insert(at);
        }
        found
    }

    /// The sites that a key addresses: one, a list, or `"all"`; unknown ones are reported.
    pub(crate) fn addressed(&self, table: View<'_>, key: &str, build: &mut Build) -> Vec<&SiteOutline> {
        if table.text(key).is_some_and(|name| name.value == ALL_SITES) {
            if self.outlines.is_empty() {
                let found = Diagnostic::new(Code::UnknownName, table.place_of(key), "all sites, and there is none");
                build.report(found.help("write [[fleet.site]] tables, or address groups"));
            }
            return self.outlines.iter().collect();
        }
        let named = table.text(key).into_iter().chain(table.names(key).unwrap_or_default());
        named.filter_map(|name| self.find(name, build)).collect()
    }
}

/// Reads the sites and divides the generated users among them. Sizes that do not fit are reported at the fleet's place.
pub(crate) fn read(tables: &[View<'_>], users: u32, fleet: View<'_>, times: &Times, build: &mut Build) -> Sites {
    if tables.is_empty() {
        return Sites::none();
    }
    if let Some(one_more) = tables.get(SITES_MAX) {
        let found = Diagnostic::new(Code::TooMuch, one_more.place, format!("{} sites", tables.len()));
        build.report(found.help(format!("a fleet has at most {SITES_MAX} sites; labels divide them further")));
    }
    let tables = &tables[..tables.len().min(SITES_MAX)];
    let names = Names::of("site", tables, &[], &mut build.out);
    let sizes: Vec<PartSize> = tables.iter().map(|table| size(*table, build.has_exports(), build)).collect();
    let ends = ends(&sizes, users, fleet.place_of("site"), build);
    let scenario_zone = times.zone_name.as_str();
    let begins = std::iter::once(0).chain(ends.iter().copied());
    let outline = |((table, begin), end): ((&View<'_>, u32), &u32)| {
        let name = table.text("name").map_or("", |name| name.value).to_owned();
        let mut labels = traits::labels(*table, "labels");
        if labels.contains_key(SITE_LABEL) {
            build.conflict(table.place_of("labels"), "the label `site` of a site is its name");
        }
        if name == ALL_SITES {
            build.conflict(table.place_of("name"), "`all` stands for every site and is the name of none");
        }
        labels.insert(SITE_LABEL.to_owned(), name.clone());
        SiteOutline {
            name,
            users: end - begin,
            zone: times.zone_of(*table, &mut build.out),
            zone_name: table.text("timezone").map_or(scenario_zone, |zone| zone.value).to_owned(),
            labels,
            mix: mix(*table, build),
            offices: offices(*table),
            without_size: (table.count_of(&["share", "users"]) == 0).then_some(table.place),
        }
    };
    let outlines = tables.iter().zip(begins).zip(&ends).map(outline).collect();
    Sites { names, outlines }
}

/// The users that the counts of all sites add up to; `None` if one has none. With exports a site without a size is one
/// of imported users alone.
pub(crate) fn counted_users(tables: &[View<'_>], has_exports: bool) -> Option<Spot<u64>> {
    let counted: Vec<&View<'_>> = tables.iter().filter(|table| table.has("users")).collect();
    let is_open = |table: &View<'_>| !table.has("users") && (table.has("share") || !has_exports);
    let first = counted.first().filter(|_| !tables.iter().any(is_open))?;
    let total =
        counted.iter().filter_map(|table| table.whole("users")).fold(0, |sum: u64, one| sum.saturating_add(one.value));
    Some(Spot { value: total, place: first.place_of("users") })
}

/// Its office locations, normalised by [`office_key`].
fn offices(table: View<'_>) -> Vec<(String, SourceSpan)> {
    let named = table.text("offices").into_iter().chain(table.names("offices").unwrap_or_default());
    named.map(|office| (office_key(office.value), office.place)).collect()
}

/// An office location in lower case and with single spaces: directories are filled in by hand.
pub(crate) fn office_key(office: &str) -> String {
    office.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

fn size(table: View<'_>, has_exports: bool, build: &mut Build) -> PartSize {
    match (table.count_of(&["share", "users"]), table.ratio("share"), table.whole("users")) {
        (1, Some(share), _) => PartSize::Share(share.value),
        (1, _, Some(count)) => PartSize::Count(u32::try_from(count.value).unwrap_or(0)),
        (1, None, None) => PartSize::Share(Ratio::ALWAYS),
        // A site of imported users alone.
        (0, ..) if has_exports => PartSize::Count(0),
        (0, ..) => {
            build.conflict(table.place, "a site needs `share` or `users`");
            PartSize::Share(Ratio::ALWAYS)
        }
        _ => {
            build.conflict(table.place, "a site has either `share` or `users`");
            PartSize::Share(Ratio::ALWAYS)
        }
    }
}

/// The end of each site among the users; sizes that do not fit are reported and replaced.
fn ends(sizes: &[PartSize], users: u32, place: SourceSpan, build: &mut Build) -> Vec<u32> {
    let fit = Fit::of(sizes, || u64::from(users));
    let found = match fit {
        Fit::Fits => return part_ends(sizes, users),
        Fit::TooMany(counted) => {
            let message = format!("the sites claim {counted} users, but only {users} are generated");
            Diagnostic::new(Code::TooMuch, place, message).help("raise `[fleet] users`, or lower the counts")
        }
        Fit::TooFew(counted) => {
            let message = format!("{users} users are generated, but the sites claim only {counted}");
            Diagnostic::new(Code::Conflict, place, message).help("give one site a `share` of the rest")
        }
    };
    if !build.is_fleet_unknown {
        build.report(found);
    }
    part_ends(&vec![PartSize::Share(Ratio::ALWAYS); sizes.len()], users)
}

/// Reports shares of cohorts that are not there.
pub(crate) fn check_mixes(tables: &[View<'_>], cohorts: &Names, build: &mut Build) {
    let shares = tables.iter().filter_map(|table| table.table("cohorts"));
    for (name, entry) in shares.flat_map(|shares| &shares.table.entries) {
        cohorts.find(Spot { value: name, place: entry.key_place }, &mut build.out);
    }
}

fn mix(table: View<'_>, build: &mut Build) -> Option<BTreeMap<String, Ratio>> {
    let shares = table.table("cohorts")?;
    traits::check_shares("cohorts", shares, build);
    let share = |(name, entry): (&String, &crate::scenario::text::document::Entry)| {
        Some((name.clone(), view::ratio(&entry.node)?))
    };
    Some(shares.table.entries.iter().filter_map(share).collect())
}
