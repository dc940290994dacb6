//! The forecast of one message before it is sent: what would become of it from the present state of its tenant. Must not
//! forecast; `forecast` does.

use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::extract::{JsonBody, QueryParams};
use super::problem::Problem;
use super::tenant_handle::TenantHandle;
use super::time::date;
use crate::forecast::{PREVIEW_SEEDS, Preview, PreviewRange};
use crate::outcome::cause_of;
use crate::rules::base::ids::AccountIx;
use crate::rules::base::time::SimTime;
use crate::rules::counting::counts::REACH_WINDOWS_MS;
use crate::rules::model::world::World;
use crate::rules::service::journey::Journey;
use crate::rules::service::message::Refusal;
use crate::rules::timeline::posting::Posting;
use crate::server::graph::{GraphError, posting_of};
use crate::server::http::Cancelled;

/// The path, which reads although it is posted to.
pub(crate) const PATH: &str = "/_reveille/preview";

/// The sender and the recipient of the message.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PreviewQuery {
    /// The device that it is for, by its id in Graph or its name; the groups of the body if not given.
    device: Option<String>,
    /// The account that would send it; the administrator if not given.
    account: Option<String>,
}

/// The body of a send in Graph.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes the body, which is read as Graph reads it")]
pub(crate) struct PreviewedMessage {
    /// The title.
    #[serde(rename = "notificationTitle")]
    title: String,
    /// The body.
    #[schema(rename = "notificationBody")]
    body: String,
    /// The ids of the groups; left out for a device.
    #[schema(rename = "groupsToNotify", required = false)]
    groups: Vec<String>,
}

/// What would become of a message.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PreviewView {
    /// The moment that it is forecast from, in ms of model time.
    pub(crate) now_ms: u64,
    /// Why it would be refused; null if it would be accepted.
    pub(crate) refusal: Option<RefusalView>,
    /// What it would come to; null if it would be refused.
    pub(crate) forecast: Option<ForecastView>,
}

/// A refusal.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RefusalView {
    /// The reason, a word of the reports.
    pub(crate) reason: &'static str,
    /// The same as Graph says it.
    pub(crate) message: String,
    /// For a quota: when a slot is free again, in ms of model time, unless the scenario withholds it.
    pub(crate) next_slot_ms: Option<u64>,
    /// The same as a date.
    pub(crate) next_slot: Option<String>,
}

/// The forecast of a message.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ForecastView {
    /// Forecasts that the ranges are made of.
    pub(crate) seeds: usize,
    /// Devices of its audience.
    pub(crate) pairs: u64,
    /// Pairs shown within 1 min, 15 min, 1 h and 4 h.
    pub(crate) reach: Vec<ReachRange>,
    /// Where the pairs are after four hours, the most frequent first.
    pub(crate) causes: Vec<CauseRange>,
}

/// Pairs shown within a window.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReachRange {
    /// The window after acceptance, in ms.
    pub(crate) within_ms: u64,
    /// How many.
    #[serde(flatten)]
    pub(crate) pairs: RangeView,
}

/// Pairs with one cause.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CauseRange {
    /// Their station.
    pub(crate) station: &'static str,
    /// The cause, for stations that have one.
    pub(crate) cause: Option<String>,
    /// How they appeared, if they were shown.
    pub(crate) form: Option<&'static str>,
    /// How many.
    #[serde(flatten)]
    pub(crate) pairs: RangeView,
}

/// A count as a range, in which 99 of 100 outcomes lie.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub(crate) struct RangeView {
    /// Hardly less.
    pub(crate) least: u64,
    /// The median.
    pub(crate) middle: u64,
    /// Hardly more.
    pub(crate) most: u64,
}

impl From<PreviewRange> for RangeView {
    fn from(PreviewRange { least, middle, most }: PreviewRange) -> Self {
        Self { least, middle, most }
    }
}

/// Forecasts a message from the present state of the tenant, with its faults and its phones as they are. Nothing is sent.
#[utoipa::path(
    post,
    path = "/_reveille/preview",
    operation_id = "previewMessage",
    tag = "messages",
    params(PreviewQuery),
    request_body = PreviewedMessage,
    responses((status = 200, body = PreviewView))
)]
pub(crate) async fn preview(
    handle: TenantHandle,
    QueryParams(which): QueryParams<PreviewQuery>,
    JsonBody(body): JsonBody<Box<serde_json::value::RawValue>>,
) -> Result<Json<PreviewView>, Problem> {
    let device = which.device.as_deref().map(|device| handle.device(device)).transpose()?;
    let account = which.account.as_deref().map_or(Ok(AccountIx(0)), |name| account(handle.host.world(), name))?;
    let posting = posting_of(&handle.graph_ids, device, body.get().as_bytes().to_vec());
    let posting = posting.map_err(|error: GraphError| Problem::bad(error.message()))?;
    forecast(&handle, Posting { account, ..posting }).await.map(Json)
}

/// The account with this name.
pub(crate) fn account(world: &World, name: &str) -> Result<AccountIx, Problem> {
    let found = (0..).zip(&world.accounts).find(|(_, account)| account.name == name);
    let known = || world.accounts.iter().map(|account| account.name.as_str()).collect::<Vec<_>>().join(", ");
    found
        .map(|(at, _)| AccountIx(at))
        .ok_or_else(|| Problem::not_found(format!("there is no such account; there are {}", known())))
}

/// What the tenant would answer to this message, and what it would come to.
pub(crate) async fn forecast(handle: &TenantHandle, posting: Posting) -> Result<PreviewView, Problem> {
    let previewer = handle.host.previewer(posting).await?;
    let (now_ms, world) = (previewer.now().ms(), previewer.world().clone());
    if let Err(refusal) = previewer.judge() {
        return Ok(PreviewView { now_ms, refusal: Some(refused(&world, refusal)), forecast: None });
    }
    let work = move |cancelled: &Cancelled| previewer.forecast(cancelled.token());
    let found = handle.budgets.work.run(work).await?;
    let found = found.map_err(|error| Problem::unavailable(error.to_string()))?.ok_or_else(Problem::client_gone)?;
    Ok(PreviewView { now_ms, refusal: None, forecast: Some(view(&world, &found)) })
}

fn refused(world: &World, refusal: Refusal) -> RefusalView {
    let error = GraphError::Refused { reason: refusal.reason, retry_after: None };
    RefusalView {
        reason: refusal.reason.name(),
        message: error.message(),
        next_slot_ms: refusal.next_slot.map(SimTime::ms),
        next_slot: refusal.next_slot.map(|next| date(world, next).to_string()),
    }
}

fn view(world: &World, found: &Preview) -> ForecastView {
    let reach = REACH_WINDOWS_MS.into_iter().enumerate();
    let cause = |(journey, range): (Journey, PreviewRange)| CauseRange {
        station: journey.station().name(),
        cause: cause_of(world, journey).map(str::to_owned),
        form: match journey {
            Journey::Shown(form) => Some(form.name()),
            _ => None,
        },
        pairs: range.into(),
    };
    ForecastView {
        seeds: PREVIEW_SEEDS,
        pairs: found.pairs,
        reach: reach.map(|(at, within_ms)| ReachRange { within_ms, pairs: found.shown(at).into() }).collect(),
        causes: found.ends().into_iter().map(cause).collect(),
    }
}
