//! `replay`: forecasts what a server did, from its store, and reports. Must only wire; every figure comes from other modules.

use std::sync::Arc;

use crate::outcome::{Driver, Outcome, RunFacts};
use crate::run::{ForecastOptions, ForecastProgress, contrasts, forecast, named_faults, quoted};
use crate::scenario::Origins;

use super::history::{OtherScenario, StoredHistory};
use crate::cli::args::replay::{flags, with_contrasts};
use crate::cli::args::store_args::ReplayArgs;
use crate::cli::files::reports::{reports, try_paths, write};
use crate::cli::forecast::command::look;
use crate::cli::process::memory;
use crate::cli::process::setting::setting;
use crate::cli::process::stop::Stop;
use crate::cli::terminal::exit::Exit;
use crate::cli::terminal::watch::ProgressWatcher;
use crate::cli::terminal::writer::Terminal;

pub(crate) fn replay(args: &ReplayArgs, stop: &Stop, terminal: Terminal) -> anyhow::Result<Exit> {
    let usage = |why: &str| {
        terminal.error(why);
        Ok(Exit::Usage)
    };
    let reports = match reports(&args.reports) {
        Ok(reports) => reports,
        Err(wrong) => return usage(&wrong),
    };
    try_paths(reports.iter().map(|(path, _)| *path))?;
    let other = OtherScenario { path: args.scenario.as_deref(), flags: &args.overrides };
    let history = StoredHistory::read(&args.folder, args.tenant.as_deref(), stop, terminal);
    let history = history.and_then(|own| if other.differs() { own.under(&other, stop, terminal) } else { Ok(own) });
    let history = match history {
        Ok(history) => history,
        Err(exit) => return Ok(exit),
    };
    let inputs = history.inputs();
    let world = history.world_until_now(&inputs);
    let faults = match named_faults(&world, &args.without) {
        Ok(faults) => faults,
        Err(unknown) => return usage(&format!("--without: {unknown}")),
    };
    let progress = Arc::new(ForecastProgress::default());
    let watch = ProgressWatcher::over(terminal, look(&progress, world.horizon));
    let threads = args.threads.unwrap_or(0) as usize;
    let options = ForecastOptions { threads, history: Some(&inputs), ..ForecastOptions::default() };
    let finished = forecast(&world, options, &progress, stop.token())?;
    let cost =
        (!faults.is_empty()).then(|| contrasts(&world, &faults, options, &progress, stop.token())).transpose()?;
    drop(watch);
    let tenant = args.tenant.as_ref().map(|name| format!(" --tenant {}", quoted(name))).unwrap_or_default();
    let command = format!("reveille replay {}{tenant}", quoted(&args.folder.display().to_string()));
    let command = if other.differs() {
        let scenario = other.path.map(|path| format!(" --scenario {}", quoted(path))).unwrap_or_default();
        format!("{command}{scenario}{}", flags(&args.overrides, world.chance.seed()))
    } else {
        command
    };
    let command = with_contrasts(command, faults.iter().map(|fault| &*world.faults[fault.at()].name));
    let facts = RunFacts::of(&finished, Driver::Forecast, memory::peak_rss_bytes(), command);
    let mut outcome = Outcome::new(&world, &finished.agenda, &finished.totals, facts);
    if let Some(cost) = cost {
        outcome.interrupted |= cost.interrupted;
        outcome.without = Some(cost.lines);
    }
    Ok(write(&outcome, &reports, &setting("-", Origins::default()), (args.audience, terminal)))
}
