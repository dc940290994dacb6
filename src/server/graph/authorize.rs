//! Checks whether a caller may perform an operation: first the token's permissions, then the account's role (R16). The
//! decisions are made by the rules of the service.

use super::error::GraphError;
use super::tenant::GraphTenant;
use crate::rules::base::ids::AccountIx;
use crate::rules::model::world::World;
use crate::rules::service::message::MessageKind;
use crate::server::identity::{Bearer, Distrust, Operation};

/// The account on whose behalf an operation runs; an application by itself acts as the administrator, limited by its
/// token.
///
/// # Errors
/// [`GraphError::NotGranted`], [`GraphError::NotPermitted`], or [`GraphError::Distrusted`] where there is no such
/// account.
pub(crate) fn allowed(
    graph_tenant: &GraphTenant,
    bearer: &Bearer,
    operation: Operation,
) -> Result<AccountIx, GraphError> {
    if !graph_tenant.grants.allows(bearer.permissions(), operation) {
        return Err(GraphError::NotGranted { enough: graph_tenant.grants.enough_for(operation).join(", ") });
    }
    let Bearer::Account { name, .. } = bearer else { return Ok(AccountIx(0)) };
    let accounts = &graph_tenant.host.world().accounts;
    let found = accounts.iter().position(|account| account.name == *name);
    let at = found.ok_or(GraphError::Distrusted(Distrust::Claims))?;
    let needs_reading = matches!(operation, Operation::ReadDevices | Operation::Sync);
    if needs_reading && !accounts[at].may_read_devices() {
        return Err(GraphError::NotPermitted);
    }
    Ok(AccountIx(at as u32))
}

/// The same check for a send of this kind. It comes first: a caller without permission learns nothing else about the
/// message.
///
/// # Errors
/// As [`allowed`].
pub(crate) fn may_send(
    graph_tenant: &GraphTenant,
    bearer: &Bearer,
    operation: Operation,
    kind: MessageKind,
) -> Result<AccountIx, GraphError> {
    let account = allowed(graph_tenant, bearer, operation)?;
    role_permits(graph_tenant.host.world(), account, kind)?;
    Ok(account)
}

/// Whether the role of an account permits a send of this kind.
///
/// # Errors
/// [`GraphError::NotPermitted`].
pub(crate) fn role_permits(world: &World, account: AccountIx, kind: MessageKind) -> Result<(), GraphError> {
    if world.accounts[account.at()].may_send(kind, world.profile) { Ok(()) } else { Err(GraphError::NotPermitted) }
}
