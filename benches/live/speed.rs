//! The highest speed at which the scenario of a million phones, with fewer users, keeps p99 of the lag under a second.
//! All phones of a broadcast start in one millisecond, and the first broadcast creates all actors, so the whole million
//! cannot keep that lag at any speed.

use std::sync::Arc;
use std::time::Instant;

use reveille::engine::EngineProgress;
use reveille::rules::model::live::ModelSpeed;
use reveille::rules::model::world::World;
use reveille::run::{LiveOptions, live};

use crate::engine::runtime;
use crate::scenario;

/// Phones.
const USERS: u32 = 60_000;
/// The resident actors of each variant.
const ROOMS: [(u32, &str); 2] = [(2 * USERS + 2, "all resident"), (USERS / 5, "a tenth resident")];
/// The first speed tried, and the step by which it rises, in deliveries per second.
const STEP: u64 = 50_000;
/// Steps that are tried: ten times what two cores reach.
const STEPS_MAX: u64 = 200;
/// If the first speed is too fast for the machine, it is halved until one is not, down to this.
const SLOWEST: u64 = 1_000;
/// In ms of wall-clock time.
const LAG_P99_MAX: u64 = 1_000;
/// How much longer than an hour a run of one model hour may take: a run that falls behind is late at its end, however
/// short it is.
const BEHIND_MAX: f64 = 1.1;
/// Pairs of a phone in an hour of the scenario.
const MESSAGES: u64 = 25;

/// Tries ever higher speeds until the lag is too long; on a slow machine ever lower ones until it is not.
pub(crate) fn print() {
    let world = scenario::million(USERS);
    for (resident_actors_max, what) in ROOMS {
        let is_held = |per_second: u64| holds(&world, resident_actors_max, what, per_second);
        let rising = (1..=STEPS_MAX).map(|step| step * STEP).take_while(|per_second| is_held(*per_second)).last();
        let falling = || std::iter::successors(Some(STEP / 2), |last| Some(last / 2)).take_while(|at| *at >= SLOWEST);
        match rising.or_else(|| falling().find(|per_second| is_held(*per_second))) {
            Some(per_second) => {
                let speed = thousandths(per_second) / 1_000;
                println!("speed    {what}: highest {speed} times life, {per_second} deliveries a second");
            }
            None => println!("speed    {what}: not even {SLOWEST} deliveries a second; others may use the machine"),
        }
    }
}

/// The speed of the model at which it has so many deliveries a second, in thousandths of life.
const fn thousandths(per_second: u64) -> u64 {
    per_second * 3_600_000 / (USERS as u64 * MESSAGES)
}

/// Whether a run at this speed keeps up. Prints what it achieves.
fn holds(world: &Arc<World>, resident_actors_max: u32, what: &str, per_second: u64) -> bool {
    let stop = tokio_util::sync::CancellationToken::new();
    let speed = ModelSpeed::Times(thousandths(per_second));
    let options = LiveOptions { speed, ..LiveOptions::new(resident_actors_max, stop) };
    let begun = Instant::now();
    let finished = runtime().block_on(live(world.clone(), options, Arc::new(EngineProgress::default())));
    let took = begun.elapsed().as_secs_f64();
    let totals = finished.expect("it goes through").totals;
    assert_eq!(totals.pairs_sent, u64::from(USERS) * MESSAGES, "it did its work");
    let mut lag = totals.lag[0].all();
    totals.lag[1..].iter().for_each(|shard| lag.add(shard.all()).expect("one layout"));
    let [p50, p99] = [0.5, 0.99].map(|share| lag.value_at_quantile(share));
    let (achieved, factor) = (totals.pairs_sent as f64 / took, thousandths(per_second) as f64 / 1_000.0);
    println!(
        "speed    {USERS} phones, {what}, {factor:.0} times life, which is {per_second} deliveries a second: \
         {achieved:.0}, {:.2} of it, lag p50 {p50} ms, p99 {p99} ms",
        achieved / per_second as f64
    );
    p99 < LAG_P99_MAX && took <= 3_600.0 / factor * BEHIND_MAX
}
