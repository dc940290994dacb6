//! Drives the engine step by step: the next step only begins when all effects of the last one are done.

use std::sync::Arc;
use std::time::{Duration, Instant};

use reveille::clock::Clock;
use reveille::engine::{Engine, EngineOptions, EngineProgress};
use reveille::rules::base::time::SimTime;
use reveille::rules::model::live::ModelSpeed;
use reveille::rules::model::world::World;
use reveille::rules::timeline::agenda::Agenda;

use crate::scenario;

/// A runtime with the program's settings.
pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime starts")
}

/// The time of all broadcasts but the first, one after the other; starts are turns of their own unless requests carry
/// their look-ahead.
pub(crate) fn broadcasts(phones: u32, rounds: u32, resident_actors_max: u32, has_starts: bool) -> Duration {
    let world = scenario::broadcasts(phones, rounds + 1);
    let mut spans = runtime().block_on(one_by_one(
        &world,
        resident_actors_max,
        u64::from(phones),
        has_starts,
        world.horizon,
        || (),
    ));
    assert_eq!(spans.len(), (rounds + 1) as usize);
    spans.remove(0);
    spans.into_iter().sum()
}

/// Prints how many messages to single devices are answered in a second.
pub(crate) fn print_single() {
    const DEVICES: u32 = 10_000;
    let world = scenario::singles(DEVICES);
    let begun = Instant::now();
    let spans =
        runtime().block_on(one_by_one(&world, DEVICES * 2 + 2, u64::from(DEVICES), false, world.horizon, || ()));
    let took = begun.elapsed();
    let messages = f64::from(DEVICES) * spans.len() as f64;
    println!(
        "single   {:.0} messages to single devices a second, each judged, reserved and delivered",
        messages / took.as_secs_f64()
    );
}

/// One broadcast, all of whose notifications are dismissed after `attention`; calls `at_rest` when the next timer is
/// more than an hour away, or there is none.
pub(crate) fn rest(phones: u32, attention: &str, resident_actors_max: u32, at_rest: impl FnOnce()) {
    let world = scenario::one_broadcast(phones, attention);
    runtime().block_on(one_by_one(&world, resident_actors_max, u64::from(phones), false, SimTime(3_600_000), at_rest));
}

/// The time of each moment of the scenario until all its pairs have settled; of the last, until `until_then`.
async fn one_by_one(
    world: &Arc<World>,
    resident_actors_max: u32,
    pairs_a_moment: u64,
    has_starts: bool,
    until_then: SimTime,
    at_rest: impl FnOnce(),
) -> Vec<Duration> {
    let engine = Engine::default();
    let options = EngineOptions {
        clock: Clock::start(ModelSpeed::Max),
        shards: 0,
        resident_actors_max,
        keep_fates: false,
        watched: false,
        outlet: None,
        replayed_until: SimTime::ZERO,
        meters: None,
        progress: Arc::new(EngineProgress::default()),
        stop: tokio_util::sync::CancellationToken::new(),
    };
    let tenancy = engine.open(&world.name, world.clone(), options).await.expect("it opens");
    let (mut agenda, mut spans) = (Agenda::new(world), Vec::new());
    while let Some(at) = agenda.next_time() {
        let begun = Instant::now();
        let due = agenda.take(world, at);
        let until = agenda.next_time().unwrap_or(until_then);
        for (attempt, outcome) in tenancy.ask(at, due, Some(until).filter(|_| !has_starts)).await.expect("it answers") {
            agenda.answer(world, attempt, outcome, at);
        }
        if has_starts {
            tenancy.caught_up().await.expect("journeys start");
        }
        tenancy.quiet_until(agenda.next_time().unwrap_or(until_then)).expect("it listens");
        tenancy.caught_up().await.expect("all pairs come to where they stay");
        spans.push(begun.elapsed());
    }
    at_rest();
    let totals = tenancy.finish(world.horizon).await.expect("it has totals");
    assert_eq!(totals.pairs_sent, pairs_a_moment * spans.len() as u64, "it did its work");
    engine.close(&world.name);
    spans
}
