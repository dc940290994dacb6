//! `forecast --seeds`: a scenario under every seed of a range, then the range of every figure. Must not compute
//! figures.

use crate::outcome::{Baseline, Ranges, SeedSpan};
use crate::report::{BatchRecord, Setting};

use super::course::{CannotBegin, Course, publish, refuse, reports};
use crate::cli::args::definition::ScenarioFlags;
use crate::cli::args::forecast_args::ForecastArgs;
use crate::cli::args::replay::{replay, with_contrasts};
use crate::cli::files::complaints::{complain, warn};
use crate::cli::files::reports::try_paths;
use crate::cli::process::setting::setting;
use crate::cli::process::stop::Stop;
use crate::cli::terminal::exit::Exit;
use crate::cli::terminal::writer::Terminal;

pub(crate) fn run(args: &ForecastArgs, seeds: SeedSpan, stop: &Stop, terminal: Terminal) -> anyhow::Result<Exit> {
    let reports = match reports(&args.reports) {
        Ok(reports) => reports,
        Err(wrong) => {
            terminal.error(&wrong);
            return Ok(Exit::Usage);
        }
    };
    try_paths(reports.iter().map(|(path, _)| *path))?;
    let steps = seeds.first..=seeds.last;
    let steps: Vec<ScenarioFlags> =
        steps.map(|seed| ScenarioFlags { seed: Some(seed), ..args.overrides.clone() }).collect();
    let replay = replay(&args.scenario, &args.overrides).of_seeds(seeds);
    let replay = with_contrasts(replay, args.without.iter().map(String::as_str));
    let opened = match open(args, &steps[0], seeds, (stop, terminal)) {
        Ok(opened) => opened,
        Err(reason) => return Ok(refuse(&args.scenario, &reason, terminal)),
    };
    let Opening { course, devices, baseline, setting } = opened;
    let steps: Vec<(ScenarioFlags, u64)> = steps.into_iter().map(|step| (step, devices)).collect();
    let made = match course.run(&steps, replay)? {
        Ok(made) => made,
        Err(unusable) => return Ok(complain(&args.scenario, &unusable, terminal)),
    };
    let mut record = Ranges::new(made.batch, seeds, made.rows);
    if let Some(baseline) = baseline {
        baseline.compare_seeds(&mut record);
    }
    let exit = Exit::of_many(&record.batch, &record.rows, record.baseline.as_ref());
    Ok(publish(BatchRecord::Ranges(&record), &reports, &setting, exit, (args.audience, terminal)))
}

/// What is known before the first forecast.
struct Opening<'a> {
    course: Course<'a>,
    /// Devices of the fleet, under any seed about as many.
    devices: u64,
    baseline: Option<Baseline>,
    setting: Setting,
}

/// Reads the scenario and prints its warnings once: a seed does not change its validity.
fn open<'a>(
    args: &'a ForecastArgs,
    first: &ScenarioFlags,
    seeds: SeedSpan,
    (stop, terminal): (&Stop, Terminal),
) -> Result<Opening<'a>, CannotBegin> {
    let mut course = Course::open(args, stop, terminal)?;
    let loaded = course.load(first)?;
    course.check_faults(&loaded.world)?;
    let baseline = course.baseline(&loaded.world)?;
    warn(&loaded.warnings, terminal);
    let (version, name) = (env!("CARGO_PKG_VERSION"), terminal.err.name(&loaded.world.name));
    let profile = loaded.world.profile.name();
    let SeedSpan { first, last } = seeds;
    terminal.note(&format!("reveille {version} · {name} · profile {profile} · seeds {first} to {last}"));
    let devices = u64::from(loaded.world.fleet.devices());
    Ok(Opening { course, devices, baseline, setting: setting(&args.scenario, loaded.origins) })
}
