//! The faults of a report: what each touched, and its recovery. Must not judge a pair.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::engine::RunTotals;
use crate::rules::base::time::SimTime;
use crate::rules::faults::fault::{Fault, FaultKind, OutageMode};
use crate::rules::model::world::World;

/// What a fault did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FaultLine {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: String,
    /// Pairs it touched; for `directory_lag` the changes it slowed, for `crash` and `stall` the actors it hit.
    pub touched: u64,
    /// Touched pairs that still waited at the end.
    pub backlog_at_end: u64,
    /// From the end of its last window that ended within the run until the last touched pair had settled, in ms, 0 if that was
    /// earlier; null if no window ended, or touched pairs still waited at the end.
    pub recovery_ms: Option<u64>,
    /// The same for the gateway, of an outage or a throttle: until the last touched pair had left it, for the phone or for good.
    /// Phones that were offline then come later, and count in `recovery_ms` alone. Null also for other kinds.
    #[serde(default)]
    pub gateway_recovery_ms: Option<u64>,
    /// Whether that is as it should be.
    pub status: FaultStatus,
}

/// Whether a fault did what it is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FaultStatus {
    /// It touched something.
    Touched,
    /// It touched nothing, which fails the run.
    TouchedNothing,
    /// It touched nothing, and may.
    MayTouchNothing,
    /// It touched nothing until the run was interrupted.
    Interrupted,
    /// This driver has nothing that it could touch.
    NotApplicable,
}

/// The lines of all faults up to `end`, in file order.
pub(crate) fn faults(world: &World, run_totals: &RunTotals, end: SimTime, interrupted: bool) -> Vec<FaultLine> {
    let line = |(at, fault): (usize, &Fault)| {
        let counted = run_totals.counts.faults[at];
        // X25: a directory fault touches changes, and nothing waits because of it at a gateway. An actor fault hits
        // actors, and a driver without actors has nothing for it to touch.
        let (touched, backlog_at_end) = match (&fault.kind, &run_totals.struck) {
            (FaultKind::DirectoryLag { .. }, _) => (run_totals.changes_slowed[at], 0),
            (FaultKind::Strike(_), struck) => (struck.as_ref().map_or(0, |struck| struck[at]), 0),
            _ => (counted.touched, counted.touched - counted.settled),
        };
        let is_applicable = !matches!(fault.kind, FaultKind::Strike(_)) || run_totals.struck.is_some();
        let ended = fault.ended_by(end);
        // What a refusing outage touches is lost at once.
        let gateway_recovery = |ended| match &fault.kind {
            FaultKind::Outage(OutageMode::Refuse) => Some(0),
            FaultKind::Outage(OutageMode::Hold) | FaultKind::Throttle { .. } => {
                (counted.left == counted.touched).then(|| counted.last_left.since(ended))
            }
            _ => None,
        };
        FaultLine {
            name: fault.name.clone(),
            kind: fault.kind.name().to_owned(),
            touched,
            backlog_at_end,
            recovery_ms: ended
                .filter(|_| backlog_at_end == 0 && is_applicable)
                .map(|ended| counted.last_settled.since(ended)),
            gateway_recovery_ms: ended.and_then(gateway_recovery),
            status: match (touched, fault.may_touch_nothing, interrupted) {
                _ if !is_applicable => FaultStatus::NotApplicable,
                (1.., _, _) => FaultStatus::Touched,
                (0, true, _) => FaultStatus::MayTouchNothing,
                (0, false, true) => FaultStatus::Interrupted,
                (0, false, false) => FaultStatus::TouchedNothing,
            },
        }
    };
    world.faults.iter().enumerate().map(line).collect()
}
