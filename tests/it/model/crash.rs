//! Risk: the crash of an actor loses or changes a fate.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use reveille::engine::EngineError;
use reveille::engine::sabotage::{Sabotage, TurnMoment};
use reveille::metrics::ActorKind;
use reveille::rules::base::chance::{Chance, Purpose};
use reveille::rules::base::ids::{DeviceIx, Key};
use reveille::rules::model::live::ModelSpeed;
use reveille::rules::service::journey::Station;
use reveille::run::RunError;

use crate::fixtures::drivers::{How, acted_how, folded, try_acted, try_world, world};
use crate::fixtures::generated::scenario;
use crate::model::determinism::assert_same;

type Dead = Arc<Mutex<BTreeSet<(u32, ActorKind)>>>;

/// Crashes every actor once, at a random one of its first turns, before or after the work.
fn every_actor_once(number: u64) -> (Sabotage, Dead) {
    let dead = Arc::new(Mutex::new(BTreeSet::new()));
    let (deaths, chance) = (dead.clone(), Chance::new(number));
    let turns = Mutex::new(std::collections::BTreeMap::<(u32, ActorKind, bool), u32>::new());
    let strike = move |device: DeviceIx, kind: ActorKind, moment: TurnMoment| {
        if kind == ActorKind::Shard {
            return false;
        }
        let mut turns = turns.lock().expect("no holder panics");
        let after = moment == TurnMoment::AfterTurn;
        let turn = turns.entry((device.0, kind, after)).or_default();
        *turn += 1;
        let draw = chance.draw(Purpose::Plan, Key(u64::from(device.0)), Key(kind as u64));
        let strikes = *turn == draw % 3 + 1 && after == (draw & 8 == 0);
        strikes && deaths.lock().expect("no holder panics").insert((device.0, kind))
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
        // A portal that dies while its device does is not restarted separately.
        assert!(wounded.restarts.portal <= of(ActorKind::Portal));
        assert!(of(ActorKind::Portal) - wounded.restarts.portal <= wounded.restarts.device);
        deaths += dead.len();
        assert_same(number, &world, "deaths against none", &wounded, &folded(&world));
    }
    assert!(deaths > 500, "there were deaths: {deaths}");
}

