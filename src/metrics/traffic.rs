//! Requests to the servers of this program and their answers, as figures of the program, not of a tenant: a request may
//! come before its tenant is known.

use std::fmt::Write as _;

use metrics::Counter;
use metrics_exporter_prometheus::PrometheusHandle;

use super::budget::{BudgetLabel, BudgetMeter};
use super::name::Name;
use super::register::Register;
use super::request::{RouteLabel, Status};
use super::samples::{REQUEST_BOUNDS_US, SharedSamples};

/// Requests by route and status.
pub(super) struct Traffic {
    handle: PrometheusHandle,
    requests: Vec<Requests>,
    budgets: Vec<(BudgetLabel, BudgetMeter)>,
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
        let requests = routes.iter().map(|route| {
            let counter = |status: &Status| make.counter(Name::HttpRequests, &[route.name(), status.name()]);
            let answered = statuses.iter().map(|status| (*status, counter(status))).collect();
            Requests { route: *route, answered, seconds: SharedSamples::new(REQUEST_BOUNDS_US, 1_000_000) }
        });
        let budgets = budgets.iter().map(|budget| (*budget, BudgetMeter::new(&make, *budget))).collect();
        Self { requests: requests.collect(), budgets, handle: make.handle() }
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

    /// The figures in the text format of Prometheus.
    pub(super) fn render(&self) -> String {
        let mut out = self.handle.render();
        let (help, name) = (Name::HttpRequest.help(), Name::HttpRequest.name());
        write!(out, "# HELP {name} {help}\n# TYPE {name} histogram\n").expect("a string takes all");
        for Requests { route, seconds, .. } in &self.requests {
            seconds.render(&mut out, name, &format!("route=\"{}\"", route.name()));
        }
        out
    }
}
