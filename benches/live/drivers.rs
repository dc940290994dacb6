//! Whole runs: the actors against the forecast, and with metrics against without.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use reveille::engine::EngineProgress;
use reveille::metrics::Meters;
use reveille::outcome::Finished;
use reveille::rules::model::world::World;
use reveille::run::{ForecastOptions, ForecastProgress, LiveOptions, forecast, live};

use crate::engine::runtime;
use crate::{apart, scenario};

const USERS: u32 = 50_000;
const RESIDENT_ACTORS_MAX: u32 = 20_000;
/// Runs of each contender, alternating; of those that share a process, the fastest counts.
const RUNS: u32 = 9;

/// The actors against the forecast.
pub(crate) fn print() {
    let world = scenario::million(USERS);
    let (mut acted, mut forecasted, mut pairs) = (Duration::MAX, Duration::MAX, 0.0);
    for _ in 0..RUNS {
        let (finished, took) = act(&world, None);
        acted = acted.min(took);
        let begun = Instant::now();
        let (options, never) = (ForecastOptions::default(), CancellationToken::new());
        let other = forecast(&world, options, &ForecastProgress::default(), &never).expect("there are threads");
        forecasted = forecasted.min(begun.elapsed());
        assert_eq!(finished.totals.counts.digest, other.totals.counts.digest, "both say the same");
        pairs = other.totals.pairs_sent as f64;
    }
    println!(
        "drivers  {:.0} pairs a second by actors, {:.0} by the forecast: {:.1} times as many",
        pairs / acted.as_secs_f64(),
        pairs / forecasted.as_secs_f64(),
        acted.as_secs_f64() / forecasted.as_secs_f64()
    );
}

/// Whether metrics are on, as the task of a process.
const METERED: [&str; 2] = ["metrics off", "metrics on"];

/// With metrics against without, each in processes of its own, alternating; the median counts.
pub(crate) fn print_metrics() {
    let mut took = [const { Vec::new() }; METERED.len()];
    for _ in 0..RUNS {
        for (task, took) in METERED.into_iter().zip(&mut took) {
            took.push(apart::figures(task)[0]);
        }
    }
    let [off, on] = took.map(|mut took| {
        took.sort_unstable();
        took[RUNS as usize / 2] as f64 / 1e6
    });
    println!(
        "metrics  {on:.0} ms for a run with metrics, {off:.0} ms without: cost {:+.1} %",
        (on / off - 1.0) * 100.0
    );
}

/// Prints the fastest of three runs, in ns, if the task is one of these.
pub(crate) fn measure_metered(task: &str) -> bool {
    let Some(is_metered) = METERED.iter().position(|known| *known == task).map(|at| at == 1) else { return false };
    let world = scenario::million(USERS);
    let meters = || is_metered.then(|| Arc::new(Meters::new(&world, RESIDENT_ACTORS_MAX)));
    let fastest = (0..3).map(|_| act(&world, meters()).1).min().expect("there are three");
    println!("{}", fastest.as_nanos());
    true
}

fn act(world: &Arc<World>, meters: Option<Arc<Meters>>) -> (Finished, Duration) {
    let stop = tokio_util::sync::CancellationToken::new();
    let options = LiveOptions { meters, ..LiveOptions::new(RESIDENT_ACTORS_MAX, stop) };
    let runtime = runtime();
    let begun = Instant::now();
    let finished = runtime.block_on(live(world.clone(), options, Arc::new(EngineProgress::default())));
    (finished.expect("it goes through"), begun.elapsed())
}
