//! Runs the forecast of a scenario: the plan, then the fleet. Must not print or decide a fate.

use std::sync::atomic::Ordering::Relaxed;

use tokio_util::sync::CancellationToken;

use super::partition::Shard;
use crate::clock::Stopwatch;
use crate::engine::{Restarts, RunTotals};
use crate::forecast::{FateSink, SweepOptions, TenantPlan, sweep};
use crate::outcome::record::finished::Finished;
use crate::outcome::record::pairs::{PairBatch, PairOutlet};
use crate::rules::base::ids::MessageIx;
use crate::rules::delivery::fate::PairEnd;
use crate::rules::model::world::World;
use crate::rules::service::message::{MessageKind, Reason, Refusal};
use crate::rules::timeline::agenda::{Agenda, Attempt};
use crate::rules::timeline::history::{RecordedInput, TimedInput};
use crate::rules::timeline::posting::Posting;

pub use crate::forecast::{ForecastError, ForecastProgress};

/// Options of a forecast; no option changes a fate.
#[derive(Clone, Copy, Debug, Default)]
pub struct ForecastOptions<'a> {
    /// Threads; 0 for one a core.
    pub threads: usize,
    /// The part of the fleet.
    pub shard: Shard,
    /// Devices that a thread takes at once; `None` for as many as fit the caches.
    pub devices_at_once: Option<u32>,
    /// Whether to keep the end of every pair.
    pub keep_fates: bool,
    /// What was done to a hosted tenant, instead of what the scenario plans. The world is its revision after these inputs.
    pub history: Option<&'a [TimedInput]>,
    /// Receives the record of every pair as soon as its device is done.
    pub pairs: Option<PairOutlet<'a>>,
}

/// The plan of a world, or of what was done in it.
///
/// # Errors
/// [`ForecastError`] if it cannot start.
pub(super) fn plan(
    world: &World,
    (threads, history): (usize, Option<&[TimedInput]>),
    progress: &ForecastProgress,
    stop: &CancellationToken,
) -> Result<TenantPlan, ForecastError> {
    match history {
        None => TenantPlan::new(world, threads, progress, stop),
        Some(inputs) => {
            let whole = TenantPlan::of_history(world, inputs, world.horizon.just_before(), stop);
            let mut plan = whole.unwrap_or_else(|| TenantPlan::of_nothing(world));
            answer(world, inputs, &mut plan.agenda);
            Ok(plan)
        }
    }
}

/// Enters what was asked of a hosted tenant, and what it answered, into a ledger.
fn answer(world: &World, inputs: &[TimedInput], agenda: &mut Agenda) {
    let (mut accepted, mut asked) = (0, 0);
    for TimedInput { at, operation } in inputs {
        let (recipients, outcome) = match operation {
            RecordedInput::Accepted { recipients, .. } => {
                accepted += 1;
                (recipients, Ok(MessageIx(accepted - 1)))
            }
            RecordedInput::Refused { recipients, .. } => {
                let kind = if recipients.device().is_some() { MessageKind::Device } else { MessageKind::Group };
                (recipients, Err(Refusal { reason: Reason::of_quota(kind), next_slot: None }))
            }
            RecordedInput::Dismissed { .. }
            | RecordedInput::FaultStarted { .. }
            | RecordedInput::FaultStopped { .. }
            | RecordedInput::PhoneSet { .. } => continue,
        };
        let occurrence = u32::try_from(asked).unwrap_or(u32::MAX);
        let attempt = Attempt::first(World::POSTED, occurrence, recipients.device(), Posting::key(asked));
        agenda.answer(world, attempt, outcome, *at);
        asked += 1;
    }
}

/// Forecasts a shard of `world`, that is the whole life of some of its devices; less of it if `stop` becomes true
/// meanwhile.
///
/// # Errors
/// [`ForecastError`] if it cannot start; an interruption is no error.
pub fn forecast(
    world: &World,
    options: ForecastOptions<'_>,
    progress: &ForecastProgress,
    stop: &CancellationToken,
) -> Result<Finished, ForecastError> {
    let watch = Stopwatch::start();
    let ForecastOptions { threads, shard, devices_at_once, keep_fates, history, pairs } = options;
    let plan = plan(world, (threads, history), progress, stop)?;
    let devices = shard.devices(world.fleet.devices());
    progress.pairs.store(plan.pairs(&devices), Relaxed);
    let hand_on = |ends: &[PairEnd]| {
        if let Some(PairOutlet(take)) = pairs {
            take(&PairBatch { world, ends });
        }
    };
    let outlet = pairs.is_some().then_some(FateSink(&hand_on));
    let options = SweepOptions { threads, devices, devices_at_once, keep_fates, outlet };
    let totals = sweep(world, &plan, &options, progress, stop)?;
    Ok(Finished {
        interrupted_at: (plan.until < world.horizon).then_some(plan.until),
        devices_done: Some(totals.devices_done),
        totals: RunTotals {
            counts: totals.counts,
            pairs_sent: totals.pairs_sent,
            changes_slowed: plan.changes_slowed,
            lag: Vec::new(),
            struck: None,
            restarts: Restarts::default(),
            fates: totals.fates,
        },
        agenda: plan.agenda,
        wall_ms: watch.ms(),
        late_sends: 0,
    })
}
