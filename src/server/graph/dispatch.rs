//! Dispatches a route to its answer. Must not know sockets.

use std::sync::Arc;

use super::answer::Answer;
use super::call::Call;
use super::error::GraphError;
use super::read::{devices, groups, managed, organization, users};
use super::route::Route;
use super::tenant::GraphTenant;
use super::{batch, bulk, record, send};

/// Answers one request, and records it if it acts.
pub(crate) async fn answer(graph_tenant: &Arc<GraphTenant>, call: &Call) -> Result<Answer, GraphError> {
    record::begin(graph_tenant, call);
    let answer = answered(graph_tenant, call).await;
    record::answered(call, &answer);
    answer
}

async fn answered(graph_tenant: &Arc<GraphTenant>, call: &Call) -> Result<Answer, GraphError> {
    graph_tenant.admit(call)?;
    match &call.route {
        Route::SendToDevice(via, id) => send::to_device(graph_tenant, call, via.who(), *id).await,
        Route::SendToGroups => send::to_groups(graph_tenant, call).await,
        Route::Bulk(via) => bulk::act(graph_tenant, call, via.who()).await,
        Route::Sync(via, id) => managed::sync(graph_tenant, call, via, *id).await,
        Route::ManagedDevices(via, of) => managed::devices(graph_tenant, call, via, *of).await,
        Route::ManagedDevice(via, id) => managed::device(graph_tenant, call, via, *id).await,
        Route::UsersOfManagedDevice(via, id, of) => managed::users(graph_tenant, call, via, *id, *of).await,
        Route::Overview => managed::overview_of_all(graph_tenant, call).await,
        Route::Users(of) => users::users(graph_tenant, call, *of).await,
        Route::User(who) => users::user(graph_tenant, call, who).await,
        Route::Groups(of) => groups::groups(graph_tenant, call, *of).await,
        Route::Group(id) => groups::group(graph_tenant, call, *id).await,
        Route::Members(id, reach, cast, of) => groups::members(graph_tenant, call, *id, (*reach, *cast), *of).await,
        Route::Memberships(holder, reach, cast, of) => {
            groups::memberships(graph_tenant, call, holder, (*reach, *cast), *of).await
        }
        Route::Devices(of) => devices::devices(graph_tenant, call, *of).await,
        Route::Device(key) => devices::device(graph_tenant, call, *key).await,
        Route::DevicesOfUser(who, _, cast, of) => devices::of_user(graph_tenant, call, who, *cast, *of).await,
        Route::UsersOfDevice(key, _, cast, of) => devices::users(graph_tenant, call, *key, *cast, *of).await,
        Route::Organizations(of) => organization::organizations(graph_tenant, call, *of).await,
        Route::Organization(id) => organization::organization(graph_tenant, call, *id),
        Route::Batch => Box::pin(batch::answer(graph_tenant, call)).await,
    }
}
