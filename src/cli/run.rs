//! `run`: a scenario through the actor engine, metrics meanwhile, then the report. Wires; every figure comes from elsewhere.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use anyhow::Context as _;
use tokio::sync::watch::Receiver;

use crate::clock::Stopwatch;
use crate::engine::EngineProgress;
use crate::metrics::{Board, Meters, MetricsServer};
use crate::outcome::{Driver, Finished, LivePairOutlet, Outcome, PairBatch, RunFacts};
use crate::report::{FormatError, ReportContent, Setting, console};
use crate::rules::base::visible::{self, Notation};
use crate::rules::model::live::ModelSpeed;
use crate::rules::model::world::World;
use crate::run::{LiveOptions, Part, live};

use super::args::definition::RunArgs;
use super::args::listen::listen;
use super::args::replay::replay;
use super::check::{complain, warn};
use super::files::baseline::baseline;
use super::files::lines::Lines;
use super::files::scenario_files;
use super::process::setting::setting;
use super::process::stop::Stop;
use super::terminal::exit::Exit;
use super::terminal::log::PEOPLE;
use super::terminal::watch::ProgressWatcher;
use super::terminal::writer::{Terminal, document};

pub(super) fn run(args: &RunArgs, stop: &Stop, terminal: Terminal) -> anyhow::Result<Exit> {
    let reports = match reports(&args.reports).and_then(without_parts) {
        Ok(reports) => reports,
        Err(wrong) => {
            terminal.error(&wrong);
            return Ok(Exit::Usage);
        }
    };
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
    let address = metrics_address(args, &world)?;
    world.live.speed = args.speed.unwrap_or(world.live.speed);
    world.live.shards = args.shards.unwrap_or(world.live.shards);
    world.live.resident_actors_max = args.resident_actors_max.unwrap_or(world.live.resident_actors_max);
    let lines = Lines::begin(&reports)?.map(Arc::new);
    let world = Arc::new(world);
    let meters = Arc::new(Meters::new(&world, world.live.resident_actors_max));
    let wall = Stopwatch::start();
    let server = MetricsServer::start(Arc::new(Board::of_run(Arc::clone(&meters))), address, move || wall.us())?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the engine's threads")?;
    announce(&world, &server, terminal);
    let finished = runtime.block_on(drive(&world, meters, stop.told(), lines.clone(), terminal))?;
    let facts = RunFacts {
        driver: Driver::Actors,
        wall_ms: finished.wall_ms,
        peak_rss_bytes: scenario_files::peak_rss_bytes(),
        interrupted_at: finished.interrupted_at,
        devices_done: finished.devices_done,
        late_sends: finished.late_sends,
        replay: replay(&args.scenario, &args.overrides).command("run", world.chance.seed()),
    };
    let mut outcome = Outcome::new(&world, &finished.agenda, &finished.books, facts);
    if let Some(baseline) = baseline {
        baseline.compare(&mut outcome);
    }
    drop(finished);
    let exit = write(&outcome, &reports, &setting, terminal);
    let exit = finish(lines.as_deref(), terminal).unwrap_or(exit);
    if args.hold && !stop.is_raised() {
        terminal.note(&format!("metrics stay at http://{}/metrics until Ctrl-C", server.address()));
        runtime.block_on(stop.wait());
    }
    // What an actor still computes is of no use to anything, and would keep the program from its end.
    runtime.shutdown_background();
    Ok(exit)
}

/// Each report's path and form.
pub(super) fn reports(paths: &[String]) -> Result<Vec<(&str, ReportContent)>, String> {
    let reports = paths.iter().map(|path| ReportContent::of_path(path).map(|form| (path.as_str(), form)));
    let reports = reports.collect::<Result<Vec<_>, _>>().map_err(|error| error.to_string())?;
    let is_named_before = |nth: usize| reports[..nth].iter().any(|(path, _)| *path == reports[nth].0);
    match (0..reports.len()).find(|nth| is_named_before(*nth)).map(|nth| reports[nth].0) {
        None => Ok(reports),
        Some("-") => Err("`--report -` is given twice: there is one standard output".to_owned()),
        Some(path) => Err(format!("`--report {path}` is given twice: name another file, or leave one away")),
    }
}

