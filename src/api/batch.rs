//! Several requests in one, up to twenty: answered one after the other, each with an answer of its own. Knows no route.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::address;
use super::answer::{Answer, Blame, Content};
use super::call::{Body, Call};
use super::face::Face;
use super::failure::Failure;
use super::route::{Method, Route};
use super::{listing, texts};
use crate::odata::Consistency;

/// Requests of a batch, as Graph has it.
const REQUESTS_MAX: usize = 20;

#[derive(Debug, serde::Deserialize)]
struct Batch {
    requests: Vec<Part>,
}

/// One request.
#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Part {
    id: String,
    method: String,
    url: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    body: Option<Value>,
    #[serde(default)]
    depends_on: Vec<String>,
}

impl Part {
    /// Its own header `ConsistencyLevel`; the batch's is not its.
    fn consistency(&self) -> Consistency {
        let is_it = |(name, value): (&String, &String)| {
            name.eq_ignore_ascii_case("ConsistencyLevel") && listing::is_eventual(value)
        };
        if self.headers.iter().any(is_it) { Consistency::Eventual } else { Consistency::Session }
    }
}

/// Answers every request of a batch, in their order.
pub(crate) async fn answer(face: &Face, call: &Call) -> Result<Answer, Failure> {
    let Batch { requests } = texts::read(&call.body)?;
    check(&requests)?;
    let mut is_well: BTreeMap<&str, bool> = BTreeMap::new();
    let mut responses = Vec::with_capacity(requests.len());
    for part in &requests {
        let answer = if part.depends_on.iter().all(|needed| is_well.get(needed.as_str()) == Some(&true)) {
            one(face, call, part).await
        } else {
            Answer::failed(&Failure::Dependency, &call.ids, &Blame::default())
        };
        is_well.insert(&part.id, answer.status.is_success());
        responses.push(response(&part.id, answer));
    }
    Ok(Answer::json(json!({ "responses": responses })))
}

/// A batch is done whole or not at all as long as nobody has begun.
fn check(requests: &[Part]) -> Result<(), Failure> {
    if requests.is_empty() || requests.len() > REQUESTS_MAX {
        return Err(Failure::bad(format!("A batch has 1 to {REQUESTS_MAX} requests.")));
    }
    let mut known: Vec<&str> = Vec::with_capacity(requests.len());
    for part in requests {
        if part.id.is_empty() || known.contains(&part.id.as_str()) {
            return Err(Failure::bad("Every request of a batch has an id of its own."));
        }
        if part.depends_on.iter().any(|needed| !known.contains(&needed.as_str())) {
            return Err(Failure::bad("dependsOn names requests that stand before."));
        }
        known.push(&part.id);
    }
    Ok(())
}

async fn one(face: &Face, call: &Call, part: &Part) -> Answer {
    let (path, query) = part.url.split_once('?').unwrap_or((&part.url, ""));
    // A link to a next page is absolute, and begins with where we are and the edition.
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
    let inner = Call {
        edition,
        route,
        options: form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
        consistency: part.consistency(),
        body: part.body.clone().map_or(Body::Nothing, Body::Json),
        bearer: call.bearer.clone(),
        ids: call.ids.clone(),
        origin: call.origin.clone(),
        path: path.into(),
    };
    let answered = face.answer(&inner).await;
    answered.unwrap_or_else(|failure| Answer::failed(&failure, &call.ids, &blame))
}

fn fits(route: &Route, part: &Part) -> Result<(), Failure> {
    if *route == Route::Batch {
        return Err(Failure::bad("A batch holds no batch."));
    }
    let wanted = match route.method() {
        Method::Get => "GET",
        Method::Post => "POST",
    };
    if !part.method.eq_ignore_ascii_case(wanted) {
        return Err(Failure::Method { allow: wanted });
    }
    let type_of = part.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    let is_json = type_of.is_some_and(|(_, value)| value.to_ascii_lowercase().starts_with("application/json"));
    if part.body.is_some() && !is_json { Err(Failure::MediaType) } else { Ok(()) }
}

fn response(id: &str, answer: Answer) -> Value {
    let mut headers = Map::new();
    if let Some(seconds) = answer.retry_after {
        headers.insert("Retry-After".to_owned(), json!(seconds.to_string()));
    }
    let mut whole = json!({ "id": id, "status": answer.status.as_u16() });
    match answer.content {
        Content::Nothing => {}
        Content::Json(body) => {
            headers.insert("Content-Type".to_owned(), json!("application/json"));
            whole["body"] = body;
        }
        Content::Text(text) => {
            headers.insert("Content-Type".to_owned(), json!("text/plain"));
            whole["body"] = json!(text);
        }
    }
    whole["headers"] = Value::Object(headers);
    whole
}
