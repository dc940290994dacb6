//! JSON batching: up to twenty requests in one, answered one after the other, each with its own answer. Must not know
//! any route.

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::answer::{Answer, AnswerBody, Blame, JSON};
use super::call::{Body, Call};
use super::call_entry::CallEntry;
use super::error::{GraphError, shown};
use super::route::{Method, Route};
use super::tenant::GraphTenant;
use super::{address, dispatch, listing, texts};
use crate::server::http;
use crate::server::odata::Consistency;

/// Requests of a batch, at most, as in Graph.
const REQUESTS_MAX: usize = 20;

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

    fn is_write(&self) -> bool {
        ["POST", "PATCH", "PUT"].iter().any(|method| self.method.eq_ignore_ascii_case(method))
    }
}

/// Checks all requests of a batch, then answers them in order.
pub(crate) async fn answer(graph_tenant: &GraphTenant, call: &Call) -> Result<Answer, GraphError> {
    let unknown = |path: &str, name: &str| format!("The property '{name}' does not exist on '{path}'.");
    let Batch { requests } = texts::read(&call.body, unknown)?;
    check(&requests)?;
    let mut is_well: BTreeMap<&str, bool> = BTreeMap::new();
    let mut responses = Vec::with_capacity(requests.len());
    for part in &requests {
        let answer = if part.depends_on().iter().all(|needed| is_well.get(needed.as_str()) == Some(&true)) {
            one(graph_tenant, call, part).await
        } else {
            Answer::failed(&GraphError::Dependency, &call.ids, &Blame::default())
        };
        is_well.insert(&part.id, answer.status.is_success());
        responses.push(response(&part.id, answer)?);
    }
    serde_json::to_string(&Responses { responses }).map(Answer::written).map_err(|_| GraphError::Unavailable)
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

async fn one(graph_tenant: &GraphTenant, call: &Call, part: &Part) -> Answer {
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

#[derive(serde::Serialize)]
struct Responses<'b> {
    responses: Vec<Response<'b>>,
}

/// The answer to one request, as it is written in the batch's answer.
#[derive(serde::Serialize)]
struct Response<'b> {
    id: &'b str,
    status: u16,
    headers: Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Box<RawValue>>,
}

fn response(id: &str, answer: Answer) -> Result<Response<'_>, GraphError> {
    let (body, kind) = match answer.content {
        AnswerBody::Nothing => (None, None),
        AnswerBody::Json(body) => (Some(body.to_string()), Some(JSON)),
        AnswerBody::Written(body) => (Some(body), Some(JSON)),
        AnswerBody::Text(text) => (Some(json!(text).to_string()), Some("text/plain")),
    };
    let retry_after = answer.retry_after.map(|seconds| ("Retry-After".to_owned(), json!(seconds.to_string())));
    let kind = kind.map(|kind| ("Content-Type".to_owned(), json!(kind)));
    let body = body.map(RawValue::from_string).transpose().map_err(|_| GraphError::Unavailable)?;
    Ok(Response { id, status: answer.status.as_u16(), headers: retry_after.into_iter().chain(kind).collect(), body })
}
