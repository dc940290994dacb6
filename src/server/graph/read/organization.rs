//! The organisation of the caller's tenant.

use uuid::Uuid;

use super::look::collection;
use crate::server::graph::answer::Answer;
use crate::server::graph::authorize;
use crate::server::graph::call::Call;
use crate::server::graph::entities::Entities;
use crate::server::graph::error::GraphError;
use crate::server::graph::listing::{Listing, Single};
use crate::server::graph::route::Of;
use crate::server::graph::tenant::GraphTenant;
use crate::server::identity::Operation;
use crate::server::odata::Reached;

/// A list with the organisation.
pub(crate) async fn organizations(graph_tenant: &GraphTenant, call: &Call, of: Of) -> Result<Answer, GraphError> {
    authorize::allowed(graph_tenant, &call.bearer, Operation::ReadOrganization)?;
    let organizations = collection(call, Entities::Organizations);
    let listing = Listing::read(graph_tenant, call, organizations, of, Reached::Directly)?;
    listing.answer(call, graph_tenant.scene(), vec![0]).await
}

/// The organisation with this id, if it is the caller's.
pub(crate) fn organization(graph_tenant: &GraphTenant, call: &Call, id: Uuid) -> Result<Answer, GraphError> {
    authorize::allowed(graph_tenant, &call.bearer, Operation::ReadOrganization)?;
    let organizations = collection(call, Entities::Organizations);
    let single = Single::read(graph_tenant, call, organizations)?;
    if id != graph_tenant.graph_ids.tenant() {
        return Err(GraphError::NotFound { what: id.to_string() });
    }
    Ok(single.answer(call, &organizations.at(&graph_tenant.scene(), 0)))
}
