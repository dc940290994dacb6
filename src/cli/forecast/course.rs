//! Several forecasts, one after the other, under one progress bar: each completely, until all are made or a signal
//! comes. Must only wire; every figure comes from other modules.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};

use crate::clock::Stopwatch;
use crate::outcome::words::count;
use crate::outcome::{Baseline, Batch, BatchFacts, Driver, Headline, Outcome, RunFacts};
use crate::report::{BatchFormat, BatchRecord, FormatError, ReportContent, Setting};
use crate::rules::base::visible::Notation;
use crate::rules::model::world::World;
use crate::run::{ForecastOptions, ForecastProgress, contrasts, forecast, named_faults};
use crate::scenario::Loaded;

use crate::cli::args::definition::{ReportAudience, ScenarioFlags};
use crate::cli::args::forecast_args::ForecastArgs;
use crate::cli::args::replay::{replay, with_contrasts};
use crate::cli::files::baseline::baseline;
use crate::cli::files::complaints::complain;
use crate::cli::files::reports::annotate;
use crate::cli::files::scenario_files;
use crate::cli::process::stop::Stop;
use crate::cli::terminal::exit::Exit;
use crate::cli::terminal::watch::ProgressWatcher;
use crate::cli::terminal::writer::{Terminal, document};
use crate::files::texts::{Texts, Unusable};

/// The input of many forecasts of one scenario.
#[derive(Debug)]
pub(super) struct Course<'a> {
    pub(super) args: &'a ForecastArgs,
    terminal: Terminal,
    texts: Texts,
    stop: Stop,
}

/// Why many forecasts cannot begin.
#[derive(Debug)]
pub(super) enum CannotBegin {
    /// The scenario cannot be used.
    Scenario(Unusable),
    /// An option does not fit it.
    Option(String),
}

impl From<Unusable> for CannotBegin {
    fn from(unusable: Unusable) -> Self {
        Self::Scenario(unusable)
    }
}

/// A result from a scenario, or why the scenario cannot be used; the outer error is the machine's.
pub(super) type Opened<T> = anyhow::Result<Result<T, Unusable>>;

/// The completed forecasts.
#[derive(Debug)]
pub(super) struct Made {
    pub(crate) batch: Batch,
    /// One for each completed step, in order; never empty.
    pub(crate) rows: Vec<Headline>,
}

impl<'a> Course<'a> {
    /// Reads the scenario's text.
    ///
    /// # Errors
    /// [`Unusable::Unreadable`].
    pub(crate) fn open(args: &'a ForecastArgs, stop: &Stop, terminal: Terminal) -> Result<Self, Unusable> {
        Ok(Self {
            args,
            terminal,
            texts: Texts::read(&args.scenario, args.overrides.include_root.as_deref())?,
            stop: stop.clone(),
        })
    }

    /// The scenario under `step`.
    ///
    /// # Errors
    /// [`Unusable::Invalid`] or [`Unusable::Stopped`].
    pub(crate) fn load(&mut self, step: &ScenarioFlags) -> Result<Loaded, Unusable> {
        self.texts.load(&step.overrides(), self.stop.token())
    }

    /// Checks that the faults of `--without` exist in a world.
    ///
    /// # Errors
    /// [`CannotBegin::Option`] for the first unknown name.
    pub(crate) fn check_faults(&self, world: &World) -> Result<(), CannotBegin> {
        let found = named_faults(world, &self.args.without);
        found.map(drop).map_err(|unknown| CannotBegin::Option(format!("--without: {unknown}")))
    }

    /// The former report of `--baseline`, if one is given.
    ///
    /// # Errors
    /// [`CannotBegin::Option`] if it cannot be compared with forecasts of this scenario.
    pub(crate) fn baseline(&self, world: &World) -> Result<Option<Baseline>, CannotBegin> {
        baseline(&self.args.against, world).map_err(CannotBegin::Option)
    }

    /// Forecasts the scenario under each of `steps`, of which there is at least one; `replay` is the command that
    /// repeats them all.
    ///
    /// # Errors
    /// [`Unusable`] if the scenario is invalid under one of them, or a signal came before the first was complete; the
    /// outer error if a forecast cannot begin.
    pub(crate) fn run(&mut self, steps: &[ScenarioFlags], replay: String) -> Opened<Made> {
        let watch = Stopwatch::start();
        let under_way = Arc::new(UnderWay { steps: steps.len() as u64, ..UnderWay::default() });
        let bar = ProgressWatcher::over(self.terminal, look(&under_way));
        let (mut rows, mut last) = (Vec::with_capacity(steps.len()), None);
        for step in steps {
            let world = match self.load(step) {
                Ok(loaded) => loaded.world,
                Err(Unusable::Stopped) => break,
                Err(unusable) => return Ok(Err(unusable)),
            };
            let Some(row) = self.one(&world, step, &under_way)? else { break };
            rows.push(row);
            under_way.done.fetch_add(1, Relaxed);
            last = Some(world);
        }
        drop(bar);
        // Without a completed forecast there is no range.
        let Some(last) = last else { return Ok(Err(Unusable::Stopped)) };
        let facts = BatchFacts {
            forecasts: steps.len() as u64,
            forecasts_done: rows.len() as u64,
            wall_ms: watch.ms(),
            peak_rss_bytes: scenario_files::peak_rss_bytes(),
            replay,
        };
        let batch = Batch::new(&last, facts);
        Ok(Ok(Made { batch, rows }))
    }

