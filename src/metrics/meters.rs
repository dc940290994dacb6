//! The exported figures: every label set is created once, at 0, and kept. Takes batches and renders text; must not be
//! read back.

use std::array;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use metrics::{Counter, Gauge};
use metrics_exporter_prometheus::PrometheusHandle;
use strum::VariantArray as _;

use crate::rules::base::ids::FaultIx;
use crate::rules::base::limits::GROUP_MESSAGES_PER_HOUR;
use crate::rules::base::platform::{GatewayName, Platform};
use crate::rules::base::time::SimTime;
use crate::rules::counting::deliveries::DELIVERY_BOUNDS_MS;
use crate::rules::faults::fault::FaultSet;
use crate::rules::model::world::World;
use crate::rules::service::journey::{Journey, LossCause, WaitCause};
use crate::rules::service::message::{MessageKind, Reason};

use super::batch::{ActorKind, MetricsBatch};
use super::label;
use super::lag_cause::LagCause;
use super::name::Name;
use super::register::{Register, tenant_label};
use super::replay::{MetricsReplay, Touched};
use super::samples::{LAG_BOUNDS_US, SharedSamples};
use super::standing::ShardGauges;

/// Figures of the whole engine at one moment; each replaces its last value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EngineGauges {
    /// Model time up to which everything is done.
    pub model_time: SimTime,
    /// Thousandths of a model second per second; 0 at speed `max`.
    pub speed_thousandths: u64,
    /// Group messages left within the hour, and the moment of the next free slot.
    pub group_quota: (usize, SimTime),
    /// Faults in force.
    pub faults: FaultSet,
    /// Whether an outage of the whole gateway is in force, in the order of [`GatewayName`].
    pub gateways_down: [bool; 2],
}

/// Every metric of a tenant.
pub struct Meters {
    handle: PrometheusHandle,
    /// The tenant's label as text, or empty.
    tenant: String,
    accepted: [Counter; 2],
    refused: [[Counter; Reason::VARIANTS.len()]; 2],
    /// By platform, then by [`Journey::code`]; `None` for stations of waiting.
    settled: Vec<Option<Counter>>,
    open: [Gauge; WaitCause::VARIANTS.len()],
    dismissals: [Counter; Platform::VARIANTS.len()],
    delivery: [SharedSamples; Platform::VARIANTS.len()],
    lag: SharedSamples,
    /// By cause, in µs.
    waited_us: [AtomicU64; LagCause::VARIANTS.len()],
    conservation_error: Gauge,
    backlog: [Gauge; 2],
    engine_up: Gauge,
    up: [Gauge; 2],
    stalled: [Gauge; 2],
    oldest_waiting: Gauge,
    resident: [Gauge; ActorKind::VARIANTS.len()],
    activations: [Counter; ActorKind::VARIANTS.len()],
    restarts: [Counter; ActorKind::VARIANTS.len()],
    timers: Gauge,
    fault_active: Vec<Gauge>,
    fault_touched: Vec<Counter>,
    quota_remaining: Gauge,
    quota_next_slot: Gauge,
    generator_late: Counter,
    texts_kept: Gauge,
    texts_dropped: Counter,
    speed: Gauge,
    model_time: Gauge,
    heard: Mutex<Heard>,
}

/// Levels, and totals that a replay rebuilds.
#[derive(Default)]
struct Heard {
    standing: ShardGauges,
    touched: Touched,
    /// Set during a replay.
    replay: Option<MetricsReplay>,
}

impl std::fmt::Debug for Meters {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Meters").finish_non_exhaustive()
    }
}

impl Meters {
    /// The metrics of a run or of a server's only tenant, all at 0. There is no global state: a process may have
    /// several.
    pub fn new(world: &World, resident_actors_max: u32) -> Self {
        Self::with(world, resident_actors_max, None)
    }

    /// The metrics of one tenant among several, all at 0: every series carries its name.
    pub fn of_tenant(world: &World, resident_actors_max: u32) -> Self {
        Self::with(world, resident_actors_max, Some(&world.name))
    }

