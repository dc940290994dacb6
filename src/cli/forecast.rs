//! `forecast`: a scenario device by device, as fast as the machine goes, then the report. Wires; every figure comes from elsewhere.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use anyhow::Context as _;

use crate::clock::Stopwatch;
use crate::rules::ids::FaultIx;
use crate::rules::time::SimTime;
use crate::rules::world::World;
use crate::run::words::{count, millis};
use crate::run::{
    Contrasts, Driver, Finished, ForecastOptions, ForecastProgress, Outcome, RunFacts, contrasts, forecast,
    named_faults,
};

use super::args::ForecastArgs;
use super::check::{complain, warn};
use super::exit::Exit;
use super::files;
use super::replay;
use super::run::{reports, write};
use super::stop;
use super::terminal::Terminal;
use super::watch::Watch;

pub(super) fn run(args: &ForecastArgs, terminal: Terminal) -> anyhow::Result<Exit> {
    let reports = match reports(&args.reports) {
        Ok(reports) => reports,
        Err(wrong) => {
            terminal.error(&wrong);
            return Ok(Exit::Usage);
        }
    };
    let loaded = match files::scenario(&args.scenario, &args.overrides) {
        Ok(loaded) => loaded,
        Err(unusable) => {
            complain(&args.scenario, &unusable, terminal);
            return Ok(Exit::Usage);
        }
    };
    warn(&loaded.warnings, terminal);
    let world = loaded.world;
    let faults = match named_faults(&world, &args.without) {
        Ok(faults) => faults,
        Err(unknown) => {
            terminal.error(&format!("--without: {unknown}"));
            return Ok(Exit::Usage);
        }
    };
    announce(&world, terminal);
    let (finished, contrasts) = drive(&world, &faults, args.threads.unwrap_or(0), terminal)?;
    let stopped = contrasts.as_ref().is_some_and(|contrasts| contrasts.interrupted);
    let command = replay::command("forecast", &args.scenario, world.chance.seed(), &args.overrides);
    let facts = RunFacts {
        driver: Driver::Forecast,
        wall_ms: finished.wall_ms,
        peak_rss_bytes: files::peak_rss_bytes(),
        interrupted_at: finished.interrupted_at.or(stopped.then_some(world.horizon)),
        late_sends: finished.late_sends,
        replay: replay::with_contrasts(command, faults.iter().map(|fault| &*world.faults[fault.at()].name)),
    };
    let mut outcome = Outcome::new(&world, &finished.agenda, &finished.books, facts);
    outcome.without = contrasts.map(|contrasts| contrasts.lines);
    Ok(write(&outcome, &reports, terminal))
}

fn announce(world: &World, terminal: Terminal) {
    let (version, name, profile) = (env!("CARGO_PKG_VERSION"), &world.name, world.profile.name());
    terminal.note(&format!("reveille {version} · {name} · profile {profile} · seed {}", world.chance.seed()));
    terminal.detail(&format!("scenario hash {} · {} devices", world.scenario_hash, world.fleet.devices()));
}

/// The forecast and, if there are faults to ask about, what they cost.
fn drive(
    world: &World,
    faults: &[FaultIx],
    threads: u32,
    terminal: Terminal,
) -> anyhow::Result<(Finished, Option<Contrasts>)> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .context("cannot start a thread for signals")?;
    let stop = Arc::new(AtomicBool::new(false));
    let wanted = Arc::clone(&stop);
    runtime.block_on(async {
        let mut stopped = stop::on_signal(terminal);
        tokio::spawn(async move {
            if stopped.wait_for(|stopped| *stopped).await.is_ok() {
                wanted.store(true, Relaxed);
            }
        });
    });
    let progress = Arc::new(ForecastProgress::default());
    let watch = Watch::over(terminal, look(&progress, world.horizon));
    let options = ForecastOptions { threads: threads as usize, ..ForecastOptions::default() };
    let finished = forecast(world, options, &progress, &stop);
    let asked = !faults.is_empty();
    let contrasts = asked.then(|| contrasts(world, faults, options, &progress, &stop)).transpose();
    drop(watch);
    Ok((finished?, contrasts?))
}

/// What is seen of a forecast under way: thousandths that are done, and `12,114,000 of 20,000,000 pairs · 9,800,000 pairs/s · 1 s left`.
fn look(progress: &Arc<ForecastProgress>, horizon: SimTime) -> impl FnMut() -> (u64, String) + Send + 'static {
    let progress = Arc::clone(progress);
    let mut since: Option<Stopwatch> = None;
    move || {
        let (pairs, done) = (progress.pairs.load(Relaxed), progress.pairs_done.load(Relaxed));
        if pairs == 0 {
            let planned = SimTime(progress.planned_ms.load(Relaxed));
            return (0, format!("planned {planned} of {horizon}"));
        }
        let elapsed_ms = since.get_or_insert_with(Stopwatch::start).ms().max(1);
        let per_second = u128::from(done) * 1_000 / u128::from(elapsed_ms);
        let left_ms = u128::from(pairs.saturating_sub(done)) * 1_000 / per_second.max(1);
        let per_second = count(per_second.try_into().unwrap_or(u64::MAX));
        #[expect(clippy::cast_precision_loss, reason = "words for people")]
        let left = if done == 0 { String::new() } else { format!(" · {} left", millis(left_ms as f64)) };
        let text = format!("{} of {} pairs · {per_second} pairs/s{left}", count(done), count(pairs));
        ((u128::from(done) * 1_000 / u128::from(pairs)).try_into().unwrap_or(1_000), text)
    }
}