    /// One complete forecast, or `None` if a signal interrupts it: half a forecast cannot be compared.
    fn one(&self, world: &World, step: &ScenarioFlags, under_way: &UnderWay) -> anyhow::Result<Option<Headline>> {
        let progress = under_way.next();
        let threads = self.args.threads.unwrap_or(0) as usize;
        let options = ForecastOptions { threads, ..ForecastOptions::default() };
        let finished = forecast(world, options, &progress, self.stop.token())?;
        if self.stop.is_raised() {
            return Ok(None);
        }
        let facts = RunFacts {
            driver: Driver::Forecast,
            wall_ms: finished.wall_ms,
            peak_rss_bytes: scenario_files::peak_rss_bytes(),
            interrupted_at: finished.interrupted_at,
            devices_done: finished.devices_done,
            late_sends: finished.late_sends,
            replay: with_contrasts(
                replay(&self.args.scenario, step).command("forecast", world.chance.seed()),
                self.args.without.iter().map(String::as_str),
            ),
        };
        let mut outcome = Outcome::new(world, &finished.agenda, &finished.totals, facts);
        let faults = named_faults(world, &self.args.without)?;
        if !faults.is_empty() {
            let options = ForecastOptions { threads, ..ForecastOptions::default() };
            let found = contrasts(world, &faults, options, &progress, self.stop.token())?;
            if found.interrupted {
                return Ok(None);
            }
            outcome.without = Some(found.lines);
        }
        Ok(Some(Headline::new(&outcome)))
    }
}

/// The progress of all forecasts, for the bar.
#[derive(Debug, Default)]
struct UnderWay {
    steps: u64,
    done: AtomicU64,
    now: Mutex<Arc<ForecastProgress>>,
}

impl UnderWay {
    /// Replaces the last forecast's progress by the next one's.
    fn next(&self) -> Arc<ForecastProgress> {
        let fresh = Arc::new(ForecastProgress::default());
        self.now.lock().expect("no holder panics").clone_from(&fresh);
        fresh
    }
}

/// The progress of all: thousandths done, and `7 of 20 forecasts · 1,200,000 of 4,000,000 pairs`.
fn look(under_way: &Arc<UnderWay>) -> impl FnMut() -> (u64, String) + Send + 'static {
    let under_way = Arc::clone(under_way);
    move || {
        let now = Arc::clone(&under_way.now.lock().expect("no holder panics"));
        let (steps, done) = (under_way.steps, under_way.done.load(Relaxed));
        let (pairs, pairs_done) = (now.pairs.load(Relaxed), now.pairs_done.load(Relaxed));
        let thousandths = u128::from(pairs_done) * 1_000 / u128::from(pairs.max(1));
        let thousandths = (u128::from(done) * 1_000 + thousandths.min(1_000)) / u128::from(steps.max(1));
        let text = format!("{done} of {steps} forecasts · {} of {} pairs", count(pairs_done), count(pairs));
        (thousandths.try_into().unwrap_or(1_000), text)
    }
}

/// The paths of `--report`, each with its format; many forecasts have no samples, no lines and no parts.
pub(crate) fn reports(paths: &[String]) -> Result<Vec<(&str, BatchFormat)>, String> {
    let of_batch = |(path, content): (_, ReportContent)| {
        match content {
            ReportContent::Record(format) => format.of_batch().map(|format| (path, format)),
            ReportContent::Lines | ReportContent::Part => None,
        }
        .ok_or_else(|| FormatError::OneOfMany(str::to_owned(path)).to_string())
    };
    crate::cli::files::reports::reports(paths)?.into_iter().map(of_batch).collect()
}

/// Prints why many forecasts did not begin.
pub(crate) fn refuse(scenario: &str, reason: &CannotBegin, terminal: Terminal) -> Exit {
    match reason {
        CannotBegin::Scenario(unusable) => complain(scenario, unusable, terminal),
        CannotBegin::Option(wrong) => {
            terminal.error(wrong);
            Exit::Usage
        }
    }
}

/// Writes the text for people to standard output, unless a report for programs goes there. Reports each write error and
/// still writes the rest.
pub(crate) fn publish(
    record: BatchRecord<'_>,
    reports: &[(&str, BatchFormat)],
    setting: &Setting,
    exit: Exit,
    (audience, terminal): (ReportAudience, Terminal),
) -> Exit {
    let taken = reports.iter().any(|(path, _)| *path == "-");
    let for_people = if taken {
        terminal.notes(record.console(terminal.length, terminal.err).trim_end());
        Ok(())
    } else {
        terminal.page(&record.console(terminal.length, terminal.out))
    };
    let for_people = for_people.and_then(|()| annotate(audience, taken, || record.annotations(setting)));
    let written = reports.iter().map(|(path, format)| {
        let text = record.render(*format, setting);
        if *path == "-" { document(&text, Notation::Json) } else { scenario_files::write(path, text.as_bytes()) }
    });
    let failed: Vec<anyhow::Error> = std::iter::once(for_people).chain(written).filter_map(Result::err).collect();
    for error in &failed {
        terminal.error(&format!("{error:#}"));
    }
    if failed.is_empty() { exit } else { Exit::Fault }
}
