//! What is in use of each budget of a server, its limit, and what was refused because of it. Must not decide what a
//! budget admits.

use metrics::{Counter, Gauge};

use super::name::Name;
use super::register::Register;

/// A budget; the last word of its name is its unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum BudgetLabel {
    /// Connections to the listener of the metrics.
    MetricsConnections,
    /// Connections to the listeners of the Graph API.
    GraphConnections,
    /// Connections to the control API.
    ControlConnections,
    /// Bodies of requests for a token, which need no token themselves.
    TokenBodyBytes,
    /// Bodies of requests of the Graph API.
    GraphBodyBytes,
    /// Bodies of requests of the control API.
    ControlBodyBytes,
    /// Answers of the Graph API that are not sent yet.
    GraphAnswerBytes,
    /// Answers of the control API that are not sent yet.
    ControlAnswerBytes,
    /// Answers of the metrics that are not sent yet.
    MetricsAnswerBytes,
    /// Work that takes a thread, under way or queued.
    BlockingTasks,
    /// Requests that wait for a message to settle.
    WaitingRequests,
    /// Streams of events.
    EventStreams,
}

impl BudgetLabel {
    /// The budgets of a process that serves metrics only.
    pub const OF_METRICS: [Self; 2] = [Self::MetricsConnections, Self::MetricsAnswerBytes];

    /// The label value in metrics.
    pub const fn name(self) -> &'static str {
        self.into_str()
    }
}

/// The figures of one budget.
#[derive(Clone)]
pub struct BudgetMeter {
    used: Gauge,
    limit: Gauge,
    refused: Counter,
}

impl std::fmt::Debug for BudgetMeter {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("BudgetMeter")
    }
}

impl BudgetMeter {
    pub(super) fn new(make: &Register, budget: BudgetLabel) -> Self {
        let labels = [budget.name()];
        Self {
            used: make.gauge(Name::BudgetUsed, &labels),
            limit: make.gauge(Name::BudgetLimit, &labels),
            refused: make.counter(Name::BudgetRefused, &labels),
        }
    }

    /// Sets the limit.
    #[expect(clippy::cast_precision_loss, reason = "an exported figure; nothing is decided by it")]
    pub fn limited_to(&self, limit: u64) {
        self.limit.set(limit as f64);
    }

    /// So much more is in use.
    #[expect(clippy::cast_precision_loss, reason = "an exported figure; nothing is decided by it")]
    pub fn took(&self, amount: u64) {
        self.used.increment(amount as f64);
    }

    /// So much less is in use.
    #[expect(clippy::cast_precision_loss, reason = "an exported figure; nothing is decided by it")]
    pub fn gave_back(&self, amount: u64) {
        self.used.decrement(amount as f64);
    }

    /// Something did not fit.
    pub fn refused(&self) {
        self.refused.increment(1);
    }
}
