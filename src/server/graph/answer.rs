//! What is said to a request, before it is bytes: both shapes of Graph's errors are made here. Knows no socket.

use axum::http::{HeaderValue, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use super::error::GraphError;
use crate::host::RequestId;
use crate::metrics::RouteLabel as HttpRoute;

/// The type of every answer that is JSON. It names its characters, which JSON does not need: Windows `PowerShell` 5.1 reads an answer
/// that does not say so as Latin-1.
pub(crate) const JSON: &str = "application/json; charset=utf-8";

/// An answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) content: AnswerBody,
    /// Seconds, for `Retry-After`.
    pub(crate) retry_after: Option<u64>,
    /// The only method, for `Allow`.
    pub(crate) allow: Option<&'static str>,
}

/// What an answer holds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum AnswerBody {
    /// Nothing.
    Nothing,
    /// JSON.
    Json(Value),
    /// JSON that is written already, as large answers are: row by row, and never as a tree.
    Written(String),
    /// Plain text, of a count.
    Text(String),
}

impl Answer {
    /// 204.
    pub(crate) const fn done() -> Self {
        Self { status: StatusCode::NO_CONTENT, content: AnswerBody::Nothing, retry_after: None, allow: None }
    }

    /// 200 with JSON.
    pub(crate) const fn json(value: Value) -> Self {
        Self { status: StatusCode::OK, content: AnswerBody::Json(value), retry_after: None, allow: None }
    }

    /// 200 with JSON that is written already.
    pub(crate) const fn written(json: String) -> Self {
        Self { status: StatusCode::OK, content: AnswerBody::Written(json), retry_after: None, allow: None }
    }

    /// 200 with a count.
    pub(crate) fn count(count: usize) -> Self {
        Self { status: StatusCode::OK, content: AnswerBody::Text(count.to_string()), retry_after: None, allow: None }
    }

    /// What went wrong, in the shape of Intune or of the directory.
    pub(crate) fn failed(failure: &GraphError, ids: &Ids, blame: &Blame) -> Self {
        let message = if blame.is_of_intune && failure.status() != StatusCode::UNAUTHORIZED {
            of_intune(failure, ids, &blame.url)
        } else {
            failure.message()
        };
        let date = jiff::Timestamp::from_millisecond(ids.unix_ms).unwrap_or_default();
        let body = json!({
            "error": {
                "code": failure.code(blame.is_of_intune),
                "message": message,
                "innerError": {
                    "date": date.strftime("%Y-%m-%dT%H:%M:%S").to_string(),
                    "request-id": ids.request.to_string(),
                    "client-request-id": ids.client_request().to_string(),
                }
            }
        });
        let allow = if let GraphError::Method { allow } = failure { Some(*allow) } else { None };
        Self { status: failure.status(), content: AnswerBody::Json(body), retry_after: failure.retry_after(), allow }
    }
}

/// By what a request is known.
#[derive(Clone, Debug)]
pub(crate) struct Ids {
    /// The one that we give it.
    pub(crate) request: Uuid,
    /// The one that the caller gave it, if it did: visible ASCII.
    pub(crate) client_request: Option<HeaderValue>,
    /// When it came, in Unix ms.
    pub(crate) unix_ms: i64,
}

impl Ids {
    /// The caller's own id, or ours.
    pub(crate) fn client_request(&self) -> RequestId {
        let own = self.client_request.as_ref().and_then(|own| own.to_str().ok());
        own.map_or_else(|| RequestId::from(self.request), RequestId::of)
    }
}

/// Who says that something went wrong, and about what.
#[derive(Clone, Debug, Default)]
pub(crate) struct Blame {
    /// What the request is counted as.
    pub(crate) counted: Option<HttpRoute>,
    /// Intune, which puts JSON into its message.
    pub(crate) is_of_intune: bool,
    /// The address as it was asked for.
    pub(crate) url: String,
}

/// Intune's message: JSON in a string.
fn of_intune(failure: &GraphError, ids: &Ids, url: &str) -> String {
    let (said, operation, activity) = (failure.message(), ids.request, ids.client_request());
    let message =
        format!("{said} - Operation ID (for customer support): {operation} - Activity ID: {activity} - Url: {url}");
    let body = json!({
        "_version": 3,
        "Message": message,
        "CustomApiErrorPhrase": "",
        "RetryAfter": failure.retry_after(),
        "ErrorSourceService": "",
        "HttpHeaders": "{}",
    });
    body.to_string()
}
