//! The contender: the forecast with the whole model, on one thread and on two.

use tokio_util::sync::CancellationToken;

use reveille::outcome::{Driver, Finished, Outcome, RunFacts};
use reveille::rules::model::world::World;
use reveille::run::{ForecastOptions, ForecastProgress, forecast};

use super::figures::{Contender, Figures};
use super::scenario::{self, MESSAGES};

/// Enough that the fixed cost of a run does not matter.
const DEVICES: u32 = 10_000;

/// A day at the full quota: plan, 6 million pairs, sums.
///
/// **Estimated before measuring**: a pair draws three to four blocks (road, display, fate), scans a short list of open
/// pairs, and writes four effects into totals that do not fit in a second-level cache: about 200 ns, or 5 million pairs
/// a second on one thread. Threads share nothing but a counter: two of them are 1.9 times as fast.
pub(crate) fn bench(figures: &mut Figures) {
    let world = scenario::full_day(DEVICES);
    let pairs = u64::from(DEVICES) * MESSAGES;
    for threads in [1, 2] {
        let totals = |finished| check(&world, &finished, pairs);
        figures.measure((Contender::FullModel, threads), pairs, || {}, |()| run(&world, threads), totals);
    }
}

/// Forecasts the whole of `world`; 0 means one thread for each core.
pub(crate) fn run(world: &World, threads: usize) -> Finished {
    let options = ForecastOptions { threads, ..ForecastOptions::default() };
    let finished = forecast(world, options, &ForecastProgress::default(), &CancellationToken::new());
    finished.expect("the system has two threads")
}

/// Panics if a pair is missing from the totals, or if hardly anything was shown.
pub(crate) fn check(world: &World, finished: &Finished, pairs: u64) {
    let facts = RunFacts {
        driver: Driver::Forecast,
        wall_ms: finished.wall_ms,
        peak_rss_bytes: None,
        interrupted_at: finished.interrupted_at,
        devices_done: finished.devices_done,
        late_sends: finished.late_sends,
        replay: String::new(),
    };
    let outcome = Outcome::new(world, &finished.agenda, &finished.totals, facts);
    assert!(outcome.conservation.ok, "the forecast's sums differ: {:?}", outcome.conservation);
    assert_eq!(outcome.pairs, pairs, "pairs in the totals of the forecast, and pairs that were asked for");
    let shown = outcome.stations.overall["shown"];
    assert!(shown > pairs / 4, "{shown} of {pairs} pairs were shown; a quarter at the very least was expected");
}
