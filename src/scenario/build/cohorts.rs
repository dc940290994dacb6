//! Cohorts of generated devices, and their sizes within each site. Must not name a user.

use std::collections::BTreeMap;

use crate::rules::base::chance::Ratio;
use crate::rules::base::platform::Platform;
use crate::rules::population::cohort::PartSize;
use crate::rules::population::site::{SITE_LABEL, Site};
use crate::rules::population::traits::{Doze, Model};

use super::builder::Build;
use super::sites::SiteOutline;
use super::traits;
use super::zone::Times;
use crate::scenario::diagnostics::diagnostic::{Code, Diagnostic};
use crate::scenario::diagnostics::limits::COHORTS_MAX;
use crate::scenario::diagnostics::source::SourceSpan;
use crate::scenario::grammar::fleet_keys::COHORT;
use crate::scenario::text::view::View;

/// A cohort as it is written, before it is divided among sites.
#[derive(Clone, Debug)]
pub(crate) struct CohortOutline {
    /// Its size; `None` where each site says its own.
    size: Option<PartSize>,
    model: Model,
    /// Whether it has a time zone of its own, which then holds in every site.
    has_zone: bool,
}

/// What all cohorts and imports share.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Common<'v> {
    /// `[fleet.defaults]`.
    pub(crate) defaults: Option<View<'v>>,
    /// The times of the run.
    pub(crate) times: &'v Times,
    /// How Android devices doze, where the scenario says so.
    pub(crate) doze: Option<Doze>,
}

impl Common<'_> {
    /// The model of a cohort or import: its own values over the shared ones, and those over the defaults of a cohort.
    pub(crate) fn model(&self, name: &str, platform: Platform, own: Option<View<'_>>, build: &mut Build) -> Model {
        let tables = [self.defaults, own];
        let zoned = tables.into_iter().flatten().rfind(|table| table.has("timezone"));
        let zone = zoned.map_or_else(|| self.times.zone.clone(), |table| self.times.zone_of(table, &mut build.out));
        let mut model = traits::cohort_default(name, platform, zone, build);
        for table in tables.into_iter().flatten() {
            traits::apply(&mut model, table, build);
        }
        if tables.into_iter().flatten().all(|table| !table.has("presence")) {
            build.usual_presence.insert(name.to_owned());
        }
        if platform == Platform::Android {
            model.doze = self.doze.unwrap_or(model.doze);
        }
        model
    }

    /// Whether a value is given for all cohorts and imports.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.defaults.is_some_and(|defaults| defaults.has(key))
    }
}

/// The cohorts of a fleet with this many generated users.
pub(crate) fn read(
    tables: &[View<'_>],
    generated: u32,
    sites: &[SiteOutline],
    common: &Common<'_>,
    build: &mut Build,
) -> Vec<CohortOutline> {
    let defaults = common.defaults;
    if tables.is_empty() && generated == 0 {
        return Vec::new();
    }
    if tables.is_empty() {
        build.assume("cohort", &[defaults], &COHORT);
        build.assumptions.insert("fleet.cohort".to_owned(), "half ios, half android".to_owned());
        return [("ios", Platform::Ios), ("android", Platform::Android)]
            .map(|(name, platform)| {
                let model = common.model(name, platform, None, build);
                CohortOutline { size: Some(PartSize::Share(Ratio::percent(50))), model, has_zone: false }
            })
            .into();
    }
    if let Some(one_more) = tables.get(COHORTS_MAX) {
        let found = Diagnostic::new(Code::TooMuch, one_more.place, format!("{} cohorts", tables.len()));
        build.report(found.help("a fleet has at most 256 cohorts; labels divide them further"));
    }
    let mut made = Vec::new();
    let mut shares = Vec::new();
    for table in tables.iter().take(COHORTS_MAX) {
        let size = size(*table, sites, &mut shares, build);
        let platform = table.text("platform").and_then(|word| traits::platform(word.value)).unwrap_or(Platform::Ios);
        let name = table.text("name").map_or("", |name| name.value);
        let model = common.model(name, platform, Some(*table), build);
        if !sites.is_empty() && model.labels.contains_key(SITE_LABEL) {
            build.conflict(table.place_of("labels"), "a cohort with the label `site` in a fleet with sites");
        }
        if generated > 0 {
            build.assume("cohort", &[Some(*table), defaults], &COHORT);
        }
        made.push(CohortOutline { size, model, has_zone: table.has("timezone") });
    }
    if !shares.is_empty() && !tables.iter().any(|table| table.is_refused("share")) {
        traits::check_total("cohort", shares.iter().map(|share| u64::from(share.billionths())).sum(), tables[0], build);
    }
    made
}

/// The size that a cohort's table gives.
fn size(table: View<'_>, sites: &[SiteOutline], shares: &mut Vec<Ratio>, build: &mut Build) -> Option<PartSize> {
    let is_mixed_by_sites = !sites.is_empty() && sites.iter().all(|site| site.mix.is_some());
    match (table.count_of(&["share", "devices"]), table.ratio("share"), table.whole("devices")) {
        (1, Some(share), _) => {
            shares.push(share.value);
            Some(PartSize::Share(share.value))
        }
        (1, _, Some(count)) if sites.is_empty() => Some(PartSize::Count(u32::try_from(count.value).unwrap_or(0))),
        (1, _, Some(count)) => {
            let found = Diagnostic::new(Code::Conflict, count.place, "a cohort with `devices` in a fleet with sites");
            build.report(found.help("give it a `share`: it is its share of the devices of each site"));
            Some(PartSize::Share(Ratio::ALWAYS))
        }
        (1, None, None) => Some(PartSize::Share(Ratio::ALWAYS)),
        (0, ..) if is_mixed_by_sites => None,
        (0, ..) => {
            build.conflict(table.place, "a cohort needs `share` or `devices`");
            Some(PartSize::Share(Ratio::ALWAYS))
        }
        _ => {
            build.conflict(table.place, "a cohort has either `share` or `devices`");
            Some(PartSize::Share(Ratio::ALWAYS))
        }
    }
}

/// The sites of a fleet with their cohorts; one without a name in a fleet without sites.
pub(crate) fn of_sites(cohorts: &[CohortOutline], outlines: &[SiteOutline], users: u32) -> Vec<Site> {
    if outlines.is_empty() {
        let cohorts = cohorts.iter().map(|cohort| (cohort.size_in(None), cohort.model.clone())).collect();
        return vec![Site { name: String::new(), users, labels: BTreeMap::new(), cohorts }];
    }
    let in_site = |site: &SiteOutline| {
        let cohort = |cohort: &CohortOutline| {
            let mut model = cohort.model.clone();
            model.labels.extend(site.labels.clone());
            if !cohort.has_zone {
                model.zone = site.zone.clone();
            }
            (cohort.size_in(Some(site)), model)
        };
        let cohorts = cohorts.iter().map(cohort).collect();
        Site { name: site.name.clone(), users: site.users, labels: site.labels.clone(), cohorts }
    };
    outlines.iter().map(in_site).collect()
}

impl CohortOutline {
    fn size_in(&self, site: Option<&SiteOutline>) -> PartSize {
        match site.and_then(|site| site.mix.as_ref()) {
            Some(mix) => PartSize::Share(mix.get(&self.model.cohort).copied().unwrap_or(Ratio::NEVER)),
            None => self.size.unwrap_or(PartSize::Share(Ratio::NEVER)),
        }
    }
}

/// Gives every cohort an equal share if the counts cannot be used, so that the fleet can be built.
pub(crate) fn fall_back(sites: &mut [Site]) {
    for site in sites {
        site.cohorts.iter_mut().for_each(|(size, _)| *size = PartSize::Share(Ratio::ALWAYS));
        // Strata and models beyond the limits would make building slow for a scenario that is refused anyway.
        site.cohorts.truncate(COHORTS_MAX);
    }
}

/// How parts with counts fit a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fit {
    /// Every one is in a part.
    Fits,
    /// The counts claim so many, which is too much.
    TooMany(u64),
    /// The counts claim so many, and no share takes the rest.
    TooFew(u64),
}

