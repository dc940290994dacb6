//! Sweeps over the fleet in chunks, each thread with its own totals. The division among threads must not change the
//! sum.

use std::ops::Range;
use std::sync::atomic::Ordering::Relaxed;

use tokio_util::sync::CancellationToken;

use crate::rules::base::ids::DeviceIx;
use crate::rules::counting::recorder::Recorder;
use crate::rules::model::world::World;

use super::chunks::Chunks;
use super::crowd_entries::Seats;
use super::ends::{FateBuffer, FateSink};
use super::error::ForecastError;
use super::life::Lives;
use super::life_recorder::{Counting, CountingRecorder, WithSummaries, WithoutSummaries};
use super::plan::TenantPlan;
use super::progress::ForecastProgress;
use super::totals::ForecastTotals;

/// Smallest chunk for which the lookup of crowds is worth its cost, in devices.
const DEVICES_AT_ONCE_MIN: u32 = 1 << 6;
/// Crowd entries in a chunk: 4 bytes each, half a megabyte, which fits into the second-level cache.
const SEATS_MAX: u32 = 1 << 17;
/// Pairs in a chunk, some hundredths of a second of work: the longest time for which the other threads may be idle at
/// the end.
const PAIRS_MAX: u32 = 1 << 18;

/// Pairs between two looks at the stop, which takes a lock: a tenth of a millisecond. A device is never cut.
const PAIRS_A_LOOK: usize = 1 << 10;

/// How a forecast is run; no option changes a fate.
#[derive(Clone, Debug)]
pub struct SweepOptions<'a> {
    /// Threads; 0 for one a core.
    pub threads: usize,
    /// The devices to run, by index.
    pub devices: Range<u32>,
    /// Devices in a chunk, 1 to [`super::DEVICES_AT_ONCE_MAX`]; `None` for as many as fit the caches.
    pub devices_at_once: Option<u32>,
    /// Whether to keep the end of every pair.
    pub keep_fates: bool,
    /// Receives the end of every pair as soon as its device is done.
    pub outlet: Option<FateSink<'a>>,
}

/// Runs the lives of some devices in parallel.
///
/// # Errors
/// [`ForecastError::NoThreads`] if the system starts none.
pub fn sweep(
    world: &World,
    plan: &TenantPlan,
    options: &SweepOptions<'_>,
    progress: &ForecastProgress,
    stop: &CancellationToken,
) -> Result<ForecastTotals, ForecastError> {
    let pool = thread_pool(options.threads)?;
    let among = |most: u32, many: usize| most / u32::try_from(many).unwrap_or(u32::MAX).max(1);
    let fits = among(SEATS_MAX, plan.crowds.len()).min(among(PAIRS_MAX, plan.waves.len())).max(DEVICES_AT_ONCE_MIN);
    let chunks = Chunks::of(&options.devices, options.devices_at_once.unwrap_or(fits));
    let sweeper = Sweeper { world, plan, options, progress, stop, chunks: &chunks };
    let mut whole = sweeper.empty();
    pool.broadcast(|_| sweeper.sweep()).into_iter().for_each(|part| whole.add(part));
    Ok(whole)
}

/// The threads of a forecast; 0 for one a core.
///
/// # Errors
/// [`ForecastError::NoThreads`] if the system starts none.
pub(super) fn thread_pool(threads: usize) -> Result<rayon::ThreadPool, ForecastError> {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .thread_name(|thread| format!("forecast-{thread}"))
        .build()
        .map_err(|error| ForecastError::NoThreads { threads, cause: error.to_string() })
}

#[derive(Clone, Copy)]
struct Sweeper<'a> {
    world: &'a World,
    plan: &'a TenantPlan,
    options: &'a SweepOptions<'a>,
    progress: &'a ForecastProgress,
    stop: &'a CancellationToken,
    chunks: &'a Chunks,
}

impl Sweeper<'_> {
    /// Totals in which all messages are open and nothing is counted.
    fn empty(&self) -> ForecastTotals {
        let mut counter = Recorder::new(self.world);
        for message in &self.plan.messages {
            counter.open_message(message);
            counter.forget_all();
        }
        let fates = self.options.keep_fates.then(Default::default);
        ForecastTotals { counts: counter.close(), pairs_sent: 0, fates, devices_done: 0 }
    }

    fn is_stopped(&self) -> bool {
        self.stop.is_cancelled()
    }

    fn sweep(self) -> ForecastTotals {
        if self.plan.agenda.summarises() { self.count::<WithSummaries>() } else { self.count::<WithoutSummaries>() }
    }

    fn count<C: Counting>(self) -> ForecastTotals {
        let ends = FateBuffer::new(&self.plan.messages, self.options.keep_fates, self.options.outlet);
        let mut lives = Lives::<CountingRecorder<'_, C>>::new(self.world, self.plan, ends);
        let (mut entries, mut pairs_of_crowds) = (Seats::default(), Vec::new());
        let (mut pairs_sent, mut devices_done) = (0, 0);
        let devices_a_look = (PAIRS_A_LOOK / self.plan.waves.len().max(1)).max(1);
        while let Some(mut chunk) = self.chunks.take() {
            if self.is_stopped() {
                break;
            }
            entries.fill(&self.plan.crowds, &chunk, &mut pairs_of_crowds);
            let (mut pairs, devices) = (0, chunk.clone());
            let mut alone = self.plan.alone.range(DeviceIx(chunk.start)..DeviceIx(chunk.end)).peekable();
            for (nth, device) in devices.map(DeviceIx).enumerate() {
                // A chunk may hold many pairs: a stop keeps the devices before this one.
                if nth.is_multiple_of(devices_a_look) && self.is_stopped() {
                    chunk.end = device.0;
                    entries.fill(&self.plan.crowds, &chunk, &mut pairs_of_crowds);
                    break;
                }
                let given = alone.next_if(|(whose, _)| **whose == device).map_or(&[][..], |(_, given)| given);
                pairs += given.iter().filter(|alone| alone.is_pair()).count() as u64;
                lives.live(device, entries.row(nth), &entries.first_ranks, given);
            }
            pairs += self.plan.waves.iter().map(|wave| pairs_of_crowds[wave.crowd]).sum::<u64>();
            devices_done += chunk.len() as u64;
            pairs_sent += pairs;
            self.progress.pairs_done.fetch_add(pairs, Relaxed);
        }
        let (counts, fates) = lives.finish();
        ForecastTotals { counts, pairs_sent, fates, devices_done }
    }
}
