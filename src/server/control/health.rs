//! Whether the server is alive, and whether its tenants accept requests. These endpoints need no token and must not
//! reveal anything else.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::problem::Problem;
use super::tenant_handle::Control;

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

/// Every tenant takes requests.
#[utoipa::path(get, path = "/_reveille/ready", operation_id = "isReady", tag = "health", responses((status = 200, body = Health)), security(()))]
pub(crate) async fn ready(State(control): State<Arc<Control>>) -> Result<Json<Health>, Problem> {
    for handle in control.handles() {
        if !handle.host.is_driven() {
            return Err(Problem::unavailable("the engine of a tenant could not go on: start the server again"));
        }
        if handle.host.now() >= handle.host.world().horizon {
            return Err(Problem::unavailable("model time has come to its end: reset the tenant"));
        }
    }
    Ok(Json(Health { healthy: true }))
}
