//! The contender: the forecast with everything that the model has, on one thread and on two.

use std::sync::atomic::AtomicBool;

use reveille::rules::tally::Tally;
use reveille::rules::world::World;
use reveille::run::{ForecastOptions, ForecastProgress, forecast};

use super::figures::{Contender, Figures};
use super::scenario::{self, MESSAGES};

/// So many that a run takes more than a second, and what is done once a run less than a hundredth of it.
const DEVICES: u32 = 20_000;

/// A day at the full quota: plan, 12 million pairs, sums.
///
/// **Estimated before measuring**: a pair draws three to four blocks (road, display, fate), scans a short list of open pairs, and
/// writes four effects into books that do not fit a second cache: about 200 ns, or 5 million pairs a second on one thread.
/// Threads share nothing but a counter: two of them are 1.9 times as fast.
pub(crate) fn bench(figures: &mut Figures) {
    let world = scenario::full_day(DEVICES);
    let pairs = u64::from(DEVICES) * MESSAGES;
    for threads in [1, 2] {
        figures.measure(Contender::FullModel, threads, pairs, |bencher| bencher.iter(|| run(&world, threads, pairs)));
    }
}

/// Forecasts the whole of `world`.
///
/// # Panics
/// If a pair is missing from the books.
pub(crate) fn run(world: &World, threads: usize, pairs: u64) -> Tally {
    let options = ForecastOptions { threads, ..ForecastOptions::default() };
    let finished = forecast(world, options, &ForecastProgress::default(), &AtomicBool::new(false));
    let tally = finished.expect("the system has two threads").books.tally;
    let cells = tally.messages.iter().flatten().flat_map(|page| page.cells.iter().flatten());
    let counted: u64 = cells.flat_map(|cell| cell.classes).sum();
    assert_eq!(counted, pairs, "pairs in the books of the forecast, and pairs that were asked for");
    tally
}
