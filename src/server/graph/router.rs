//! Between HTTP and the Graph API: reads headers, tokens and bodies; writes status, headers and bytes. Every request
//! must get an answer and an id.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body as HttpBody, Bytes};
use axum::extract::{Request, State};
use axum::http::header::{
    ACCEPT_ENCODING, ALLOW, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE,
};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method as HttpMethod, StatusCode};
use axum::response::Response;
use uuid::Uuid;
use uuid::fmt::Hyphenated;

use super::answer::{Answer, AnswerBody, Blame, Ids, JSON};
use super::call::{Body, Call};
use super::call_entry::CallEntry;
use super::error::GraphError;
use super::route::{Method, Route};
use super::tenants::{Admitted, Tenants};
use super::{address, authority, cors, dispatch, listing};
use crate::clock::{Stopwatch, unix_ms, within};
use crate::metrics::RouteLabel as HttpRoute;
use crate::server::http::{self, BodyLimits, Budget, LinkOrigins, hold, hold_in_any_case, read_off};
use crate::server::identity::Distrust;

/// Bytes of a body, at most; the largest sensible one, an action on thousands of devices, has half as many.
const BODY_BYTES_MAX: usize = 1 << 20;
/// Bytes of a request for a token: a certificate's assertion takes half as many.
const TOKEN_BODY_BYTES_MAX: usize = 8 << 10;
/// How long a body may take to arrive.
const BODY_WAIT_MAX: Duration = Duration::from_secs(30);
/// How long an answer may take.
const ANSWER_WAIT_MAX: Duration = Duration::from_secs(100);
/// Characters of a client's own request id, at most; a longer one is ignored.
const CLIENT_ID_CHARACTERS_MAX: usize = 128;
/// The id that the server assigns to a request, and the one that the client sent.
const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");
const CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("client-request-id");
const CONSISTENCY_LEVEL: HeaderName = HeaderName::from_static("consistencylevel");

#[derive(Clone, Debug)]
struct GraphService {
    tenants: Arc<Tenants>,
    origins: LinkOrigins,
}

/// The service behind a listener; `origins` sets the origin of its links.
pub fn service(tenants: Arc<Tenants>, origins: LinkOrigins) -> Router {
    Router::new().fallback(handle).with_state(GraphService { tenants, origins })
}

async fn handle(State(graph): State<GraphService>, request: Request) -> Response {
    // Browsers send a preflight before a page's request, and an `Origin` header with it.
    let is_of_page = cors::is_of_page(request.headers());
    let is_preflight = is_of_page && cors::is_preflight(request.method(), request.headers());
    let mut response = if is_preflight { graph.allow(request).await } else { serve(graph, request).await };
    if is_of_page {
        cors::share(response.headers_mut());
    }
    response
}

async fn serve(graph: GraphService, request: Request) -> Response {
    let (watch, now_ms) = (Stopwatch::start(), unix_ms());
    let (parts, body) = request.into_parts();
    let mut body = Some(body);
    let ids = ids_of(&parts, now_ms);
    let head = RequestHead { origin: graph.origins.of(&parts), parts, now: now_ms / 1_000 };
    if let Some(address) = authority::read(&head.origin, head.path()) {
        let response = graph.sign_in(&head, &address, &mut body, &ids).await;
        read_off(body).await;
        graph.answered(address.endpoint.counted(), response.status(), &watch, &ids);
        return response;
    }
    let mut blame = Blame::default();
    let answered = within(ANSWER_WAIT_MAX, graph.answer(&head, &mut body, &ids, &mut blame)).await;
    let answered = answered.unwrap_or(Err(GraphError::Unavailable));
    if let Err(GraphError::Distrusted(distrust)) = &answered {
        graph.tenants.token_refused(&ids, *distrust);
    }
    read_off(body).await;
    let answer = answered.unwrap_or_else(|failure| {
        blame.url = format!("{}{}", head.origin, head.path());
        Answer::failed(&failure, &ids, &blame)
    });
    let is_counted = matches!(answer.content, AnswerBody::Written(_, Some(_)));
    let response = respond(answer, &ids);
    let response = if is_counted { response } else { graph.held(response, &head, &ids, &blame) };
    graph.answered(blame.counted.unwrap_or(HttpRoute::Other), response.status(), &watch, &ids);
    response
}

