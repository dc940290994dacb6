//! Risk: a number is wrong although both drivers agree on it, since they share the rules. Random scenarios without
//! randomness of their own are compared with `reference`, which shares nothing with them: every pair's end, and all
//! that a report says of it.
//!
//! A soak: `REVEILLE_DIFFERENTIAL_SCENARIOS=20000 cargo test --release --test it differential`; scenarios are numbered
//! from 0, or from `REVEILLE_DIFFERENTIAL_FROM`. `REVEILLE_DIFFERENTIAL_ALL=1` continues after a difference and counts
//! them by kind.

use std::collections::{BTreeMap, BTreeSet};

use reveille::outcome::{Explainer, Question};
use reveille::rules::model::world::World;
use serde_json::Value;

use crate::fixtures::drivers::{How, Results, acted_how, try_world};
use crate::fixtures::reference::draw::scenario;
use crate::fixtures::reference::model::{Change, Scenario};
use crate::fixtures::reference::shrink::shrink;
use crate::fixtures::reference::tenant::Tenant;
use crate::fixtures::reference::text::text;
use crate::model::parity::forecasted;

mod compare;
mod coverage;
mod product;

use compare::differences;
use coverage::{WORDS, words};
use product::product;

/// Random scenarios in one run of the tests.
const SCENARIOS: u64 = 500;
/// One scenario in this many goes through the actors too; `parity` compares them with the forecast.
const ACTORS_EACH: u64 = 5;
/// Steps of a pair, at most, and further ones for each change of the scenario and for each edge of a fault or of its
/// phone's presence.
const STEPS_MAX: u64 = 12;
const STEPS_EACH_EDGE_MAX: u64 = 1;
/// Differences that a failure lists.
const DIFFERENCES_LISTED_MAX: usize = 12;

/// What is compared on either side.
#[derive(Debug)]
struct Found {
    fates: BTreeMap<String, String>,
    report: Value,
}

fn expected(scenario: &Scenario) -> Found {
    let tenant = Tenant::run(scenario);
    Found { fates: tenant.fates(), report: tenant.report() }
}

/// The differences of both drivers, or of the forecast alone, from the reference.
fn wrong(scenario: &Scenario, expected: &Found, with_actors: bool) -> Vec<String> {
    let world = match try_world(&text(scenario)) {
        Ok(world) => world,
        Err(problems) => return vec![format!("does not load: {problems}")],
    };
    let forecast = forecasted(&world, 1, None);
    let mut all = differences(expected, &product(&world, &forecast));
    if with_actors {
        let actors = acted_how(&world, &How { shards: 2, ..How::default() });
        let of_actors = differences(expected, &product(&world, &actors));
        all.extend(of_actors.into_iter().map(|difference| format!("actors: {difference}")));
        all.extend(too_many_steps(scenario, &world, &forecast));
    }
    all
}

/// Pairs with more steps than their budget, which the edges of the scenario bound.
fn too_many_steps(scenario: &Scenario, world: &World, results: &Results) -> Vec<String> {
    let edges_of_faults: u64 =
        scenario.faults.iter().map(|fault| 2 * fault.windows(scenario.duration).len() as u64).sum();
    let occurrences = |change: &Change| (0..).map_while(|nth| change.times.nth(nth)).count() as u64;
    let changes: u64 = scenario.changes.iter().map(occurrences).sum();
    let explainer = Explainer::new(world);
    let mut all = Vec::new();
    for (message, device) in results.fates.keys() {
        let entry = results.agenda.ledger().iter().find(|entry| entry.outcome == Ok(*message));
        let entry = entry.expect("a message has its entry");
        let told = explainer.explain(Question { device: *device, send: entry.send, occurrence: entry.occurrence });
        let edges = edges_of_faults + changes + scenario.presence_edges(&scenario.devices[device.at()]).len() as u64;
        let (steps, budget) = (told.steps.len() as u64, STEPS_MAX + STEPS_EACH_EDGE_MAX * edges);
        if steps > budget {
            all.push(format!("steps of {}: expected {budget} at most, found {steps}", told.device.name));
        }
    }
    all
}

fn number_of(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).map_or(otherwise, |text| text.parse().expect("a number"))
}

/// The smallest scenario that differs in the same way, with how to reproduce it.
fn complaint(scenario: &Scenario, with_actors: bool, found: &[String]) -> String {
    let kind = kind_of(&found[0]);
    let same = |smaller: &Scenario| {
        wrong(smaller, &expected(smaller), with_actors).iter().any(|difference| kind_of(difference) == kind)
    };
    let smallest = shrink(scenario, &same);
    let remaining = wrong(&smallest, &expected(&smallest), with_actors);
    format!(
        "scenario {0} differs from the reference.\nReplay: REVEILLE_DIFFERENTIAL_FROM={0} REVEILLE_DIFFERENTIAL_SCENARIOS=1 \
         cargo test --test it differential\n{1}\nThe smallest scenario that differs in the same way:\n{2}\n{3}",
        scenario.number,
        listed(found),
        listed(&remaining),
        text(&smallest),
    )
}

fn listed(found: &[String]) -> String {
    let shown: Vec<&str> = found.iter().take(DIFFERENCES_LISTED_MAX).map(String::as_str).collect();
    format!("{} differences:\n  {}", found.len(), shown.join("\n  "))
}

/// A difference without its numbers.
fn kind_of(difference: &str) -> String {
    if difference.starts_with("does not load") {
        return difference.lines().next().unwrap_or_default().to_owned();
    }
    let path = difference.split(": expected").next().unwrap_or(difference);
    if path.contains("pair ") { "pair".to_owned() } else { path.chars().filter(|c| !c.is_ascii_digit()).collect() }
}

#[test]
fn random_scenarios_without_randomness_match_the_reference() {
    let from = number_of("REVEILLE_DIFFERENTIAL_FROM", 0);
    let scenarios = number_of("REVEILLE_DIFFERENTIAL_SCENARIOS", SCENARIOS);
    let goes_on = number_of("REVEILLE_DIFFERENTIAL_ALL", 0) > 0;
    let (mut seen, mut kinds) = (BTreeSet::new(), BTreeMap::<String, Vec<u64>>::new());
    let mut first = None;
    for number in from..from + scenarios {
        let scenario = scenario(number);
        let with_actors = number.is_multiple_of(ACTORS_EACH);
        let expected = expected(&scenario);
        seen.extend(words(&expected.report));
        if goes_on {
            // With `--nocapture`, the last number printed is that of a scenario that never ends.
            println!("scenario {number}");
        }
        let found = wrong(&scenario, &expected, with_actors);
        if found.is_empty() {
            continue;
        }
        for difference in &found {
            let numbers = kinds.entry(kind_of(difference)).or_default();
            if numbers.last() != Some(&number) {
                numbers.push(number);
            }
        }
        first.get_or_insert_with(|| complaint(&scenario, with_actors, &found));
        if !goes_on {
            break;
        }
    }
    let kinds: Vec<String> = kinds
        .iter()
        .map(|(kind, numbers)| format!("{kind}: {} scenarios, {:?}", numbers.len(), &numbers[..numbers.len().min(8)]))
        .collect();
    assert!(first.is_none(), "{}\n{}", first.unwrap_or_default(), kinds.join("\n"));
    let unseen: Vec<&&str> = WORDS.iter().filter(|word| !seen.contains(**word)).collect();
    assert!(unseen.is_empty() || scenarios < SCENARIOS, "no scenario shows {unseen:?}");
}
