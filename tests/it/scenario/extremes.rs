//! Risk: one value at the edge of a key's range, or past it, makes the program panic, hang or exhaust the machine. A
//! generator made from the published schema puts such values into every duration, number, ratio and rate of scenarios,
//! in the file and by `--set`; each case is either refused with a message, or runs well within a budget of turns.
//!
//! A soak: `REVEILLE_EXTREMES_CASES=100000 cargo test --test it extremes::`; cases are numbered from 0, or from
//! `REVEILLE_EXTREMES_FROM`. A failure prints its case and the command for it alone; if a case never ends, its number
//! is in `target/tmp/extremes-case`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use rand::RngExt;
use reveille::rules::base::chance::{Chance, Purpose, Stream};
use reveille::rules::base::ids::Key;
use reveille::rules::model::send::Target;
use reveille::rules::model::world::World;
use reveille::run::{ForecastOptions, ForecastProgress, forecast};
use reveille::scenario::{self, Overrides, Paint, Source};
use tokio_util::sync::CancellationToken;
use toml::Value;

use crate::fixtures::drivers::{How, try_acted};
use crate::fixtures::fold::fold_within;
use crate::fixtures::numbers::number_of;
use crate::scenario::vocabulary::resolved;

pub(crate) mod grammar;
mod reports;
pub(crate) mod values;

use grammar::{Place, places, put};
use values::{KEYS, values};

/// Cases in one run of the tests.
const CASES: u64 = 2_000;
/// Turns of all devices of a case; a pair takes about five.
const TURNS_MAX: u64 = 1_000_000;
/// Messages, steps of changes, and devices of a case that is run; a larger one is only loaded.
const MESSAGES_MAX: u64 = 1_000;
const DEVICES_MAX: u32 = 2_000;
/// Pairs of such a case at most.
const PAIRS_MAX: u64 = 20_000;
/// One case in this many is reported in every format and run by the actors.
const ONE_OF: u64 = 25;

/// A scenario to change.
struct Base {
    document: Value,
    places: Vec<Place>,
}

/// A value for a key, and the places where it fits.
struct Trial {
    value: String,
    /// Indices of bases, and of places in them.
    at: Vec<(usize, usize)>,
}

/// A scenario with extreme values.
struct Case {
    text: String,
    sets: Vec<String>,
    changes: Vec<String>,
}

/// The result of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    Told,
    Loaded,
    Ran,
}

struct Generator {
    bases: Vec<Base>,
    trials: Vec<Trial>,
}

impl Generator {
    fn new() -> Self {
        let schema = scenario::json_schema();
        let base = |(_, text): (String, String)| {
            let document = Value::Table(toml::from_str(&text).expect("what is resolved is TOML"));
            let places = places(&schema, &document);
            Base { document, places }
        };
        let bases: Vec<Base> = resolved().into_iter().map(base).collect();
        let mut by_key: BTreeMap<&str, Vec<(usize, usize)>> = BTreeMap::new();
        for (at, base) in bases.iter().enumerate() {
            for (nth, place) in base.places.iter().enumerate() {
                by_key.entry(&place.key).or_default().push((at, nth));
            }
        }
        let mut trials = Vec::new();
        for all in by_key.into_values() {
            let is_taken = |(base, place): &(usize, usize)| bases[*base].places[*place].is_taken;
            let taken: Vec<(usize, usize)> = all.iter().copied().filter(is_taken).collect();
            let at = if taken.is_empty() { all } else { taken };
            let (base, place) = at[0];
            let all_values = bases[base].places[place].kinds.iter().flat_map(|kind| values(*kind));
            trials.extend(all_values.map(|value| Trial { value, at: at.clone() }));
        }
        Self { bases, trials }
    }

    /// The case of a number: all trials in turn, each combined with changing others.
    fn case(&self, number: u64) -> Case {
        let mut dice = Dice(Chance::new(number).stream(Purpose::Plan, Key(2)));
        // The factor spreads the trials, so that a few thousand cases include every key.
        let trial = &self.trials[(number.wrapping_mul(7_919) % self.trials.len() as u64) as usize];
        let (at, place) = *dice.one(&trial.at);
        let base = &self.bases[at];
        let mut chosen = vec![(&base.places[place], trial.value.clone())];
        for _ in 0..[0, 0, 1, 2][dice.below(4)] {
            let place = dice.one(&base.places);
            let kind = *dice.one(&place.kinds);
            chosen.push((place, dice.one(&values(kind)).clone()));
        }
        let mut document = base.document.clone();
        let (mut sets, mut changes, mut written) = (Vec::new(), Vec::new(), Vec::new());
        for (place, value) in chosen {
            let any_key = *dice.one(&KEYS);
            changes.push(format!("{} = {value}", place.key));
            match grammar::path(&place.way, any_key).filter(|_| dice.below(3) == 0) {
                Some(path) => sets.push(format!("{path}={value}")),
                None => {
                    put(&mut document, &place.way, any_key, Value::String(format!("@{}@", written.len())));
                    written.push(value);
                }
            }
        }
        let mut text = toml::to_string(&document).expect("it is TOML");
        for (nth, value) in written.iter().enumerate() {
            text = text.replace(&format!("\"@{nth}@\""), value);
        }
        Case { text, sets, changes }
    }
}

