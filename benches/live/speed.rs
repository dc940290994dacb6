//! The highest speed at which the scenario of a million phones, with fewer users, keeps p99 of the lag under a second.
//! All phones of a broadcast start in one millisecond, and the first broadcast creates all actors, so the whole million
//! cannot keep that lag at any speed.

use std::sync::Arc;
use std::time::Instant;

use reveille::engine::EngineProgress;
use reveille::rules::model::live::ModelSpeed;
use reveille::run::{LiveOptions, live};

use crate::engine::runtime;
use crate::scenario;

/// Phones.
const USERS: u32 = 60_000;
/// The resident actors of each variant.
const ROOMS: [(u32, &str); 2] = [(2 * USERS + 2, "all resident"), (USERS / 5, "a tenth resident")];
/// The step by which the speed rises, in deliveries per second.
const STEP: u64 = 50_000;
/// In ms of wall-clock time.
const LAG_P99_MAX: u64 = 1_000;
/// How much longer than an hour a run of one model hour may take: a run that falls behind is late at its end, however
/// short it is.
const BEHIND_MAX: f64 = 1.1;
/// Pairs of a phone in an hour of the scenario.
const MESSAGES: u64 = 25;

/// Tries ever higher speeds until the lag is too long.
pub(crate) fn print() {
    let world = scenario::million(USERS);
    for (resident_actors_max, what) in ROOMS {
        let mut highest = None;
        for per_second in (1..).map(|step| step * STEP) {
            let thousandths = per_second * 3_600_000 / (u64::from(USERS) * MESSAGES);
            let stop = tokio_util::sync::CancellationToken::new();
            let options =
                LiveOptions { speed: ModelSpeed::Times(thousandths), ..LiveOptions::new(resident_actors_max, stop) };
            let begun = Instant::now();
            let finished = runtime().block_on(live(world.clone(), options, Arc::new(EngineProgress::default())));
            let took = begun.elapsed().as_secs_f64();
            let totals = finished.expect("it goes through").totals;
            assert_eq!(totals.pairs_sent, u64::from(USERS) * MESSAGES, "it did its work");
            let mut lag = totals.lag[0].ms.clone();
            totals.lag[1..].iter().for_each(|shard| lag.add(&shard.ms).expect("one layout"));
            let [p50, p99] = [0.5, 0.99].map(|share| lag.value_at_quantile(share));
            let speed = thousandths / 1_000;
            let achieved = totals.pairs_sent as f64 / took;
            println!(
                "speed    {USERS} phones, {what}, {speed} times life, which is {per_second} deliveries a second: {achieved:.0}, \
                 lag p50 {p50} ms, p99 {p99} ms"
            );
            if p99 >= LAG_P99_MAX || took > 3_600.0 / speed as f64 * BEHIND_MAX {
                break;
            }
            highest = Some((speed, per_second));
        }
        let (speed, per_second) = highest.expect("the slowest is slow enough");
        println!("speed    {what}: highest {speed} times life, {per_second} deliveries a second");
    }
}
