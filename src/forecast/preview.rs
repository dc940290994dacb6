//! What one message would come to if it were accepted now: the plan of a tenant at this moment with this message alone, and
//! the lives of its audience under several keys of the message. Must not count what other messages come to.

use std::collections::BTreeMap;

use rayon::prelude::*;
use roaring::RoaringBitmap;
use tokio_util::sync::CancellationToken;

use super::crowd_entries::{CrowdEntry, CrowdPlace, Seats};
use super::error::ForecastError;
use super::life::Lives;
use super::life_recorder::LifeRecorder;
use super::plan::TenantPlan;
use super::preview_plan::plan;
use super::sweep::thread_pool;
use crate::rules::base::ids::{DeviceIx, Key, MessageIx};
use crate::rules::base::time::SimTime;
use crate::rules::counting::counts::REACH_WINDOWS_MS;
use crate::rules::counting::recorder::Counted;
use crate::rules::delivery::observer::Observer;
use crate::rules::delivery::phone::DeviceContext;
use crate::rules::model::world::World;
use crate::rules::sending::tenant::Tenant;
use crate::rules::service::audience::AudienceClass;
use crate::rules::service::journey::{Effect, Journey, SkipCause, WaitCause};
use crate::rules::service::message::Message;
use crate::rules::timeline::posting::Recipients;

/// How often the message is forecast, each time under another key: its own seed.
pub const PREVIEW_SEEDS: usize = 20;
/// Devices whose crowds are looked up together.
const DEVICES_AT_ONCE: u32 = 1 << 12;
/// How many standard deviations a range is wide on each side: of a new outcome under the same conditions, 99 of 100 lie in it.
const RANGE_DEVIATIONS: f64 = 3.0;

/// A tenant at a moment, and a message that it may be sent.
#[derive(Clone, Debug)]
pub struct PreviewScene<'a> {
    /// The world with the faults and the phones as they are now.
    pub world: &'a World,
    /// The tenant as it is now.
    pub tenant: Tenant,
    /// The recipients of the message.
    pub recipients: &'a Recipients,
    /// The moment of its acceptance.
    pub now: SimTime,
}

/// What a message would come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// Devices of its audience, within four hours.
    pub pairs: u64,
    /// What it came to under each key.
    pub runs: Vec<PreviewRun>,
}

/// What a message came to under one key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PreviewRun {
    /// Pairs shown within each of [`REACH_WINDOWS_MS`].
    pub shown: [u64; REACH_WINDOWS_MS.len()],
    /// Pairs by where they are after the longest of them.
    pub ends: BTreeMap<Journey, u64>,
}

/// A count as several forecasts have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PreviewRange {
    /// A new outcome is hardly less.
    pub least: u64,
    /// The median of the forecasts.
    pub middle: u64,
    /// A new outcome is hardly more.
    pub most: u64,
}

impl Preview {
    /// The message of this scene under [`PREVIEW_SEEDS`] keys; `None` if it is stopped meanwhile.
    ///
    /// # Errors
    /// [`ForecastError::NoThreads`] if the system starts no threads.
    ///
    /// # Panics
    /// If the tenant refuses the message: [`Tenant::judge`] and the quotas come first.
    pub fn of(scene: PreviewScene<'_>, stop: &CancellationToken) -> Result<Option<Self>, ForecastError> {
        let world = scene.world;
        let plan = plan(scene, stop).expect("the caller has asked the tenant and the quotas");
        let audience = plan.devices_of(MessageIx(0));
        let keys = (0..PREVIEW_SEEDS as u64).map(|seed| Key::of("preview", "").nth(seed));
        let plans: Vec<TenantPlan> = keys.map(|key| plan.under_key(key)).collect();
        let chunks: Vec<u32> = (0..world.fleet.devices()).step_by(DEVICES_AT_ONCE as usize).collect();
        let empty = || vec![PreviewRun::default(); PREVIEW_SEEDS];
        let add = |mut whole: Vec<PreviewRun>, part: Vec<PreviewRun>| {
            whole.iter_mut().zip(part).for_each(|(whole, part)| whole.add(part));
            whole
        };
        let runs = thread_pool(0)?.install(|| {
            let parts = chunks.into_par_iter().filter(|_| !stop.is_cancelled());
            parts.map(|begin| chunk(world, &plans, &audience, begin)).reduce(empty, add)
        });
        Ok((!stop.is_cancelled()).then_some(Self { pairs: audience.len(), runs }))
    }

    /// The range of the pairs that are shown within a window, by its place in [`REACH_WINDOWS_MS`].
    pub fn shown(&self, window: usize) -> PreviewRange {
        self.range(|run| run.shown[window])
    }

    /// Where the pairs are after the longest window, the most frequent first.
    pub fn ends(&self) -> Vec<(Journey, PreviewRange)> {
        let mut journeys: Vec<Journey> = self.runs.iter().flat_map(|run| run.ends.keys().copied()).collect();
        journeys.sort_unstable();
        journeys.dedup();
        let range = |journey: Journey| self.range(|run| run.ends.get(&journey).copied().unwrap_or(0));
        let mut ends: Vec<_> = journeys.into_iter().map(|journey| (journey, range(journey))).collect();
        ends.sort_by_key(|(journey, range)| (std::cmp::Reverse(range.middle), *journey));
        ends
    }

    fn range(&self, count: impl Fn(&PreviewRun) -> u64) -> PreviewRange {
        PreviewRange::of(self.runs.iter().map(count).collect(), self.pairs)
    }
}

