//! Presence: when a phone is online. Random access: a day's gaps are drawn from (device, day) alone, without simulating
//! earlier days.

use std::cell::{Cell, RefCell};

use crate::rules::base::chance::{Chance, Purpose, Ratio};
use crate::rules::base::distribution::Dist;
use crate::rules::base::ids::Key;
use crate::rules::base::time::{SimTime, Zone};

const DAY_MS: i64 = 24 * 3_600_000;

/// The presence profile of a kind of phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Always online.
    Online,
    /// Gaps by day, and other gaps by night if given.
    Gaps {
        /// Outside the night.
        day: PresenceGaps,
        /// From and to, in ms of local time (`from > to` spans midnight), and the gaps between.
        night: Option<(u32, u32, PresenceGaps)>,
    },
}

/// An alternating process: offline for a drawn gap, online for a drawn stay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresenceGaps {
    /// The share of time offline.
    pub offline: Ratio,
    /// Lengths of gaps.
    pub gap: Dist,
    /// Lengths of stays between gaps.
    pub stay: Dist,
}

impl PresenceGaps {
    /// Gaps of exponential length, with stays such that the share `offline` of the time is gap.
    pub fn exponential(offline: Ratio, mean_gap_ms: u64) -> Self {
        let offline_part = u128::from(offline.billionths()).max(1);
        let mean_stay = u128::from(mean_gap_ms) * u128::from(offline.complement().billionths()) / offline_part;
        Self {
            offline,
            gap: Dist::exponential(mean_gap_ms),
            stay: Dist::exponential(u64::try_from(mean_stay).unwrap_or(u64::MAX >> 16).min(u64::MAX >> 16)),
        }
    }
}

/// Days that [`PresenceCache::next_online`] looks ahead; a phone that is not online within them counts as never online.
const DAYS_AHEAD_MAX: i64 = 400;

/// Caches the draws of one device's presence: the gaps of two days, each as far as they were needed, and the last
/// answer. It changes no answer.
#[derive(Clone, Debug, Default)]
pub struct PresenceCache {
    /// The phone is online in this span, or offline in it and online at its end.
    known: Cell<Known>,
    pages: RefCell<[Option<Page>; 2]>,
}

/// A span in which the answer is known.
#[derive(Clone, Copy, Debug, Default)]
struct Known {
    from: u64,
    to: u64,
    online: bool,
}

impl PresenceCache {
    /// If the phone is offline at `now`, the first moment at which it is online again; `now` if it is online.
    /// [`SimTime::NEVER`] if that is after `until` or never. Must always be called for the same device of the same world
    /// and with the same `until`.
    #[inline]
    pub fn next_online(
        &self,
        presence: &Presence,
        zone: &Zone,
        chance: &Chance,
        device: Key,
        now: SimTime,
        until: SimTime,
    ) -> SimTime {
        let mut known = self.known.get();
        if !(known.from <= now.0 && now.0 < known.to) {
            let Presence::Gaps { day, night } = presence else {
                self.known.set(Known { from: 0, to: SimTime::NEVER.0, online: true });
                return now;
            };
            known = self.look_up(&Day { gaps: day, night: night.as_ref() }, zone, chance, device, now, until);
            self.known.set(known);
        }
        let found = if known.online { now } else { SimTime(known.to) };
        if found > until { SimTime::NEVER } else { found }
    }

    /// Whether the phone is already known to be online. Faster than [`PresenceCache::next_online`].
    #[inline]
    pub fn is_online(&self, now: SimTime) -> bool {
        let known = self.known.get();
        known.online && known.from <= now.0 && now.0 < known.to
    }

