//! The authority's answers, and their status, headers and bytes. Browsers must not cache them, and must run only the
//! scripts that a page's policy allows.

use axum::body::Body;
use axum::http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, PRAGMA, REFERRER_POLICY, RETRY_AFTER,
    WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};

use super::page::{self, HtmlPage};
use crate::server::graph::answer::{Ids, JSON};
use crate::server::identity::Denial;

/// Both header names for the id of a request and the id that the client sent.
const REQUEST_IDS: [HeaderName; 2] =
    [HeaderName::from_static("request-id"), HeaderName::from_static("x-ms-request-id")];
const CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("client-request-id");

/// An answer of the authority.
pub(super) enum Reply {
    /// The requested data.
    Json(Value),
    /// A page for people.
    Page(HtmlPage),
    /// A redirect to this address.
    Redirect(String),
    /// A refusal, for a program.
    Denied(Denial),
    /// A refusal, for people.
    DeniedPage(Denial),
}

impl Reply {
    /// As an HTTP response; `now` in Unix seconds.
    pub(super) fn into_response(self, ids: &Ids, now: u64) -> Response {
        let (status, mut response) = match self {
            Self::Json(value) => (StatusCode::OK, json_of(&value)),
            Self::Denied(denial) => {
                let mut response = json_of(&denied(&denial, ids, now));
                told_in_headers(&denial, &mut response);
                (status_of(&denial), response)
            }
            Self::Page(page) => (StatusCode::OK, html_of(page)),
            Self::DeniedPage(denial) => {
                let text = description(&denial, ids, now);
                let mut response = html_of(page::denied(&text));
                told_in_headers(&denial, &mut response);
                (status_of(&denial), response)
            }
            Self::Redirect(to) => {
                let mut response = Response::new(Body::empty());
                let to = HeaderValue::try_from(to).expect("a registered address and what a form encodes are ASCII");
                response.headers_mut().insert(LOCATION, to);
                (StatusCode::FOUND, response)
            }
        };
        *response.status_mut() = status;
        let headers = response.headers_mut();
        let request = HeaderValue::try_from(ids.request.to_string()).expect("it is visible ASCII");
        for name in REQUEST_IDS {
            headers.insert(name, request.clone());
        }
        headers.insert(CLIENT_REQUEST_ID, ids.client_request.clone().unwrap_or(request));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"\""));
        }
        response
    }
}

/// What a refusal says in headers: the allowed methods, or when to try again.
fn told_in_headers(denial: &Denial, response: &mut Response) {
    if let Denial::Method(allow) = denial {
        response.headers_mut().insert(ALLOW, HeaderValue::from_static(allow));
    }
    if let Some(seconds) = denial.retry_after() {
        response.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
}

fn status_of(denial: &Denial) -> StatusCode {
    StatusCode::from_u16(denial.status()).expect("a denial has a status of HTTP")
}

fn json_of(value: &Value) -> Response {
    let mut response = Response::new(Body::from(value.to_string()));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
    response
}

fn html_of(page: HtmlPage) -> Response {
    let policy = HeaderValue::try_from(page.policy()).expect("a policy is ASCII");
    let mut response = Response::new(Body::from(page.markup.into_string()));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(CONTENT_SECURITY_POLICY, policy);
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    response
}

/// The message for people.
pub(super) fn description(denial: &Denial, ids: &Ids, now: u64) -> String {
    let (code, trace, correlation, moment) = (denial.code(), ids.request, ids.client_request(), moment(now));
    format!("AADSTS{code}: {denial} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {moment}")
}

/// A refusal as JSON, for programs.
fn denied(denial: &Denial, ids: &Ids, now: u64) -> Value {
    let mut body = json!({
        "error": denial.error(),
        "error_description": description(denial, ids, now),
        "error_codes": [denial.code()],
        "timestamp": moment(now),
        "trace_id": ids.request.to_string(),
        "correlation_id": ids.client_request().to_string(),
        "error_uri": format!("https://login.microsoftonline.com/error?code={}", denial.code()),
    });
    if let Some(suberror) = denial.suberror() {
        body["suberror"] = json!(suberror);
    }
    body
}

fn moment(now: u64) -> String {
    let moment = jiff::Timestamp::from_second(now.cast_signed()).unwrap_or_default();
    moment.strftime("%Y-%m-%d %H:%M:%SZ").to_string()
}
