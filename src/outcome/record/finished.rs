//! What a driver hands over when it is done, whole or interrupted. Judges nothing.

use crate::engine::RunTotals;
use crate::rules::base::time::SimTime;
use crate::rules::timeline::agenda::Agenda;

/// A driver's result, from which [`crate::outcome::Outcome`] is made.
#[derive(Clone, Debug)]
pub struct Finished {
    /// What was asked of the tenant and what it answered.
    pub agenda: Agenda,
    /// Everything that was counted.
    pub books: RunTotals,
    /// The model time at which the run, or the plan of a forecast, was interrupted; `None` when it reached the horizon.
    pub interrupted_at: Option<SimTime>,
    /// Devices whose whole lives are in the books, of a forecast; an interrupted one leaves some out. `None` of the actors,
    /// who take all devices along together.
    pub devices_done: Option<u64>,
    /// How long the run took, in ms of wall time.
    pub wall_ms: u64,
    /// Sends that were issued more than 100 ms of wall time after their time.
    pub late_sends: u64,
}
