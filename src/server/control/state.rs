//! A tenant's state as a whole: counts, reset, export and import. An export must contain inputs only, from which
//! everything else follows, and no text of a message.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};
use strum::VariantArray as _;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::extract::{JsonBody, QueryParams};
use super::problem::Problem;
use super::tenant_handle::TenantHandle;
use crate::host::written::{self, Unread, WrittenInput};
use crate::host::{KeptPart, MessageLog};
use crate::outcome::MODEL_VERSION;
use crate::rules::base::ids::MessageIx;
use crate::rules::base::time::SimTime;
use crate::rules::service::journey::{Station, WaitCause};
use crate::scenario::shown;
use crate::server::http::Cancelled;
use crate::store::{StoreError, StoredTenant};

/// The version of an exported state.
const SCHEMA: u32 = 1;

/// Counts of a tenant now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Snapshot {
    /// The tenant.
    pub(crate) tenant: Uuid,
    /// Model time, in ms.
    pub(crate) now_ms: u64,
    /// Its devices.
    pub(crate) devices: u32,
    /// Messages accepted since its start.
    pub(crate) messages: u32,
    /// Pairs by station, every station named.
    pub(crate) stations: BTreeMap<&'static str, i64>,
    /// Pairs that wait, by cause, every cause named.
    pub(crate) waiting: BTreeMap<&'static str, i64>,
    /// Notifications dismissed.
    pub(crate) dismissed: u64,
    /// Messages to groups that could be accepted now (of 25 an hour).
    pub(crate) group_quota_remaining: usize,
    /// When the next slot for one is free, in ms of model time.
    pub(crate) group_quota_next_slot_ms: u64,
    /// The number of the last event.
    pub(crate) last_event: u64,
}

/// A tenant's state, to be kept and taken in again.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StateFile {
    /// The version of this format.
    schema: u32,
    /// The version of the model: under another one, the same inputs may have other fates.
    model_version: u32,
    /// The tenant.
    tenant: Uuid,
    /// The hash of its scenario: with another one, the same inputs would come to something else.
    scenario_hash: String,
    /// The seed of all chance.
    seed: u64,
    /// Model time, in ms.
    now_ms: u64,
    /// Everything that was done to it, in order.
    #[schema(value_type = Vec<Object>)]
    inputs: Vec<WrittenInput>,
    /// The `client-request-id` of each accepted message, in order; an empty one is not known.
    requests: Vec<String>,
}

impl StateFile {
    /// That of a stored tenant.
    ///
    /// # Errors
    /// What is damaged in the store.
    pub(crate) fn of(mut stored: StoredTenant) -> Result<Self, StoreError> {
        let (mut inputs, mut requests) = (Vec::new(), Vec::new());
        loop {
            let piece = stored.next_inputs()?;
            if piece.is_empty() {
                break;
            }
            for input in &piece {
                let read = crate::host::stored_input(input);
                let (written, request) = read.map_err(|what| stored.damaged(inputs.len() as u64 + 1, &what))?;
                requests.extend(request.map(|request| request.to_string()));
                inputs.push(written);
            }
        }
        let identity = stored.identity();
        Ok(Self {
            schema: SCHEMA,
            model_version: identity.model_version,
            tenant: identity.id,
            scenario_hash: identity.scenario_hash.clone(),
            seed: identity.seed,
            now_ms: stored.clock().now_ms,
            inputs,
            requests,
        })
    }

    /// As it is exported.
    pub(crate) fn json(&self) -> String {
        serde_json::to_string(self).expect("inputs were read from what was written")
    }
}

/// Counts everything.
#[utoipa::path(get, path = "/_reveille/snapshot", operation_id = "getSnapshot", tag = "state", responses((status = 200, body = Snapshot)))]
pub(crate) async fn snapshot(handle: TenantHandle) -> Result<Json<Snapshot>, Problem> {
    counted(&handle).await.map(Json)
}

/// The counts of a tenant now.
pub(crate) async fn counted(handle: &TenantHandle) -> Result<Snapshot, Problem> {
    let now = handle.host.now();
    let totals = handle.host.totals().await?;
    let (remaining, next) = handle.host.look(move |tenant| tenant.group_quota(now)).await?;
    let minute = totals.pairs;
    let mut stations: BTreeMap<&'static str, i64> =
        Station::VARIANTS.iter().map(|station| (station.name(), 0)).collect();
    stations.insert(Station::Shown.name(), minute.shown.iter().sum::<u64>().cast_signed());
    for (_, journey, pairs) in minute.ended() {
        *stations.entry(journey.station().name()).or_default() += pairs;
    }
    let waiting: BTreeMap<&'static str, i64> =
        WaitCause::VARIANTS.iter().zip(minute.opened).map(|(cause, pairs)| (cause.name(), pairs)).collect();
    stations.insert(Station::Waiting.name(), waiting.values().sum());
    Ok(Snapshot {
        tenant: handle.graph_ids.tenant(),
        now_ms: now.ms(),
        devices: handle.host.world().fleet.devices(),
        messages: handle.host.log(crate::host::MessageLog::messages),
        stations,
        waiting,
        dismissed: minute.dismissed.iter().sum(),
        group_quota_remaining: remaining,
        group_quota_next_slot_ms: next.ms(),
        last_event: handle.host.events().last(),
    })
}

