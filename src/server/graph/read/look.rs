//! Queries the tenant's actor for the present content of its directory.

use std::sync::Arc;

use crate::rules::sending::tenant::Tenant;
use crate::server::graph::call::Call;
use crate::server::graph::entities::{Collection, Entities};
use crate::server::graph::error::GraphError;
use crate::server::graph::scene::{DirectorySnapshot, Needs, Scene};
use crate::server::graph::tenant::GraphTenant;

/// Runs a query on the tenant's actor.
///
/// # Errors
/// [`GraphError::Unavailable`] if it does not answer.
pub(super) async fn look<T: Send + 'static>(
    graph_tenant: &GraphTenant,
    look: impl FnOnce(&Tenant) -> T + Send + 'static,
) -> Result<T, GraphError> {
    graph_tenant.host.look(look).await.map_err(|_| GraphError::Unavailable)
}

/// The world at the present model time, with the content of the directory.
///
/// # Errors
/// As [`look`].
pub(super) async fn scene(graph_tenant: &GraphTenant, needs: Needs) -> Result<Scene, GraphError> {
    let groups = groups_of(graph_tenant);
    let snapshot = look(graph_tenant, move |tenant| DirectorySnapshot::of(tenant, groups, needs)).await?;
    Ok(Scene { snapshot: Some(Arc::new(snapshot)), ..graph_tenant.scene() })
}

/// The same, but without a query if no links are expanded.
///
/// # Errors
/// As [`look`].
pub(super) async fn scene_for(graph_tenant: &GraphTenant, is_expanded: bool) -> Result<Scene, GraphError> {
    if is_expanded { scene(graph_tenant, Needs::Memberships).await } else { Ok(graph_tenant.scene()) }
}

pub(super) fn groups_of(graph_tenant: &GraphTenant) -> u32 {
    u32::try_from(graph_tenant.host.world().groups.len()).expect("groups have indices")
}

/// Directory objects of every type: groups first, then users, then devices.
pub(super) fn objects(graph_tenant: &GraphTenant) -> Entities {
    let first_user = groups_of(graph_tenant);
    Entities::Objects { first_user, first_device: first_user + graph_tenant.host.world().fleet.users() }
}

/// Entities in the requested edition.
pub(super) const fn collection(call: &Call, entities: Entities) -> Collection {
    Collection { entities, edition: call.edition }
}