impl Fit {
    /// How these parts fit `total`, which is only computed if a count needs it.
    pub(crate) fn of(sizes: &[PartSize], total: impl FnOnce() -> u64) -> Self {
        let count = |size: &PartSize| if let PartSize::Count(count) = size { u64::from(*count) } else { 0 };
        let counted: u64 = sizes.iter().map(count).sum();
        let has_share = sizes.iter().any(|size| matches!(size, PartSize::Share(share) if *share > Ratio::NEVER));
        if counted == 0 && has_share {
            return Self::Fits;
        }
        match (counted.cmp(&total()), has_share) {
            (std::cmp::Ordering::Greater, _) => Self::TooMany(counted),
            (std::cmp::Ordering::Less, false) => Self::TooFew(counted),
            _ => Self::Fits,
        }
    }
}

/// Checks that the counts of cohorts fit the generated devices; if not, reports it and falls back to shares. `total`
/// counts the generated devices.
pub(crate) fn fit(sites: &mut [Site], total: impl FnOnce() -> u64, place: SourceSpan, build: &mut Build) {
    // Counts are only allowed without sites, where there is one without a name.
    let [site] = sites else { return fit_shares(sites, place, build) };
    let sizes: Vec<PartSize> = site.cohorts.iter().map(|(size, _)| *size).collect();
    let mut generated = 0;
    let fit = Fit::of(&sizes, || {
        generated = total();
        generated
    });
    let found = match fit {
        Fit::Fits => return,
        Fit::TooMany(counted) => {
            let message = format!("the cohorts claim {counted} devices, but only {generated} are generated");
            Diagnostic::new(Code::TooMuch, place, message).help("raise `[fleet] users`, or lower the counts")
        }
        Fit::TooFew(counted) => {
            let message = format!("{generated} devices are generated, but the cohorts claim only {counted}");
            Diagnostic::new(Code::Conflict, place, message).help("give one cohort a `share` of the rest")
        }
    };
    build.report(found);
    fall_back(sites);
}

/// Checks that each site with users has a cohort with a share.
fn fit_shares(sites: &mut [Site], place: SourceSpan, build: &mut Build) {
    let has_share = |site: &Site| site.cohorts.iter().any(|(size, _)| *size != PartSize::Share(Ratio::NEVER));
    if let Some(site) = sites.iter().find(|site| site.users > 0 && !has_share(site)) {
        // A sum of 0 is reported where the shares are read.
        if !build.out.has_errors() {
            let message = format!("no cohort has a share of the devices of the site `{}`", site.name);
            build.report(
                Diagnostic::new(Code::Nothing, place, message).help("give its `cohorts` shares that are not 0"),
            );
        }
        fall_back(sites);
    }
}
