//! The clock of a tenant: its model time, its speed, and jumps ahead, so that a test of an hour's quota need not take
//! an hour.

use axum::Json;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::extract::JsonBody;
use super::problem::Problem;
use super::tenant_handle::TenantHandle;
use crate::scenario::duration_ms;

/// The slowest and the fastest speed, in thousandths of a model second per second.
const TIMES_MIN: u64 = 1;
const TIMES_MAX: u64 = 1_000_000_000;

/// The clock.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClockView {
    /// Model time, in ms since the scenario's start.
    now_ms: u64,
    /// The same as a date.
    now: String,
    /// When model time ends, in ms.
    end_ms: u64,
    /// Model seconds a second of wall time.
    speed: f64,
}

/// How fast it shall go.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Speed {
    /// Model seconds a second of wall time.
    #[schema(minimum = 0.001, maximum = 1_000_000.0)]
    speed: f64,
}

/// How far it shall jump.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Jump {
    /// A span of model time, such as `1h` or `1h30m`.
    #[schema(pattern = r"^[1-9][0-9]?[sm]$")]
    by: String,
}

/// What time it is.
#[utoipa::path(get, path = "/_reveille/clock", operation_id = "getClock", tag = "clock", responses((status = 200, body = ClockView)))]
pub(crate) async fn read(handle: TenantHandle) -> Json<ClockView> {
    Json(view(&handle))
}

/// Sets the speed.
#[utoipa::path(put, path = "/_reveille/clock", operation_id = "setSpeed", tag = "clock", request_body = Speed, responses((status = 200, body = ClockView)))]
pub(crate) async fn set_speed(
    handle: TenantHandle,
    JsonBody(wanted): JsonBody<Speed>,
) -> Result<Json<ClockView>, Problem> {
    let times = wanted.speed * 1_000.0;
    if !(TIMES_MIN as f64..=TIMES_MAX as f64).contains(&times) {
        return Err(Problem::bad("`speed` is from 0.001 to 1,000,000"));
    }
    #[expect(clippy::cast_sign_loss, reason = "it is at least 1")]
    handle.host.clock().set_times(times.round() as u64);
    Ok(Json(view(&handle)))
}

/// Lets a span of model time pass at once. Answers when all that was due by then has happened.
#[utoipa::path(
    post,
    path = "/_reveille/clock/advance",
    operation_id = "advanceClock",
    tag = "clock",
    request_body = Jump,
    responses((status = 200, body = ClockView))
)]
pub(crate) async fn advance(handle: TenantHandle, JsonBody(jump): JsonBody<Jump>) -> Result<Json<ClockView>, Problem> {
    let ms = duration_ms(&jump.by).map_err(|why| Problem::bad(format!("`by`: {}; {}", why.message, why.help)))?;
    handle.host.advance(ms).await?;
    Ok(Json(view(&handle)))
}

fn view(handle: &TenantHandle) -> ClockView {
    let (world, now) = (handle.host.world(), handle.host.now());
    let date = Timestamp::from_millisecond(world.start_unix_ms.saturating_add_unsigned(now.ms())).unwrap_or_default();
    ClockView {
        now_ms: now.ms(),
        now: date.to_string(),
        end_ms: world.horizon.ms(),
        speed: handle.host.clock().times() as f64 / 1_000.0,
    }
}
