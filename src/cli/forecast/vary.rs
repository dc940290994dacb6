//! `forecast --vary`: a scenario under a few values of one key, then reach against it. Must not compute figures.

use std::collections::BTreeSet;

use crate::outcome::{Baseline, Variation, VariationRow};
use crate::report::{BatchRecord, Setting};
use crate::scenario::{Axis, Loaded};

use super::course::{CannotBegin, Course, publish, refuse, reports};
use crate::cli::args::definition::ScenarioFlags;
use crate::cli::args::forecast_args::ForecastArgs;
use crate::cli::args::replay::{replay, with_axis, with_contrasts};
use crate::cli::files::complaints::complain;
use crate::cli::files::reports::try_paths;
use crate::cli::process::setting::setting;
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
    try_paths(reports.iter().map(|(path, _)| *path))?;
    let read = match Axis::read(axis) {
        Ok(read) => read,
        Err(found) => return Ok(complain("--vary", &Unusable::Invalid(Box::new(found)), terminal)),
    };
    let mut course = match Course::open(args, stop, terminal) {
        Ok(course) => course,
        Err(unusable) => return Ok(complain(&args.scenario, &unusable, terminal)),
    };
    let steps: Vec<ScenarioFlags> = read.values().iter().map(|value| step(args, read.set(value))).collect();
    let checked = match check_all(&mut course, &steps, axis, terminal) {
        Ok(checked) => checked,
        Err((at, reason)) => {
            let with = format!("{} with {}", args.scenario, read.set(&read.values()[at]));
            return Ok(refuse(&with, &reason, terminal));
        }
    };
    let replay = replay(&args.scenario, &args.overrides).command("forecast", checked.seed);
    let replay = with_axis(&with_contrasts(replay, args.without.iter().map(String::as_str)), axis);
    let steps: Vec<(ScenarioFlags, u64)> = steps.into_iter().zip(checked.devices).collect();
    let made = match course.run(&steps, replay)? {
        Ok(made) => made,
        Err(unusable) => return Ok(complain(&args.scenario, &unusable, terminal)),
    };
    let is_compared = !made.batch.interrupted;
    let rows = read.values().iter().cloned().zip(made.rows).map(|(value, headline)| {
        let mut row = VariationRow { value, headline, baseline: None };
        if let Some(baseline) = checked.baseline.as_ref().filter(|_| is_compared) {
            baseline.compare_value(&mut row);
        }
        row
    });
    let record = Variation::new(made.batch, read.key().to_owned(), rows.collect());
    let exit = Exit::of_many(&record.batch, record.rows.iter().map(|row| &row.headline), None);
    Ok(publish(BatchRecord::Variation(&record), &reports, &checked.setting, exit, (args.audience, terminal)))
}

/// The scenario's flags with one value of the key, on top of the other flags.
fn step(args: &ForecastArgs, set: String) -> ScenarioFlags {
    let mut step = args.overrides.clone();
    step.sets.push(set);
    step
}

/// What is known before the first forecast.
struct Checked {
    /// Devices of the fleet with each value.
    devices: Vec<u64>,
    seed: u64,
    baseline: Option<Baseline>,
    setting: Setting,
}

/// Checks the scenario with every value, so that a long sweep does not fail at its last one; prints each warning once.
/// Returns which value does not fit, and why.
fn check_all(
    course: &mut Course<'_>,
    steps: &[ScenarioFlags],
    axis: &str,
    terminal: Terminal,
) -> Result<Checked, (usize, CannotBegin)> {
    let (mut said, mut first, mut devices) = (BTreeSet::new(), None, Vec::with_capacity(steps.len()));
    for (at, step) in steps.iter().enumerate() {
        let Loaded { world, warnings, origins, .. } = course.load(step).map_err(|unusable| (at, unusable.into()))?;
        course.check_faults(&world).map_err(|reason| (at, reason))?;
        let warning = warnings.render(terminal.paint());
        if !warnings.is_empty() && said.insert(warning.clone()) {
            caution(warning.trim_end());
        }
        devices.push(u64::from(world.fleet.devices()));
        first.get_or_insert((world, origins));
    }
    let (world, origins) = first.expect("an axis has two values at least");
    let baseline = course.baseline(&world).map_err(|reason| (0, reason))?;
    let (version, name) = (env!("CARGO_PKG_VERSION"), terminal.err.name(&world.name));
    let (profile, seed) = (world.profile.name(), world.chance.seed());
    terminal.note(&format!("reveille {version} · {name} · profile {profile} · seed {seed} · {axis}"));
    Ok(Checked { devices, seed, baseline, setting: setting(&course.args.scenario, origins) })
}
