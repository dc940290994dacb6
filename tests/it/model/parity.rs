//! Risk: the two drivers drift apart. They share only `rules`; the actors and the forecast must give every pair the
//! same fate and the same totals, to the last bit.
//!
//! A soak: `REVEILLE_PARITY_SCENARIOS=20000 cargo test --release --test it parity`; scenarios are numbered from 1,000,
//! or from `REVEILLE_PARITY_FROM`.

use std::path::Path;

use tokio_util::sync::CancellationToken;

use reveille::engine::Restarts;
use reveille::rules::counting::counts::RunCounts;
use reveille::rules::model::world::World;
use reveille::run::{ForecastOptions, ForecastProgress, forecast};

use crate::fixtures::drivers::{How, Results, acted, acted_how, folded, try_world, world};
use crate::fixtures::generated::scenario;
use crate::fixtures::numbers::number_of;
use crate::model::determinism::assert_same;

/// Random scenarios in one run of the tests.
const SCENARIOS: u64 = 2_000;
/// The number of the first; other tests use those below.
const FIRST: u64 = 1_000;

pub(crate) fn forecasted(world: &World, threads: usize, devices_at_once: Option<u32>) -> Results {
    let options = ForecastOptions { threads, devices_at_once, keep_fates: true, ..ForecastOptions::default() };
    let finished = forecast(world, options, &ForecastProgress::default(), &CancellationToken::new())
        .expect("there are threads for a forecast");
    assert_eq!((finished.interrupted_at, finished.devices_done), (None, Some(u64::from(world.fleet.devices()))));
    Results {
        counts: finished.totals.counts,
        fates: finished.totals.fates.expect("they were asked for"),
        agenda: finished.agenda,
        changes_slowed: finished.totals.changes_slowed,
        pairs_sent: finished.totals.pairs_sent,
        restarts: Restarts::default(),
        struck: finished.totals.struck,
    }
}

fn assert_as_much(what: &str, one: &Results, other: &Results) {
    assert_eq!(one.pairs_sent, other.pairs_sent, "{what}: pairs");
    assert_eq!(one.changes_slowed, other.changes_slowed, "{what}: changes slowed");
}

#[test]
fn the_forecast_agrees_with_the_actors_on_random_scenarios() {
    let (from, scenarios) =
        (number_of("REVEILLE_PARITY_FROM", FIRST), number_of("REVEILLE_PARITY_SCENARIOS", SCENARIOS));
    let mut pairs = 0;
    for number in from..from + scenarios {
        let world = world(&scenario(number));
        let how = How {
            shards: [2, 1, 5][number as usize % 3],
            resident: [20_000, 50][number as usize % 2],
            ..How::default()
        };
        let actors = acted_how(&world, &how);
        pairs += actors.fates.len() as u64;
        let (threads, chunk) = (1 + number as usize % 2, [None, Some(1), Some(7), Some(13)][number as usize / 2 % 4]);
        let ours = forecasted(&world, threads, chunk);
        let what = format!("the forecast ({threads} threads, chunks of {chunk:?}) against the actors");
        assert_same(number, &world, &what, &ours, &actors);
        assert_as_much(&format!("scenario {number}"), &ours, &actors);
    }
    assert!(pairs >= scenarios * 100, "the scenarios are not empty: {pairs} pairs");
}

#[test]
fn threads_and_chunks_change_nothing() {
    for number in 0..20 {
        let world = world(&scenario(number));
        let plain = folded(&world);
        for threads in [1, 2, 3] {
            for chunk in [None, Some(1), Some(2), Some(11), Some(10_000)] {
                let what = format!("{threads} threads, chunks of {chunk:?}");
                assert_same(number, &world, &what, &forecasted(&world, threads, chunk), &plain);
            }
        }
    }
}

/// A hundredth of every number that is written with an underscore: `60_000` becomes 600.
pub(crate) fn smaller(text: &str) -> String {
    let mut parts = text.split('_');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let is_number = out.ends_with(|c: char| c.is_ascii_digit()) && part.starts_with(|c: char| c.is_ascii_digit());
        match part.get(3..).filter(|_| is_number) {
            Some(rest) => {
                out.push_str(&part[..1]);
                out.push_str(rest);
            }
            None => {
                out.push('_');
                out.push_str(part);
            }
        }
    }
    out
}

#[test]
fn the_forecast_agrees_with_the_actors_on_every_shipped_scenario() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/scenarios");
    let files = std::fs::read_dir(folder).expect("the scenarios are there");
    let mut files: Vec<_> = files.map(|file| file.expect("a readable folder").path()).collect();
    files.sort();
    let mut seen = 0;
    for file in files.iter().filter(|file| file.extension().is_some_and(|ending| ending == "toml")) {
        let text = smaller(&std::fs::read_to_string(file).expect("a readable scenario"));
        let world = try_world(&text).unwrap_or_else(|problems| panic!("{}:\n{problems}", file.display()));
        let (actors, ours) = (acted(&world), forecasted(&world, 2, None));
        let what = file.display().to_string();
        assert!(!actors.fates.is_empty(), "{what}");
        assert_eq!(ours.fates.iter().find(|(pair, fate)| actors.fates.get(pair) != Some(fate)), None, "{what}");
        assert_eq!((ours.digest(), ours.fates.len()), (actors.digest(), actors.fates.len()), "{what}");
        assert_eq!(ours.counts, actors.counts, "{what}");
        assert_eq!(ours.agenda.ledger(), actors.agenda.ledger(), "{what}");
        assert_eq!(ours.agenda.summaries(), actors.agenda.summaries(), "{what}");
        assert_as_much(&what, &ours, &actors);
        seen += 1;
    }
    assert!(seen > 10, "the scenarios were found");
}

#[test]
fn the_totals_of_an_interrupted_forecast_add_up() {
    let world = world(&scenario(2));
    let stopped = CancellationToken::new();
    stopped.cancel();
    let finished = forecast(&world, ForecastOptions::default(), &ForecastProgress::default(), &stopped)
        .expect("there are threads for a forecast");
    assert!(finished.interrupted_at.is_some_and(|at| at < world.horizon), "the plan itself was cut short");
    assert_eq!(finished.devices_done, Some(0));
    assert_eq!((finished.totals.pairs_sent, finished.totals.counts.digest), (0, RunCounts::new(&world).digest));
}
