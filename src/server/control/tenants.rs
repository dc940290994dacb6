//! The tenants of a server, listed for a client that has to choose one. Must not judge whether a tenant is ready; `health` does.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::health;
use super::tenant_handle::{Control, TenantHandle};
use super::time::date;

/// The path of the list, which is of the server and of no tenant.
pub(crate) const PATH: &str = "/_reveille/tenants";

/// A tenant.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TenantView {
    /// Its id, as in Graph.
    id: Uuid,
    /// Its name: the scenario's.
    name: String,
    /// Does it take requests?
    ready: bool,
    /// Why it does not, with the remedy; null if it does.
    problem: Option<String>,
    /// Model seconds a second of wall time; 0 while model time stands still.
    speed: f64,
    /// Model time, in ms since the scenario's start.
    now_ms: u64,
    /// The same as a date.
    now: String,
    /// Its users.
    users: u32,
    /// Its devices.
    devices: u32,
}

/// All tenants.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TenantList {
    /// In the order of their ids.
    items: Vec<TenantView>,
}

/// Lists the tenants.
#[utoipa::path(get, path = "/_reveille/tenants", operation_id = "listTenants", tag = "state", responses((status = 200, body = TenantList)))]
pub(crate) async fn list(State(control): State<Arc<Control>>) -> Json<TenantList> {
    let mut items = Vec::new();
    for handle in control.handles() {
        items.push(view(handle, health::problem(handle).await));
    }
    Json(TenantList { items })
}

fn view(handle: &TenantHandle, problem: Option<String>) -> TenantView {
    let (world, now) = (handle.host.world(), handle.host.now());
    TenantView {
        id: handle.graph_ids.tenant(),
        name: world.name.clone(),
        ready: problem.is_none(),
        problem,
        speed: handle.host.clock().times() as f64 / 1_000.0,
        now_ms: now.ms(),
        now: date(world, now).to_string(),
        users: world.fleet.users(),
        devices: world.fleet.devices(),
    }
}
