//! One phone by hand: what its user and its network would do. Must not judge a setting; `rules` does.

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

use super::extract::{JsonBody, PathParams};
use super::problem::Problem;
use super::tenant_handle::TenantHandle;
use crate::rules::model::phone_by_hand::{PhoneByHand, PhonePatch};

/// What to change on a phone: a key that is left out stays as it is.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes the body, which is read as what the rules take")]
pub(crate) struct PhoneChanges {
    /// It has a connection; null: as its presence says.
    online: Option<bool>,
    /// It is locked; null: as it is found.
    locked: Option<bool>,
    /// The app is open; null: as it is found.
    foreground: Option<bool>,
    /// It has Play Services, Android only; null: as it was drawn.
    play_services: Option<bool>,
    /// Battery optimisation blocks the app, Android in the profile of 2025 only; null: as it was drawn.
    battery_restricted: Option<bool>,
    /// Company Portal is installed, and asks for the permission; or the apps are removed.
    #[schema(required = false)]
    app: bool,
    /// Its user allows notifications, or forbids them.
    #[schema(required = false)]
    permission: bool,
}

/// What is set on a phone by hand; null is as the phone is by itself. Faults apply on top.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub(crate) struct PhoneSettings {
    /// It has a connection.
    pub(crate) online: Option<bool>,
    /// It is locked.
    pub(crate) locked: Option<bool>,
    /// The app is open.
    pub(crate) foreground: Option<bool>,
    /// It has Play Services.
    pub(crate) play_services: Option<bool>,
    /// Battery optimisation blocks the app.
    pub(crate) battery_restricted: Option<bool>,
}

/// A phone after a change by hand.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PhoneSetView {
    /// Since when, in ms of model time.
    at_ms: u64,
    /// What is set by hand now.
    by_hand: PhoneSettings,
}

impl From<PhoneByHand> for PhoneSettings {
    fn from(set: PhoneByHand) -> Self {
        let PhoneByHand { online, locked, foreground, play_services, battery_restricted } = set;
        Self { online, locked, foreground, play_services, battery_restricted }
    }
}

/// Sets a phone by hand from now on: connection, lock, app, permission, Play Services, battery. It is an input of the
/// tenant like a fault by hand: exported, repeated and explained.
#[utoipa::path(
    patch,
    path = "/_reveille/devices/{device}/phone",
    operation_id = "setPhone",
    tag = "devices",
    params(("device" = String, Path, description = "its id in Graph, or its name in the scenario")),
    request_body = PhoneChanges,
    responses((status = 200, body = PhoneSetView))
)]
pub(crate) async fn set(
    handle: TenantHandle,
    PathParams(device): PathParams<String>,
    JsonBody(patch): JsonBody<PhonePatch>,
) -> Result<Json<PhoneSetView>, Problem> {
    let device = handle.device(&device)?;
    let at = handle.host.set_phone(device, patch).await?;
    let by_hand = handle.host.set_by_hand(device).await.into();
    Ok(Json(PhoneSetView { at_ms: at.ms(), by_hand }))
}