/// A request without its body.
struct RequestHead {
    parts: Parts,
    origin: Arc<str>,
    /// In Unix seconds.
    now: u64,
}

impl RequestHead {
    fn path(&self) -> &str {
        self.parts.uri.path()
    }
}

impl GraphService {
    /// Answers a preflight request, which has no token; nothing is executed.
    async fn allow(&self, request: Request) -> Response {
        let watch = Stopwatch::start();
        let (parts, body) = request.into_parts();
        read_off(Some(body)).await;
        let ids = ids_of(&parts, unix_ms());
        let mut response = respond(Answer::done(), &ids);
        cors::allow(&parts.headers, response.headers_mut());
        self.answered(HttpRoute::Other, response.status(), &watch, &ids);
        response
    }

    /// Counts and logs a request by its ids; its content must not be logged.
    fn answered(&self, route: HttpRoute, status: StatusCode, watch: &Stopwatch, ids: &Ids) {
        let (us, status, route_name) = (watch.us(), status.as_u16(), route.name());
        self.tenants.answered(route, status, us);
        let request_id = &ids.request;
        tracing::debug!(route = route_name, status, us, %request_id, client_request_id = %ids.client_request(), "request answered");
    }

    async fn answer(
        &self,
        head: &RequestHead,
        body: &mut Option<HttpBody>,
        ids: &Ids,
        blame: &mut Blame,
    ) -> Result<Answer, GraphError> {
        let Admitted { graph_tenant, bearer, .. } = self.admitted(head)?;
        let (edition, route) = address::read(head.path())?;
        blame.is_of_intune = route.is_of_intune();
        blame.counted = Some(route.counted());
        let body = match (route.method(), &head.parts.method) {
            (Method::Get, &HttpMethod::GET) => Body::Nothing,
            (Method::Post, &HttpMethod::POST) => self.body_of(head, body, &route).await?,
            (Method::Get, _) => return Err(GraphError::Method { allow: "GET" }),
            (Method::Post, _) => return Err(GraphError::Method { allow: "POST" }),
        };
        let call = Call {
            edition,
            route,
            options: http::pairs(head.parts.uri.query().unwrap_or(""))?,
            consistency: listing::consistency(
                head.parts.headers.get(CONSISTENCY_LEVEL).and_then(|level| level.to_str().ok()),
            ),
            body,
            bearer,
            ids: ids.clone(),
            origin: Arc::clone(&head.origin),
            path: Arc::from(head.path()),
            budgets: Arc::clone(self.tenants.budgets()),
            entry: CallEntry::default(),
        };
        dispatch::answer(&graph_tenant, &call).await
    }

    fn admitted(&self, head: &RequestHead) -> Result<Admitted, GraphError> {
        let header = head.parts.headers.get(AUTHORIZATION).ok_or(GraphError::Distrusted(Distrust::Missing))?;
        let header = header.to_str().unwrap_or("");
        let is_bearer = header.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("bearer "));
        let token = header.get(7..).unwrap_or("").trim();
        if !is_bearer || token.is_empty() {
            return Err(GraphError::Distrusted(Distrust::Missing));
        }
        self.tenants.admit(token, head.now).map_err(GraphError::Distrusted)
    }

    /// The body of a request that acts; a request to check in has none.
    async fn body_of(
        &self,
        head: &RequestHead,
        body: &mut Option<HttpBody>,
        route: &Route,
    ) -> Result<Body, GraphError> {
        if matches!(route, Route::Sync(..)) {
            return Ok(Body::Nothing);
        }
        let kind = head.parts.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
        let kind = kind.split(';').next().unwrap_or("").trim();
        if !kind.eq_ignore_ascii_case("application/json") {
            return Err(GraphError::MediaType);
        }
        let bytes = read_body(head, body, BODY_BYTES_MAX, &self.tenants.budgets().graph_bodies).await?;
        Ok(if bytes.is_empty() { Body::Nothing } else { Body::Bytes(bytes) })
    }

    /// The same answer, if clients that do not read leave room for it. That of a request that acted is sent in any case:
    /// a client that is told to come again would act twice.
    fn held(&self, response: Response, head: &RequestHead, ids: &Ids, blame: &Blame) -> Response {
        let budget = &self.tenants.budgets().graph_answers;
        if head.parts.method == HttpMethod::POST {
            return hold_in_any_case(response, budget);
        }
        hold(response, budget).unwrap_or_else(|_| respond(Answer::failed(&GraphError::Busy, ids, blame), ids))
    }

    async fn sign_in(
        &self,
        head: &RequestHead,
        address: &authority::Address,
        body: &mut Option<HttpBody>,
        ids: &Ids,
    ) -> Response {
        // What is refused anyway is refused before anything of its body is kept.
        let form = if authority::takes_form(&self.tenants, address, &head.parts.method) {
            read_body(head, body, TOKEN_BODY_BYTES_MAX, &self.tenants.budgets().token_bodies).await
        } else {
            Ok(Bytes::new())
        };
        let form = match form {
            Ok(form) => form,
            Err(failure) => {
                let mut response = respond(Answer::failed(&failure, ids, &Blame::default()), ids);
                response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
                return response;
            }
        };
        let request = authority::Request { parts: &head.parts, origin: &head.origin, form: &form, now: head.now, ids };
        authority::answer(&self.tenants, address, &request).await
    }
}

