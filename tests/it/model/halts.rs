//! Risk: a run that is halted in the middle of its work counts a pair twice, or loses one silently.

use std::sync::Arc;

use reveille::clock::Clock;
use reveille::engine::{Engine, EngineOptions, EngineProgress, RunTotals};
use reveille::rules::base::time::SimTime;
use reveille::rules::counting::counts::StratumCounts;
use reveille::rules::model::live::ModelSpeed;
use reveille::rules::model::world::World;
use reveille::rules::timeline::agenda::Agenda;

use crate::fixtures::drivers::world;

/// Random scenarios that are halted.
const SCENARIOS: u64 = 24;

/// The totals of a run that is halted at its `halt`-th moment, if it has so many, before that moment's requests are
/// answered.
fn halted(world: &Arc<World>, halt: Option<usize>) -> RunTotals {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime starts");
    runtime.block_on(async {
        let options = EngineOptions {
            clock: Clock::start(ModelSpeed::Max),
            shards: 2,
            resident_actors_max: 40,
            keep_fates: true,
            watched: false,
            outlet: None,
            replayed_until: SimTime::ZERO,
            meters: None,
            progress: Arc::new(EngineProgress::default()),
            stop: tokio_util::sync::CancellationToken::new(),
        };
        let tenancy = Engine::default().open("t", world.clone(), options).await.expect("it opens");
        let (mut agenda, mut moment) = (Agenda::new(world), 0);
        while let Some(at) = agenda.next_time() {
            tenancy.quiet_until(at).expect("the engine is running");
            let due = agenda.take(world, at);
            let halt = async {
                if halt == Some(moment) {
                    tenancy.halt().expect("the engine is running");
                }
            };
            let (asked, ()) = tokio::join!(tenancy.ask(at, due, None), halt);
            for (attempt, outcome) in asked.expect("what is asked is answered") {
                agenda.answer(world, attempt, outcome, at);
            }
            moment += 1;
        }
        tenancy.quiet_until(world.horizon).expect("the engine is running");
        if halt == Some(moment) {
            tenancy.halt().expect("the engine is running");
        }
        tenancy.finish(world.horizon).await.expect("it ends")
    })
}

fn counted(totals: &RunTotals) -> u64 {
    totals.counts.cells().map(StratumCounts::pairs).sum()
}

#[test]
fn a_halted_run_counts_each_pair_once_or_leaves_it_out() {
    let mut left_out = 0;
    for number in 0..SCENARIOS {
        let text = crate::fixtures::generated::scenario(number);
        let mut world = World::clone(&world(&text));
        // Every second one summarises its messages to single devices.
        world.listed_max = if number % 2 == 0 { 0 } else { world.listed_max };
        let world = Arc::new(world);
        let whole = halted(&world, None);
        assert_eq!(whole.pairs_sent, counted(&whole), "scenario {number}");
        for halt in [0, 1, 5, 20] {
            let totals = halted(&world, Some(halt));
            assert_eq!(totals.pairs_sent, counted(&totals), "halted at moment {halt} of scenario {number}:\n{text}");
            left_out += whole.pairs_sent - totals.pairs_sent;
        }
    }
    assert!(left_out > 0, "no halt came before the work was done");
}
