//! Devices and their notification centres: present notifications come from the actors, dismissed ones from the history.

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::extract::{PathParams, QueryParams};
use super::phones::PhoneSettings;
use super::problem::Problem;
use super::tenant_handle::{TenantHandle, page_size};
use crate::rules::base::ids::{DeviceIx, MessageIx};
use crate::rules::service::shown_text::VisibleText;

/// A device.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeviceView {
    /// Its id in Graph.
    pub(crate) id: Uuid,
    /// Its name in the scenario.
    pub(crate) name: String,
    /// Its user; null if it has none.
    pub(crate) user: Option<String>,
    /// Its platform: `ios`, `ipados`, `android`, `macos` or `windows`.
    pub(crate) platform: &'static str,
    /// Its cohort.
    pub(crate) cohort: String,
    /// Its labels.
    pub(crate) labels: BTreeMap<String, String>,
}

/// A page of devices.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DevicePage {
    /// In the order of the fleet.
    items: Vec<DeviceView>,
    /// What `after` is for the next page; null on the last.
    next: Option<Uuid>,
}

/// Which devices.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct DeviceQuery {
    /// Only those after this one, by its id or name.
    after: Option<String>,
    /// How many, 1 to 1,000; 100 if not given.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<usize>,
}

/// A device and what is under way to it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeviceState {
    /// The device.
    #[serde(flatten)]
    pub(crate) device: DeviceView,
    /// Notifications on its screen or in its notification centre.
    pub(crate) notifications: usize,
    /// Messages that wait on their way to it.
    pub(crate) waiting: Vec<WaitingMessage>,
    /// What is set on it by hand.
    pub(crate) by_hand: PhoneSettings,
}

/// A message that waits.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WaitingMessage {
    /// Which.
    pub(crate) message: u32,
    /// For what.
    pub(crate) cause: &'static str,
}

/// A notification.
#[derive(Serialize, ToSchema)]
pub(crate) struct NotificationView {
    /// Of which message.
    pub(crate) message: u32,
    /// How it appeared.
    pub(crate) form: String,
    /// What its upper line shows: the title, or for `lock_hidden` and `stub` the name of the app. Null once it is dismissed, and if the
    /// text is not kept.
    pub(crate) title: Option<String>,
    /// What its lower lines show: the body, or for `stub` the advice to update the app. Null once it is dismissed, if the form hides it,
    /// and if the text is not kept.
    pub(crate) body: Option<String>,
    /// When, in ms of model time.
    pub(crate) shown_at_ms: u64,
    /// When it was dismissed; null while it is there.
    pub(crate) dismissed_at_ms: Option<u64>,
}

/// The notifications of a device.
#[derive(Serialize, ToSchema)]
pub(crate) struct NotificationCentre {
    /// In the order of display.
    items: Vec<NotificationView>,
}

/// What became of a dismissal.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DismissalView {
    /// When it was dismissed, in ms of model time.
    dismissed_at_ms: u64,
}

/// Lists devices.
#[utoipa::path(get, path = "/_reveille/devices", operation_id = "listDevices", tag = "devices", params(DeviceQuery), responses((status = 200, body = DevicePage)))]
pub(crate) async fn list(
    handle: TenantHandle,
    QueryParams(which): QueryParams<DeviceQuery>,
) -> Result<Json<DevicePage>, Problem> {
    let limit = page_size(which.limit)? as u32;
    let from = match &which.after {
        None => 0,
        Some(after) => handle.device(after)?.0 + 1,
    };
    let devices = handle.host.world().fleet.devices();
    let to = devices.min(from.saturating_add(limit));
    let items: Vec<DeviceView> = (from..to).map(|device| view(&handle, DeviceIx(device))).collect();
    let next = items.last().filter(|_| to < devices).map(|last| last.id);
    Ok(Json(DevicePage { items, next }))
}

/// One device.
#[utoipa::path(
    get,
    path = "/_reveille/devices/{device}",
    operation_id = "getDevice",
    tag = "devices",
    params(("device" = String, Path, description = "its id in Graph, or its name in the scenario")),
    responses((status = 200, body = DeviceState))
)]
pub(crate) async fn one(
    handle: TenantHandle,
    PathParams(device): PathParams<String>,
) -> Result<Json<DeviceState>, Problem> {
    let device = handle.device(&device)?;
    state(&handle, device).await.map(Json)
}

