//! The faults of a tenant, from its scenario and by hand: when they are in force, what they touched, and how to start
//! and stop one. Must not parse faults; `scenario` does.

use axum::Json;
use axum::http::StatusCode;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::extract::{JsonBody, PathParams};
use super::problem::Problem;
use super::tenant_handle::TenantHandle;
use crate::host::SwitchError;
use crate::rules::base::ids::FaultIx;
use crate::rules::base::time::SimTime;
use crate::rules::faults::fault::Fault;
use crate::rules::timeline::revision::Unswitched;
use crate::scenario::{Code, Diagnostics};

/// A fault.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FaultView {
    /// Its name.
    pub(crate) name: String,
    /// What it does.
    pub(crate) kind: &'static str,
    /// Was it started by hand?
    pub(crate) by_hand: bool,
    /// Is it in force?
    pub(crate) active: bool,
    /// When it begins first, in ms of model time.
    pub(crate) at_ms: u64,
    /// How long it lasts, in ms; null to the end.
    pub(crate) lasts_ms: Option<u64>,
    /// How often it comes again, in ms; null for once.
    pub(crate) every_ms: Option<u64>,
    /// When it was stopped by hand, for good; null if it was not.
    pub(crate) stopped_at_ms: Option<u64>,
    /// Pairs it has touched so far; directory changes or actors, for a fault of these.
    pub(crate) touched: u64,
}

/// All faults.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FaultList {
    /// In the order of the scenario, then those by hand in the order in which they were started.
    items: Vec<FaultView>,
}

/// Lists the faults.
#[utoipa::path(get, path = "/_reveille/faults", operation_id = "listFaults", tag = "faults", responses((status = 200, body = FaultList)))]
pub(crate) async fn list(handle: TenantHandle) -> Result<Json<FaultList>, Problem> {
    Ok(Json(FaultList { items: views(&handle).await? }))
}

/// All faults now: those of the scenario, then those by hand.
pub(crate) async fn views(handle: &TenantHandle) -> Result<Vec<FaultView>, Problem> {
    let (world, touched) = handle.host.faults().await?;
    let now = handle.host.now();
    Ok(world.faults.iter().zip(touched).map(|(fault, touched)| view(fault, touched, now)).collect())
}

/// Starts a fault now. The body is one `[[fault]]` of a scenario as JSON, without `at` and `after`.
#[utoipa::path(
    post,
    path = "/_reveille/faults",
    operation_id = "startFault",
    tag = "faults",
    request_body(content = ref("#/components/schemas/Fault"), content_type = "application/json"),
    responses((status = 201, body = FaultView))
)]
pub(crate) async fn start(
    handle: TenantHandle,
    JsonBody(table): JsonBody<Box<RawValue>>,
) -> Result<(StatusCode, Json<FaultView>), Problem> {
    let started = handle.host.start_fault(table.get()).await?;
    Ok((StatusCode::CREATED, look(&handle, started).await?))
}

/// Stops a fault, by hand or of the scenario, for good: also one that would come again.
#[utoipa::path(
    post,
    path = "/_reveille/faults/{fault}/stop",
    operation_id = "stopFault",
    tag = "faults",
    params(("fault" = String, Path, description = "its name")),
    responses((status = 200, body = FaultView))
)]
pub(crate) async fn stop(
    handle: TenantHandle,
    PathParams(fault): PathParams<String>,
) -> Result<Json<FaultView>, Problem> {
    let stopped = handle.host.stop_fault(&fault).await?;
    look(&handle, stopped).await
}

async fn look(handle: &TenantHandle, fault: FaultIx) -> Result<Json<FaultView>, Problem> {
    let (world, touched) = handle.host.faults().await?;
    let (fault, touched) = world.faults.get(fault.at()).zip(touched.get(fault.at())).ok_or_else(|| {
        Problem::conflict(
            "reset_meanwhile",
            "the tenant was reset just now, and its faults by hand are gone: start it again",
        )
    })?;
    Ok(Json(view(fault, *touched, handle.host.now())))
}

fn view(fault: &Fault, touched: u64, now: SimTime) -> FaultView {
    FaultView {
        name: fault.name.clone(),
        kind: fault.kind.name(),
        by_hand: fault.by_hand,
        active: fault.in_force(now),
        at_ms: fault.at.ms(),
        lasts_ms: fault.lasts_ms,
        every_ms: fault.every_ms,
        stopped_at_ms: Some(fault.stopped_at).filter(|at| *at < SimTime::NEVER).map(SimTime::ms),
        touched,
    }
}

impl From<SwitchError> for Problem {
    fn from(error: SwitchError) -> Self {
        match error {
            SwitchError::Host(error) => error.into(),
            SwitchError::Unreadable(found) => unreadable(&found),
            SwitchError::Phone(misfit) => Self::bad(misfit.to_string()),
            SwitchError::NoHistory => Self::conflict(
                "history_is_not_whole",
                "as much has been done to this tenant as its history holds, and a switch goes through all of it: reset the tenant",
            ),
            SwitchError::Unswitched(Unswitched::Unknown) => {
                Self::not_found("there is no such fault: /_reveille/faults lists them")
            }
            SwitchError::Unswitched(Unswitched::TooMany) => Self::conflict(
                "too_many_faults",
                "a tenant has at most 128 faults, the scenario's and those that are over among them: reset it to forget those by hand",
            ),
            SwitchError::Unswitched(Unswitched::NotBegun) => {
                Self::conflict("fault_has_not_begun", "the fault has not begun: only what has can be stopped")
            }
            SwitchError::Unswitched(Unswitched::Over) => {
                Self::conflict("fault_is_over", "the fault is over already: there is nothing to stop")
            }
        }
    }
}

fn unreadable(found: &Diagnostics) -> Problem {
    let is_taken = found.iter().all(|one| one.code == Code::DuplicateName);
    if is_taken { Problem::conflict("name_is_taken", found.in_one_line()) } else { Problem::bad(found.in_one_line()) }
}