    /// Computes the span around `now`, as far as needed.
    fn look_up(
        &self,
        today: &Day<'_>,
        zone: &Zone,
        chance: &Chance,
        device: Key,
        now: SimTime,
        until: SimTime,
    ) -> Known {
        let mut at = now.0.cast_signed();
        let local_day = (at + zone.offset_ms(now)).div_euclid(DAY_MS);
        let first_day = if midnight(local_day, zone) <= at { local_day } else { local_day - 1 };
        let mut pages = self.pages.borrow_mut();
        for index in first_day..first_day + DAYS_AHEAD_MAX {
            let kept = &mut pages[usize::from(index & 1 == 1)];
            let page = match kept {
                Some(page) if page.index == index => page,
                kept => kept.insert(Page::new(index, zone, today)),
            };
            let (online_from, gap_from) = page.online_from(today, chance, device, at);
            at = online_from;
            if at.cast_unsigned() > until.0 {
                break;
            }
            if at < page.ends {
                let online = at.cast_unsigned() == now.0;
                let to = if online { gap_from.min(page.ends) } else { at };
                return Known { from: now.0, to: to.cast_unsigned(), online };
            }
        }
        Known { from: now.0, to: SimTime::NEVER.0, online: false }
    }
}

/// One local day of one device, drawn up to `at`.
#[derive(Clone, Debug)]
struct Page {
    /// Local days since 1970.
    index: i64,
    /// Its midnight in model time, negative before the scenario's start, and the next one: 23 or 25 hours later where
    /// the clock is changed.
    midnight: i64,
    ends: i64,
    /// Gaps so far, in order, as model times.
    gaps: Vec<(i64, i64)>,
    /// The part of the day being drawn, up to where, and whether a gap comes next.
    part: usize,
    at: i64,
    offline: bool,
    lanes: Lanes,
}

impl Page {
    fn new(index: i64, zone: &Zone, day: &Day<'_>) -> Self {
        let (midnight, ends) = (midnight(index, zone), midnight(index + 1, zone));
        let at = midnight + day.parts()[0].0;
        Self { index, midnight, ends, gaps: Vec::new(), part: 0, at, offline: false, lanes: Lanes::default() }
    }

    /// `at` if no gap of the day contains it, else the end of the gaps that do; and the beginning of the next gap.
    fn online_from(&mut self, day: &Day<'_>, chance: &Chance, device: Key, mut at: i64) -> (i64, i64) {
        let mut nth = self.gaps.partition_point(|(_, to)| *to <= at);
        loop {
            if nth == self.gaps.len() && !self.draw(day, chance, device) {
                return (at, i64::MAX);
            }
            let (from, to) = self.gaps[nth];
            if from > at {
                return (at, from);
            }
            at = at.max(to);
            nth += 1;
        }
    }

    /// Draws up to the end of the day's next gap; false if there are no more. Each part starts in a state of its own
    /// draw.
    fn draw(&mut self, day: &Day<'_>, chance: &Chance, device: Key) -> bool {
        let (parts, key) = (day.parts(), Key(self.index.cast_unsigned()));
        while let Some((from, to, gaps)) = parts.get(self.part).copied() {
            let (from, to) = (self.midnight + from, self.midnight + to);
            if gaps.offline == Ratio::NEVER || from >= to || self.at >= to {
                self.part += 1;
                self.at = parts.get(self.part).map_or(to, |(from, ..)| self.midnight + from);
                continue;
            }
            if self.at == from {
                self.offline = gaps.offline.hits(self.lanes.draw(chance, device, key));
            }
            while self.at < to {
                let begin = self.at;
                self.at = if gaps.offline == Ratio::ALWAYS {
                    to
                } else {
                    let lengths = if self.offline { &gaps.gap } else { &gaps.stay };
                    let length = lengths.at(self.lanes.draw(chance, device, key)).max(1);
                    begin.saturating_add_unsigned(length).min(to)
                };
                self.offline = !self.offline;
                if !self.offline {
                    self.gaps.push((begin, self.at));
                    return true;
                }
            }
        }
        false
    }
}

/// The midnight with which a local day begins, in model time.
fn midnight(day: i64, zone: &Zone) -> i64 {
    let local = day * DAY_MS;
    local - zone.offset_ms(SimTime((local - zone.offset_ms(SimTime::ZERO)).max(0).cast_unsigned()))
}

