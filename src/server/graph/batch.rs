//! JSON batching: up to twenty requests in one, answered in order, each with its own answer. Writes that follow each other
//! and depend on nothing are done together. A long answer is made while it is sent, so that one that is not read holds one
//! part. Must not know any route.

use std::collections::{BTreeMap, VecDeque};
use std::iter::Peekable;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use futures_util::StreamExt as _;
use futures_util::future::{BoxFuture, join_all};
use futures_util::stream;
use serde_json::{Map, Value, json};

use super::answer::{Answer, AnswerBody, AnswerPieces, Blame, JSON};
use super::call::{Body, Call};
use super::call_entry::CallEntry;
use super::error::{GraphError, shown};
use super::route::{Method, Route};
use super::tenant::GraphTenant;
use super::{address, dispatch, listing, texts};
use crate::clock::{Stopwatch, within};
use crate::server::http::{self, BudgetShare};
use crate::server::odata::Consistency;

/// Requests of a batch, at most, as in Graph.
const REQUESTS_MAX: usize = 20;
/// Bytes of an answer that is made whole before it is sent: that of twenty actions, and of twenty short lists.
const WHOLE_BYTES_MAX: usize = 256 << 10;
/// How long an answer may be made while it is sent; requests that are left then are refused.
const SENDING_WAIT_MAX: Duration = Duration::from_mins(5);
/// Bytes of a part's answer that are outside of the budget: a refusal has as many.
const SMALL_PART_BYTES: usize = 4 << 10;

#[derive(Debug, serde::Deserialize)]
struct Batch {
    requests: Vec<Part>,
}

/// One request. As in Graph, `null` counts as absent and unknown members are ignored.
#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Part {
    id: String,
    method: String,
    url: String,
    headers: Option<BTreeMap<String, String>>,
    body: Option<Value>,
    depends_on: Option<Vec<String>>,
}

impl Part {
    fn depends_on(&self) -> &[String] {
        self.depends_on.as_deref().unwrap_or_default()
    }

    /// The value of a header; its name has any letter case.
    fn header(&self, wanted: &str) -> Option<&str> {
        let found = self.headers.iter().flatten().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
        found.map(|(_, value)| value.as_str())
    }

    /// Its own header `ConsistencyLevel`; that of the batch does not apply to it.
    fn consistency(&self) -> Consistency {
        listing::consistency(self.header("ConsistencyLevel"))
    }

    /// Whether it acts, and may do so whatever became of the others.
    fn is_free_write(&self) -> bool {
        self.is_write() && self.depends_on().is_empty()
    }

    fn is_write(&self) -> bool {
        ["POST", "PATCH", "PUT"].iter().any(|method| self.method.eq_ignore_ascii_case(method))
    }
}

/// Checks all requests of a batch, then answers them in order.
pub(crate) async fn answer(graph_tenant: &Arc<GraphTenant>, call: &Call) -> Result<Answer, GraphError> {
    let unknown = |path: &str, name: &str| format!("The property '{name}' does not exist on '{path}'.");
    let Batch { requests } = texts::read(&call.body, unknown)?;
    check(&requests)?;
    let context = BatchContext {
        graph_tenant: Arc::clone(graph_tenant),
        // The body is read: it is not kept while the answer is sent.
        call: Call { body: Body::Nothing, ..call.clone() },
        watch: Stopwatch::start(),
    };
    let mut batch = RunningBatch {
        context,
        requests: requests.into_iter().peekable(),
        answered: VecDeque::new(),
        is_well: BTreeMap::new(),
    };
    let mut text = br#"{"responses":["#.to_vec();
    while text.len() <= WHOLE_BYTES_MAX {
        let Some((part, _share)) = batch.next().await? else {
            text.extend_from_slice(END);
            return String::from_utf8(text).map(Answer::written).map_err(|_| GraphError::Unavailable);
        };
        // Each answer begins with a comma, which the first does not need.
        text.extend_from_slice(if batch.is_first() { &part[1..] } else { &part });
    }
    text.shrink_to_fit();
    let begin = call.budgets.graph_answers.charge(text.len() as u64).hold(Bytes::from(text));
    let rest = stream::unfold(Some(batch), |batch| async {
        let mut batch = batch?;
        // An answer that cannot be written is not possible once it has begun: the batch ends there.
        match batch.next().await {
            Ok(Some((part, share))) => {
                let part = Bytes::from(part);
                Some((Ok(share.map_or(part.clone(), |share| share.hold(part))), Some(batch)))
            }
            Ok(None) | Err(_) => Some((Ok(Bytes::from_static(END)), None)),
        }
    });
    let pieces = stream::once(std::future::ready(Ok(begin))).chain(rest);
    Ok(Answer::streamed(AnswerPieces(pieces.boxed())))
}

