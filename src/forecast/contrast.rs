//! The same devices in two worlds: runs each device in both and counts the differences. Must keep counts and never
//! pairs: memory does not grow with devices times messages.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::Ordering::Relaxed;

use hdrhistogram::Histogram;
use tokio_util::sync::CancellationToken;

use crate::rules::base::ids::{DeviceIx, MessageIx};
use crate::rules::base::time::SimTime;
use crate::rules::delivery::fate::{Fates, PairFate};
use crate::rules::model::world::World;
use crate::rules::service::journey::Journey;
use crate::rules::service::message::Message;

use super::chunks::Chunks;
use super::crowd_entries::Seats;
use super::ends::FateBuffer;
use super::error::ForecastError;
use super::life::Lives;
use super::life_recorder::{CountingRecorder, WithSummaries};
use super::plan::TenantPlan;
use super::progress::ForecastProgress;
use super::sweep::SweepOptions;

/// Devices that a thread takes at once by default.
const DEVICES_AT_ONCE: u32 = 1 << 10;
/// The upper end of the delay histogram, in ms: about 49 days, beyond any expiry; longer delays count as this.
const DELAY_MS_MAX: u64 = u32::MAX as u64;
/// Significant digits of the histogram: at most 1 % relative error.
const DELAY_DIGITS: u8 = 2;

/// A world and its plan.
#[derive(Clone, Copy, Debug)]
pub struct ContrastSide<'a> {
    /// The world.
    pub world: &'a World,
    /// The tenant's plan in it, to the horizon.
    pub plan: &'a TenantPlan,
}

/// What some faults did to the pairs of some devices. A pair is one requested message and one device, in both worlds;
/// it is counted once.
#[derive(Clone, Debug)]
pub struct Contrast {
    /// Shown in both worlds, later with the faults.
    pub shown_later: u64,
    /// The delays, in ms.
    pub delay_ms: Histogram<u64>,
    /// The longest delay, in ms, exact.
    pub delay_ms_max: u64,
    /// Shown without the faults, and not by the end with them.
    pub never_shown: u64,
    /// Shown in both worlds, earlier with the faults.
    pub shown_earlier: u64,
    /// Shown with the faults, and not by the end without them.
    pub shown_only_with: u64,
    /// Shown at the same moment in both worlds, or in neither.
    pub unchanged: u64,
    /// Pairs that exist with the faults only.
    pub only_with: u64,
    /// Pairs that exist without the faults only.
    pub only_without: u64,
    /// Whether all devices were reached; a stopped contrast leaves some out, each entirely.
    pub complete: bool,
}

/// Contrasts the fates of some devices with their fates `without` some faults, in parallel. Neither threads nor
/// [`SweepOptions::devices_at_once`] change the result.
///
/// # Errors
/// [`ForecastError::NoThreads`] if the system starts none.
pub fn contrast(
    with: ContrastSide<'_>,
    without: ContrastSide<'_>,
    options: &SweepOptions,
    progress: &ForecastProgress,
    stop: &CancellationToken,
) -> Result<Contrast, ForecastError> {
    let threads = options.threads;
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .thread_name(|thread| format!("contrast-{thread}"))
        .build()
        .map_err(|error| ForecastError::NoThreads { threads, cause: error.to_string() })?;
    let counterparts = counterparts(with.plan, without.plan);
    let chunks = Chunks::of(&options.devices, options.devices_at_once.unwrap_or(DEVICES_AT_ONCE));
    let work = || {
        let (mut with, mut without, mut found) = (Half::new(with), Half::new(without), Contrast::new());
        while let Some(chunk) = chunks.take() {
            if stop.is_cancelled() {
                found.complete = false;
                break;
            }
            with.entry(&chunk);
            without.entry(&chunk);
            let mut pairs = 0;
            for (nth, device) in chunk.map(DeviceIx).enumerate() {
                if stop.is_cancelled() {
                    found.complete = false;
                    break;
                }
                let (with, without) = (with.live(nth, device), without.live(nth, device));
                pairs += (with.len() + without.len()) as u64;
                found.compare(with, without, &counterparts);
            }
            progress.pairs_done.fetch_add(pairs, Relaxed);
        }
        found
    };
    let mut whole = Contrast::new();
    pool.broadcast(|_| work()).iter().for_each(|part| whole.add(part));
    Ok(whole)
}

