//! The budgets of the process: what all requests and connections together may use. Must not refuse anything itself.

use std::sync::Arc;

use super::budget::Budget;
use super::limits::{
    CONTROL_ANSWER_BYTES_MAX, CONTROL_BODY_BYTES_MAX, CONTROL_CONNECTIONS_MAX, EVENT_STREAMS_MAX,
    GRAPH_ANSWER_BYTES_MAX, GRAPH_BODY_BYTES_MAX, GRAPH_CONNECTIONS_MAX, METRICS_ANSWER_BYTES_MAX,
    METRICS_CONNECTIONS_MAX, OTHER_DESCRIPTORS, PEER_QUARTERS, QUEUED_TASKS_MAX, TOKEN_BODY_BYTES_MAX,
    WAITING_REQUESTS_MAX,
};
use super::peers::Connections;
use super::work::WorkPool;
use crate::metrics::{Board, BudgetLabel};

/// The limits that an operator can set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BudgetLimits {
    /// Connections to the listeners of the Graph API.
    pub connections: u64,
    /// Connections of one address to a listener's kind; three quarters of them all if not given.
    pub peer_connections: Option<u64>,
    /// Bytes of bodies of the Graph API that are under way.
    pub body_bytes: u64,
    /// Bytes of answers of the Graph API that are not sent yet.
    pub answer_bytes: u64,
}

impl Default for BudgetLimits {
    fn default() -> Self {
        Self {
            connections: GRAPH_CONNECTIONS_MAX,
            peer_connections: None,
            body_bytes: GRAPH_BODY_BYTES_MAX,
            answer_bytes: GRAPH_ANSWER_BYTES_MAX,
        }
    }
}

impl BudgetLimits {
    /// These limits where the process may have so many open files: connections of the Graph API leave enough of them for
    /// the control API and the metrics.
    #[must_use]
    pub fn with_descriptors(self, files: u64) -> Self {
        let reserve = CONTROL_CONNECTIONS_MAX + METRICS_CONNECTIONS_MAX + OTHER_DESCRIPTORS;
        // With few files, half of them: the reserve of the others is smaller then, and still there.
        let connections = files.saturating_sub(reserve).max(files / 2).max(1);
        Self { connections: self.connections.min(connections), ..self }
    }
}

/// All budgets of a process.
#[derive(Debug)]
pub struct Budgets {
    pub(crate) graph_connections: Arc<Connections>,
    pub(crate) control_connections: Arc<Connections>,
    pub(crate) metrics_connections: Arc<Connections>,
    pub(crate) token_bodies: Budget,
    pub(crate) graph_bodies: Budget,
    pub(crate) control_bodies: Budget,
    pub(crate) graph_answers: Budget,
    pub(crate) control_answers: Budget,
    pub(crate) metrics_answers: Budget,
    pub(crate) waiting_requests: Budget,
    pub(crate) event_streams: Budget,
    pub(crate) work: WorkPool,
}

impl Default for Budgets {
    fn default() -> Self {
        Self::new(BudgetLimits::default(), None)
    }
}

impl Budgets {
    /// The budgets of a process, within these limits; their use is shown on the board, if there is one.
    pub fn new(limits: BudgetLimits, board: Option<&Board>) -> Self {
        let budget = |label, limit| Budget::new(limit, board.and_then(|board| board.budget(label)));
        let connections = |label, limit: u64| {
            let peer = limits.peer_connections.unwrap_or((limit * PEER_QUARTERS).div_ceil(4));
            Arc::new(Connections::new(budget(label, limit), peer.min(limit)))
        };
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let tasks = budget(BudgetLabel::BlockingTasks, QUEUED_TASKS_MAX + threads as u64);
        Self {
            graph_connections: connections(BudgetLabel::GraphConnections, limits.connections),
            control_connections: connections(BudgetLabel::ControlConnections, CONTROL_CONNECTIONS_MAX),
            metrics_connections: connections(BudgetLabel::MetricsConnections, METRICS_CONNECTIONS_MAX),
            token_bodies: budget(BudgetLabel::TokenBodyBytes, TOKEN_BODY_BYTES_MAX),
            graph_bodies: budget(BudgetLabel::GraphBodyBytes, limits.body_bytes),
            control_bodies: budget(BudgetLabel::ControlBodyBytes, CONTROL_BODY_BYTES_MAX),
            graph_answers: budget(BudgetLabel::GraphAnswerBytes, limits.answer_bytes),
            control_answers: budget(BudgetLabel::ControlAnswerBytes, CONTROL_ANSWER_BYTES_MAX),
            metrics_answers: budget(BudgetLabel::MetricsAnswerBytes, METRICS_ANSWER_BYTES_MAX),
            waiting_requests: budget(BudgetLabel::WaitingRequests, WAITING_REQUESTS_MAX),
            event_streams: budget(BudgetLabel::EventStreams, EVENT_STREAMS_MAX),
            work: WorkPool::new(threads, tasks),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_descriptors_for_control_and_metrics() {
        let limits = BudgetLimits::default();
        assert_eq!(limits.with_descriptors(1 << 20).connections, GRAPH_CONNECTIONS_MAX);
        assert_eq!(limits.with_descriptors(4_096).connections, 2_816);
        assert_eq!(limits.with_descriptors(1_024).connections, 512);
        assert_eq!(limits.with_descriptors(0).connections, 1);
        let few = BudgetLimits { connections: 10, ..limits };
        assert_eq!(few.with_descriptors(1 << 20).connections, 10);
    }
}
