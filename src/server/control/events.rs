//! The events of a tenant as server-sent events. They are numbered, so that a client that reconnects continues after
//! its last event, or learns how many are no longer available.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;

use axum::http::HeaderMap;
use axum::response::sse::{self, Sse};
use futures_util::Stream;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::watch;
use utoipa::IntoParams;

use super::extract::QueryParams;
use super::problem::Problem;
use super::tenant_handle::TenantHandle;
use crate::clock::within;
use crate::host::{Event, EventMark, Noted};
use crate::server::http::BudgetShare;

/// Events read from the log at a time.
const EVENTS_A_READ: usize = 256;
/// Time without events after which a comment shows that the connection is alive.
const SILENCE_MAX: Duration = Duration::from_secs(15);

/// Where the stream begins.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Since {
    /// The number of the last event that is known, 0 for none; only new ones if neither this nor the header `Last-Event-ID` is
    /// given. The header wins.
    after: Option<u64>,
}

struct Line {
    handle: TenantHandle,
    mark: EventMark,
    news: watch::Receiver<u64>,
    read: VecDeque<sse::Event>,
    _share: BudgetShare,
}

/// Follows what happens: `accepted`, `refused`, `settled`, `dismissed`, `dismissed_more`, `fault`, `phone_set` and `reset`, and
/// `gap` for what was missed.
#[utoipa::path(
    get,
    path = "/_reveille/events",
    operation_id = "followEvents",
    tag = "events",
    params(Since, ("Last-Event-ID" = Option<u64>, Header, description = "the number of the last event that is known")),
    responses((status = 200, body = String, content_type = "text/event-stream"))
)]
pub(crate) async fn follow(
    handle: TenantHandle,
    headers: HeaderMap,
    QueryParams(since): QueryParams<Since>,
) -> Result<Sse<impl Stream<Item = Result<sse::Event, Infallible>>>, Problem> {
    let known = match headers.get("last-event-id") {
        None => since.after,
        Some(id) => {
            let number = id.to_str().ok().and_then(|id| id.trim().parse().ok());
            Some(number.ok_or_else(|| Problem::bad("`Last-Event-ID` is the number of an event"))?)
        }
    };
    let share = handle.budgets.event_streams.take(1)?;
    let events = handle.host.events();
    let (mark, news) = (events.mark(known.unwrap_or_else(|| events.last())), events.follow());
    let line = Line { handle, mark, news, read: VecDeque::new(), _share: share };
    Ok(Sse::new(futures_util::stream::unfold(line, |mut line| async move {
        let event = line.next().await?;
        Some((Ok(event), line))
    })))
}

impl Line {
    /// The next event; `None` when the control API closes.
    async fn next(&mut self) -> Option<sse::Event> {
        loop {
            if self.handle.closing.is_cancelled() {
                return None;
            }
            if let Some(event) = self.read.pop_front() {
                return Some(event);
            }
            self.news.mark_unchanged();
            let (missed, noted) = self.handle.host.events().after(&mut self.mark, EVENTS_A_READ);
            if missed > 0 {
                self.read.push_back(sse::Event::default().event("gap").data(json!({ "missed": missed }).to_string()));
            }
            if !noted.is_empty() {
                self.read.extend(noted.iter().map(|noted| event(&self.handle, noted)));
                continue;
            }
            let Self { handle, news, .. } = self;
            let waited = within(SILENCE_MAX, async {
                tokio::select! {
                    changed = news.changed() => changed.is_ok(),
                    () = handle.closing.cancelled() => false,
                }
            });
            match waited.await {
                None => return Some(sse::Event::default().comment("")),
                Some(true) => {}
                Some(false) => return None,
            }
        }
    }
}

fn event(handle: &TenantHandle, noted: &Noted) -> sse::Event {
    let (name, data) = described(handle, noted);
    sse::Event::default().id(noted.number.to_string()).event(name).data(data.to_string())
}

fn described(handle: &TenantHandle, noted: &Noted) -> (&'static str, Value) {
    let at_ms = noted.at.ms();
    match &noted.what {
        Event::Accepted { message, request } => {
            ("accepted", json!({ "at_ms": at_ms, "message": message.0, "client_request_id": request.to_string() }))
        }
        Event::Refused { reason, request } => {
            ("refused", json!({ "at_ms": at_ms, "reason": reason.name(), "client_request_id": request.to_string() }))
        }
        Event::Settled { message } => ("settled", json!({ "at_ms": at_ms, "message": message.0 })),
        Event::Dismissed { message, device } => {
            ("dismissed", json!({ "at_ms": at_ms, "message": message.0, "device": handle.graph_ids.device(*device) }))
        }
        Event::DismissedMore { notifications } => {
            ("dismissed_more", json!({ "at_ms": at_ms, "notifications": notifications }))
        }
        Event::Fault { fault, active } => {
            ("fault", json!({ "at_ms": at_ms, "fault": fault.as_ref(), "active": active }))
        }
        Event::PhoneSet { device } => {
            ("phone_set", json!({ "at_ms": at_ms, "device": handle.graph_ids.device(*device) }))
        }
        Event::Reset => ("reset", json!({ "at_ms": at_ms })),
    }
}
