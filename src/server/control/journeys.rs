//! Journeys, pair by pair, and explanations, both recomputed from the tenant's history for every request.

use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::extract::{PathParams, QueryParams};
use super::problem::Problem;
use super::tenant_handle::{TenantHandle, no_message, page, page_size};
use crate::host::{JourneyLine, Recall};
use crate::rules::base::ids::{DeviceIx, MessageIx};

/// Where a pair is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct JourneyView {
    /// The message.
    message: u32,
    /// The device.
    device: Uuid,
    /// The device's name in the scenario.
    device_name: String,
    /// `skipped`, `blocked`, `lost`, `waiting`, `superseded`, `discarded`, `expired` or `shown`.
    station: String,
    /// The cause, for stations that have one.
    cause: Option<String>,
    /// How it appeared, if it was shown.
    form: Option<String>,
    /// When it came to its station, in ms of model time.
    at_ms: u64,
    /// When it was dismissed; null if it was not.
    dismissed_at_ms: Option<u64>,
}

/// Journeys of a message.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MessageJourneys {
    /// In the order of the fleet.
    items: Vec<JourneyView>,
    /// What `after` is for the next page; null on the last.
    next: Option<Uuid>,
}

/// Journeys of a device.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeviceJourneys {
    /// In the order of acceptance.
    items: Vec<JourneyView>,
    /// What `after` is for the next page; null on the last.
    next: Option<u32>,
}

/// Which journeys of a message.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct OfMessage {
    /// Only those on devices after this one, by its id or name.
    after: Option<String>,
    /// How many, 1 to 1,000; 100 if not given.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<usize>,
}

/// Which journeys of a device.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct OfDevice {
    /// Only those of messages after this one.
    after: Option<u32>,
    /// How many, 1 to 1,000; 100 if not given.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<usize>,
}

/// The journeys of a message.
#[utoipa::path(
    get,
    path = "/_reveille/messages/{message}/journeys",
    operation_id = "listJourneysOfMessage",
    tag = "journeys",
    params(("message" = u32, Path, description = "its number"), OfMessage),
    responses((status = 200, body = MessageJourneys))
)]
pub(crate) async fn of_message(
    handle: TenantHandle,
    PathParams(message): PathParams<u32>,
    QueryParams(which): QueryParams<OfMessage>,
) -> Result<Json<MessageJourneys>, Problem> {
    let limit = page_size(which.limit)?;
    let posted = handle.posted(message).await?;
    let from = match &which.after {
        None => DeviceIx(0),
        Some(after) => DeviceIx(handle.device(after)?.0 + 1),
    };
    let ask = move |recall: Recall| recall.message(MessageIx(message), from, limit + 1);
    let lines = handle.recall_message(posted, (from, limit + 1), ask).await?;
    let (lines, next) = page(lines, limit, |(device, _)| handle.graph_ids.device(*device));
    let items = lines.into_iter().map(|(device, line)| view(&handle, message, device, line)).collect();
    Ok(Json(MessageJourneys { items, next }))
}

/// The journeys of a device.
#[utoipa::path(
    get,
    path = "/_reveille/devices/{device}/journeys",
    operation_id = "listJourneysOfDevice",
    tag = "journeys",
    params(("device" = String, Path, description = "its id in Graph, or its name in the scenario"), OfDevice),
    responses((status = 200, body = DeviceJourneys))
)]
pub(crate) async fn of_device(
    handle: TenantHandle,
    PathParams(device): PathParams<String>,
    QueryParams(which): QueryParams<OfDevice>,
) -> Result<Json<DeviceJourneys>, Problem> {
    let limit = page_size(which.limit)?;
    let device = handle.device(&device)?;
    let mut lines = handle.recall_devices(vec![device], move |recall| recall.device(device)).await?;
    lines.retain(|(message, _)| which.after.is_none_or(|after| message.0 > after));
    let (lines, next) = page(lines, limit, |(message, _)| message.0);
    let items = lines.into_iter().map(|(message, line)| view(&handle, message.0, device, line)).collect();
    Ok(Json(DeviceJourneys { items, next }))
}

/// Every step of one message on one device, with its time, its cause and the draw that decided it. The shape is the one that
/// `reveille explain --format json` prints; `reveille schema explanation` describes it.
#[utoipa::path(
    get,
    path = "/_reveille/devices/{device}/messages/{message}/explain",
    operation_id = "explain",
    tag = "journeys",
    params(
        ("device" = String, Path, description = "its id in Graph, or its name in the scenario"),
        ("message" = u32, Path, description = "its number")
    ),
    responses((status = 200, body = serde_json::Value))
)]
pub(crate) async fn explain(
    handle: TenantHandle,
    PathParams((device, message)): PathParams<(String, u32)>,
) -> Result<Json<serde_json::Value>, Problem> {
    let device = handle.device(&device)?;
    let posted = handle.posted(message).await?;
    let devices = [Some(device), posted.recipients.device()].into_iter().flatten().collect();
    let journey = handle.recall_devices(devices, move |recall| recall.explain(&posted, device)).await?;
    // The tenant was reset meanwhile.
    let journey = journey.ok_or_else(no_message)?;
    serde_json::to_value(journey).map(Json).map_err(|error| Problem::unavailable(error.to_string()))
}

fn view(handle: &TenantHandle, message: u32, device: DeviceIx, line: JourneyLine) -> JourneyView {
    let JourneyLine { station, cause, form, at_ms, dismissed_at_ms } = line;
    let (device, device_name) = (handle.graph_ids.device(device), handle.host.world().fleet.device_name(device));
    JourneyView { message, device, device_name, station, cause, form, at_ms, dismissed_at_ms }
}
