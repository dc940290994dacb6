//! Requests to the servers of this program and their answers, as figures of the program, not of a tenant: a request may
//! come before its tenant is known.

use std::fmt::Write as _;

use metrics::Counter;
use metrics_exporter_prometheus::PrometheusHandle;
use strum::VariantArray as _;

use super::budget::{BudgetLabel, BudgetMeter};
use super::name::Name;
use super::register::Register;
use super::request::{RouteLabel, SignInOutcome, Status};
use super::samples::{REQUEST_BOUNDS_US, SharedSamples};
use super::store_meter::StoreMeter;

/// Requests by route and status.
pub(super) struct Traffic {
    make: Register,
    handle: PrometheusHandle,
    requests: Vec<Requests>,
    budgets: Vec<(BudgetLabel, BudgetMeter)>,
    sign_ins: Vec<(SignInOutcome, Counter)>,
    audit_lost: Counter,
    /// Of a server that has a store.
    store: Option<StoreMeter>,
}

/// Requests of a route.
struct Requests {
    route: RouteLabel,
    answered: Vec<(Status, Counter)>,
    /// Durations.
    seconds: SharedSamples,
}

impl Traffic {
    /// No requests yet; only these routes, statuses and budgets are counted.
    pub(super) fn new(routes: &[RouteLabel], statuses: &[Status], budgets: &[BudgetLabel]) -> Self {
        let make = Register::new(None);
        make.gauge(Name::BuildInfo, &[env!("CARGO_PKG_VERSION")]).set(1);
        let sign_in = |outcome: &SignInOutcome| (*outcome, make.counter(Name::SignIns, &[outcome.name()]));
        let sign_ins = SignInOutcome::VARIANTS.iter().map(sign_in).collect();
        let audit_lost = make.counter(Name::AuditLost, &[]);
        let requests = routes.iter().map(|route| {
            let counter = |status: &Status| make.counter(Name::HttpRequests, &[route.name(), status.name()]);
            let answered = statuses.iter().map(|status| (*status, counter(status))).collect();
            Requests { route: *route, answered, seconds: SharedSamples::new(REQUEST_BOUNDS_US, 1_000_000) }
        });
        let budgets = budgets.iter().map(|budget| (*budget, BudgetMeter::new(&make, *budget))).collect();
        Self { requests: requests.collect(), budgets, handle: make.handle(), sign_ins, audit_lost, store: None, make }
    }

    /// The figures of the server's store, which are shown from now on.
    pub(super) fn store(&mut self) -> StoreMeter {
        let make = &self.make;
        self.store.get_or_insert_with(|| StoreMeter::new(make)).clone()
    }

    /// Counts a request answered after so many µs of wall time.
    pub(super) fn answered(&self, route: RouteLabel, status: Status, us: u64) {
        let Some(requests) = self.requests.iter().find(|requests| requests.route == route) else { return };
        requests.seconds.record(us);
        if let Some((_, answered)) = requests.answered.iter().find(|(known, _)| *known == status) {
            answered.increment(1);
        }
    }

    /// The figures of a budget, if it is one of these servers.
    pub(super) fn budget(&self, budget: BudgetLabel) -> Option<BudgetMeter> {
        self.budgets.iter().find(|(known, _)| *known == budget).map(|(_, meter)| meter.clone())
    }

    /// Counts a request to sign in.
    pub(super) fn signed_in(&self, outcome: SignInOutcome) {
        if let Some((_, sign_ins)) = self.sign_ins.iter().find(|(known, _)| *known == outcome) {
            sign_ins.increment(1);
        }
    }

    /// Counts an entry of the audit log that could not be written.
    pub(super) fn audit_lost(&self) {
        self.audit_lost.increment(1);
    }

    /// The figures in the text format of Prometheus.
    pub(super) fn render(&self) -> String {
        let mut out = self.handle.render();
        let (help, name) = (Name::HttpRequest.help(), Name::HttpRequest.name());
        write!(out, "# HELP {name} {help}\n# TYPE {name} histogram\n").expect("a string takes all");
        for Requests { route, seconds, .. } in &self.requests {
            seconds.render(&mut out, name, &format!("route=\"{}\"", route.name()));
        }
        if let Some(store) = &self.store {
            store.render(&mut out);
        }
        out
    }
}
