//! The lower bound: a loop over devices and messages with one block of random draws, a few thresholds and integer
//! counters, and nothing else of the model. No forecast with these draws can be faster.

use std::ops::Range;
use std::thread;

use reveille::rules::base::ids::{DeviceIx, Key};
use reveille::rules::base::platform::GatewayName;
use reveille::rules::model::world::World;

use super::figures::{Contender, Figures};
use super::road::Road;
use super::scenario::{self, MESSAGES};

/// The same number as in the full model.
const DEVICES: u32 = 10_000;

/// The same 6 million pairs.
///
/// **Estimated before measuring**: ten rounds of two multiplications, which overlap from pair to pair, are 8 ns; the
/// table of latencies and the counters 4 ns more: 12 ns a pair, or 80 million a second on one thread, and twice that on
/// two. The full model should take about 17 times as long.
pub(crate) fn bench(figures: &mut Figures) {
    let world = scenario::full_day(DEVICES);
    let road = Road::new(&world, GatewayName::Apns);
    let messages: Vec<Key> = (0..MESSAGES).map(|nth| world.sends[0].key.nth(nth)).collect();
    let pairs = u64::from(DEVICES) * MESSAGES;
    for threads in [1, 2] {
        let run = |()| Counts::of(&world, &road, &messages, threads);
        figures.measure((Contender::BareLoop, threads), pairs, || {}, run, |counts| counts.check(&road, pairs));
    }
}

#[derive(Debug, Default)]
struct Counts {
    lost: u64,
    unseen: u64,
    shown: u64,
    latency_ms: u64,
}

impl Counts {
    fn of(world: &World, road: &Road, messages: &[Key], threads: usize) -> Self {
        let part = DEVICES.div_ceil(u32::try_from(threads).expect("a few threads"));
        let mut whole = Self::default();
        thread::scope(|scope| {
            let starts = (0..DEVICES).step_by(part as usize);
            let ranges = starts.map(|start| start..DEVICES.min(start + part));
            let workers: Vec<_> =
                ranges.map(|devices| scope.spawn(|| Self::of_some(world, road, messages, devices))).collect();
            for worker in workers {
                whole.add(&worker.join().expect("a loop of sums does not panic"));
            }
        });
        whole
    }

    fn of_some(world: &World, road: &Road, messages: &[Key], devices: Range<u32>) -> Self {
        let mut counts = Self::default();
        for device in devices.map(|device| world.fleet.device_key(DeviceIx(device))) {
            for message in messages {
                let [loss, latency, offline, _] = road.draws(device, *message);
                let lost = road.loss.hits(loss);
                let shown = !lost && !road.offline.hits(offline);
                counts.lost += u64::from(lost);
                counts.shown += u64::from(shown);
                counts.unseen += u64::from(!lost && !shown);
                counts.latency_ms += if shown { road.latency.at(latency) } else { 0 };
            }
        }
        counts
    }

    fn add(&mut self, other: &Self) {
        self.lost += other.lost;
        self.unseen += other.unseen;
        self.shown += other.shown;
        self.latency_ms += other.latency_ms;
    }

    /// Every pair is counted once, and the share of losses is right to a tenth, which chance cannot miss among millions
    /// of draws.
    fn check(&self, road: &Road, pairs: u64) {
        assert_eq!(self.lost + self.unseen + self.shown, pairs, "pairs that the bare loop counted, and all pairs");
        let expected = pairs * u64::from(road.loss.billionths()) / 1_000_000_000;
        assert!(self.lost.abs_diff(expected) <= expected / 10, "{} lost, {expected} expected", self.lost);
    }
}