/// One local day of one kind of phone.
struct Day<'a> {
    gaps: &'a PresenceGaps,
    night: Option<&'a (u32, u32, PresenceGaps)>,
}

impl<'a> Day<'a> {
    /// Its parts as (from, to, gaps), in ms since midnight.
    fn parts(&self) -> [(i64, i64, &'a PresenceGaps); 3] {
        match self.night {
            None => [(0, DAY_MS, self.gaps), (DAY_MS, DAY_MS, self.gaps), (DAY_MS, DAY_MS, self.gaps)],
            Some((from, to, night)) => {
                let (from, to) = (i64::from(*from), i64::from(*to));
                if from <= to {
                    [(0, from, self.gaps), (from, to, night), (to, DAY_MS, self.gaps)]
                } else {
                    [(0, to, night), (to, from, self.gaps), (from, DAY_MS, night)]
                }
            }
        }
    }
}

/// The draws of one device's day, four to a block.
#[derive(Clone, Debug, Default)]
struct Lanes {
    block: [u32; 4],
    next: u64,
}

impl Lanes {
    fn draw(&mut self, chance: &Chance, device: Key, day: Key) -> u32 {
        let lane = (self.next % 4) as usize;
        if lane == 0 {
            let counter = Key(day.0.wrapping_mul(1 << 20).wrapping_add(self.next / 4));
            self.block = chance.block(Purpose::Presence, device, counter);
        }
        self.next += 1;
        self.block[lane]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_of_time_offline_matches_its_parameter() {
        let presence = Presence::Gaps { day: PresenceGaps::exponential(Ratio::percent(15), 3_600_000), night: None };
        let (zone, chance) = (Zone::fixed(0), Chance::new(1));
        let offline = (0..40_000_u64)
            .filter(|at| {
                let now = SimTime(at * 7_919 % 86_400_000);
                PresenceCache::default().next_online(&presence, &zone, &chance, Key(at / 4), now, SimTime::NEVER) != now
            })
            .count();
        assert!((5_600..6_400).contains(&offline), "{offline}");
    }

    /// Whether a phone is online, and when again if not, by a cache that answered nothing before.
    fn anew(presence: &Presence, zone: &Zone, now: u64, until: u64) -> SimTime {
        let (chance, device) = (Chance::new(5), Key(11));
        PresenceCache::default().next_online(presence, zone, &chance, device, SimTime(now), SimTime(until))
    }

    #[test]
    fn a_part_of_a_day_without_gaps_draws_nothing() {
        const HOUR_MS: u32 = 3_600_000;
        let gaps = |offline, mean| PresenceGaps::exponential(Ratio::percent(offline), mean);
        let of = |from: u32| Presence::Gaps {
            day: gaps(0, u64::from(HOUR_MS)),
            night: Some((from * HOUR_MS, (from + 3) * HOUR_MS, gaps(50, 1_200_000))),
        };
        let (zone, chance, late) = (Zone::fixed(0), Chance::new(3), 20 * u64::from(HOUR_MS));
        let mut offline = 0;
        for (device, minute) in (0..12).flat_map(|device| (0..180).map(move |minute| (device, minute))) {
            let next = |from: u32, now: u64| {
                let cache = PresenceCache::default();
                cache.next_online(&of(from), &zone, &chance, Key(device), SimTime(now), SimTime::NEVER).ms() - now
            };
            let now = minute * 60_000;
            assert_eq!(next(0, now), next(20, late + now), "device {device}, minute {minute}");
            offline += u64::from(next(0, now) > 0);
        }
        assert!((600..1_500).contains(&offline), "{offline} of 2,160");
    }

    #[test]
    fn stays_beyond_all_times_are_bounded() {
        let (rare, day) = (Ratio::from_billionths(1), 86_400_000);
        let longest = Dist::exponential(u64::MAX >> 16);
        assert_eq!(PresenceGaps::exponential(rare, 36_525 * day).stay, longest, "beyond 64 bits");
        assert_eq!(PresenceGaps::exponential(rare, 4 * day).stay, longest, "beyond the bound");
        let plain = PresenceGaps::exponential(Ratio::percent(25), day).stay;
        assert_eq!(plain, Dist::exponential(3 * day));
    }

    #[test]
    fn a_cache_changes_no_answer_at_any_edge_and_in_any_order() {
        let gaps = |percent, mean| PresenceGaps::exponential(Ratio::percent(percent), mean);
        let by_night =
            Presence::Gaps { day: gaps(40, 1_800_000), night: Some((79_200_000, 21_600_000, gaps(90, 5_400_000))) };
        // A day of 23 hours and one of 25.
        let changes = [(0, 3_600_000), (100_000_000, 7_200_000), (300_000_000, 3_600_000)];
        let zone = Zone { offsets: changes.map(|(from, offset_ms)| (SimTime(from), offset_ms)).to_vec() };
        for presence in [by_night, Presence::Gaps { day: gaps(30, 7_200_000), night: None }, Presence::Online] {
            // Every edge of five days, with the moments beside it.
            let (mut edges, mut at) = (vec![], 0);
            while at < 432_000_000 {
                edges.push(at);
                let cache = PresenceCache::default();
                cache.next_online(&presence, &zone, &Chance::new(5), Key(11), SimTime(at), SimTime::NEVER);
                at = cache.known.get().to;
            }
            let moments: Vec<u64> = edges.into_iter().flat_map(|at| [at.saturating_sub(1), at, at + 1]).collect();
            let orders: [Vec<u64>; 3] = [
                moments.clone(),
                moments.iter().rev().copied().collect(),
                (0..moments.len()).map(|nth| moments[nth * 7_919 % moments.len()]).collect(),
            ];
            for (moments, until) in orders.into_iter().zip([u64::MAX, 200_000_000, 432_000_000]) {
                let (cache, chance) = (PresenceCache::default(), Chance::new(5));
                for now in moments.into_iter().filter(|now| *now <= until) {
                    let known = cache.is_online(SimTime(now));
                    let found = cache.next_online(&presence, &zone, &chance, Key(11), SimTime(now), SimTime(until));
                    assert_eq!(found, anew(&presence, &zone, now, until), "{now} to {until}");
                    assert!(!known || found == SimTime(now), "{now} was called online");
                    assert_eq!(cache.is_online(SimTime(now)), found == SimTime(now), "{now} is known now");
                    assert!(found == SimTime::NEVER || found.0 <= until, "{now} to {until}");
                }
            }
        }
    }

    #[test]
    fn the_last_moment_looked_for_counts() {
        let (zone, gaps) = (Zone::fixed(0), PresenceGaps::exponential(Ratio::percent(50), 3_600_000));
        let presence = Presence::Gaps { day: gaps, night: None };
        for now in (0..48).map(|nth| nth * 1_800_000) {
            let back = anew(&presence, &zone, now, u64::MAX);
            assert_eq!(anew(&presence, &zone, now, back.0), back);
            if back.0 > now {
                assert_eq!(anew(&presence, &zone, now, back.0 - 1), SimTime::NEVER);
            }
        }
    }

    #[test]
    fn a_night_without_signal_ends_in_the_morning_of_the_local_clock() {
        let never = PresenceGaps::exponential(Ratio::NEVER, 1_000);
        let always = PresenceGaps::exponential(Ratio::ALWAYS, 1_000);
        let presence = Presence::Gaps { day: never, night: Some((23 * 3_600_000, 7 * 3_600_000, always)) };
        // The model starts at 20:00 local time.
        let (zone, chance) = (Zone::fixed(20 * 3_600_000), Chance::new(1));
        let online = |hours: u64| {
            let now = SimTime(hours * 3_600_000);
            PresenceCache::default().next_online(&presence, &zone, &chance, Key(9), now, SimTime::NEVER).0 / 3_600_000
        };
        assert_eq!((online(0), online(3), online(10), online(11), online(27)), (0, 11, 11, 11, 35));
    }
}