/// For each message of one plan, the message of the other with the same key: its key is that of its send, occurrence
/// and device.
fn counterparts(with: &TenantPlan, without: &TenantPlan) -> Vec<Option<MessageIx>> {
    let origin = |message: &Message| (message.send, message.occurrence, message.key);
    let others: BTreeMap<_, MessageIx> = without.messages.iter().map(|message| (origin(message), message.ix)).collect();
    with.messages.iter().map(|message| others.get(&origin(message)).copied()).collect()
}

/// One of a thread's two worlds.
struct Half<'a> {
    plan: &'a TenantPlan,
    lives: Lives<'a, CountingRecorder<'a, WithSummaries>>,
    entries: Seats,
    pairs_of_crowds: Vec<u64>,
}

impl<'a> Half<'a> {
    fn new(ContrastSide { world, plan }: ContrastSide<'a>) -> Self {
        Self {
            plan,
            lives: Lives::new(world, plan, FateBuffer::new(&plan.messages, true, None)),
            entries: Seats::default(),
            pairs_of_crowds: Vec::new(),
        }
    }

    fn entry(&mut self, chunk: &Range<u32>) {
        self.entries.fill(&self.plan.crowds, chunk, &mut self.pairs_of_crowds);
    }

    /// The fates of all pairs of a device, the `nth` of its chunk.
    fn live(&mut self, nth: usize, device: DeviceIx) -> Fates {
        let alone = self.plan.alone.get(&device).map_or(&[][..], Vec::as_slice);
        self.lives.live(device, self.entries.row(nth), &self.entries.first_ranks, alone);
        self.lives.take_fates()
    }
}

impl Contrast {
    fn new() -> Self {
        let delay_ms = Histogram::new_with_bounds(1, DELAY_MS_MAX, DELAY_DIGITS);
        Self {
            shown_later: 0,
            delay_ms: delay_ms.expect("the bounds are fixed and valid"),
            delay_ms_max: 0,
            never_shown: 0,
            shown_earlier: 0,
            shown_only_with: 0,
            unchanged: 0,
            only_with: 0,
            only_without: 0,
            complete: true,
        }
    }

    /// Compares all pairs of one device.
    fn compare(&mut self, with: Fates, mut without: Fates, counterparts: &[Option<MessageIx>]) {
        for ((message, device), fate) in with {
            match counterparts[message.at()].and_then(|same| without.remove(&(same, device))) {
                Some(other) => self.pair(shown_at(fate), shown_at(other)),
                None => self.only_with += 1,
            }
        }
        self.only_without += without.len() as u64;
    }

    fn pair(&mut self, with: Option<SimTime>, without: Option<SimTime>) {
        match (with, without) {
            (Some(with), Some(without)) if with > without => {
                let delay = with.since(without);
                self.shown_later += 1;
                self.delay_ms.saturating_record(delay);
                self.delay_ms_max = self.delay_ms_max.max(delay);
            }
            (Some(with), Some(without)) if with < without => self.shown_earlier += 1,
            (Some(_), Some(_)) | (None, None) => self.unchanged += 1,
            (None, Some(_)) => self.never_shown += 1,
            (Some(_), None) => self.shown_only_with += 1,
        }
    }

    /// Adds the counts of other devices.
    fn add(&mut self, other: &Self) {
        self.shown_later += other.shown_later;
        self.delay_ms.add(&other.delay_ms).expect("all histograms have one layout");
        self.delay_ms_max = self.delay_ms_max.max(other.delay_ms_max);
        self.never_shown += other.never_shown;
        self.shown_earlier += other.shown_earlier;
        self.shown_only_with += other.shown_only_with;
        self.unchanged += other.unchanged;
        self.only_with += other.only_with;
        self.only_without += other.only_without;
        self.complete &= other.complete;
    }
}

fn shown_at(fate: PairFate) -> Option<SimTime> {
    matches!(fate.journey, Journey::Shown(_)).then_some(fate.at)
}