/// What a reset leaves as it is.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Keeping {
    /// Names with commas between them: `speed`, the speed of the clock; `events`, the events and their numbers. Nothing if not given.
    #[param(pattern = r"^(speed|events)$")]
    keep: Option<String>,
}

/// Puts the tenant back to its start: model time zero at the speed of the start, nothing sent, nothing shown, no fault but the
/// scenario's, the first event is number 1.
#[utoipa::path(
    post,
    path = "/_reveille/reset",
    operation_id = "resetTenant",
    tag = "state",
    params(Keeping),
    responses((status = 204, description = "It is as at its start."))
)]
pub(crate) async fn reset(
    handle: TenantHandle,
    QueryParams(keeping): QueryParams<Keeping>,
) -> Result<StatusCode, Problem> {
    let kept = keeping.keep.iter().flat_map(|names| names.split(','));
    let kept = kept.map(|name| match name.trim() {
        "speed" => Ok(KeptPart::Speed),
        "events" => Ok(KeptPart::Events),
        other => Err(Problem::bad(format!("`keep` has `{}`, and takes `speed` and `events`", shown(other)))),
    });
    handle.host.reset(kept.collect::<Result<_, _>>()?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The state, to be kept.
#[utoipa::path(get, path = "/_reveille/state", operation_id = "exportState", tag = "state", responses((status = 200, body = StateFile)))]
pub(crate) async fn export(handle: TenantHandle) -> Result<Response, Problem> {
    let done = |log: &MessageLog| {
        let requests = log.from(MessageIx(0)).map(|posted| posted.request.to_string()).collect::<Vec<_>>();
        (log.history().whole(), requests)
    };
    let ((inputs, requests), now) = handle.host.log_outside_resets(done).await;
    let Some(inputs) = inputs else {
        return Err(Problem::conflict(
            "history_is_not_whole",
            "more has been done to this tenant than its history holds: reset it to keep its state again",
        ));
    };
    let (world, tenant) = (Arc::clone(handle.host.world()), handle.graph_ids.tenant());
    let work = move |cancelled: &Cancelled| -> Result<Vec<u8>, Problem> {
        let state = StateFile {
            schema: SCHEMA,
            model_version: MODEL_VERSION,
            tenant,
            scenario_hash: world.scenario_hash.clone(),
            seed: world.chance.seed(),
            now_ms: now.ms(),
            inputs: written::write(&inputs, cancelled.token()).ok_or_else(Problem::client_gone)?,
            requests,
        };
        serde_json::to_vec(&state).map_err(|error| Problem::unavailable(error.to_string()))
    };
    let json = handle.budgets.work.run(work).await??;
    Ok(([(CONTENT_TYPE, "application/json")], json).into_response())
}

/// Takes a state in: the tenant is what it was when the state went out, and goes on from that moment.
#[utoipa::path(
    put,
    path = "/_reveille/state",
    operation_id = "importState",
    tag = "state",
    request_body = StateFile,
    responses((status = 204, description = "It is what it was."))
)]
pub(crate) async fn import(handle: TenantHandle, JsonBody(file): JsonBody<StateFile>) -> Result<StatusCode, Problem> {
    let world = handle.host.world();
    if file.schema != SCHEMA {
        return Err(Problem::bad(format!("`schema` is {}, and this version takes {SCHEMA}", file.schema)));
    }
    if file.model_version != MODEL_VERSION {
        return Err(Problem::conflict(
            "another_model",
            format!(
                "the state is of `model_version` {}, and this program has {MODEL_VERSION}, under which the same inputs may have other fates: \
                 import it with a program of that version, or reset the tenant and send anew",
                file.model_version
            ),
        ));
    }
    if (file.tenant, &file.scenario_hash, file.seed)
        != (handle.graph_ids.tenant(), &world.scenario_hash, world.chance.seed())
    {
        return Err(Problem::conflict(
            "another_world",
            "the state is of another tenant, scenario or seed: serve the scenario that it came from",
        ));
    }
    let last = written::last(&file.inputs).map_err(Problem::bad)?;
    if file.now_ms < last.ms() || file.now_ms >= world.horizon.ms() {
        return Err(Problem::bad("`now_ms` is not between the last input and the end of model time"));
    }
    let StateFile { inputs, requests, now_ms, .. } = file;
    let world = Arc::clone(world);
    let read = move |cancelled: &Cancelled| written::read(inputs, requests, &world, cancelled.token());
    let inputs = handle.budgets.work.run(read).await?.map_err(|unread| match unread {
        Unread::Misfit(misfit) => Problem::bad(misfit),
        Unread::Stopped => Problem::client_gone(),
    })?;
    handle.host.begin_again(inputs, SimTime(now_ms)).await?;
    Ok(StatusCode::NO_CONTENT)
}
