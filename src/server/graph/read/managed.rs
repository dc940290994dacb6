//! Managed devices: those that are enrolled in Intune's view.

use roaring::RoaringBitmap;
use serde_json::json;
use uuid::Uuid;

use super::look::{collection, look, scene_for};
use crate::rules::base::ids::DeviceIx;
use crate::server::graph::answer::Answer;
use crate::server::graph::authorize;
use crate::server::graph::call::Call;
use crate::server::graph::entities::{Entities, overview};
use crate::server::graph::error::GraphError;
use crate::server::graph::listing::{Listing, Single, address};
use crate::server::graph::places::Places;
use crate::server::graph::route::{Of, Via};
use crate::server::graph::tenant::GraphTenant;
use crate::server::http::Cancelled;
use crate::server::identity::Operation;
use crate::server::odata::Reached;

/// Managed devices, all or of one user.
pub(crate) async fn devices(graph_tenant: &GraphTenant, call: &Call, via: &Via, of: Of) -> Result<Answer, GraphError> {
    authorize::allowed(graph_tenant, &call.bearer, Operation::ReadDevices)?;
    let listing = Listing::read(graph_tenant, call, collection(call, Entities::ManagedDevices), of, Reached::Directly)?;
    let mut enrolled = enrolled(graph_tenant).await?;
    if let Some(who) = via.who() {
        let mut own = RoaringBitmap::new();
        if let Some(user) = graph_tenant.user(&call.bearer, who)? {
            graph_tenant.host.world().fleet.devices_of(user, |device| {
                own.insert(device.0);
            });
        }
        enrolled &= own;
    }
    let scene = scene_for(graph_tenant, false).await?;
    listing.answer_as(call, scene, enrolled, context(via)).await
}

/// One managed device.
pub(crate) async fn device(graph_tenant: &GraphTenant, call: &Call, via: &Via, id: Uuid) -> Result<Answer, GraphError> {
    authorize::allowed(graph_tenant, &call.bearer, Operation::ReadDevices)?;
    let devices = collection(call, Entities::ManagedDevices);
    let single = Single::read(graph_tenant, call, devices)?;
    let device = enrolled_device(graph_tenant, call, via, id).await?;
    let scene = graph_tenant.scene();
    Ok(single.answer_as(call, &devices.at(&scene, device.0), &format!("{}/$entity", context(via))))
}

/// The users of a managed device: its owner.
pub(crate) async fn users(
    graph_tenant: &GraphTenant,
    call: &Call,
    via: &Via,
    id: Uuid,
    of: Of,
) -> Result<Answer, GraphError> {
    authorize::allowed(graph_tenant, &call.bearer, Operation::ReadDevices)?;
    let listing = Listing::read(graph_tenant, call, collection(call, Entities::Users), of, Reached::ByReference)?;
    let device = enrolled_device(graph_tenant, call, via, id).await?;
    let user = graph_tenant.host.world().fleet.user_of(device).map(|user| user.0);
    let scene = scene_for(graph_tenant, listing.is_expanded()).await?;
    listing.answer(call, scene, user.into_iter().collect::<Vec<_>>()).await
}

/// The overview of managed devices.
pub(crate) async fn overview_of_all(graph_tenant: &GraphTenant, call: &Call) -> Result<Answer, GraphError> {
    authorize::allowed(graph_tenant, &call.bearer, Operation::ReadDevices)?;
    let (devices, scene, edition) = (enrolled(graph_tenant).await?, graph_tenant.scene(), call.edition);
    let work = move |cancelled: &Cancelled| overview(&scene, Places::from(devices).starting_at(0, cancelled), edition);
    let mut whole = call.budgets.work.run(work).await?;
    let context = "deviceManagement/managedDeviceOverview/$entity";
    whole["@odata.context"] = json!(address(&call.origin, call.edition, context));
    Ok(Answer::json(whole))
}

/// Asks a device to check in: recorded as its last check-in, which no rule reads.
pub(crate) async fn sync(graph_tenant: &GraphTenant, call: &Call, via: &Via, id: Uuid) -> Result<Answer, GraphError> {
    authorize::allowed(graph_tenant, &call.bearer, Operation::Sync)?;
    graph_tenant.told_to_sync(enrolled_device(graph_tenant, call, via, id).await?);
    Ok(Answer::done())
}

const fn context(via: &Via) -> &'static str {
    match via {
        Via::Managed => "deviceManagement/managedDevices",
        Via::Comanaged => "deviceManagement/comanagedDevices",
        Via::Of(_) => "users/managedDevices",
    }
}

async fn enrolled(graph_tenant: &GraphTenant) -> Result<RoaringBitmap, GraphError> {
    look(graph_tenant, |tenant| tenant.directory().all_visibly_enrolled().clone()).await
}

async fn enrolled_device(graph_tenant: &GraphTenant, call: &Call, via: &Via, id: Uuid) -> Result<DeviceIx, GraphError> {
    let device = graph_tenant.device(&call.bearer, via.who(), id)?;
    let is_enrolled = look(graph_tenant, move |tenant| tenant.directory().visibly_enrolled(device)).await?;
    if is_enrolled { Ok(device) } else { Err(GraphError::NotFound { what: id.to_string() }) }
}
