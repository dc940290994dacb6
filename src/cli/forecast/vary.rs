//! `forecast --vary`: a scenario under a few values of one key, then reach against it. Must not compute figures.

use std::collections::BTreeSet;

use crate::outcome::{Variation, VariationRow};
use crate::report;
use crate::scenario::{Axis, Loaded};

use super::course::{Course, publish, reports};
use crate::cli::args::definition::{ForecastArgs, ScenarioFlags};
use crate::cli::args::replay::{replay, with_axis};
use crate::cli::files::complaints::complain;
use crate::cli::process::stop::Stop;
use crate::cli::terminal::exit::Exit;
use crate::cli::terminal::writer::{Terminal, caution};
use crate::files::texts::Unusable;

pub(crate) fn run(args: &ForecastArgs, axis: &str, stop: &Stop, terminal: Terminal) -> anyhow::Result<Exit> {
    let reports = match reports(&args.reports) {
        Ok(reports) => reports,
        Err(wrong) => {
            terminal.error(&wrong);
            return Ok(Exit::Usage);
        }
    };
    let read = match Axis::read(axis) {
        Ok(read) => read,
        Err(found) => return Ok(complain("--vary", &Unusable::Invalid(Box::new(found)), terminal)),
    };
    let mut course = match Course::open(args, stop, terminal) {
        Ok(course) => course,
        Err(unusable) => return Ok(complain(&args.scenario, &unusable, terminal)),
    };
    let steps: Vec<ScenarioFlags> = read.values().iter().map(|value| step(args, read.set(value))).collect();
    let seed = match check_all(&mut course, &steps, axis, terminal) {
        Ok(seed) => seed,
        Err((at, unusable)) => {
            let with = format!("{} with {}", args.scenario, read.set(&read.values()[at]));
            return Ok(complain(&with, &unusable, terminal));
        }
    };
    let replay = with_axis(&replay(&args.scenario, &args.overrides).command("forecast", seed), axis);
    let made = match course.run(&steps, replay)? {
        Ok(made) => made,
        Err(unusable) => return Ok(complain(&args.scenario, &unusable, terminal)),
    };
    let rows = read.values().iter().cloned().zip(made.rows);
    let rows = rows.map(|(value, headline)| VariationRow { value, headline }).collect();
    let record = Variation::new(made.batch, read.key().to_owned(), rows);
    let exit = Exit::of_many(&record.batch, record.rows.iter().map(|row| &row.headline));
    let people = |ink| report::variation(&record, ink);
    Ok(publish(people, &report::variation_json(&record), &reports, exit, terminal))
}

/// The scenario's flags with one value of the key, on top of the other flags.
fn step(args: &ForecastArgs, set: String) -> ScenarioFlags {
    let mut step = args.overrides.clone();
    step.sets.push(set);
    step
}

/// Checks the scenario with every value, so that a long sweep does not fail at its last one; prints each warning once,
/// and returns the seed, or which value is invalid.
fn check_all(
    course: &mut Course<'_>,
    steps: &[ScenarioFlags],
    axis: &str,
    terminal: Terminal,
) -> Result<u64, (usize, Unusable)> {
    let (mut said, mut announced) = (BTreeSet::new(), None);
    for (at, step) in steps.iter().enumerate() {
        let Loaded { world, warnings, .. } = course.load(step).map_err(|unusable| (at, unusable))?;
        let warning = warnings.render(terminal.paint());
        if !warnings.is_empty() && said.insert(warning.clone()) {
            caution(warning.trim_end());
        }
        announced.get_or_insert((world.name, world.profile, world.chance.seed()));
    }
    let (name, profile, seed) = announced.expect("an axis has two values at least");
    let (version, profile) = (env!("CARGO_PKG_VERSION"), profile.name());
    terminal.note(&format!("reveille {version} · {name} · profile {profile} · seed {seed} · {axis}"));
    Ok(seed)
}