#[test]
fn an_actor_that_crashes_again_and_again_ends_the_run_with_its_name() {
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

/// A scenario with an hour and a half of faults on actors: in each minute, a tenth of all actors crashes and a fifth
/// stalls.
fn stricken(text: &str) -> String {
    text.to_owned()
        + "\n[[fault]]\nname = \"deaths\"\nkind = \"crash\"\nrate = \"10%\"\nat = \"0s\"\nmay_touch_nothing = true\n\
           [[fault]]\nname = \"stumbles\"\nkind = \"stall\"\nrate = \"20%\"\ndelay = \"30s\"\nat = \"0s\"\nfor = \"90m\"\n\
           may_touch_nothing = true\n"
}

#[test]
fn strikes_of_a_scenario_change_no_fate() {
    let (mut deaths, mut stumbles) = (0, 0);
    for number in 0..60 {
        let text = scenario(number);
        let (calm, struck) = (folded(&world(&text)), world(&stricken(&text)));
        let how = How {
            shards: [1, 3][number as usize % 2],
            resident: [10, 20_000][number as usize / 2 % 2],
            speed: if number % 10 == 0 { ModelSpeed::Times(3_600_000) } else { ModelSpeed::Max },
            ..How::default()
        };
        let acted = acted_how(&struck, &how);
        assert_same(number, &struck, "strikes against the plain driver", &acted, &folded(&struck));
        assert_eq!((acted.digest(), &acted.fates), (calm.digest(), &calm.fates), "with strikes and without: {number}");
        let [.., died, stumbled] = acted.struck.as_deref().expect("actors were there to be hit") else {
            panic!("the last two faults are strikes")
        };
        assert_eq!(*died, acted.restarts.device + acted.restarts.portal, "every crashed actor is replaced: {number}");
        assert!(acted.restarts.recovery_us_total >= acted.restarts.recovery_us_max);
        (deaths, stumbles) = (deaths + died, stumbles + stumbled);
    }
    assert!(deaths > 500 && stumbles > 500, "actors were hit: {deaths} died, {stumbles} stumbled");
}

/// The same for shards: each crashes in half of the minutes, between any two messages, with the actors of its phones.
fn beheaded(text: &str) -> String {
    stricken(text)
        + "\n[[fault]]\nname = \"beheadings\"\nkind = \"crash\"\nrate = \"50%\"\nactors = \"shard\"\nat = \"0s\"\n\
           may_touch_nothing = true\n\
           [[fault]]\nname = \"naps\"\nkind = \"stall\"\nrate = \"20%\"\ndelay = \"10s\"\nactors = \"shard\"\nat = \"0s\"\n\
           may_touch_nothing = true\n"
}

#[test]
fn shards_that_die_again_and_again_change_no_fate() {
    let (mut deaths, mut naps) = (0, 0);
    for number in 0..60 {
        let text = scenario(number);
        let (calm, struck) = (folded(&world(&text)), world(&beheaded(&text)));
        let how = How {
            shards: [1, 4][number as usize % 2],
            resident: [10, 20_000][number as usize / 2 % 2],
            speed: if number % 10 == 0 { ModelSpeed::Times(3_600_000) } else { ModelSpeed::Max },
            ..How::default()
        };
        let acted = acted_how(&struck, &how);
        assert_same(number, &struck, "beheadings against the plain driver", &acted, &folded(&struck));
        assert_eq!((acted.digest(), &acted.fates), (calm.digest(), &calm.fates), "with deaths and without: {number}");
        let [.., of_phones, _, of_shards, napped] = acted.struck.as_deref().expect("actors were there to be hit")
        else {
            panic!("the last four faults are strikes")
        };
        assert_eq!(*of_shards, acted.restarts.shard, "each death of a shard is counted: {number}");
        assert_eq!(*of_phones, acted.restarts.device + acted.restarts.portal, "and each of a phone's: {number}");
        (deaths, naps) = (deaths + of_shards, naps + napped);
    }
    assert!(deaths > 500 && naps > 200, "shards were hit: {deaths} died, {naps} slept");
}

#[test]
fn a_shard_crashes_once_in_each_drawn_minute() {
    let text = "schema = 1\nname = \"all\"\nduration = \"1h\"\n[fleet]\nusers = 300\ndevices_per_user = { \"1\" = 1 }\n\
                [[send]]\nname = \"m\"\nschedule = { every = \"1m\", count = 59 }\nto = { groups = [\"All users\"] }\n\
                title = \"t\"\nbody = \"b\"\n\
                [[fault]]\nname = \"c\"\nkind = \"crash\"\nrate = 1\nactors = \"shard\"\nat = \"10m\"\nfor = \"5m\"\n";
    let world = world(text);
    for shards in [1, 3] {
        let acted = acted_how(&world, &How { shards, ..How::default() });
        assert_eq!(acted.digest(), folded(&world).digest());
        assert_eq!(acted.restarts.shard, u64::from(shards) * 5, "five minutes, each shard in each");
        assert!(acted.restarts.recovery_us_max > 0);
    }
}

#[test]
fn a_shard_that_crashes_in_the_middle_of_its_work_ends_the_run_and_every_wait() {
    quiet();
    let world = world(&scenario(5));
    let messages = std::sync::atomic::AtomicU32::new(0);
    let tenth =
        move |kind| kind == ActorKind::Shard && messages.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == 10;
    let how = How { sabotage: Some(Sabotage(Arc::new(move |_, kind, _| tenth(kind)))), ..How::default() };
    match try_acted(&world, &how) {
        Err(RunError::Engine(EngineError::ShardDied { cause })) => assert!(cause.contains("sabotage"), "{cause}"),
        other => panic!("the run is given up, and not {:?}", other.map(|results| results.digest())),
    }
}

#[test]
fn a_rate_of_1_hits_every_actor_once_a_minute_and_the_run_continues() {
    let text = "schema = 1\nname = \"all\"\nduration = \"1h\"\n[fleet]\nusers = 300\ndevices_per_user = { \"1\" = 1 }\n\
                [[send]]\nname = \"m\"\nat = \"10m\"\nto = { groups = [\"All users\"] }\ntitle = \"t\"\nbody = \"b\"\n";
    let crash = |keys: &str| {
        format!("{text}[[fault]]\nname = \"c\"\nkind = \"crash\"\nrate = 1\nat = \"10m\"\nfor = \"1m\"\n{keys}\n")
    };
    let hits = |keys: &str| {
        let world = world(&crash(keys));
        let acted = acted_how(&world, &How::default());
        assert_eq!(acted.digest(), folded(&world).digest(), "{keys}");
        acted.struck.expect("actors were there to be hit")[0]
    };
    let carried = folded(&world(text)).fates.values().filter(|fate| fate.journey.station() != Station::Skipped).count();
    assert_eq!(hits("actors = \"device\""), carried as u64, "every device that had something to do, once");
    assert_eq!(
        hits("actors = \"device\"\nscope = { gateway = \"fcm\" }")
            + hits("actors = \"device\"\nscope = { gateway = \"apns\" }"),
        carried as u64
    );
    let portals = hits("actors = \"portal\"");
    assert!(portals > 0 && portals <= carried as u64, "{portals} portals");
    assert_eq!(hits("every = \"10m\"\nscope = { pick = 0 }\nmay_touch_nothing = true"), 0);
}

#[test]
fn the_share_of_crashing_actors_follows_the_rate() {
    let text = "schema = 1\nname = \"share\"\nduration = \"30m\"\n[fleet]\nusers = 4000\ndevices_per_user = { \"1\" = 1 }\n\
                [[fleet.cohort]]\nname = \"phones\"\nshare = 1\nplatform = \"ios\"\napp = \"company_portal\"\n\
                [[send]]\nname = \"m\"\nat = \"10m\"\nto = { groups = [\"All users\"] }\ntitle = \"t\"\nbody = \"b\"\n\
                [[fault]]\nname = \"c\"\nkind = \"crash\"\nrate = \"10%\"\nactors = \"device\"\nat = \"10m\"\nfor = \"1m\"\n";
    let world = world(text);
    let hits = |shards| acted_how(&world, &How { shards, ..How::default() }).struck.expect("there are actors")[0];
    let hit = hits(1);
    // 400 expected; five standard deviations are 95.
    assert!(hit.abs_diff(400) < 95, "{hit} of 4,000 at 10 %");
    assert_eq!(hit, hits(3), "the seed decides which actors are hit, whatever their shard");
}

#[test]
fn impossible_actor_faults_are_reported() {
    let problems = |keys: &str| {
        let text = format!("{}[[fault]]\nname = \"x\"\nat = \"1m\"\n{keys}\n", scenario(1));
        try_world(&text).expect_err("it is wrong")
    };
    assert!(problems("kind = \"crash\"").contains("needs `rate`"));
    assert!(problems("kind = \"stall\"\nrate = 1").contains("needs `delay`"));
    assert!(problems("kind = \"stall\"\nrate = 1\ndelay = \"2m\"").contains("at most \"1m\""));
    assert!(problems("kind = \"crash\"\nrate = 1\ndelay = \"2s\"").contains("does not go with"));
    assert!(problems("kind = \"crash\"\nrate = \"5/s\"").contains("is a ratio"));
    let shards = "kind = \"crash\"\nrate = 1\nactors = \"shard\"\nscope = { platform = \"ios\" }";
    assert!(problems(shards).contains("a fault that hits shards has no scope"));
    assert!(problems("kind = \"offline\"\nactors = \"device\"").contains("does not go with"));
}

/// Suppresses the panic messages of injected crashes, which are expected.
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