    fn with(world: &World, resident_actors_max: u32, tenant: Option<&str>) -> Self {
        let make = Register::new(tenant);
        let kinds = [MessageKind::Group, MessageKind::Device];
        let actors = |name| array::from_fn(|at| make.counter(name, &[ActorKind::VARIANTS[at].name()]));
        let platforms = |name| array::from_fn(|at| make.counter(name, &[Platform::VARIANTS[at].name()]));
        let gateways = |name| array::from_fn(|at| make.gauge(name, &[GatewayName::VARIANTS[at].name()]));
        let faults = label::faults(world);
        let seed = world.chance.seed().to_string();
        make.gauge(Name::ScenarioInfo, &[&world.name, &seed, world.profile.name()]).set(1);
        make.gauge(Name::ActorsResidentLimit, &[]).set(resident_actors_max);
        let meters = Self {
            handle: make.handle(),
            tenant: tenant_label(tenant),
            accepted: kinds.map(|kind| make.counter(Name::MessagesAccepted, &[kind.name()])),
            refused: kinds.map(|kind| {
                array::from_fn(|at| make.counter(Name::MessagesRefused, &[kind.name(), Reason::VARIANTS[at].name()]))
            }),
            settled: Platform::VARIANTS.iter().flat_map(|platform| settled(&make, &faults, *platform)).collect(),
            open: array::from_fn(|at| make.gauge(Name::JourneysOpen, &[WaitCause::VARIANTS[at].name()])),
            dismissals: platforms(Name::Dismissals),
            delivery: array::from_fn(|_| SharedSamples::new(DELIVERY_BOUNDS_MS, 1_000)),
            lag: SharedSamples::new(LAG_BOUNDS_US, 1_000_000),
            waited_us: Default::default(),
            conservation_error: make.gauge(Name::ConservationError, &[]),
            backlog: gateways(Name::GatewayBacklog),
            engine_up: make.gauge(Name::EngineUp, &[]),
            up: gateways(Name::GatewayUp),
            stalled: gateways(Name::GatewayStalled),
            oldest_waiting: make.gauge(Name::OldestWaiting, &[]),
            resident: array::from_fn(|at| make.gauge(Name::ActorsResident, &[ActorKind::VARIANTS[at].name()])),
            activations: actors(Name::ActorActivations),
            restarts: actors(Name::ActorRestarts),
            timers: make.gauge(Name::TimersPending, &[]),
            fault_active: faults.iter().map(|fault| make.gauge(Name::FaultActive, &[fault])).collect(),
            fault_touched: faults.iter().map(|fault| make.counter(Name::FaultTouched, &[fault])).collect(),
            quota_remaining: make.gauge(Name::GroupQuotaRemaining, &[]),
            quota_next_slot: make.gauge(Name::GroupQuotaNextSlot, &[]),
            generator_late: make.counter(Name::GeneratorLate, &[]),
            texts_kept: make.gauge(Name::TextsKept, &[]),
            texts_dropped: make.counter(Name::TextsDropped, &[]),
            speed: make.gauge(Name::ClockSpeed, &[]),
            model_time: make.gauge(Name::ModelTime, &[]),
            heard: Mutex::default(),
        };
        meters.up.iter().chain([&meters.engine_up]).for_each(|up| up.set(1));
        meters.quota_remaining.set(u32::try_from(GROUP_MESSAGES_PER_HOUR).expect("a quota is small"));
        meters
    }

