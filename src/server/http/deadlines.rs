//! How long each step of a request may take on a connection. Must contain data only.

use std::time::Duration;

use super::limits::{
    HALF_CLOSE_WAIT_MAX, HEAD_WAIT_MAX, SCRAPE_HEAD_WAIT_MAX, SCRAPE_WRITE_WAIT_MAX, SCRAPE_WRITE_WHOLE_MAX,
    WRITE_WAIT_MAX, WRITE_WHOLE_MAX,
};

/// The deadlines of a listener's connections. How long a body and its answer may take is said where they are read and
/// made; the sum of all is the longest that a request can last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Deadlines {
    /// For a request's head, and for the silence before it.
    pub(super) head: Duration,
    /// For a write of which the client takes nothing.
    pub(super) write: Duration,
    /// For the transfer of one answer.
    pub(super) write_whole: Duration,
    /// For the rest of the work on an answer whose client has closed its sending half, or has gone.
    pub(super) half_closed: Duration,
}

impl Deadlines {
    /// Those of the APIs.
    pub(super) const fn of_api() -> Self {
        Self {
            head: HEAD_WAIT_MAX,
            write: WRITE_WAIT_MAX,
            write_whole: WRITE_WHOLE_MAX,
            half_closed: HALF_CLOSE_WAIT_MAX,
        }
    }

    /// Those of the metrics.
    pub(super) const fn of_metrics() -> Self {
        Self {
            head: SCRAPE_HEAD_WAIT_MAX,
            write: SCRAPE_WRITE_WAIT_MAX,
            write_whole: SCRAPE_WRITE_WHOLE_MAX,
            half_closed: HALF_CLOSE_WAIT_MAX,
        }
    }
}
