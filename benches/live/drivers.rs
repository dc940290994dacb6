//! Whole runs: the actors against the forecast, and with somebody who counts against nobody.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use reveille::metrics::Meters;
use reveille::rules::world::World;
use reveille::run::{Finished, ForecastOptions, ForecastProgress, LiveOptions, Progress, forecast, live};

use crate::engine::runtime;
use crate::scenario;

const USERS: u32 = 50_000;
const RESIDENT_ACTORS_MAX: u32 = 20_000;
/// Runs of each contender, in turns; the fastest counts.
const RUNS: u32 = 9;

/// The actors against the forecast.
pub(crate) fn print() {
    let world = scenario::million(USERS);
    let (mut acted, mut forecasted, mut pairs) = (Duration::MAX, Duration::MAX, 0.0);
    for _ in 0..RUNS {
        let (finished, took) = act(&world, None);
        acted = acted.min(took);
        let begun = Instant::now();
        let (options, never) = (ForecastOptions::default(), AtomicBool::new(false));
        let other = forecast(&world, options, &ForecastProgress::default(), &never).expect("there are threads");
        forecasted = forecasted.min(begun.elapsed());
        assert_eq!(finished.books.tally.digest, other.books.tally.digest, "both say the same");
        pairs = other.books.pairs_sent as f64;
    }
    println!(
        "drivers  {:.0} pairs a second by actors, {:.0} by the forecast: {:.1} times as many",
        pairs / acted.as_secs_f64(),
        pairs / forecasted.as_secs_f64(),
        acted.as_secs_f64() / forecasted.as_secs_f64()
    );
}

/// With metrics against without.
pub(crate) fn print_metrics() {
    let world = scenario::million(USERS);
    let (mut counted, mut alone) = (Duration::MAX, Duration::MAX);
    for _ in 0..RUNS {
        alone = alone.min(act(&world, None).1);
        counted = counted.min(act(&world, Some(Arc::new(Meters::new(&world, RESIDENT_ACTORS_MAX)))).1);
    }
    println!("metrics  cost {:+.1} % of a run", (counted.as_secs_f64() / alone.as_secs_f64() - 1.0) * 100.0);
}

fn act(world: &Arc<World>, meters: Option<Arc<Meters>>) -> (Finished, Duration) {
    let (_keep, stop) = tokio::sync::watch::channel(false);
    let options = LiveOptions { meters, ..LiveOptions::new(RESIDENT_ACTORS_MAX, stop) };
    let runtime = runtime();
    let begun = Instant::now();
    let finished = runtime.block_on(live(world.clone(), options, Arc::new(Progress::default())));
    (finished.expect("it goes through"), begun.elapsed())
}