    /// Adds a shard's batch; the shard then clears it.
    pub fn add(&self, batch: &MetricsBatch) {
        {
            let mut heard = self.heard();
            if let Some(replay) = &mut heard.replay {
                return replay.add(batch);
            }
            heard.standing.hear(batch.shard, batch.oldest_waiting, batch.queues);
            if batch.is_empty() {
                return;
            }
            heard.touched.add(&batch.touched, &self.fault_touched);
        }
        increase(&self.accepted, &batch.accepted);
        self.refused.iter().zip(&batch.refused).for_each(|(mine, theirs)| increase(mine, theirs));
        for (counter, count) in self.settled.iter().zip(&batch.settled).filter(|(_, count)| **count > 0) {
            counter.as_ref().expect("a batch refuses what has not settled").increment(*count);
        }
        change(&self.open, &batch.open);
        increase(&self.dismissals, &batch.dismissals);
        self.delivery.iter().zip(&batch.delivery_ms).for_each(|(mine, theirs)| mine.add(theirs));
        self.lag.add(&batch.lag_us);
        for (all, us) in self.waited_us.iter().zip(batch.waited_us).filter(|(_, us)| *us > 0) {
            all.fetch_add(us, Ordering::Relaxed);
        }
        change(&self.backlog, &batch.backlog);
        change(&self.resident, &batch.resident);
        increase(&self.activations, &batch.activations);
        increase(&self.restarts, &batch.restarts);
        change(std::slice::from_ref(&self.timers), &[batch.timers]);
        increase(std::slice::from_ref(&self.generator_late), &[batch.late_sends]);
        change(std::slice::from_ref(&self.conservation_error), &[batch.conservation_error]);
    }

    fn heard(&self) -> MutexGuard<'_, Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Replaces the figures of the whole engine.
    pub fn set(&self, moment: &EngineGauges) {
        {
            let mut heard = self.heard();
            if heard.replay.is_some() {
                return;
            }
            heard.standing.go_to(moment.model_time);
        }
        let (remaining, next_slot) = moment.group_quota;
        self.model_time.set(seconds(moment.model_time.ms()));
        self.speed.set(seconds(moment.speed_thousandths));
        self.quota_remaining.set(u32::try_from(remaining).expect("a quota is small"));
        self.quota_next_slot.set(seconds(next_slot.since(moment.model_time)));
        for (at, gauge) in self.fault_active.iter().enumerate() {
            let fault = FaultIx(u32::try_from(at).expect("faults are limited"));
            // Faults by hand come after the scenario's, and share one gauge.
            let by_hand = at + 1 == self.fault_active.len() && moment.faults.iter().any(|other| other > fault);
            gauge.set(u8::from(by_hand || moment.faults.contains(fault)));
        }
        self.up.iter().zip(moment.gateways_down).for_each(|(up, down)| up.set(u8::from(!down)));
    }

    /// Sets how many texts of messages are kept, and adds those that were dropped since the last call.
    pub fn texts(&self, kept: usize, dropped: u64) {
        self.texts_kept.set(u32::try_from(kept).expect("texts are limited"));
        increase(std::slice::from_ref(&self.texts_dropped), &[dropped]);
    }

    /// Resets the gauges for a tenant that restarts with new actors: no pair waits, no actor is alive. Counters keep
    /// their values.
    pub fn begin_again(&self) {
        let actors = self.open.iter().chain(&self.backlog).chain(&self.resident);
        actors.chain([&self.timers, &self.conservation_error, &self.texts_kept]).for_each(|gauge| gauge.set(0));
        self.engine_up.set(1);
        *self.heard() = Heard::default();
    }

    /// The engine cannot go on, until it begins again.
    pub fn engine_failed(&self) {
        self.engine_up.set(0);
    }

    /// Starts a replay: new actors repeat what was done and counted, and no figure moves until [`Meters::end_replay`].
    pub fn begin_replay(&self) {
        self.heard().replay = Some(MetricsReplay::default());
    }

    /// Ends a replay: gauges take the values of the new actors, counters keep theirs and go on.
    pub fn end_replay(&self) {
        let mut heard = self.heard();
        let Some(MetricsReplay { mut standing, open, backlog, resident, timers, conservation_error, touched }) =
            heard.replay.take()
        else {
            return;
        };
        stand_at(&self.open, &open);
        stand_at(&self.backlog, &backlog);
        stand_at(&self.resident, &resident);
        stand_at([&self.timers, &self.conservation_error], &[timers, conservation_error]);
        heard.touched.stand_at(touched, &self.fault_touched);
        standing.go_to(heard.standing.now());
        heard.standing = standing;
    }

