//! Whether the server is alive, and whether its tenants accept requests. These endpoints need no token and must not
//! reveal more than which tenant does not, and why.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::problem::Problem;
use super::tenant_handle::{Control, TenantHandle};

/// How long each part of a tenant may take to answer.
const ANSWER_WAIT_MAX: Duration = Duration::from_secs(1);

/// A state of health.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Health {
    /// Always true: what is not healthy is a problem.
    healthy: bool,
}

/// The server is alive.
#[utoipa::path(get, path = "/_reveille/live", operation_id = "isLive", tag = "health", responses((status = 200, body = Health)), security(()))]
pub(crate) async fn live() -> Json<Health> {
    Json(Health { healthy: true })
}

/// Every tenant takes requests: its engine runs, and each part of it answers within a second.
#[utoipa::path(get, path = "/_reveille/ready", operation_id = "isReady", tag = "health", responses((status = 200, body = Health)), security(()))]
pub(crate) async fn ready(State(control): State<Arc<Control>>) -> Result<Json<Health>, Problem> {
    for handle in control.handles() {
        if let Some(problem) = problem(handle).await {
            return Err(Problem::unavailable(problem));
        }
    }
    Ok(Json(Health { healthy: true }))
}

/// Why a tenant takes no requests, with the remedy; `None` if it does.
pub(crate) async fn problem(handle: &TenantHandle) -> Option<String> {
    let name = &handle.host.world().name;
    if let Some(error) = handle.host.failure() {
        return Some(format!("the engine of `{name}` cannot go on ({error}): reset the tenant"));
    }
    if let Some((done, all)) = handle.host.recovering() {
        return Some(format!("`{name}` is recovering: {done} of {all} inputs of the store are done again"));
    }
    if let Some(error) = handle.host.store_failure() {
        return Some(format!("the store of `{name}` has failed: {error}"));
    }
    if handle.host.now() >= handle.host.world().horizon {
        return Some(format!("model time of `{name}` has come to its end: reset the tenant"));
    }
    let silent: Vec<String> = handle.host.unresponsive(ANSWER_WAIT_MAX).await.iter().map(ToString::to_string).collect();
    let silent = (!silent.is_empty()).then(|| silent.join(", "))?;
    Some(format!("{silent} of `{name}` gave no answer within a second: stop its stalls, or reset it"))
}