/// The end of an answer.
const END: &[u8] = b"]}";

/// What all requests of a batch have in common.
struct BatchContext {
    graph_tenant: Arc<GraphTenant>,
    call: Call,
    watch: Stopwatch,
}

impl BatchContext {
    fn failed(&self, failure: &GraphError) -> Answer {
        Answer::failed(failure, &self.call.ids, &Blame::default())
    }

    /// Answers a request; `is_ready`: those that it depends on have succeeded.
    async fn answer(&self, part: &Part, is_ready: bool) -> Answer {
        match SENDING_WAIT_MAX.checked_sub(Duration::from_millis(self.watch.ms())) {
            _ if !is_ready => self.failed(&GraphError::Dependency),
            None => self.failed(&GraphError::Busy),
            Some(left) => {
                let answered = within(left, one(&self.graph_tenant, &self.call, part)).await;
                answered.unwrap_or_else(|| self.failed(&GraphError::Unavailable))
            }
        }
    }
}

/// A batch of which a part is answered.
struct RunningBatch {
    context: BatchContext,
    requests: Peekable<std::vec::IntoIter<Part>>,
    /// Requests that are done, with answers that are not written yet: those of writes, which are short.
    answered: VecDeque<(Part, Answer)>,
    /// The requests that were answered, and whether they succeeded.
    is_well: BTreeMap<String, bool>,
}

impl RunningBatch {
    fn is_first(&self) -> bool {
        self.is_well.len() == 1
    }

    /// The next request and its answer; `None` after the last. Writes that depend on nothing begin in their order and
    /// wait for their answers together; a read sees all that stands before it.
    async fn answer_next(&mut self) -> Option<(Part, Answer)> {
        if self.answered.is_empty() {
            let first = self.requests.next()?;
            let is_alone = !first.is_free_write();
            let mut together = vec![first];
            while let Some(part) = self.requests.next_if(|part| !is_alone && part.is_free_write()) {
                together.push(part);
            }
            let Self { context, is_well, .. } = self;
            let succeeded = |needed: &String| is_well.get(needed) == Some(&true);
            let answers = together.iter().map(|part| context.answer(part, part.depends_on().iter().all(succeeded)));
            let answers = join_all(answers).await;
            self.answered = together.into_iter().zip(answers).collect();
        }
        self.answered.pop_front()
    }

    /// Answers the next request: its answer as JSON behind a comma, with its share of the budget if it is not small.
    /// `None` after the last.
    async fn next(&mut self) -> Result<Option<(Vec<u8>, Option<BudgetShare>)>, GraphError> {
        let Some((part, answer)) = self.answer_next().await else { return Ok(None) };
        let mut is_well = answer.status.is_success();
        let (mut written, mut share) = response(&part.id, answer)?;
        if share.is_none() && written.len() > SMALL_PART_BYTES {
            let budget = &self.context.call.budgets.graph_answers;
            // What acted is told in any case: a client that is told to come again would act twice.
            match budget.take(written.len() as u64) {
                Ok(taken) => share = Some(taken),
                Err(_) if part.is_write() => share = Some(budget.charge(written.len() as u64)),
                Err(busy) => {
                    is_well = false;
                    (written, share) = response(&part.id, self.context.failed(&busy.into()))?;
                }
            }
        }
        self.is_well.insert(part.id, is_well);
        Ok(Some((written, share)))
    }
}

/// Refuses a batch with an invalid request before any has run.
fn check(requests: &[Part]) -> Result<(), GraphError> {
    if requests.is_empty() {
        return Err(GraphError::bad("A batch has at least one request."));
    }
    if requests.len() > REQUESTS_MAX {
        return Err(GraphError::BatchTooLong { max: REQUESTS_MAX });
    }
    let mut known: Vec<&str> = Vec::with_capacity(requests.len());
    for part in requests {
        if part.id.is_empty() || known.contains(&part.id.as_str()) {
            return Err(GraphError::bad("Every request of a batch has an id of its own."));
        }
        if part.depends_on().iter().any(|needed| !known.contains(&needed.as_str())) {
            return Err(GraphError::bad("dependsOn names requests that stand before."));
        }
        if part.is_write() && (part.header("content-type").is_none() || part.body.is_none()) {
            return Err(GraphError::bad(format!(
                "Write request id : {} does not contain Content-Type header or body.",
                shown(&part.id)
            )));
        }
        known.push(&part.id);
    }
    Ok(())
}

