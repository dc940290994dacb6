//! `run`: a scenario in the actor engine, with metrics meanwhile, then the report. Must only wire; every figure comes
//! from other modules.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use anyhow::Context as _;
use tokio_util::sync::CancellationToken;

use crate::engine::EngineProgress;
use crate::metrics::{Board, Meters};
use crate::outcome::{Driver, Finished, LivePairOutlet, Outcome, PairBatch, RunFacts};
use crate::report::{FormatError, ReportContent};
use crate::rules::model::live::ModelSpeed;
use crate::rules::model::world::World;
use crate::run::{LiveOptions, live};
use crate::server::http::{BudgetLimits, Budgets, HostNames, Scheme, WebAccess, WebConfigUse};
use crate::server::monitoring::MetricsServer;

use super::args::definition::RunArgs;
use super::args::listen::{Listen, listen};
use super::args::replay::replay;
use super::files::baseline::baseline;
use super::files::complaints::{complain, warn};
use super::files::lines::Lines;
use super::files::reports::{finish, reports, try_paths, write};
use super::files::scenario_files;
use super::process::memory;
use super::process::setting::setting;
use super::process::stop::Stop;
use super::serve::web_files;
use super::terminal::exit::Exit;
use super::terminal::log::PEOPLE;
use super::terminal::watch::ProgressWatcher;
use super::terminal::writer::Terminal;

pub(super) fn run(args: &RunArgs, stop: &Stop, terminal: Terminal) -> anyhow::Result<Exit> {
    let reports = match reports(&args.reports).and_then(without_parts) {
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
    let (mut world, setting) = (loaded.world, setting(&args.scenario, loaded.origins));
    let baseline = match baseline(&args.against, &world) {
        Ok(baseline) => baseline,
        Err(wrong) => {
            terminal.error(&wrong);
            return Ok(Exit::Usage);
        }
    };
    let metrics = metrics_address(args, &world)?;
    let access = match metrics_access(args, &metrics) {
        Ok(access) => access,
        Err(wrong) => {
            terminal.error(&format!("{wrong:#}"));
            return Ok(Exit::Usage);
        }
    };
    let (address, hosts) = (metrics.address, HostNames::known(metrics.name().map(str::to_owned)));
    world.live.speed = args.speed.unwrap_or(world.live.speed);
    world.live.shards = args.shards.unwrap_or(world.live.shards);
    world.live.resident_actors_max = args.resident_actors_max.unwrap_or(world.live.resident_actors_max);
    let lines = Lines::begin(&reports)?.map(Arc::new);
    let world = Arc::new(world);
    let meters = Arc::new(Meters::new(&world, world.live.resident_actors_max));
    let board = Board::of_run(Arc::clone(&meters));
    let budgets = Arc::new(Budgets::new(BudgetLimits::default(), Some(&board)));
    let server = MetricsServer::start(Arc::new(board), address, (hosts, budgets), access)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the engine's threads")?;
    announce(&world, &server, terminal);
    let finished = runtime.block_on(drive(&world, meters, stop.token().clone(), lines.clone(), terminal))?;
    let command = replay(&args.scenario, &args.overrides).command("run", world.chance.seed());
    let facts = RunFacts::of(&finished, Driver::Actors, memory::peak_rss_bytes(), command);
    let mut outcome = Outcome::new(&world, &finished.agenda, &finished.totals, facts);
    if let Some(baseline) = baseline {
        baseline.compare(&mut outcome);
    }
    drop(finished);
    let exit = write(&outcome, &reports, &setting, (args.audience, terminal));
    let exit = finish(lines.as_deref(), terminal).unwrap_or(exit);
    if args.hold && !stop.is_raised() {
        terminal.note(&format!("metrics stay at {}/metrics until Ctrl-C", server.origin()));
        runtime.block_on(stop.wait());
    }
    // Actors may still compute, but nothing uses the results, and waiting for them would delay the end of the program.
    runtime.shutdown_background();
    Ok(exit)
}

/// Refuses partial results: `run` cannot write them.
fn without_parts(reports: Vec<(&str, ReportContent)>) -> Result<Vec<(&str, ReportContent)>, String> {
    match reports.iter().find(|(_, form)| *form == ReportContent::Part) {
        Some((path, _)) => Err(FormatError::PartOfRun((*path).to_owned()).to_string()),
        None => Ok(reports),
    }
}

fn metrics_address(args: &RunArgs, world: &World) -> anyhow::Result<Listen> {
    if let Some(given) = &args.metrics_listen {
        return Ok(given.clone());
    }
    let written = &world.live.metrics_listen;
    listen(written).map_err(|wrong| anyhow::anyhow!("cannot listen for metrics on {written}: {wrong}"))
}

/// TLS and passwords of the metrics. An address that other machines reach has TLS, unless an option allows it without.
fn metrics_access(args: &RunArgs, metrics: &Listen) -> anyhow::Result<WebAccess> {
    let access = web_files::read(args.metrics_web_config.as_deref(), WebConfigUse::Metrics)?;
    anyhow::ensure!(
        metrics.is_loopback() || args.plain_http || access.scheme() == Scheme::Https,
        "{} is not this machine alone, and metrics would travel in the clear: listen on localhost, give it TLS by \
         --metrics-web-config, or say --plain-http",
        metrics.address
    );
    Ok(access)
}

fn announce(world: &World, server: &MetricsServer, terminal: Terminal) {
    let (version, name, profile) = (env!("CARGO_PKG_VERSION"), &world.name, world.profile.name());
    let (seed, address, origin) = (world.chance.seed(), server.address(), server.origin());
    let shown = terminal.err.name(name);
    tracing::info!(
        target: PEOPLE, version, scenario = name, profile, seed, metrics = %address,
        "reveille {version} · {shown} · profile {profile} · seed {seed} · {origin}/metrics"
    );
    let speed = match world.live.speed {
        ModelSpeed::Max => "max".to_owned(),
        ModelSpeed::Times(thousandths) => format!("{}.{:03}", thousandths / 1_000, thousandths % 1_000),
    };
    let (shards, residents) = (world.live.shards, world.live.resident_actors_max);
    terminal
        .detail(&format!("speed {speed} · shards {shards} (0 for one a core) · at most {residents} actors resident"));
    terminal.detail(&format!("scenario hash {} · {} devices", world.scenario_hash, world.fleet.devices()));
}

async fn drive(
    world: &Arc<World>,
    meters: Arc<Meters>,
    stop: CancellationToken,
    lines: Option<Arc<Lines>>,
    terminal: Terminal,
) -> anyhow::Result<Finished> {
    let progress = Arc::new(EngineProgress::default());
    progress.horizon_ms.store(world.horizon.ms(), Ordering::Relaxed);
    let options = LiveOptions {
        speed: world.live.speed,
        shards: world.live.shards,
        resident_actors_max: world.live.resident_actors_max,
        keep_fates: false,
        pairs: lines.map(|lines| LivePairOutlet(Arc::new(move |batch: &PairBatch<'_>| lines.take(batch)))),
        meters: Some(meters),
        stop,
    };
    let watch = ProgressWatcher::start(&progress, terminal);
    let finished = live(Arc::clone(world), options, progress).await;
    drop(watch);
    Ok(finished?)
}
