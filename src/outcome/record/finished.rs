//! The result of a driver, whole or interrupted. Must not judge it.

use crate::engine::RunTotals;
use crate::rules::base::time::SimTime;
use crate::rules::timeline::agenda::Agenda;

/// A driver's result, from which [`crate::outcome::Outcome`] is made.
#[derive(Clone, Debug)]
pub struct Finished {
    /// The requests to the tenant and its answers.
    pub agenda: Agenda,
    /// The totals.
    pub totals: RunTotals,
    /// The model time at which the run, or the plan of a forecast, was interrupted; `None` when it reached the horizon.
    pub interrupted_at: Option<SimTime>,
    /// Devices whose whole lives are in the totals of a forecast; an interrupted one leaves some out. `None` for the
    /// actors, which process all devices together.
    pub devices_done: Option<u64>,
    /// How long the run took, in ms of wall time.
    pub wall_ms: u64,
    /// Sends that were issued more than 100 ms of wall time after their time.
    pub late_sends: u64,
}
