//! Checks whether the totals of a part can be those of its shard: every sum that is counted twice must be equal, and no
//! count may exceed its limit. A part is not authenticated, so everything that enters a report is checked first. Must
//! not change the totals or name a file.

use std::collections::BTreeMap;

use strum::VariantArray as _;

use crate::rules::base::ids::{DeviceIx, MessageIx, SendIx};
use crate::rules::base::platform::Platform;
use crate::rules::counting::counts::{Cells, RunCounts, StratumCounts};
use crate::rules::model::send::Target;
use crate::rules::model::world::World;
use crate::rules::service::journey::{Journey, Station, WaitCause};
use crate::rules::service::message::Message;
use crate::rules::timeline::agenda::LedgerEntry;
use crate::rules::timeline::summary::Summarised;

use super::ledger_check::{self, Ledger};
use super::part::{Contents, PartLabel};
use crate::outcome::record::series::MINUTE_MS;

/// What is wrong, as a fragment that names the sum.
pub(super) type Misfit = &'static str;

/// Checks the totals of a whole shard, whose world and shape are known to fit.
///
/// # Errors
/// The first sum that is wrong.
pub(super) fn check(world: &World, label: &PartLabel, contents: &Contents) -> Result<(), Misfit> {
    let ledger = ledger_check::check(world, &contents.agenda)?;
    let part = Part { world, devices: label.shard.devices(label.devices), counts: &contents.counts };
    let sums = part.pages(&ledger)?;
    require(contents.pairs_sent == sums.pairs, "pairs sent and pairs counted")?;
    part.minutes(&sums)?;
    part.deliveries(&sums)?;
    part.faults(&sums)?;
    let steps: u64 = world.changes.iter().map(|change| change.steps.len() as u64).sum();
    require(contents.changes_slowed.iter().all(|slowed| *slowed <= steps), "changes of the directory")
}

/// Checks that a sum is right.
pub(super) fn require(holds: bool, sum: Misfit) -> Result<(), Misfit> {
    if holds { Ok(()) } else { Err(sum) }
}

struct Part<'p> {
    world: &'p World,
    /// The shard's devices.
    devices: std::ops::Range<u32>,
    counts: &'p RunCounts,
}

/// The sums over all strata of a part.
#[derive(Debug, Default)]
struct Sums {
    pairs: u64,
    /// Pairs by platform and [`Journey::code`].
    ends: BTreeMap<(Platform, usize), u64>,
    dismissed: [u64; Platform::VARIANTS.len()],
    /// Pairs of summarised sends that were shown.
    summarised: [u64; Platform::VARIANTS.len()],
}

impl Sums {
    /// Pairs of a platform that were shown.
    fn shown(&self, platform: Platform) -> u64 {
        let is_shown = |code: usize| Journey::from_code(code).station() == Station::Shown;
        self.of(|of, code| of == platform && is_shown(code))
    }

    fn of(&self, takes: impl Fn(Platform, usize) -> bool) -> u64 {
        self.ends.iter().filter(|((platform, code), _)| takes(*platform, *code)).map(|(_, count)| count).sum()
    }
}

