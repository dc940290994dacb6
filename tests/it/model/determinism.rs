//! Risk: a fate depends on something other than the scenario or the seed: speed, shards, residency, the driver.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;

use reveille::engine::EngineProgress;
use reveille::rules::model::live::ModelSpeed;
use reveille::rules::model::world::World;

use crate::fixtures::drivers::{How, Results, acted_how, folded, world};
use crate::fixtures::generated::scenario;

/// Random scenarios in one run of the tests; each takes a few ms.
const SCENARIOS: u64 = 300;

/// Panics with the first pair that differs, and with all that is needed to reproduce it.
pub(crate) fn assert_same(number: u64, world: &World, what: &str, one: &Results, other: &Results) {
    if one.digest() == other.digest() && one.fates == other.fates && one.counts == other.counts {
        assert_eq!(one.agenda.ledger(), other.agenda.ledger(), "{what}: scenario {number}:\n{}", scenario(number));
        assert_eq!(one.agenda.summaries(), other.agenda.summaries(), "{what}: scenario {number}");
        return;
    }
    let pairs: BTreeSet<_> = one.fates.keys().chain(other.fates.keys()).collect();
    let first = pairs
        .into_iter()
        .map(|pair| (pair, one.fates.get(pair), other.fates.get(pair)))
        .find(|(_, one, other)| one != other)
        .map(|((message, device), one, other)| {
            format!("message {} on {}: {one:?} against {other:?}", message.0, world.fleet.device_name(*device))
        });
    panic!(
        "{what}: {} against {} pairs, digest {:032x} against {:032x}; first difference: {}\nscenario {number}:\n{}",
        one.fates.len(),
        other.fates.len(),
        one.digest(),
        other.digest(),
        first.unwrap_or_else(|| "none in the fates; the totals differ".into()),
        scenario(number)
    );
}

fn numbered(number: u64) -> Arc<World> {
    world(&scenario(number))
}

#[test]
fn the_actors_say_what_the_plain_driver_says_of_random_scenarios() {
    let mut pairs = 0;
    for number in 0..SCENARIOS {
        let world = numbered(number);
        let plain = folded(&world);
        pairs += plain.fates.len();
        let how = How {
            shards: [1, 2, 7, 64][number as usize % 4],
            resident: [2, 50, 20_000][number as usize % 3],
            ..How::default()
        };
        assert_same(number, &world, "actors against the plain driver", &acted_how(&world, &how), &plain);
    }
    assert!(pairs > 10_000, "the scenarios are not empty: {pairs} pairs");
}

#[test]
fn shards_residency_and_speed_change_nothing() {
    for number in [3, 14, 15] {
        let world = numbered(number);
        let first = acted_how(&world, &How::default());
        for shards in [1, 7, 64] {
            for resident in [50, 20_000] {
                let other = acted_how(&world, &How { shards, resident, ..How::default() });
                assert_same(number, &world, &format!("{shards} shards, {resident} resident"), &first, &other);
            }
        }
        let paced = acted_how(&world, &How { speed: ModelSpeed::Times(3_600_000), ..How::default() });
        assert_same(number, &world, "speed ×3600", &first, &paced);
        assert_same(number, &world, "a second run", &first, &acted_how(&world, &How::default()));
    }
}

#[test]
fn a_fleet_of_one_platform_larger_than_a_shards_turn_limit_is_reached_whole() {
    let text = "schema = 1\nname = \"large\"\nduration = \"1h\"\n[fleet]\nusers = 9000\n\
                [[fleet.cohort]]\nname = \"phones\"\nshare = 1\nplatform = \"ios\"\n\
                [[send]]\nname = \"all\"\nat = \"1m\"\nto = { groups = [\"All users\"] }\ntitle = \"t\"\nbody = \"b\"\n";
    let world = world(text);
    let (plain, actors) = (folded(&world), acted_how(&world, &How { shards: 3, ..How::default() }));
    assert_eq!(plain.fates.len(), 9_000);
    assert_eq!((plain.digest(), &plain.fates), (actors.digest(), &actors.fates));
}

#[test]
fn different_seeds_have_different_digests() {
    let text = scenario(7);
    let other = text.replace("seed = 7\n", "seed = 8\n");
    assert_ne!(folded(&world(&text)).digest(), folded(&world(&other)).digest());
}

#[test]
fn a_paced_run_reports_waiting_pairs_at_its_end() {
    let text = "schema = 1\nname = \"timers\"\nduration = \"1h\"\n[fleet]\nusers = 2000\n\
                [[send]]\nname = \"all\"\nschedule = { from = \"1m\", every = \"7m\", count = 8 }\n\
                to = { groups = [\"All users\"] }\ntitle = \"t\"\nbody = \"b\"\n";
    let world = world(text);
    let (plain, progress) = (folded(&world), Arc::new(EngineProgress::default()));
    let how = How { speed: ModelSpeed::Times(1_200_000), progress: progress.clone(), ..How::default() };
    let paced = acted_how(&world, &how);
    assert_eq!((plain.digest(), &plain.fates), (paced.digest(), &paced.fates));
    let waiting = paced.fates.values().filter(|fate| !fate.journey.is_settled()).count();
    assert_eq!(progress.open.load(Relaxed), i64::try_from(waiting).expect("a count"));
}

#[test]
fn progress_never_decreases_while_a_run_is_late() {
    let text = "schema = 1\nname = \"late\"\nduration = \"40m\"\n[fleet]\nusers = 20_000\n\
                [[send]]\nname = \"each\"\nschedule = { from = \"1m\", every = \"1m\", count = 30 }\n\
                to = { devices = { sample = 3000 } }\ntitle = \"t\"\nbody = \"b\"\n";
    let (world, progress) = (world(text), Arc::new(EngineProgress::default()));
    // The clock reaches the end after a second, and the sends take longer.
    let how = How { speed: ModelSpeed::Times(2_400_000), progress: progress.clone(), ..How::default() };
    let is_over = AtomicBool::new(false);
    let seen = std::thread::scope(|scope| {
        let watch = scope.spawn(|| {
            let mut seen = vec![0];
            while !is_over.load(Relaxed) {
                let ms = progress.model_time_ms.load(Relaxed);
                if seen.last() != Some(&ms) {
                    seen.push(ms);
                }
                std::thread::yield_now();
            }
            seen
        });
        acted_how(&world, &how);
        is_over.store(true, Relaxed);
        watch.join().expect("the watcher does not panic")
    });
    assert!(seen.len() > 2 && seen.is_sorted(), "{seen:?}");
}
