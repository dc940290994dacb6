//! The clock of a tenant: its model time, its speed, and jumps ahead, so that a test of an hour's quota need not take
//! an hour. Must not decide what happens on the way.

use axum::Json;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::extract::JsonBody;
use super::problem::Problem;
use super::tenant_handle::TenantHandle;
use crate::host::ClockJump;
use crate::rules::base::time::SimTime;
use crate::rules::model::world::World;
use crate::scenario::{duration_ms, time_of_day_ms};

/// The slowest and the fastest speed of a clock that goes, in thousandths of a model second per second.
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
    /// Model seconds a second of wall time; 0 while model time stands still.
    speed: f64,
}

/// How fast it shall go.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Speed {
    /// Model seconds a second of wall time; 0 stops the clock.
    #[schema(minimum = 0, maximum = 1_000_000.0)]
    speed: f64,
}

/// How far it shall jump: exactly one of the three.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(min_properties = 1, max_properties = 1)]
pub(crate) struct Jump {
    /// A span of model time, such as `1h` or `1h30m`.
    #[schema(nullable = false, pattern = r"^[1-9][0-9]?[sm]$")]
    pub(crate) by: Option<String>,
    /// A moment, such as `2026-01-05T21:30:00Z`, or the next time at which the scenario's local time is so, such as `21:30`.
    #[schema(nullable = false, pattern = r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    pub(crate) to: Option<String>,
    /// `settled`: until no pair waits, at most 60 days of model time.
    #[schema(nullable = false, inline)]
    pub(crate) until: Option<JumpGoal>,
}

/// What a jump goes to.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum JumpGoal {
    /// No pair waits.
    Settled,
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
    change_speed(&handle, wanted.speed).await?;
    Ok(Json(view(&handle)))
}

/// Lets the clock go at this speed, in model seconds a second.
pub(crate) async fn change_speed(handle: &TenantHandle, speed: f64) -> Result<(), Problem> {
    let times = speed * 1_000.0;
    if times != 0.0 && !(TIMES_MIN as f64..=TIMES_MAX as f64).contains(&times) {
        return Err(Problem::bad("`speed` is from 0.001 to 1,000,000, or 0 to stop the clock"));
    }
    #[expect(clippy::cast_sign_loss, reason = "it is not negative")]
    handle.host.set_times(times.round() as u64).await?;
    Ok(())
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
    go(&handle, &jump).await?;
    Ok(Json(view(&handle)))
}

/// Lets the clock jump.
pub(crate) async fn go(handle: &TenantHandle, jump: &Jump) -> Result<(), Problem> {
    let jump = goal(jump, handle.host.world(), handle.host.now())?;
    handle.host.jump(jump).await?;
    Ok(())
}

/// Where a jump goes from `now`.
fn goal(jump: &Jump, world: &World, now: SimTime) -> Result<ClockJump, Problem> {
    match (&jump.by, &jump.to, jump.until) {
        (Some(by), None, None) => match duration_ms(by) {
            Ok(ms) => Ok(ClockJump::By(ms)),
            Err(why) => Err(Problem::bad(format!("`by`: {}; {}", why.message, why.help))),
        },
        (None, Some(to), None) => moment(to, world, now).map(ClockJump::To),
        (None, None, Some(JumpGoal::Settled)) => Ok(ClockJump::UntilSettled),
        _ => Err(Problem::bad(
            "say one of `by` (a span, \"1h\"), `to` (a moment, \"2026-01-05T21:30:00Z\", or a local time, \"21:30\") and `until` \
             (\"settled\")",
        )),
    }
}

/// The moment that a text names, at or after `now`.
fn moment(text: &str, world: &World, now: SimTime) -> Result<SimTime, Problem> {
    if let Ok(of_day) = time_of_day_ms(text) {
        return Ok(world.zone.next_local_after(now, of_day));
    }
    let Ok(found) = text.parse::<Timestamp>() else {
        let help = "write a moment with its offset, \"2026-01-05T21:30:00Z\", or a local time, \"21:30\"";
        return Err(Problem::bad(format!("`to`: not a moment; {help}")));
    };
    let ms = found.as_millisecond().saturating_sub(world.start_unix_ms);
    match u64::try_from(ms).ok().map(SimTime).filter(|at| *at >= now) {
        Some(at) => Ok(at),
        None => Err(Problem::bad(format!(
            "`to` is before the present, {}: a clock goes forward; reset the tenant to begin again",
            date(world, now)
        ))),
    }
}

/// A moment as a date.
pub(crate) fn date(world: &World, at: SimTime) -> Timestamp {
    Timestamp::from_millisecond(world.start_unix_ms.saturating_add_unsigned(at.ms())).unwrap_or_default()
}

fn view(handle: &TenantHandle) -> ClockView {
    let (world, now) = (handle.host.world(), handle.host.now());
    ClockView {
        now_ms: now.ms(),
        now: date(world, now).to_string(),
        end_ms: world.horizon.ms(),
        speed: handle.host.clock().times() as f64 / 1_000.0,
    }
}
