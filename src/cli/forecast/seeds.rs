//! `forecast --seeds`: a scenario under every seed of a range, then the range of every figure. Must not compute
//! figures.

use crate::outcome::{Ranges, SeedSpan};
use crate::report;

use super::course::{Course, publish, reports};
use crate::cli::args::definition::{ForecastArgs, ScenarioFlags};
use crate::cli::args::replay::replay;
use crate::cli::files::complaints::{complain, warn};
use crate::cli::process::stop::Stop;
use crate::cli::terminal::exit::Exit;
use crate::cli::terminal::writer::Terminal;
use crate::files::texts::Unusable;

pub(crate) fn run(args: &ForecastArgs, seeds: SeedSpan, stop: &Stop, terminal: Terminal) -> anyhow::Result<Exit> {
    let reports = match reports(&args.reports) {
        Ok(reports) => reports,
        Err(wrong) => {
            terminal.error(&wrong);
            return Ok(Exit::Usage);
        }
    };
    let steps = seeds.first..=seeds.last;
    let steps: Vec<ScenarioFlags> =
        steps.map(|seed| ScenarioFlags { seed: Some(seed), ..args.overrides.clone() }).collect();
    let replay = replay(&args.scenario, &args.overrides).of_seeds(seeds);
    let made = match open(args, &steps[0], seeds, (stop, terminal)) {
        Ok(mut course) => course.run(&steps, replay)?,
        Err(unusable) => Err(unusable),
    };
    let made = match made {
        Ok(made) => made,
        Err(unusable) => return Ok(complain(&args.scenario, &unusable, terminal)),
    };
    let record = Ranges::new(made.batch, seeds, made.rows);
    let exit = Exit::of_many(&record.batch, &record.rows);
    let people = |ink| report::ranges(&record, ink);
    Ok(publish(people, &report::ranges_json(&record), &reports, exit, terminal))
}

/// Reads the scenario and prints its warnings once: a seed does not change its validity.
fn open<'a>(
    args: &'a ForecastArgs,
    first: &ScenarioFlags,
    seeds: SeedSpan,
    (stop, terminal): (&Stop, Terminal),
) -> Result<Course<'a>, Unusable> {
    let mut course = Course::open(args, stop, terminal)?;
    let loaded = course.load(first)?;
    warn(&loaded.warnings, terminal);
    let (version, name, profile) = (env!("CARGO_PKG_VERSION"), &loaded.world.name, loaded.world.profile.name());
    let SeedSpan { first, last } = seeds;
    terminal.note(&format!("reveille {version} · {name} · profile {profile} · seeds {first} to {last}"));
    Ok(course)
}
