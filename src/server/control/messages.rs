//! Messages and their pairs, as the actors report them now. Must not count anything itself.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use serde::{Deserialize, Serialize};
use strum::VariantArray as _;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::extract::{PathParams, QueryParams};
use super::problem::Problem;
use super::tenant_handle::{TenantHandle, page, page_size};
use crate::clock::within;
use crate::engine::MessageLook;
use crate::host::{Posted, RequestId, stations};
use crate::outcome::cause_of;
use crate::rules::base::ids::{DeviceIx, MessageIx};
use crate::rules::model::world::World;
use crate::rules::service::journey::{Journey, Station, WaitCause};
use crate::rules::timeline::posting::Recipients;
use crate::scenario::duration_ms;

/// How long a request may wait for a message to settle, at most and by default.
const WAIT_MS_MAX: u64 = 600_000;
const WAIT_MS: u64 = 30_000;

/// A message and what has become of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MessageView {
    /// Its number, in the order of acceptance, from 0.
    pub(crate) id: u32,
    /// The `client-request-id` of the request that it came with, or the `request-id` that it was given.
    pub(crate) client_request_id: Option<String>,
    /// `group` or `device`.
    pub(crate) kind: &'static str,
    /// Whose permissions it was judged by.
    pub(crate) account: String,
    /// The device that it is for.
    pub(crate) device: Option<Uuid>,
    /// The groups that it is for.
    pub(crate) groups: Vec<Uuid>,
    /// When it was accepted, in ms of model time.
    pub(crate) accepted_at_ms: u64,
    /// Devices of its audience.
    pub(crate) pairs: u64,
    /// No pair waits any more.
    pub(crate) settled: bool,
    /// Pairs by station, every station named.
    pub(crate) stations: BTreeMap<&'static str, u64>,
    /// Pairs by station and cause, those that there are.
    pub(crate) causes: Vec<CauseCount>,
    /// Notifications that were dismissed.
    pub(crate) dismissed: u64,
    /// Notifications that another app could read.
    pub(crate) exposed: u64,
}

/// Pairs with one cause.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CauseCount {
    /// Their station.
    pub(crate) station: &'static str,
    /// The cause; null for what has not set out yet.
    pub(crate) cause: Option<String>,
    /// How they appeared, if they were shown.
    pub(crate) form: Option<&'static str>,
    /// How many.
    pub(crate) pairs: u64,
}

/// A page of messages.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MessagePage {
    /// In the order of acceptance.
    items: Vec<MessageView>,
    /// What `after` is for the next page; null on the last.
    next: Option<u32>,
}

/// Which messages.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct MessageQuery {
    /// Only those of requests with this id.
    #[serde(rename = "client-request-id")]
    client_request_id: Option<String>,
    /// Only those after this one.
    after: Option<u32>,
    /// How many, 1 to 1,000; 100 if not given.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<usize>,
}

/// For what to wait.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Waiting {
    /// Answer when no pair of the message waits any more.
    #[param(inline)]
    wait: Option<WaitFor>,
    /// The longest wait, such as `30s`, the default; at most `10m` of wall-clock time. The answer then has what has
    /// become of it so far.
    #[param(pattern = r"^[1-9][0-9]?s$")]
    timeout: Option<String>,
}

/// What to wait for.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WaitFor {
    /// No pair waits.
    Settled,
}

/// Lists messages.
#[utoipa::path(get, path = "/_reveille/messages", operation_id = "listMessages", tag = "messages", params(MessageQuery), responses((status = 200, body = MessagePage)))]
pub(crate) async fn list(
    handle: TenantHandle,
    QueryParams(which): QueryParams<MessageQuery>,
) -> Result<Json<MessagePage>, Problem> {
    let limit = page_size(which.limit)?;
    let from = which.after.map_or(MessageIx(0), |after| MessageIx(after.saturating_add(1)));
    let posted: Vec<Posted> = match &which.client_request_id {
        Some(request) => handle.host.log(|log| {
            let of_request = log.of_request(&RequestId::of(request)).into_iter().filter(|message| *message >= from);
            of_request.filter_map(|message| log.posted(message)).take(limit + 1).collect()
        }),
        None => handle.posted_from(from, limit + 1).await?,
    };
    let (posted, next) = page(posted, limit, |posted| posted.message.0);
    Ok(Json(MessagePage { items: views(&handle, &posted).await?, next }))
}

/// What has become of these messages by now.
pub(crate) async fn views(handle: &TenantHandle, posted: &[Posted]) -> Result<Vec<MessageView>, Problem> {
    let (world, looks) = looks(handle, posted).await?;
    Ok(posted.iter().zip(&looks).map(|(posted, look)| view(handle, &world, posted, look)).collect())
}