async fn read_body(
    head: &RequestHead,
    body: &mut Option<HttpBody>,
    bytes_max: usize,
    budget: &Budget,
) -> Result<Bytes, GraphError> {
    let body = body.take().unwrap_or_default();
    let limits = BodyLimits { bytes_max, wait_max: BODY_WAIT_MAX, budget };
    Ok(http::read(body, &head.parts.headers, limits).await?)
}

/// The ids of a request that arrived at `unix_ms`.
fn ids_of(parts: &Parts, unix_ms: u64) -> Ids {
    Ids {
        request: Uuid::new_v4(),
        client_request: own_id(&parts.headers),
        unix_ms: unix_ms.cast_signed(),
        peer: parts.extensions.get().copied(),
    }
}

/// The client's own id of a request, if it can be returned in a header.
fn own_id(headers: &HeaderMap) -> Option<HeaderValue> {
    let given = headers.get(CLIENT_REQUEST_ID)?;
    let fits = !given.is_empty()
        && given.len() <= CLIENT_ID_CHARACTERS_MAX
        && given.as_bytes().iter().all(u8::is_ascii_graphic);
    fits.then(|| given.clone())
}

fn of_json(json: HttpBody) -> Response {
    let mut response = Response::new(json);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
    response
}

fn respond(answer: Answer, ids: &Ids) -> Response {
    let mut response = match answer.content {
        AnswerBody::Nothing => Response::new(HttpBody::empty()),
        AnswerBody::Text(text) => {
            let mut response = Response::new(HttpBody::from(text));
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
            response
        }
        AnswerBody::Json(value) => of_json(HttpBody::from(value.to_string())),
        AnswerBody::Written(json, None) => of_json(HttpBody::from(json)),
        AnswerBody::Written(json, Some(share)) => of_json(HttpBody::from(share.hold(Bytes::from(json)))),
        AnswerBody::Streamed(pieces) => of_json(HttpBody::from_stream(pieces.0)),
    };
    *response.status_mut() = answer.status;
    let headers = response.headers_mut();
    let mut request_id = [0; Hyphenated::LENGTH];
    let request_id: &str = ids.request.as_hyphenated().encode_lower(&mut request_id);
    let request_id = HeaderValue::from_str(request_id).expect("it is visible ASCII");
    let client_request_id = ids.client_request.clone().unwrap_or_else(|| request_id.clone());
    headers.insert(REQUEST_ID, request_id);
    headers.insert(CLIENT_REQUEST_ID, client_request_id);
    if let Some(seconds) = answer.retry_after {
        headers.insert(RETRY_AFTER, seconds.into());
    }
    if let Some(allow) = answer.allow {
        headers.insert(ALLOW, HeaderValue::from_static(allow));
    }
    if answer.status == StatusCode::UNSUPPORTED_MEDIA_TYPE {
        // RFC 9110: tells clients which codings the next body may have.
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(http::ACCEPTED_CODINGS));
    }
    if answer.status == StatusCode::UNAUTHORIZED {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"\""));
    }
    response
}
