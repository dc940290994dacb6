//! Several forecasts under one progress bar, one after the other or a few at once: each completely, until all are made or
//! a signal comes. Must only wire; every figure comes from other modules.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};

use crate::clock::Stopwatch;
use crate::outcome::words::count;
use crate::outcome::{Baseline, Batch, BatchFacts, BatchSubject, Driver, Headline, Outcome, RunFacts};
use crate::report::{BatchFormat, BatchRecord, FormatError, ReportContent, Setting};
use crate::rules::base::visible::Notation;
use crate::rules::model::world::World;
use crate::run::{ForecastOptions, ForecastProgress, contrasts, forecast, named_faults};
use crate::scenario::Loaded;

use super::at_once::{MemoryBudget, at_once, share_threads};
use crate::cli::args::definition::{ReportAudience, ScenarioFlags};
use crate::cli::args::forecast_args::ForecastArgs;
use crate::cli::args::replay::{replay, with_contrasts};
use crate::cli::files::baseline::baseline;
use crate::cli::files::complaints::complain;
use crate::cli::files::reports::annotate;
use crate::cli::files::scenario_files;
use crate::cli::process::memory;
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

/// One completed step with what it tells of its scenario; `None` if a signal ended it.
type Step = Opened<Option<(Headline, BatchSubject)>>;

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

    /// Forecasts the scenario under each of `steps`, of which there is at least one, each with the number of its devices;
    /// every step was loaded before. `replay` is the command that repeats them all. With `--parallel` several run at once,
    /// and the results are the same, in the same order.
    ///
    /// # Errors
    /// [`Unusable`] if the scenario is invalid under one of them, or a signal came before the first was complete; the
    /// outer error if a forecast cannot begin.
    pub(crate) fn run(&self, steps: &[(ScenarioFlags, u64)], replay: String) -> Opened<Made> {
        let watch = Stopwatch::start();
        let under_way = Arc::new(UnderWay { steps: steps.len() as u64, ..UnderWay::default() });
        let bar = ProgressWatcher::over(self.terminal, look(&under_way));
        let budget = MemoryBudget::now();
        let all = self.args.threads.map_or_else(cores, |threads| threads as usize);
        // The first runs alone, with all threads: it says how much memory one takes.
        let mut made = vec![self.step(&steps[0].0, all, &under_way)];
        budget.measured(memory::peak_rss_bytes(), steps[0].1);
        let shares = self.shares(all, steps.len() - 1, &budget);
        let goes_on = |made: &Step| matches!(made, Ok(Ok(Some(_))));
        if goes_on(&made[0]) {
            let run = |(step, devices): &(ScenarioFlags, u64), threads| {
                budget.within(*devices, || self.step(step, threads, &under_way))
            };
            made.extend(at_once(&steps[1..], &shares, run, goes_on));
        }
        drop(bar);
        let (mut rows, mut first) = (Vec::with_capacity(steps.len()), None);
        // What is behind a gap is left out: a signal may come when a later one is done and an earlier one is not.
        for result in made {
            match result? {
                Ok(Some((row, of))) => {
                    rows.push(row);
                    first.get_or_insert(of);
                }
                Ok(None) | Err(Unusable::Stopped) => break,
                Err(unusable) => return Ok(Err(unusable)),
            }
        }
        // Without a completed forecast there is no range.
        let Some(subject) = first else { return Ok(Err(Unusable::Stopped)) };
        let facts = BatchFacts {
            forecasts: steps.len() as u64,
            forecasts_done: rows.len() as u64,
            wall_ms: watch.ms(),
            peak_rss_bytes: memory::peak_rss_bytes(),
            replay,
        };
        Ok(Ok(Made { batch: Batch::new(subject, facts), rows }))
    }

    /// The threads of each forecast that may run at once.
    fn shares(&self, threads: usize, steps: usize, budget: &MemoryBudget) -> Vec<usize> {
        let wanted = self.args.parallel.map_or(1, |parallel| parallel as usize);
        let fits = budget.fits().map_or(wanted, |fits| usize::try_from(fits).unwrap_or(wanted));
        let shares = share_threads(threads, wanted.min(fits).min(steps));
        if wanted > 1 {
            let (runs, why) =
                (shares.len(), if fits < wanted { ", which is what the memory has room for" } else { "" });
            self.terminal.detail(&format!("{runs} forecasts at once with {threads} threads in all{why}"));
        }
        shares
    }

    /// One step from its text to its figures, with what it tells of its scenario.
    fn step(&self, step: &ScenarioFlags, threads: usize, under_way: &UnderWay) -> Step {
        let world = match self.texts.load_again(&step.overrides(), self.stop.token()) {
            Ok(loaded) => loaded.world,
            Err(unusable) => return Ok(Err(unusable)),
        };
        let progress = under_way.begin();
        let row = self.one(&world, step, threads, &progress)?;
        under_way.end(&progress, row.is_some());
        Ok(Ok(row.map(|row| (row, BatchSubject::of(&world)))))
    }

    /// One complete forecast, or `None` if a signal interrupts it: half a forecast cannot be compared.
    fn one(
        &self,
        world: &World,
        step: &ScenarioFlags,
        threads: usize,
        progress: &ForecastProgress,
    ) -> anyhow::Result<Option<Headline>> {
        let options = ForecastOptions { threads, ..ForecastOptions::default() };
        let finished = forecast(world, options, progress, self.stop.token())?;
        if self.stop.is_raised() {
            return Ok(None);
        }
        let command = with_contrasts(
            replay(&self.args.scenario, step).command("forecast", world.chance.seed()),
            self.args.without.iter().map(String::as_str),
        );
        let facts = RunFacts::of(&finished, Driver::Forecast, memory::peak_rss_bytes(), command);
        let mut outcome = Outcome::new(world, &finished.agenda, &finished.totals, facts);
        let faults = named_faults(world, &self.args.without)?;
        if !faults.is_empty() {
            let options = ForecastOptions { threads, ..ForecastOptions::default() };
            let found = contrasts(world, &faults, options, progress, self.stop.token())?;
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
    now: Mutex<Vec<Arc<ForecastProgress>>>,
}

impl UnderWay {
    /// The progress of one more forecast.
    fn begin(&self) -> Arc<ForecastProgress> {
        let fresh = Arc::new(ForecastProgress::default());
        self.now.lock().expect("no holder panics").push(Arc::clone(&fresh));
        fresh
    }

    /// A forecast ended, complete or not.
    fn end(&self, progress: &Arc<ForecastProgress>, is_complete: bool) {
        self.now.lock().expect("no holder panics").retain(|one| !Arc::ptr_eq(one, progress));
        self.done.fetch_add(u64::from(is_complete), Relaxed);
    }
}

/// The progress of all: thousandths done, and `7 of 20 forecasts · 1,200,000 of 4,000,000 pairs`.
fn look(under_way: &Arc<UnderWay>) -> impl FnMut() -> (u64, String) + Send + 'static {
    let under_way = Arc::clone(under_way);
    move || {
        let (steps, done) = (under_way.steps, under_way.done.load(Relaxed));
        let (mut pairs, mut pairs_done, mut thousandths) = (0, 0, u128::from(done) * 1_000);
        for one in under_way.now.lock().expect("no holder panics").iter() {
            let (of, is) = (one.pairs.load(Relaxed), one.pairs_done.load(Relaxed));
            (pairs, pairs_done) = (pairs + of, pairs_done + is);
            thousandths += (u128::from(is) * 1_000 / u128::from(of.max(1))).min(1_000);
        }
        let thousandths = thousandths / u128::from(steps.max(1));
        let text = format!("{done} of {steps} forecasts · {} of {} pairs", count(pairs_done), count(pairs));
        (thousandths.try_into().unwrap_or(1_000), text)
    }
}

/// Threads of this machine.
fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
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