/// The actors leave no parts.
fn without_parts(reports: Vec<(&str, ReportContent)>) -> Result<Vec<(&str, ReportContent)>, String> {
    match reports.iter().find(|(_, form)| *form == ReportContent::Part) {
        Some((path, _)) => Err(FormatError::PartOfRun((*path).to_owned()).to_string()),
        None => Ok(reports),
    }
}

fn metrics_address(args: &RunArgs, world: &World) -> anyhow::Result<SocketAddr> {
    if let Some(given) = &args.metrics_listen {
        return Ok(given.address);
    }
    let written = &world.live.metrics_listen;
    let found = listen(written).map_err(|wrong| anyhow::anyhow!("cannot listen for metrics on {written}: {wrong}"))?;
    Ok(found.address)
}

fn announce(world: &World, server: &MetricsServer, terminal: Terminal) {
    let (version, name, profile) = (env!("CARGO_PKG_VERSION"), &world.name, world.profile.name());
    let (seed, address) = (world.chance.seed(), server.address());
    let shown = visible::one_line(name);
    tracing::info!(
        target: PEOPLE, version, scenario = name, profile, seed, metrics = %address,
        "reveille {version} · {shown} · profile {profile} · seed {seed} · http://{address}/metrics"
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
    stop: Receiver<bool>,
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

/// Writes the files of `--report` that are parts; the exit code, if one could not be written.
pub(super) fn write_part(
    part: impl FnOnce() -> Part,
    reports: &[(&str, ReportContent)],
    terminal: Terminal,
) -> Option<Exit> {
    let paths: Vec<&str> =
        reports.iter().filter(|(_, form)| *form == ReportContent::Part).map(|(path, _)| *path).collect();
    if paths.is_empty() {
        return None;
    }
    let bytes = part().to_bytes();
    say_all(paths.into_iter().filter_map(|path| scenario_files::write(path, &bytes).err()), terminal)
}

/// Puts files of lines in their places; the exit code, if one could not be written.
pub(super) fn finish(lines: Option<&Lines>, terminal: Terminal) -> Option<Exit> {
    say_all(lines.map(Lines::finish).into_iter().flatten(), terminal)
}

fn say_all(errors: impl Iterator<Item = anyhow::Error>, terminal: Terminal) -> Option<Exit> {
    let said = errors.map(|error| terminal.error(&format!("{error:#}"))).count();
    (said > 0).then_some(Exit::Fault)
}

/// The report for people goes to standard output unless a report for programs has it; what cannot be written is said, and
/// keeps nothing else from being written.
pub(super) fn write(
    outcome: &Outcome,
    reports: &[(&str, ReportContent)],
    setting: &Setting,
    terminal: Terminal,
) -> Exit {
    let taken = reports.iter().any(|(path, _)| *path == "-");
    let for_people = if taken { say_report(outcome, terminal) } else { terminal.page(&console(outcome, terminal.out)) };
    let mut exit = Exit::of(outcome);
    let written = reports.iter().map(|(path, form)| match (*path, form) {
        (_, ReportContent::Lines | ReportContent::Part) => Ok(()),
        ("-", ReportContent::Record(format)) => document(&format.render(outcome, setting), Notation::Json),
        (path, ReportContent::Record(format)) => {
            scenario_files::write(path, format.render(outcome, setting).as_bytes())
        }
    });
    for error in std::iter::once(for_people).chain(written).filter_map(Result::err) {
        terminal.error(&format!("{error:#}"));
        exit = Exit::Fault;
    }
    exit
}

#[expect(clippy::unnecessary_wraps, reason = "one of two ways of writing; only the other can fail")]
fn say_report(outcome: &Outcome, terminal: Terminal) -> anyhow::Result<()> {
    terminal.notes(console(outcome, terminal.err).trim_end());
    Ok(())
}
