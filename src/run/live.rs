//! Drives the actor engine through a scenario: sends requests when they are due, and collects the totals. Must not
//! print.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::clock::{Beat, Clock, Stopwatch, after};
use crate::engine::sabotage::Sabotage;
use crate::engine::{Engine, EngineError, EngineOptions, EngineProgress, LiveFateSink, Tenancy};
use crate::metrics::{Meters, MetricsBatch};
use crate::outcome::judge::alarm::Alarm;
use crate::outcome::record::finished::Finished;
use crate::outcome::record::pairs::{LivePairOutlet, PairBatch};
use crate::rules::base::time::SimTime;
use crate::rules::delivery::fate::PairEnd;
use crate::rules::model::live::ModelSpeed;
use crate::rules::model::world::World;
use crate::rules::service::message::Refusal;
use crate::rules::timeline::agenda::{Agenda, Attempt, Finality};

/// A send issued later than this after its time counts as late, in µs of wall time.
const LATE_US: u64 = 100_000;
/// Wall time from the request to stop until phones that are behind are halted: the rest of a second is for the report.
const HALT_AFTER: Duration = Duration::from_millis(250);

/// Options of a live run; no option changes a fate.
#[derive(Clone, Debug)]
pub struct LiveOptions {
    /// Model time against wall time.
    pub speed: ModelSpeed,
    /// Shard actors, 0 for one a core.
    pub shards: u32,
    /// Device and portal actors alive at once, at least 2.
    pub resident_actors_max: u32,
    /// Whether to keep the end of every pair.
    pub keep_fates: bool,
    /// Receives the record of every pair as soon as nothing can change it any more.
    pub pairs: Option<LivePairOutlet>,
    /// Where to count for Prometheus, if at all.
    pub meters: Option<Arc<Meters>>,
    /// Stops the run early.
    pub stop: CancellationToken,
}

impl LiveOptions {
    /// At full speed, one shard a core, with this many actors; nothing is kept and there are no observers.
    pub const fn new(resident_actors_max: u32, stop: CancellationToken) -> Self {
        Self {
            speed: ModelSpeed::Max,
            shards: 0,
            resident_actors_max,
            keep_fates: false,
            pairs: None,
            meters: None,
            stop,
        }
    }
}

/// Why a run has no result.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The engine has failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// Drives `world` through the actor engine.
///
/// # Errors
/// [`RunError::Engine`] if the engine fails; an interruption is no error.
pub async fn live(
    world: Arc<World>,
    options: LiveOptions,
    progress: Arc<EngineProgress>,
) -> Result<Finished, RunError> {
    live_sabotaged(world, options, progress, None).await
}

/// The same with a hook that kills actors, for tests of supervision: the only way to [`Sabotage`].
///
/// # Errors
/// As [`live`].
#[doc(hidden)]
pub async fn live_sabotaged(
    world: Arc<World>,
    options: LiveOptions,
    progress: Arc<EngineProgress>,
    sabotage: Option<Sabotage>,
) -> Result<Finished, RunError> {
    let watch = Stopwatch::start();
    let clock = Clock::start(options.speed);
    let engine = Engine::default();
    let name = world.name.clone();
    let outlet = options.pairs.map(|LivePairOutlet(take)| {
        let world = world.clone();
        LiveFateSink(Arc::new(move |ends: &[PairEnd]| take(&PairBatch { world: &world, ends })))
    });
    let tenancy = engine
        .open_sabotaged(
            &name,
            world.clone(),
            EngineOptions {
                clock: clock.clone(),
                shards: options.shards,
                resident_actors_max: options.resident_actors_max,
                keep_fates: options.keep_fates,
                watched: false,
                outlet,
                replayed_until: SimTime::ZERO,
                meters: options.meters.clone(),
                progress: progress.clone(),
                stop: options.stop.clone(),
            },
            sabotage,
        )
        .await?;
    progress.horizon_ms.store(world.horizon.0, Relaxed);
    let meters = options.meters;
    let (next_ms, is_halted) = (AtomicU64::new(0), AtomicBool::new(false));
    let driver = Driver { world, clock, tenancy, progress, meters, next_ms, is_halted };
    let finished = driver.drive(&options.stop, watch).await;
    engine.close(&name);
    finished
}

/// The result of sending requests.
struct SendResult {
    /// Sends that were issued late.
    late: u64,
    /// Whether an expectation with `abort` can no longer hold.
    is_lost: bool,
}

struct Driver {
    world: Arc<World>,
    clock: Clock,
    tenancy: Tenancy,
    progress: Arc<EngineProgress>,
    meters: Option<Arc<Meters>>,
    /// The time of the next request, in ms of model time.
    next_ms: AtomicU64,
    /// Whether every phone was halted.
    is_halted: AtomicBool,
}

impl Driver {
    async fn drive(self, stop: &CancellationToken, watch: Stopwatch) -> Result<Finished, RunError> {
        tokio::select! {
            finished = self.go(stop, watch) => finished,
            error = self.observe() => Err(error),
            error = self.halt_soon(stop) => Err(error),
        }
    }

    /// Reports progress to observers, until that fails.
    async fn observe(&self) -> RunError {
        let mut beat = Beat::start();
        loop {
            beat.next().await;
            if let Err(error) = self.tenancy.observe() {
                return error.into();
            }
            let now = self.clock.now();
            if now <= self.world.horizon {
                // When the requests are late, the clock is ahead of what was done.
                self.progress.model_time_ms.store(now.0.min(self.next_ms.load(Relaxed)), Relaxed);
            }
        }
    }