    /// Marks the end of the run at `at`.
    pub fn end(&self, at: SimTime) {
        self.model_time.set(seconds(at.ms()));
        self.heard().standing.go_to(at);
    }

    /// The tenant's figures in the text format of Prometheus.
    pub(super) fn render(&self) -> String {
        {
            let standing = &self.heard().standing;
            self.oldest_waiting.set(seconds(standing.oldest_ms()));
            for (gauge, gateway) in self.stalled.iter().zip(GatewayName::VARIANTS) {
                gauge.set(seconds(standing.stalled_ms(*gateway)));
            }
        }
        let mut out = self.handle.render();
        header(&mut out, Name::Delivery);
        let comma = if self.tenant.is_empty() { "" } else { "," };
        for (platform, samples) in Platform::VARIANTS.iter().zip(&self.delivery) {
            let label = format!("platform=\"{}\"{comma}{}", platform.name(), self.tenant);
            samples.render(&mut out, Name::Delivery.name(), &label);
        }
        header(&mut out, Name::Lag);
        self.lag.render(&mut out, Name::Lag.name(), &self.tenant);
        header(&mut out, Name::LagWaited);
        for (cause, us) in LagCause::VARIANTS.iter().zip(&self.waited_us) {
            let seconds = us.load(Ordering::Relaxed) as f64 / 1e6;
            let (name, cause) = (Name::LagWaited.name(), cause.name());
            writeln!(out, "{name}{{cause=\"{cause}\"{comma}{}}} {seconds}", self.tenant).expect("a string takes all");
        }
        out
    }
}

fn header(out: &mut String, name: Name) {
    let (help, kind, name) = (name.help(), name.kind().name(), name.name());
    write!(out, "# HELP {name} {help}\n# TYPE {name} {kind}\n").expect("a string takes all");
}

fn increase(counters: &[Counter], counts: &[u64]) {
    counters.iter().zip(counts).filter(|(_, count)| **count > 0).for_each(|(counter, count)| counter.increment(*count));
}

fn change(gauges: &[Gauge], changes: &[i64]) {
    gauges.iter().zip(changes).filter(|(_, change)| **change != 0).for_each(|(gauge, by)| gauge.increment(float(*by)));
}

fn stand_at<'g>(gauges: impl IntoIterator<Item = &'g Gauge>, figures: &[i64]) {
    gauges.into_iter().zip(figures).for_each(|(gauge, figure)| gauge.set(float(*figure)));
}

#[expect(clippy::cast_precision_loss, reason = "an exported gauge; nothing is decided by it")]
fn float(number: i64) -> f64 {
    number as f64
}

#[expect(clippy::cast_precision_loss, reason = "an exported gauge; nothing is decided by it")]
fn seconds(thousandths: u64) -> f64 {
    thousandths as f64 / 1_000.0
}

/// A platform's counters by code. Forms of display share one counter: a form is no cause.
fn settled(make: &Register, faults: &[&str], platform: Platform) -> Vec<Option<Counter>> {
    let of = |journey: Journey| {
        let cause = match journey {
            Journey::Waiting(_) => return None,
            Journey::Skipped(cause) => cause.name(),
            Journey::Blocked(cause) => cause.name(),
            Journey::Lost(LossCause::Gateway) => "gateway",
            Journey::Lost(LossCause::Fault(fault)) => faults[fault.at()],
            Journey::Superseded | Journey::Discarded | Journey::Expired | Journey::Shown(_) => "none",
        };
        Some(make.counter(Name::JourneysSettled, &[platform.name(), journey.station().name(), cause]))
    };
    (0..Journey::CODES + faults.len()).map(|code| of(Journey::from_code(code))).collect()
}
