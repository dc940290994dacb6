//! The faults of a tenant's scenario: when they are in force, and what they have touched. Switches none.

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

use super::problem::Problem;
use super::seat::Seat;

/// A fault.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FaultView {
    /// Its name.
    name: String,
    /// What it does.
    kind: &'static str,
    /// Is it in force?
    active: bool,
    /// When it begins first, in ms of model time.
    at_ms: u64,
    /// How long it lasts, in ms; null to the end.
    lasts_ms: Option<u64>,
    /// How often it comes again, in ms; null for once.
    every_ms: Option<u64>,
    /// Pairs it has touched so far; directory changes or actors, for a fault of these.
    touched: u64,
}

/// All faults.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FaultList {
    /// In the order of the scenario.
    items: Vec<FaultView>,
}

/// Lists the faults.
#[utoipa::path(get, path = "/_reveille/faults", operation_id = "listFaults", tag = "faults", responses((status = 200, body = FaultList)))]
pub(crate) async fn list(seat: Seat) -> Result<Json<FaultList>, Problem> {
    let now = seat.host.now();
    let touched = seat.host.totals().await?.touched;
    let items = seat.host.world().faults.iter().zip(touched).map(|(fault, touched)| FaultView {
        name: fault.name.clone(),
        kind: fault.kind.name(),
        active: fault.in_force(now),
        at_ms: fault.at.ms(),
        lasts_ms: fault.lasts_ms,
        every_ms: fault.every_ms,
        touched,
    });
    Ok(Json(FaultList { items: items.collect() }))
}
