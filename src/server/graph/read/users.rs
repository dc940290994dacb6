//! Users: all of them, or one; a signed-in account need not be a user of the fleet.

use super::look::{collection, scene_for};
use crate::server::graph::answer::Answer;
use crate::server::graph::authorize;
use crate::server::graph::call::Call;
use crate::server::graph::entities::{Entities, EntityContent, Person, Row, User};
use crate::server::graph::error::GraphError;
use crate::server::graph::listing::{Listing, Single};
use crate::server::graph::places::Places;
use crate::server::graph::route::{Of, Who};
use crate::server::graph::tenant::GraphTenant;
use crate::server::identity::{Bearer, Operation};
use crate::server::odata::Reached;

/// Users.
pub(crate) async fn users(graph_tenant: &GraphTenant, call: &Call, of: Of) -> Result<Answer, GraphError> {
    authorize::allowed(graph_tenant, &call.bearer, Operation::ReadUsers)?;
    let listing = Listing::read(graph_tenant, call, collection(call, Entities::Users), of, Reached::Directly)?;
    let scene = scene_for(graph_tenant, listing.is_expanded()).await?;
    listing.answer(call, scene, Places::First(graph_tenant.host.world().fleet.users())).await
}

/// One user.
pub(crate) async fn user(graph_tenant: &GraphTenant, call: &Call, who: &Who) -> Result<Answer, GraphError> {
    let operation = if *who == Who::Me { Operation::ReadMe } else { Operation::ReadUsers };
    authorize::allowed(graph_tenant, &call.bearer, operation)?;
    let single = Single::read(graph_tenant, call, collection(call, Entities::Users))?;
    let person = match (graph_tenant.user(&call.bearer, who)?, &*call.bearer) {
        (Some(user), _) => Person::Member(user),
        (None, Bearer::Account { name, .. }) => Person::Account(name.clone()),
        (None, Bearer::App { .. }) => return Err(GraphError::NotFound { what: "me".to_owned() }),
    };
    let scene = scene_for(graph_tenant, single.is_expanded()).await?;
    let content = EntityContent::User(User { scene: &scene, person });
    Ok(single.answer(call, &Row { content, edition: call.edition, is_mixed: false }))
}
