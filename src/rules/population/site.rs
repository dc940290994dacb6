//! Sites: generated users of one place, with its labels and its mix of devices. The users of a site follow each other, and so
//! do their devices. Must not name a user.

use std::collections::BTreeMap;
use std::ops::Range;

use roaring::RoaringBitmap;

use super::cohort::{PartSize, part_ends};
use super::traits::Model;
use crate::rules::base::ids::{Key, ModelIx};

/// The label that names the site of a user or a device.
pub const SITE_LABEL: &str = "site";

/// Generated users of one place, and the models of their devices.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Site {
    /// Its unique name; empty for the users of a fleet without sites.
    pub name: String,
    /// How many users it has.
    pub users: u32,
    /// Labels of these users, its own name among them.
    pub labels: BTreeMap<String, String>,
    /// Cohorts of their devices, in file order; shares are of this site's devices.
    pub cohorts: Vec<(PartSize, Model)>,
}

/// The sites of a built fleet: ranges of users and devices.
#[derive(Clone, Debug)]
pub(super) struct SiteRanges(Vec<SiteRange>);

#[derive(Clone, Debug)]
struct SiteRange {
    users: Range<u32>,
    devices: Range<u32>,
    labels: BTreeMap<String, String>,
    /// Index of its first model among those of the fleet.
    first_model: u32,
    /// The end of each cohort, in the shuffled order of its devices.
    cohort_ends: Vec<u32>,
    shuffle: [Key; 4],
}

impl SiteRanges {
    /// The ranges of sites; `first` is the first device of a user.
    ///
    /// # Panics
    /// If the counts of cohorts exceed the devices of their site, or a site with devices has no cohort.
    pub(super) fn new(sites: &[Site], first: impl Fn(u32) -> u32) -> Self {
        let (mut user, mut first_model) = (0, 0);
        let range = |site: &Site| {
            let users = user..user + site.users;
            let devices = first(users.start)..first(users.end);
            let sizes: Vec<PartSize> = site.cohorts.iter().map(|(size, _)| *size).collect();
            let range = SiteRange {
                cohort_ends: part_ends(&sizes, devices.end - devices.start),
                shuffle: std::array::from_fn(|round| Key::of("cohort shuffle", &site.name).nth(round as u64)),
                labels: site.labels.clone(),
                first_model,
                devices,
                users,
            };
            user = range.users.end;
            first_model += range.cohort_ends.len() as u32;
            range
        };
        Self(sites.iter().map(range).collect())
    }

    /// The site of a generated device or user, whose range `of` gives.
    #[inline]
    fn containing(&self, at: u32, of: impl Fn(&SiteRange) -> &Range<u32>) -> &SiteRange {
        match self.0.as_slice() {
            [only] => only,
            ranges => &ranges[ranges.partition_point(|range| of(range).end <= at)],
        }
    }

    /// The model of a generated device; `shuffle` permutes the devices of a site by its keys.
    #[inline]
    pub(super) fn model_of(&self, device: u32, shuffle: impl Fn(&[Key; 4], u32, u32) -> u32) -> ModelIx {
        let site = self.containing(device, |range| &range.devices);
        let Range { start, end } = site.devices;
        let place = shuffle(&site.shuffle, device - start, end - start);
        ModelIx(site.first_model + site.cohort_ends.partition_point(|end| *end <= place) as u32)
    }

    /// The labels of a generated user.
    pub(super) fn labels_of(&self, user: u32) -> &BTreeMap<String, String> {
        &self.containing(user, |range| &range.users).labels
    }

    /// The generated users of sites whose labels fit.
    pub(super) fn users_with(&self, fits: impl Fn(&BTreeMap<String, String>) -> bool) -> RoaringBitmap {
        let mut users = RoaringBitmap::new();
        for site in self.0.iter().filter(|site| fits(&site.labels)) {
            users.insert_range(site.users.clone());
        }
        users
    }
}
