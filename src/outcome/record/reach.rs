//! Shown pairs by window of reach, of all pairs and of parts of them. Must not judge.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::selection::Sum;
use crate::rules::counting::counts::{REACH_WINDOWS_MS, RunCounts};
use crate::rules::model::reach_window::{ReachLimit, ReachWindow};
use crate::rules::model::world::World;

/// Shown pairs until each window; null for a time of day where a summarised send is among the pairs.
pub type ShownUntil = Vec<Option<u64>>;

/// Shown pairs by window of reach.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReachByWindow {
    /// The windows, as the scenario lists them; every list of counts has one for each.
    pub windows: Vec<WindowLine>,
    /// Of all pairs.
    pub overall: ShownUntil,
    /// For each platform of the fleet.
    pub by_platform: BTreeMap<String, ShownUntil>,
    /// For each cohort.
    pub by_cohort: BTreeMap<String, ShownUntil>,
    /// For each site.
    pub by_site: BTreeMap<String, ShownUntil>,
    /// For each label and value but sites, as `LABEL=VALUE`.
    pub by_label: BTreeMap<String, ShownUntil>,
}

/// A window of reach.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WindowLine {
    /// As written: `15m`, or `08:00`.
    pub window: String,
    /// How long after acceptance, in ms; null for a time of day, which is that of each device.
    pub within_ms: Option<u64>,
}

impl WindowLine {
    fn of(window: &ReachWindow) -> Self {
        let within_ms = match window.until {
            ReachLimit::After(ms) => Some(ms),
            ReachLimit::Local(_) => None,
        };
        Self { window: window.name.clone(), within_ms }
    }

    /// Whether it is none of the usual ones, which every message has anyway.
    pub fn is_chosen(&self) -> bool {
        self.within_ms.is_none_or(|ms| !REACH_WINDOWS_MS.contains(&ms))
    }
}

impl ReachByWindow {
    /// The windows of a world, without counts.
    pub(crate) fn windows_of(world: &World) -> Vec<WindowLine> {
        world.windows.iter().map(WindowLine::of).collect()
    }

    /// Whether there are others than the usual windows.
    pub fn is_chosen(&self) -> bool {
        self.windows.iter().any(WindowLine::is_chosen)
    }
}

/// The shown pairs of a sum until each window.
pub(crate) fn shown_until(world: &World, counts: &RunCounts, sum: &Sum) -> ShownUntil {
    world.windows.iter().map(|window| sum.shown_until(window.until, counts)).collect()
}