struct Dice(Stream);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0.random_range(0..n as u32) as usize
    }

    fn one<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

/// Is it small enough to run?
fn is_small(world: &World) -> bool {
    let of = |target: &Target| match target {
        Target::Groups(_) => (1, u64::from(world.fleet.devices())),
        Target::Devices { devices, .. } => (devices.len() as u64, 1),
    };
    let sums = world.sends.iter().map(|send| (send.times.len() as u64, of(&send.target)));
    let (messages, pairs) = sums.fold((0, 0), |(messages, pairs), (times, (each, devices))| {
        (messages + times * each, pairs + times * each * devices)
    });
    let steps: usize = world.changes.iter().map(|change| change.steps.len()).sum();
    world.fleet.devices() <= DEVICES_MAX && messages.max(steps as u64) <= MESSAGES_MAX && pairs <= PAIRS_MAX
}

fn go_through(case: &Case, number: u64) -> End {
    let overrides = Overrides { sets: case.sets.clone(), ..Overrides::default() };
    let source = Source::new("extreme.toml", case.text.as_str());
    let loaded = match scenario::load(&source, &mut |path| Err(format!("no {path}")), &overrides) {
        Ok(loaded) => loaded,
        Err(problems) => {
            assert!(problems.has_errors() && !problems.render(Paint::Colour).is_empty());
            problems.machine();
            return End::Told;
        }
    };
    drop(loaded.warnings.to_string());
    if !is_small(&loaded.world) {
        return End::Loaded;
    }
    let world = loaded.world;
    let folded = fold_within(&world, TURNS_MAX);
    let stop = CancellationToken::new();
    let options = ForecastOptions { threads: 1, ..ForecastOptions::default() };
    let finished = forecast(&world, options, &ForecastProgress::default(), &stop).expect("there is a thread");
    assert_eq!(finished.totals.counts.digest, folded.counts.digest, "both drivers have the same fates");
    if number.is_multiple_of(ONE_OF) {
        reports::all(&world, &finished);
        // A run may end with an error if actors crash at every turn.
        if let Ok(actors) = try_acted(&Arc::new(world), &How::default()) {
            assert_eq!(actors.digest(), folded.counts.digest, "the actors have the same fates");
        }
    }
    End::Ran
}

#[test]
fn every_extreme_value_is_refused_or_runs_well() {
    let (from, cases) = (number_of("REVEILLE_EXTREMES_FROM", 0), number_of("REVEILLE_EXTREMES_CASES", CASES));
    let generator = Generator::new();
    let under_way = Path::new(env!("CARGO_TARGET_TMPDIR")).join("extremes-case");
    let mut ends: BTreeMap<End, u64> = BTreeMap::new();
    for number in from..from + cases {
        std::fs::write(&under_way, number.to_string()).expect("the number of a case can be written");
        let case = generator.case(number);
        let end = catch_unwind(AssertUnwindSafe(|| go_through(&case, number))).unwrap_or_else(|_| {
            let mut told = format!("case {number} panics, with {}\n", case.changes.join("; "));
            let replay = "cargo test --test it extremes::";
            let _ = writeln!(told, "REVEILLE_EXTREMES_FROM={number} REVEILLE_EXTREMES_CASES=1 {replay}");
            panic!("{told}--set {:?}\n{}", case.sets, case.text);
        });
        *ends.entry(end).or_default() += 1;
    }
    let told = |end: End| ends.get(&end).copied().unwrap_or(0);
    let enough = cases < CASES || told(End::Told) > cases / 4 && told(End::Ran) > cases / 4;
    assert!(enough, "both kinds are tried: {ends:?}");
    assert!(generator.trials.len() > 2_000, "{} pairs of a key and a value", generator.trials.len());
}
