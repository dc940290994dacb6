//! Risk: an actor that dies takes a fate with it, or changes one.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use reveille::engine::{ActorKind, EngineError, Moment, Sabotage};
use reveille::rules::chance::{Chance, Purpose};
use reveille::rules::ids::{DeviceIx, Key};
use reveille::run::RunError;

use crate::determinism::assert_same;
use crate::drivers::{How, acted_how, folded, try_acted, world};
use crate::generated::scenario;

type Dead = Arc<Mutex<BTreeSet<(u32, ActorKind)>>>;

/// Every actor dies once, at a random one of its first turns, before or after the work.
fn every_actor_once(number: u64) -> (Sabotage, Dead) {
    let dead = Arc::new(Mutex::new(BTreeSet::new()));
    let (deaths, chance) = (dead.clone(), Chance::new(number));
    let turns = Mutex::new(std::collections::BTreeMap::<(u32, ActorKind, bool), u32>::new());
    let strike = move |device: DeviceIx, kind: ActorKind, moment: Moment| {
        let mut turns = turns.lock().expect("nobody dies holding it");
        let after = moment == Moment::AfterTurn;
        let turn = turns.entry((device.0, kind, after)).or_default();
        *turn += 1;
        let draw = chance.draw(Purpose::Plan, Key(u64::from(device.0)), Key(kind as u64));
        let strikes = *turn == draw % 3 + 1 && after == (draw & 8 == 0);
        strikes && deaths.lock().expect("nobody dies holding it").insert((device.0, kind))
    };
    (Sabotage(Arc::new(strike)), dead)
}

#[test]
fn every_actor_that_dies_once_changes_no_fate() {
    quiet();
    let mut deaths = 0;
    for number in 0..60 {
        let world = world(&scenario(number));
        let (sabotage, dead) = every_actor_once(number);
        let how =
            How { shards: 3, resident: [10, 20_000][number as usize % 2], sabotage: Some(sabotage), ..How::default() };
        let wounded = acted_how(&world, &how);
        let dead = dead.lock().expect("all is over");
        let of = |kind| dead.iter().filter(|(_, dead)| *dead == kind).count() as u64;
        assert_eq!(wounded.restarts.device, of(ActorKind::Device), "each death is counted");
        // A portal that dies while its device does is not missed: it goes with it.
        assert!(wounded.restarts.portal <= of(ActorKind::Portal));
        assert!(of(ActorKind::Portal) - wounded.restarts.portal <= wounded.restarts.device);
        deaths += dead.len();
        assert_same(number, &world, "deaths against none", &wounded, &folded(&world));
    }
    assert!(deaths > 500, "there were deaths: {deaths}");
}

#[test]
fn an_actor_that_dies_for_ever_ends_the_run_with_its_name() {
    quiet();
    let world = world(&scenario(5));
    let how = How { sabotage: Some(Sabotage(Arc::new(|_, kind, _| kind == ActorKind::Device))), ..How::default() };
    match try_acted(&world, &how) {
        Err(RunError::Engine(EngineError::KeepsDying { device, .. })) => {
            assert!(world.fleet.find_device(&device).is_some());
        }
        other => panic!("the run is given up, and not {:?}", other.map(|results| results.digest())),
    }
}

/// Deaths by sabotage are expected, and silent.
fn quiet() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let loud = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !panic.payload_as_str().is_some_and(|words| words.starts_with("sabotage")) {
                loud(panic);
            }
        }));
    });
}