impl PreviewRange {
    /// The range of these counts, each at most `all`.
    fn of(mut counts: Vec<u64>, all: u64) -> Self {
        counts.sort_unstable();
        let many = counts.len().max(1) as f64;
        let mean = counts.iter().sum::<u64>() as f64 / many;
        let squares: f64 = counts.iter().map(|count| (*count as f64 - mean).powi(2)).sum();
        let beside = RANGE_DEVIATIONS * (squares / (many - 1.0).max(1.0)).sqrt();
        #[expect(clippy::cast_sign_loss, reason = "it is not negative")]
        let whole = |number: f64| number.max(0.0).round() as u64;
        let [first, last] = [counts.first(), counts.last()].map(|count| count.copied().unwrap_or(0));
        Self {
            least: whole((mean - beside).floor()).min(first),
            middle: counts.get(counts.len() / 2).copied().unwrap_or(0),
            most: whole((mean + beside).ceil()).max(last).min(all),
        }
    }
}

/// The forecasts of the devices of the audience in a chunk, one for each plan.
fn chunk(world: &World, plans: &[TenantPlan], audience: &RoaringBitmap, begin: u32) -> Vec<PreviewRun> {
    let devices = begin..world.fleet.devices().min(begin + DEVICES_AT_ONCE);
    let Some(plan) = plans.first() else { return Vec::new() };
    let (mut entries, mut pairs) = (Seats::default(), Vec::new());
    let accepted_at = plan.message(MessageIx(0)).map_or(SimTime::ZERO, |message| message.accepted_at);
    let tally = || PreviewTally { accepted_at, here: None, found: PreviewRun::default() };
    let mut lives: Vec<_> = plans.iter().map(|plan| Lives::recorded_by(world, plan, tally())).collect();
    let mut skipped: BTreeMap<Journey, u64> = BTreeMap::new();
    if audience.range_cardinality(devices.clone()) > 0 {
        // The plans differ in the key of the message alone: their crowds are the same.
        entries.fill(&plan.crowds, &devices, &mut pairs);
    }
    for device in audience.range(devices).map(DeviceIx) {
        let row = entries.row((device.0 - begin) as usize);
        let alone = plan.alone.get(&device).map_or(&[][..], Vec::as_slice);
        // Nothing of what only skips a device is drawn.
        let only_skipped =
            if alone.is_empty() && !row.iter().any(|entry| entry.is_carried()) { skip(plan, row) } else { None };
        if let Some(cause) = only_skipped {
            *skipped.entry(Journey::Skipped(cause)).or_default() += 1;
            continue;
        }
        let context = DeviceContext::new(world, device);
        for (lives, plan) in lives.iter_mut().zip(plans) {
            let alone = plan.alone.get(&device).map_or(&[][..], Vec::as_slice);
            lives.live_in(&context, device, row, &entries.first_ranks, alone);
        }
    }
    let mut runs: Vec<PreviewRun> = lives.into_iter().map(|lives| lives.into_recorder().found).collect();
    for run in &mut runs {
        run.add(PreviewRun { ends: skipped.clone(), ..PreviewRun::default() });
    }
    runs
}

/// Why a device is skipped in the end, as its row of entries has it.
fn skip(plan: &TenantPlan, row: &[CrowdEntry]) -> Option<SkipCause> {
    plan.waves.iter().rev().find_map(|wave| match row[wave.crowd].place() {
        CrowdPlace::Skipped(cause) => Some(cause),
        CrowdPlace::Absent | CrowdPlace::Carried { .. } => None,
    })
}

impl PreviewRun {
    /// Adds the counts of other devices.
    fn add(&mut self, other: Self) {
        self.shown.iter_mut().zip(other.shown).for_each(|(mine, theirs)| *mine += theirs);
        for (journey, pairs) in other.ends {
            *self.ends.entry(journey).or_default() += pairs;
        }
    }
}

/// Counts where the one message ends on each device.
#[derive(Debug)]
struct PreviewTally {
    accepted_at: SimTime,
    /// Where the pair of the present device is, and since when.
    here: Option<(Journey, SimTime)>,
    found: PreviewRun,
}

impl Observer for PreviewTally {
    fn effect(&mut self, effect: Effect) {
        if let Effect::Moved { at, to, .. } = effect {
            self.here = Some((to, at));
        }
    }
}

impl LifeRecorder for PreviewTally {
    const EXPLAINS: bool = false;

    fn begin(&mut self, _device: DeviceIx, _counted: Counted) {
        self.here = None;
    }

    fn open(&mut self, _message: &Message) {}

    fn skip(&mut self, _message: MessageIx, _class: AudienceClass, cause: SkipCause, at: SimTime) {
        self.here = Some((Journey::Skipped(cause), at));
    }

    fn unskip(&mut self, _message: MessageIx, _class: AudienceClass, _at: SimTime) {
        self.here = None;
    }

    fn still_waiting(&mut self, _message: MessageIx, cause: WaitCause) {
        self.here = Some((Journey::Waiting(cause), SimTime::NEVER));
    }

    fn end(&mut self) {
        let Some((journey, at)) = self.here.take() else { return };
        *self.found.ends.entry(journey).or_default() += 1;
        if matches!(journey, Journey::Shown(_)) {
            for (shown, window_ms) in self.found.shown.iter_mut().zip(REACH_WINDOWS_MS) {
                *shown += u64::from(at.since(self.accepted_at) <= window_ms);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_holds_its_forecasts_and_what_a_new_one_may_be() {
        let range = PreviewRange::of(vec![50; 20], 100);
        assert_eq!(range, PreviewRange { least: 50, middle: 50, most: 50 });
        let spread: Vec<u64> = (40..60).collect();
        let range = PreviewRange::of(spread, 100);
        // The mean is 49.5 and the deviation 5.92.
        assert_eq!(range, PreviewRange { least: 31, middle: 50, most: 68 });
        assert_eq!(PreviewRange::of(vec![0, 0, 0, 1], 1), PreviewRange { least: 0, middle: 0, most: 1 });
    }
}