/// Answers one request. The future has a type of its own, because a batch could hold a batch if it were not refused.
fn one<'b>(graph_tenant: &'b Arc<GraphTenant>, call: &'b Call, part: &'b Part) -> BoxFuture<'b, Answer> {
    Box::pin(routed(graph_tenant, call, part))
}

async fn routed(graph_tenant: &Arc<GraphTenant>, call: &Call, part: &Part) -> Answer {
    let (path, query) = part.url.split_once('?').unwrap_or((&part.url, ""));
    // A link to a next page is absolute: it begins with the origin and the edition.
    let path = path.strip_prefix(&*call.origin).unwrap_or(path).trim_start_matches('/');
    let edition = format!("{}/", call.edition.name());
    let path = format!("/{edition}{}", path.strip_prefix(&edition).unwrap_or(path));
    let url = format!("{}{path}", call.origin);
    let (edition, route) = match address::read(&path) {
        Ok(found) => found,
        Err(failure) => return Answer::failed(&failure, &call.ids, &Blame { url, ..Blame::default() }),
    };
    let blame = Blame { is_of_intune: route.is_of_intune(), url, ..Blame::default() };
    if let Err(failure) = fits(&route, part) {
        return Answer::failed(&failure, &call.ids, &blame);
    }
    let options = match http::pairs(query) {
        Ok(options) => options,
        Err(error) => return Answer::failed(&error.into(), &call.ids, &blame),
    };
    let inner = Call {
        edition,
        route,
        options,
        consistency: part.consistency(),
        body: part.body.clone().map_or(Body::Nothing, Body::Json),
        bearer: call.bearer.clone(),
        ids: call.ids.clone(),
        origin: call.origin.clone(),
        path: path.into(),
        budgets: Arc::clone(&call.budgets),
        entry: CallEntry::default(),
    };
    let answered = dispatch::answer(graph_tenant, &inner).await;
    answered.unwrap_or_else(|failure| Answer::failed(&failure, &call.ids, &blame))
}

fn fits(route: &Route, part: &Part) -> Result<(), GraphError> {
    if *route == Route::Batch {
        return Err(GraphError::bad("A batch holds no batch."));
    }
    let wanted = match route.method() {
        Method::Get => "GET",
        Method::Post => "POST",
    };
    if !part.method.eq_ignore_ascii_case(wanted) {
        return Err(GraphError::Method { allow: wanted });
    }
    let type_of = part.header("content-type").unwrap_or_default();
    let is_json = type_of.to_ascii_lowercase().starts_with("application/json");
    if part.body.is_some() && !is_json { Err(GraphError::MediaType) } else { Ok(()) }
}

/// The answer to one request, as it is written in the batch's answer.
#[derive(serde::Serialize)]
struct Response<'b> {
    id: &'b str,
    status: u16,
    headers: Map<String, Value>,
}

fn response(id: &str, answer: Answer) -> Result<(Vec<u8>, Option<BudgetShare>), GraphError> {
    let (body, kind, share) = match answer.content {
        // No request inside a batch has an answer in pieces: only a batch has.
        AnswerBody::Nothing | AnswerBody::Streamed(_) => (None, None, None),
        AnswerBody::Json(body) => (Some(body.to_string()), Some(JSON), None),
        AnswerBody::Written(body, share) => (Some(body), Some(JSON), share),
        AnswerBody::Text(text) => (Some(json!(text).to_string()), Some("text/plain"), None),
    };
    let retry_after = answer.retry_after.map(|seconds| ("Retry-After".to_owned(), json!(seconds.to_string())));
    let kind = kind.map(|kind| ("Content-Type".to_owned(), json!(kind)));
    let headers = retry_after.into_iter().chain(kind).collect();
    let head = serde_json::to_string(&Response { id, status: answer.status.as_u16(), headers });
    let head = head.map_err(|_| GraphError::Unavailable)?;
    // The body is JSON already, and may be long: it is copied once.
    let written = match &body {
        None => [",", &head].concat(),
        Some(body) => [",", head.strip_suffix('}').unwrap_or(&head), r#","body":"#, body, "}"].concat(),
    };
    Ok((written.into_bytes(), share))
}
