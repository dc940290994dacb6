//! Devices of the directory: every device of the fleet is registered, enrolled or not.

use super::look::{collection, groups_of, objects, scene};
use crate::rules::base::ids::DeviceIx;
use crate::server::graph::answer::Answer;
use crate::server::graph::authorize;
use crate::server::graph::call::Call;
use crate::server::graph::entities::Entities;
use crate::server::graph::error::GraphError;
use crate::server::graph::listing::{Listing, Single};
use crate::server::graph::places::Places;
use crate::server::graph::route::{Cast, DeviceKey, Of, Who};
use crate::server::graph::scene::Needs;
use crate::server::graph::tenant::GraphTenant;
use crate::server::identity::Operation;
use crate::server::odata::Reached;

/// Devices.
pub(crate) async fn devices(graph_tenant: &GraphTenant, call: &Call, of: Of) -> Result<Answer, GraphError> {
    authorize::allowed(graph_tenant, &call.bearer, Operation::ReadRegistrations)?;
    let listing = Listing::read(graph_tenant, call, collection(call, Entities::Devices), of, Reached::Directly)?;
    let needs = if listing.is_expanded() { Needs::Memberships } else { Needs::Enrolments };
    let scene = scene(graph_tenant, needs).await?;
    listing.answer(call, scene, Places::First(graph_tenant.host.world().fleet.devices())).await
}

/// One device.
pub(crate) async fn device(graph_tenant: &GraphTenant, call: &Call, key: DeviceKey) -> Result<Answer, GraphError> {
    authorize::allowed(graph_tenant, &call.bearer, Operation::ReadRegistrations)?;
    let devices = collection(call, Entities::Devices);
    let single = Single::read(graph_tenant, call, devices)?;
    let device = find_device(graph_tenant, key)?;
    let needs = if single.is_expanded() { Needs::Memberships } else { Needs::Enrolments };
    let scene = scene(graph_tenant, needs).await?;
    Ok(single.answer(call, &devices.at(&scene, device.0)))
}

/// The devices of a user.
pub(crate) async fn of_user(
    graph_tenant: &GraphTenant,
    call: &Call,
    who: &Who,
    cast: Cast,
    of: Of,
) -> Result<Answer, GraphError> {
    let operation = if *who == Who::Me { Operation::ReadMe } else { Operation::ReadOwnedDevices };
    authorize::allowed(graph_tenant, &call.bearer, operation)?;
    let entities = if cast == Cast::Devices { Entities::Devices } else { objects(graph_tenant) };
    let listing = Listing::read(graph_tenant, call, collection(call, entities), of, Reached::ByReference)?;
    let first_device = groups_of(graph_tenant) + graph_tenant.host.world().fleet.users();
    let mut places = Vec::new();
    if let (Some(user), Cast::Any | Cast::Devices) = (graph_tenant.user(&call.bearer, who)?, cast) {
        let first = if cast == Cast::Devices { 0 } else { first_device };
        graph_tenant.host.world().fleet.devices_of(user, |device| places.push(first + device.0));
        places.sort_unstable();
    }
    let needs = if listing.is_expanded() { Needs::Memberships } else { Needs::Enrolments };
    listing.answer(call, scene(graph_tenant, needs).await?, places).await
}

/// The users of a device.
pub(crate) async fn users(
    graph_tenant: &GraphTenant,
    call: &Call,
    key: DeviceKey,
    cast: Cast,
    of: Of,
) -> Result<Answer, GraphError> {
    authorize::allowed(graph_tenant, &call.bearer, Operation::ReadRegistrations)?;
    let entities = if cast == Cast::Users { Entities::Users } else { objects(graph_tenant) };
    let listing = Listing::read(graph_tenant, call, collection(call, entities), of, Reached::ByReference)?;
    let first = if cast == Cast::Users { 0 } else { groups_of(graph_tenant) };
    let user = graph_tenant.host.world().fleet.user_of(find_device(graph_tenant, key)?).map(|user| first + user.0);
    let places = if matches!(cast, Cast::Any | Cast::Users) { user.into_iter().collect() } else { Vec::new() };
    let needs = if listing.is_expanded() { Needs::Memberships } else { Needs::Enrolments };
    listing.answer(call, scene(graph_tenant, needs).await?, places).await
}

/// The device with this key.
///
/// # Errors
/// [`GraphError::NotFound`].
pub(crate) fn find_device(graph_tenant: &GraphTenant, key: DeviceKey) -> Result<DeviceIx, GraphError> {
    let world = graph_tenant.host.world();
    let (found, id) = match key {
        DeviceKey::Id(id) => (graph_tenant.graph_ids.find_directory_device(world, id), id),
        DeviceKey::DeviceId(id) => (graph_tenant.graph_ids.find_registration(world, id), id),
    };
    found.ok_or_else(|| GraphError::NotFound { what: id.to_string() })
}