/// One message, at once or when it has settled.
#[utoipa::path(
    get,
    path = "/_reveille/messages/{message}",
    operation_id = "getMessage",
    tag = "messages",
    params(("message" = u32, Path, description = "its number"), Waiting),
    responses((status = 200, body = MessageView))
)]
pub(crate) async fn one(
    handle: TenantHandle,
    PathParams(message): PathParams<u32>,
    QueryParams(waiting): QueryParams<Waiting>,
) -> Result<Json<MessageView>, Problem> {
    let timeout_ms = match &waiting.timeout {
        None => WAIT_MS,
        Some(text) => {
            duration_ms(text).map_err(|why| Problem::bad(format!("`timeout`: {}; {}", why.message, why.help)))?
        }
    };
    if timeout_ms > WAIT_MS_MAX {
        return Err(Problem::bad("`timeout` is at most 10m"));
    }
    let posted = handle.posted(message).await?;
    let (world, look) = match waiting.wait {
        None => look(&handle, &posted).await?,
        Some(WaitFor::Settled) => {
            let _waits = handle.budgets.waiting_requests.take(1)?;
            let settled = within(Duration::from_millis(timeout_ms), handle.host.settled(posted.message)).await;
            match settled {
                Some(settled) => settled?,
                None => look(&handle, &posted).await?,
            }
        }
    };
    Ok(Json(view(&handle, &world, &posted, &look)))
}

/// What has become of messages. The pair of a message to a single device that memory has dropped is recomputed.
async fn looks(handle: &TenantHandle, posted: &[Posted]) -> Result<(Arc<World>, Vec<MessageLook>), Problem> {
    let (world, mut looks) = handle.host.messages(posted.iter().map(|posted| posted.message).collect()).await?;
    let forgotten = posted.iter().enumerate().filter(|(_, posted)| !handle.host.has_in_memory(posted.message));
    let forgotten: Vec<(usize, MessageIx, DeviceIx)> =
        forgotten.filter_map(|(at, posted)| Some((at, posted.message, posted.recipients.device()?))).collect();
    if !forgotten.is_empty() {
        let devices = forgotten.iter().map(|(.., device)| *device).collect();
        let recalled = handle.recall_devices(devices, move |recall| {
            forgotten.into_iter().map(|(at, message, device)| (at, recall.look(message, device))).collect::<Vec<_>>()
        });
        for (at, look) in recalled.await? {
            looks[at] = look;
        }
    }
    Ok((world, looks))
}

async fn look(handle: &TenantHandle, posted: &Posted) -> Result<(Arc<World>, MessageLook), Problem> {
    let (world, looks) = looks(handle, std::slice::from_ref(posted)).await?;
    let look =
        looks.into_iter().next().ok_or_else(|| Problem::unavailable("the message cannot be looked up: ask again"))?;
    Ok((world, look))
}

fn view(handle: &TenantHandle, world: &World, posted: &Posted, look: &MessageLook) -> MessageView {
    let mut causes = Vec::new();
    let mut count = |journey: Journey, pairs: u64| {
        let form = match journey {
            Journey::Shown(form) => Some(form.name()),
            _ => None,
        };
        let cause = cause_of(world, journey).map(str::to_owned);
        causes.push(CauseCount { station: journey.station().name(), cause, form, pairs });
    };
    look.settled.iter().for_each(|(journey, pairs)| count(*journey, *pairs));
    for (cause, pairs) in WaitCause::VARIANTS.iter().copied().zip(look.waiting).filter(|(_, pairs)| *pairs > 0) {
        count(Journey::Waiting(cause), pairs);
    }
    // Pairs that a shard has not handed out yet wait as well.
    let known: u64 = look.settled.values().sum::<u64>() + look.waiting.iter().sum::<u64>();
    let under_way = look.sent.saturating_sub(known);
    if under_way > 0 {
        causes.push(CauseCount { station: Station::Waiting.name(), cause: None, form: None, pairs: under_way });
    }
    let (kind, device, groups) = match &posted.recipients {
        Recipients::Device(device) => ("device", Some(handle.graph_ids.device(*device)), Vec::new()),
        Recipients::Groups(groups) => {
            ("group", None, groups.iter().map(|group| handle.graph_ids.group(*group)).collect())
        }
    };
    MessageView {
        id: posted.message.0,
        client_request_id: posted.request.is_known().then(|| posted.request.to_string()),
        kind,
        account: world.accounts[posted.account.at()].name.clone(),
        device,
        groups,
        accepted_at_ms: posted.at.ms(),
        pairs: look.sent,
        settled: look.is_settled(),
        stations: stations(look),
        causes,
        dismissed: look.dismissed,
        exposed: look.exposed,
    }
}
