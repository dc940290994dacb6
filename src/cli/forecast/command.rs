//! `forecast`: computes a scenario device by device, then reports. Must only wire; every figure comes from other
//! modules.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use crate::clock::Stopwatch;
use crate::outcome::words::{count, millis};
use crate::outcome::{Driver, Finished, Outcome, PairBatch, PairOutlet, RunFacts};
use crate::report::{FormatError, ReportContent};
use crate::rules::base::ids::FaultIx;
use crate::rules::base::time::SimTime;
use crate::rules::model::world::World;
use crate::run::{
    Contrasts, ForecastOptions, ForecastProgress, Part, PartFacts, Shard, contrasts, forecast, named_faults,
};
use crate::scenario::limits::FILE_BYTES_MAX;

use crate::cli::args::forecast_args::ForecastArgs;
use crate::cli::args::replay::{replay, with_contrasts};
use crate::cli::files::baseline::baseline;
use crate::cli::files::complaints::{complain, warn};
use crate::cli::files::lines::Lines;
use crate::cli::files::reports::{finish, reports, try_paths, write, write_part};
use crate::cli::files::scenario_files;
use crate::cli::process::memory;
use crate::cli::process::setting::setting;
use crate::cli::process::stop::Stop;
use crate::cli::terminal::exit::Exit;
use crate::cli::terminal::watch::ProgressWatcher;
use crate::cli::terminal::writer::Terminal;

pub(crate) fn run(args: &ForecastArgs, stop: &Stop, terminal: Terminal) -> anyhow::Result<Exit> {
    let reports = match reports(&args.reports).and_then(|reports| of_shard(args.shard, reports)) {
        Ok(reports) => reports,
        Err(wrong) => {
            terminal.error(&wrong);
            return Ok(Exit::Usage);
        }
    };
    try_paths(reports.iter().map(|(path, _)| *path))?;
    let loaded = match scenario_files::scenario(&args.scenario, &args.overrides, stop) {
        Ok(loaded) => loaded,
        Err(unusable) => return Ok(complain(&args.scenario, &unusable, terminal)),
    };
    warn(&loaded.warnings, terminal);
    let (world, portable, setting) = (loaded.world, loaded.portable, setting(&args.scenario, loaded.origins));
    if reports.iter().any(|(_, form)| *form == ReportContent::Part) && portable.len() > FILE_BYTES_MAX {
        let (got, most) = (count(portable.len() as u64), count(FILE_BYTES_MAX as u64));
        terminal.error(&format!("a part carries its scenario: {got} bytes with its includes, expected at most {most}"));
        return Ok(Exit::Usage);
    }
    let faults = match named_faults(&world, &args.without) {
        Ok(faults) => faults,
        Err(unknown) => {
            terminal.error(&format!("--without: {unknown}"));
            return Ok(Exit::Usage);
        }
    };
    let baseline = match baseline(&args.against, &world) {
        Ok(baseline) => baseline,
        Err(wrong) => {
            terminal.error(&wrong);
            return Ok(Exit::Usage);
        }
    };
    let lines = Lines::begin(&reports)?;
    announce(&world, terminal);
    let shard = args.shard.unwrap_or_default();
    let (finished, contrasts) = drive(&world, args, &faults, lines.as_ref(), (stop, terminal))?;
    let replay = replay(&args.scenario, &args.overrides);
    let peak_rss_bytes = memory::peak_rss_bytes();
    let exit = if args.shard.is_some() {
        say_part(&world, shard, &finished, terminal)
    } else {
        let command = with_contrasts(
            replay.command("forecast", world.chance.seed()),
            faults.iter().map(|fault| &*world.faults[fault.at()].name),
        );
        let facts = RunFacts::of(&finished, Driver::Forecast, peak_rss_bytes, command);
        let mut outcome = Outcome::new(&world, &finished.agenda, &finished.totals, facts);
        if let Some(contrasts) = contrasts {
            outcome.interrupted |= contrasts.interrupted;
            outcome.without = Some(contrasts.lines);
        }
        if let Some(baseline) = baseline {
            baseline.compare(&mut outcome);
        }
        write(&outcome, &reports, &setting, (args.audience, terminal))
    };
    let exit = finish(lines.as_ref(), terminal).unwrap_or(exit);
    let part = || Part::new(&world, shard, finished, PartFacts { scenario: portable, replay, peak_rss_bytes });
    Ok(write_part(part, &reports, terminal).unwrap_or(exit))
}