impl Part<'_> {
    /// Checks every message and every summarised send: no more pairs than devices, and accepted messages only.
    fn pages(&self, ledger: &Ledger<'_>) -> Result<Sums, Misfit> {
        let mut sums = Sums::default();
        for (ix, page) in &self.counts.messages {
            let entry = ledger.accepted(*ix).ok_or("messages and the ledger")?;
            require(is_of(&page.message, *ix, entry), "messages and the ledger")?;
            let pairs = self.cells(&page.cells, &mut sums)?;
            let most = match entry.device {
                None => self.devices.len() as u64,
                Some(device) => self.single(device, &page.cells)?,
            };
            require(pairs <= most, "the pairs of a message and the devices of the shard")?;
        }
        let summarised = Summarised::of(self.world);
        for (send, cells) in &self.counts.summaries {
            require(summarised.has(*send), "summarised sends")?;
            let before = sums.ends.clone();
            let pairs = self.cells(cells, &mut sums)?;
            let most = self.addressed(*send).min(ledger.summary(*send).map_or(0, |summary| summary.accepted));
            require(pairs <= most, "the pairs of a summarised send and its messages")?;
            for &platform in Platform::VARIANTS {
                let then = Sums { ends: before.clone(), ..Sums::default() }.shown(platform);
                sums.summarised[platform as usize] += sums.shown(platform) - then;
            }
        }
        Ok(sums)
    }

    /// The most pairs of a message to one device: none if the device is in another shard. It is counted in the stratum
    /// of its device.
    fn single(&self, device: DeviceIx, cells: &Cells) -> Result<u64, Misfit> {
        let stratum = self.world.fleet.traits(device).stratum.at();
        let elsewhere = cells.iter().enumerate().any(|(at, cell)| at != stratum && cell.is_some());
        require(!elsewhere, "the stratum of a single device")?;
        Ok(u64::from(self.devices.contains(&device.0)))
    }

    /// Messages of a send to single devices of this shard.
    fn addressed(&self, send: SendIx) -> u64 {
        let send = &self.world.sends[send.at()];
        match &send.target {
            Target::Groups(_) => 0,
            Target::Devices { devices, .. } => {
                let first = devices.partition_point(|device| device.0 < self.devices.start);
                let end = devices.partition_point(|device| device.0 < self.devices.end);
                (end - first) as u64 * send.times.len() as u64
            }
        }
    }

    /// Adds the counts of one message or send, and returns its pairs.
    fn cells(&self, cells: &Cells, sums: &mut Sums) -> Result<u64, Misfit> {
        let mut pairs = 0;
        for (stratum, cell) in self.world.fleet.strata().iter().zip(cells) {
            let Some(cell) = cell else { continue };
            self.cell(cell)?;
            pairs += cell.pairs();
            for (journey, count) in cell.by_journey() {
                *sums.ends.entry((stratum.platform, journey.code())).or_default() += count;
            }
            sums.dismissed[stratum.platform as usize] += u64::from(cell.dismissed);
        }
        sums.pairs += pairs;
        Ok(pairs)
    }

    /// Checks the counts of one stratum: classes, journeys, reach and latencies are of the same pairs.
    fn cell(&self, cell: &StratumCounts) -> Result<(), Misfit> {
        let (pairs, shown) = (cell.pairs(), cell.station(Station::Shown));
        let ends: u64 = cell.by_journey().map(|(_, count)| count).sum();
        require(ends == pairs, "the pairs of a cell by class and by station")?;
        let reached: u64 = cell.reach.iter().map(|count| u64::from(*count)).sum();
        require(reached <= shown, "the pairs of a cell by reach")?;
        let in_time = cell.by_clock.iter().all(|count| u64::from(*count) <= shown);
        require(in_time, "the pairs of a cell by time of day")?;
        require(cell.latency.len() == shown, "the latencies of a cell")?;
        let agree = cell.counts_agree(&self.counts.reach_windows_ms);
        require(agree, "the pairs of a cell by reach and by latency")?;
        let longest = cell.latency.max_ms().unwrap_or(0);
        require(longest < self.world.horizon.ms().max(1), "the longest latency of a cell")?;
        let marked = u64::from(cell.dismissed) <= shown && u64::from(cell.exposed) <= shown;
        require(marked, "the pairs of a cell that were dismissed or exposed")
    }

    /// Checks the minutes: their events add up to the ends of the pairs, and no count of waiting pairs is negative.
    fn minutes(&self, sums: &Sums) -> Result<(), Misfit> {
        let most = i128::from(sums.pairs);
        let minutes = &self.counts.minutes;
        require(minutes.len() as u64 <= self.world.horizon.ms().div_ceil(MINUTE_MS), "the number of minutes")?;
        let mut open = [0_i128; WaitCause::VARIANTS.len()];
        let mut shown = [0_u128; Platform::VARIANTS.len()];
        let mut dismissed = [0_u128; Platform::VARIANTS.len()];
        let mut ends: BTreeMap<(Platform, usize), i128> = BTreeMap::new();
        for minute in minutes {
            for (open, opened) in open.iter_mut().zip(minute.opened) {
                *open += i128::from(opened);
                require((0..=most).contains(open), "the pairs that wait by minute")?;
            }
            add(&mut shown, &minute.shown);
            add(&mut dismissed, &minute.dismissed);
            for ((platform, code), count) in &minute.ended {
                let code = usize::try_from(*code).map_err(|_| "the ways to end")?;
                require(code < Journey::CODES + self.world.faults.len(), "the ways to end")?;
                let ended = ends.entry((*platform, code)).or_default();
                *ended += i128::from(*count);
                require((0..=most).contains(ended), "the pairs that ended by minute")?;
            }
        }
        let is_counted = |station: Station| !matches!(station, Station::Waiting | Station::Shown);
        let cells = sums.ends.iter().filter(|((_, code), _)| is_counted(Journey::from_code(*code).station()));
        let cells: BTreeMap<(Platform, usize), i128> = cells.map(|(end, count)| (*end, i128::from(*count))).collect();
        ends.retain(|_, count| *count != 0);
        require(ends == cells, "the pairs that ended, by minute and by message")?;
        let waiting = |cause: WaitCause| sums.of(|_, code| Journey::from_code(code) == Journey::Waiting(cause));
        let is_open = WaitCause::VARIANTS.iter().zip(open).all(|(cause, open)| i128::from(waiting(*cause)) == open);
        require(is_open, "the pairs that wait, by minute and by message")?;
        let is_shown =
            Platform::VARIANTS.iter().zip(shown).all(|(platform, count)| u128::from(sums.shown(*platform)) == count);
        require(is_shown, "the pairs that were shown, by minute and by message")?;
        let all_dismissed = sums.dismissed.map(u128::from) == dismissed && sums.dismissed == self.counts.dismissals;
        require(all_dismissed, "the dismissals, by minute and by message")
    }

    /// Checks the deliveries of summarised sends, by minute.
    fn deliveries(&self, sums: &Sums) -> Result<(), Misfit> {
        let wrong = "what summarised sends delivered";
        let mut all = [0_u128; Platform::VARIANTS.len()];
        for (minute, platform, delivery) in self.counts.deliveries.iter() {
            let of_minute =
                usize::try_from(minute).ok().and_then(|minute| self.counts.minutes.get(minute)).ok_or(wrong)?;
            let count: u128 = delivery.by_bound.iter().map(|count| u128::from(*count)).sum();
            require(count <= u128::from(of_minute.shown[platform as usize]), wrong)?;
            require(u128::from(delivery.sum_ms) <= count * u128::from(self.world.horizon.ms()), wrong)?;
            all[platform as usize] += count;
        }
        require(sums.summarised.map(u128::from) == all, wrong)
    }

    /// Checks the faults: no more pairs touched than exist, and no more settled than touched.
    fn faults(&self, sums: &Sums) -> Result<(), Misfit> {
        let fits = self.counts.faults.iter().all(|fault| {
            let is_late = fault.last_settled >= self.world.horizon && fault.settled > 0;
            fault.touched <= sums.pairs && fault.settled <= fault.touched && !is_late
        });
        require(fits, "the pairs that a fault touched")
    }
}

fn add(sums: &mut [u128], counts: &[u64]) {
    sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += u128::from(*count));
}

/// Whether it is the message that this entry of the ledger accepted.
fn is_of(message: &Message, ix: MessageIx, entry: &LedgerEntry) -> bool {
    let LedgerEntry { send, occurrence, key, at, .. } = entry;
    (message.ix, message.send, message.occurrence, message.key) == (ix, *send, *occurrence, *key)
        && message.accepted_at == *at
        && message.kind == entry.kind()
}
