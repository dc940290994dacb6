//! Drives the forecast through a scenario: the plan, then the fleet. Prints nothing, decides no fate.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use super::finished::Finished;
use crate::clock::Stopwatch;
use crate::engine::{Books, Restarts};
use crate::forecast::{Options, Plan, sweep};
use crate::rules::world::World;

pub use crate::forecast::{ForecastError, Progress as ForecastProgress};

/// How a forecast is made; nothing here changes a fate.
#[derive(Clone, Copy, Debug, Default)]
pub struct ForecastOptions {
    /// Threads; 0 for one a core.
    pub threads: usize,
    /// Devices that a thread takes at once; `None` for as many as the caches like.
    pub devices_at_once: Option<u32>,
    /// Keep every pair's end.
    pub keep_fates: bool,
}

/// Forecasts `world`, or a part of it if `stop` becomes true meanwhile: the whole life of some devices.
///
/// # Errors
/// [`ForecastError`] if it cannot begin; an interruption is no error.
pub fn forecast(
    world: &World,
    options: ForecastOptions,
    progress: &ForecastProgress,
    stop: &AtomicBool,
) -> Result<Finished, ForecastError> {
    let watch = Stopwatch::start();
    let plan = Plan::new(world, progress, stop);
    progress.pairs.store(plan.pairs(), Relaxed);
    let ForecastOptions { threads, devices_at_once, keep_fates } = options;
    let options = Options { threads, devices: 0..world.fleet.devices(), devices_at_once, keep_fates };
    let books = sweep(world, &plan, &options, progress, stop)?;
    let complete = books.complete && plan.until == world.horizon;
    Ok(Finished {
        interrupted_at: (!complete).then_some(plan.until),
        books: Books {
            tally: books.tally,
            pairs_sent: books.pairs_sent,
            changes_slowed: plan.changes_slowed,
            lag_ms: None,
            restarts: Restarts::default(),
            fates: books.fates,
        },
        agenda: plan.agenda,
        wall_ms: watch.ms(),
        late_sends: 0,
    })
}