/// A device and what is under way to it.
pub(crate) async fn state(handle: &TenantHandle, device: DeviceIx) -> Result<DeviceState, Problem> {
    let phone = handle.host.phone(device).await?;
    let waiting = phone.open.iter().map(|(message, cause)| WaitingMessage { message: message.0, cause: cause.name() });
    let (notifications, waiting) = (phone.notifications.len(), waiting.collect());
    let by_hand = handle.host.set_by_hand(device).await.into();
    Ok(DeviceState { device: view(handle, device), notifications, waiting, by_hand })
}

/// The notifications of a device, those that were dismissed too.
#[utoipa::path(
    get,
    path = "/_reveille/devices/{device}/notifications",
    operation_id = "listNotifications",
    tag = "devices",
    params(("device" = String, Path, description = "its id in Graph, or its name in the scenario")),
    responses((status = 200, body = NotificationCentre))
)]
pub(crate) async fn notifications(
    handle: TenantHandle,
    PathParams(device): PathParams<String>,
) -> Result<Json<NotificationCentre>, Problem> {
    let device = handle.device(&device)?;
    Ok(Json(NotificationCentre { items: centre(&handle, device).await? }))
}

/// The notifications of a device in the order of display, those that were dismissed too.
pub(crate) async fn centre(handle: &TenantHandle, device: DeviceIx) -> Result<Vec<NotificationView>, Problem> {
    let screen = handle.host.screen(device).await?;
    let there: BTreeSet<MessageIx> = screen.iter().map(|(shown, _)| shown.message).collect();
    let gone = handle.recall_devices(vec![device], move |recall| recall.device(device)).await?;
    let gone = gone.into_iter().filter_map(|(message, line)| {
        let dismissed_at_ms = Some(line.dismissed_at_ms?);
        let form = line.form.filter(|_| !there.contains(&message))?;
        let (title, body) = (None, None);
        Some(NotificationView { message: message.0, form, title, body, shown_at_ms: line.at_ms, dismissed_at_ms })
    });
    let mut items: Vec<NotificationView> = gone.collect();
    items.extend(screen.into_iter().map(|(shown, VisibleText { title, body })| NotificationView {
        message: shown.message.0,
        form: shown.form.name().to_owned(),
        title,
        body,
        shown_at_ms: shown.shown_at.ms(),
        dismissed_at_ms: None,
    }));
    items.sort_by_key(|shown| (shown.shown_at_ms, shown.message));
    Ok(items)
}

/// Dismisses a notification by hand: an input like any other, stamped with the present model time.
#[utoipa::path(
    post,
    path = "/_reveille/devices/{device}/notifications/{message}/dismiss",
    operation_id = "dismissNotification",
    tag = "devices",
    params(
        ("device" = String, Path, description = "its id in Graph, or its name in the scenario"),
        ("message" = u32, Path, description = "its number")
    ),
    responses((status = 200, body = DismissalView))
)]
pub(crate) async fn dismiss(
    handle: TenantHandle,
    PathParams((device, message)): PathParams<(String, u32)>,
) -> Result<Json<DismissalView>, Problem> {
    let device = handle.device(&device)?;
    match handle.host.dismiss(device, MessageIx(message)).await? {
        Some(at) => Ok(Json(DismissalView { dismissed_at_ms: at.ms() })),
        None => Err(Problem::not_found("the message is not on this phone: it was never shown there, or is dismissed")),
    }
}

pub(crate) fn view(handle: &TenantHandle, device: DeviceIx) -> DeviceView {
    let fleet = &handle.host.world().fleet;
    let traits = fleet.traits(device);
    let stratum = &fleet.strata()[traits.stratum.at()];
    DeviceView {
        id: handle.graph_ids.device(device),
        name: fleet.device_name(device),
        user: fleet.user_of(device).map(|user| fleet.user_name(user)),
        platform: traits.platform.name(),
        cohort: stratum.cohort.clone(),
        labels: stratum.labels.clone(),
    }
}