    /// After a request to stop, leaves a little time to reach one moment of the model; then halts every phone.
    async fn halt_soon(&self, stop: &CancellationToken) -> RunError {
        stop.cancelled().await;
        after(HALT_AFTER).await;
        self.is_halted.store(true, Relaxed);
        match self.tenancy.halt() {
            Ok(()) => std::future::pending().await,
            Err(error) => error.into(),
        }
    }

    async fn go(&self, stop: &CancellationToken, watch: Stopwatch) -> Result<Finished, RunError> {
        let mut agenda = Agenda::new(&self.world);
        let (mut late_sends, mut interrupted_at, mut asked_until) = (0, None, SimTime::ZERO);
        let mut alarm = Alarm::new(&self.world);
        loop {
            let next = agenda.next_time();
            let quiet_until = next.unwrap_or(self.world.horizon);
            self.next_ms.store(quiet_until.0, Relaxed);
            self.tenancy.quiet_until(quiet_until)?;
            let Some(at) = next else { break };
            if self.wait_until(at, stop).await {
                interrupted_at = Some(at.min(self.clock.now()));
                break;
            }
            let sent = self.ask(&mut agenda, &mut alarm, at).await?;
            late_sends += sent.late;
            asked_until = at + 1;
            // All requests of this millisecond have been sent.
            if let Some(after) = Some(at + 1).filter(|after| sent.is_lost && *after < self.world.horizon) {
                interrupted_at = Some(after);
                break;
            }
        }
        let finishing = self.tenancy.finish(interrupted_at.unwrap_or(self.world.horizon));
        tokio::pin!(finishing);
        let totals = tokio::select! {
            totals = &mut finishing => totals?,
            () = stop.cancelled(), if interrupted_at.is_none() => {
                let at = self.clock.now();
                // At full speed all requests have been sent, and the rest is soon done.
                if at < self.world.horizon {
                    interrupted_at = Some(at);
                    self.tenancy.cut(at)?;
                }
                finishing.await?
            }
        };
        if self.is_halted.load(Relaxed) && interrupted_at.is_none() {
            // All requests have been sent, and some phones are behind them.
            interrupted_at = Some(self.world.horizon.just_before().min(asked_until));
        }
        if let Some(meters) = &self.meters {
            meters.end(interrupted_at.unwrap_or(self.world.horizon));
        }
        let (pairs, restarts, wall_ms) = (totals.pairs_sent, totals.restarts.actors(), watch.ms());
        tracing::debug!(pairs, restarts, late_sends, wall_ms, is_whole = interrupted_at.is_none(), "run ended");
        Ok(Finished { agenda, totals, interrupted_at, devices_done: None, wall_ms: watch.ms(), late_sends })
    }

    /// Waits until a moment; true if the run was stopped meanwhile.
    async fn wait_until(&self, at: SimTime, stop: &CancellationToken) -> bool {
        tokio::select! {
            biased;
            () = stop.cancelled() => true,
            () = self.clock.sleep_until(at) => false,
        }
    }

    fn count_late(&self, sends: u64) {
        if let (Some(meters), true) = (&self.meters, sends > 0) {
            let mut batch = MetricsBatch::new(&self.world, usize::MAX);
            (0..sends).for_each(|_| batch.send_was_late());
            meters.add(&batch);
        }
    }

    /// Logs the outcome of an attempt: the account and the number of phones, never its text.
    fn log(&self, attempt: Attempt, refusal: Option<Refusal>, at: SimTime) {
        let (send, occurrence) = (self.world.sends[attempt.send.at()].name.as_str(), attempt.occurrence);
        let (attempt, model_ms) = (attempt.number, at.ms());
        match refusal {
            None => tracing::debug!(send, occurrence, attempt, model_ms, "accepted"),
            Some(refusal) => {
                let reason = refusal.reason.name();
                tracing::debug!(send, occurrence, attempt, model_ms, reason, "refused");
            }
        }
    }

    /// Sends the requests that are due.
    async fn ask(&self, agenda: &mut Agenda, alarm: &mut Alarm, at: SimTime) -> Result<SendResult, RunError> {
        let due = agenda.take(&self.world, at);
        // The alarm may end the run with this millisecond.
        let until = (!alarm.is_set()).then(|| agenda.next_time().unwrap_or(self.world.horizon));
        let is_late = self.clock.lag_us(at).is_some_and(|lag| lag > LATE_US);
        let late = if is_late { due.attempts.len() as u64 } else { 0 };
        if late > 0 {
            tracing::debug!(sends = late, model_ms = at.ms(), "issued late");
        }
        let mut is_lost = false;
        for (attempt, outcome) in self.tenancy.ask(at, due, until).await? {
            self.log(attempt, outcome.err(), at);
            if agenda.answer(&self.world, attempt, outcome, at) == Finality::Final {
                is_lost |= alarm.hears(&self.world, attempt.send, &outcome, at);
            }
            let counter = if outcome.is_ok() { &self.progress.sends_accepted } else { &self.progress.sends_refused };
            counter.fetch_add(1, Relaxed);
        }
        self.progress.model_time_ms.store(at.0, Relaxed);
        self.count_late(late);
        Ok(SendResult { late, is_lost })
    }
}