/// A shard writes a part and nothing else: a report would judge the whole by a part.
fn of_shard(shard: Option<Shard>, reports: Vec<(&str, ReportContent)>) -> Result<Vec<(&str, ReportContent)>, String> {
    let Some(shard) = shard else { return Ok(reports) };
    if let Some((path, _)) = reports.iter().find(|(_, form)| *form != ReportContent::Part) {
        return Err(FormatError::WholeOfShard((*path).to_owned()).to_string());
    }
    if reports.is_empty() {
        return Err(format!("--shard {shard} leaves a part: say where with --report part-{}.rvl", shard.number()));
    }
    Ok(reports)
}

/// Prints a note about a part, which is not a report and judges nothing.
fn say_part(world: &World, shard: Shard, finished: &Finished, terminal: Terminal) -> Exit {
    let devices = shard.devices(world.fleet.devices()).len() as u64;
    let done = finished.devices_done.unwrap_or(0);
    let (pairs, wall_ms) = (count(finished.totals.pairs_sent), finished.wall_ms);
    let part = format!("shard {shard}: {} of {} devices · {pairs} pairs in {wall_ms} ms", count(done), count(devices));
    if finished.interrupted_at.is_some() || done < devices {
        terminal.note(&format!("INTERRUPTED  {part}; `reveille merge` takes whole parts only"));
        return Exit::Interrupted;
    }
    terminal
        .note(&format!("{part}; next: reveille merge, with the files of all {} shards", count(u64::from(shard.of()))));
    Exit::Well
}

fn announce(world: &World, terminal: Terminal) {
    let (version, name) = (env!("CARGO_PKG_VERSION"), terminal.err.name(&world.name));
    let profile = world.profile.name();
    terminal.note(&format!("reveille {version} · {name} · profile {profile} · seed {}", world.chance.seed()));
    terminal.detail(&format!("scenario hash {} · {} devices", world.scenario_hash, world.fleet.devices()));
}

/// The forecast, and what the faults of `--without` cost, if there are any.
fn drive(
    world: &World,
    args: &ForecastArgs,
    faults: &[FaultIx],
    lines: Option<&Lines>,
    (stop, terminal): (&Stop, Terminal),
) -> anyhow::Result<(Finished, Option<Contrasts>)> {
    let progress = Arc::new(ForecastProgress::default());
    let watch = ProgressWatcher::over(terminal, look(&progress, world.horizon));
    let take = |batch: &PairBatch<'_>| {
        if let Some(lines) = lines {
            lines.take(batch);
        }
    };
    let pairs = lines.map(|_| PairOutlet(&take));
    let threads = args.threads.unwrap_or(0) as usize;
    let shard = args.shard.unwrap_or_default();
    let options = ForecastOptions { threads, shard, pairs, ..ForecastOptions::default() };
    let finished = forecast(world, options, &progress, stop.token());
    let requested = !faults.is_empty();
    let options = ForecastOptions { threads, ..ForecastOptions::default() };
    let contrasts = requested.then(|| contrasts(world, faults, options, &progress, stop.token())).transpose();
    drop(watch);
    Ok((finished?, contrasts?))
}

/// The progress of a forecast: thousandths done, and `12,114,000 of 20,000,000 pairs · 9,800,000 pairs/s · 1 s left`.
pub(crate) fn look(
    progress: &Arc<ForecastProgress>,
    horizon: SimTime,
) -> impl FnMut() -> (u64, String) + Send + 'static {
    let progress = Arc::clone(progress);
    let mut since: Option<(Stopwatch, u64)> = None;
    move || {
        let (pairs, done) = (progress.pairs.load(Relaxed), progress.pairs_done.load(Relaxed));
        if pairs == 0 {
            let planned = SimTime(progress.planned_ms.load(Relaxed));
            return (0, format!("planned {planned} of {horizon}"));
        }
        // The first look only sets the start of the measurement.
        let (watch, begun) = since.get_or_insert_with(|| (Stopwatch::start(), done));
        let per_second = u128::from(done - *begun) * 1_000 / u128::from(watch.ms().max(1));
        let mut text = format!("{} of {} pairs", count(done), count(pairs));
        let left_ms = u128::from(pairs.saturating_sub(done)) * 1_000;
        if let Some(left_ms) = left_ms.checked_div(per_second) {
            let per_second = count(per_second.try_into().unwrap_or(u64::MAX));
            #[expect(clippy::cast_precision_loss, reason = "a rounded figure for people")]
            let left = millis(left_ms as f64);
            let _ = write!(text, " · {per_second} pairs/s · {left} left");
        }
        ((u128::from(done) * 1_000 / u128::from(pairs)).try_into().unwrap_or(1_000), text)
    }
}
