//! Devices of the directory: every device of the fleet is registered, enrolled or not.

use super::look::{collection, groups_of, objects, scene};
use crate::rules::base::ids::DeviceIx;
use crate::server::graph::answer::Answer;
use crate::server::graph::authorize;
use crate::server::graph::call::Call;
use crate::server::graph::entities::Entities;
use crate::server::graph::error::GraphError;
use crate::server::graph::face::Face;
use crate::server::graph::listing::{Listing, Single};
use crate::server::graph::route::{Cast, DeviceKey, Of, Who};
use crate::server::graph::scene::Needs;
use crate::server::identity::Operation;
use crate::server::odata::Reached;

/// Devices.
pub(crate) async fn devices(face: &Face, call: &Call, of: Of) -> Result<Answer, GraphError> {
    authorize::allowed(face, &call.bearer, Operation::ReadRegistrations)?;
    let listing = Listing::asked(face, call, collection(call, Entities::Devices), of, Reached::Directly)?;
    let needs = if listing.is_expanded() { Needs::Memberships } else { Needs::Enrolments };
    let scene = scene(face, needs).await?;
    listing.answer(call, scene, (0..face.host.world().fleet.devices()).collect()).await
}

/// One device.
pub(crate) async fn device(face: &Face, call: &Call, key: DeviceKey) -> Result<Answer, GraphError> {
    authorize::allowed(face, &call.bearer, Operation::ReadRegistrations)?;
    let devices = collection(call, Entities::Devices);
    let single = Single::asked(face, call, devices)?;
    let device = find_device(face, key)?;
    let needs = if single.is_expanded() { Needs::Memberships } else { Needs::Enrolments };
    let scene = scene(face, needs).await?;
    Ok(single.answer(call, &devices.at(&scene, device.0)))
}

/// The devices of a user.
pub(crate) async fn of_user(face: &Face, call: &Call, who: &Who, cast: Cast, of: Of) -> Result<Answer, GraphError> {
    let operation = if *who == Who::Me { Operation::ReadMe } else { Operation::ReadOwnedDevices };
    authorize::allowed(face, &call.bearer, operation)?;
    let entities = if cast == Cast::Devices { Entities::Devices } else { objects(face) };
    let listing = Listing::asked(face, call, collection(call, entities), of, Reached::ByReference)?;
    let first_device = groups_of(face) + face.host.world().fleet.users();
    let mut places = Vec::new();
    if let (Some(user), Cast::Any | Cast::Devices) = (face.user(&call.bearer, who)?, cast) {
        let first = if cast == Cast::Devices { 0 } else { first_device };
        face.host.world().fleet.devices_of(user, |device| places.push(first + device.0));
        places.sort_unstable();
    }
    let needs = if listing.is_expanded() { Needs::Memberships } else { Needs::Enrolments };
    listing.answer(call, scene(face, needs).await?, places).await
}

/// The users of a device.
pub(crate) async fn users(face: &Face, call: &Call, key: DeviceKey, cast: Cast, of: Of) -> Result<Answer, GraphError> {
    authorize::allowed(face, &call.bearer, Operation::ReadRegistrations)?;
    let entities = if cast == Cast::Users { Entities::Users } else { objects(face) };
    let listing = Listing::asked(face, call, collection(call, entities), of, Reached::ByReference)?;
    let first = if cast == Cast::Users { 0 } else { groups_of(face) };
    let user = face.host.world().fleet.user_of(find_device(face, key)?).map(|user| first + user.0);
    let places = if matches!(cast, Cast::Any | Cast::Users) { user.into_iter().collect() } else { Vec::new() };
    let needs = if listing.is_expanded() { Needs::Memberships } else { Needs::Enrolments };
    listing.answer(call, scene(face, needs).await?, places).await
}

/// The device with this key.
///
/// # Errors
/// [`GraphError::NotFound`].
pub(crate) fn find_device(face: &Face, key: DeviceKey) -> Result<DeviceIx, GraphError> {
    let world = face.host.world();
    let (found, id) = match key {
        DeviceKey::Id(id) => (face.graph_ids.find_directory_device(world, id), id),
        DeviceKey::DeviceId(id) => (face.graph_ids.find_registration(world, id), id),
    };
    found.ok_or_else(|| GraphError::NotFound { what: id.to_string() })
}
