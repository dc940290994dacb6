//! The answer to a request before it is serialized, including both shapes of Graph's errors. Must not know sockets.

use std::convert::Infallible;

use axum::body::Bytes;
use axum::http::{HeaderValue, StatusCode};
use futures_util::stream::BoxStream;
use serde_json::{Value, json};
use uuid::Uuid;

use super::error::GraphError;
use crate::host::RequestId;
use crate::metrics::RouteLabel as HttpRoute;
use crate::server::http::BudgetShare;
use crate::server::identity::Peer;

/// The content type of every JSON answer. JSON needs no charset, but Windows `PowerShell` 5.1 reads an answer without
/// one as Latin-1.
pub(crate) const JSON: &str = "application/json; charset=utf-8";

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) content: AnswerBody,
    /// Seconds, for `Retry-After`.
    pub(crate) retry_after: Option<u64>,
    /// The only allowed method, for `Allow`.
    pub(crate) allow: Option<&'static str>,
}

/// The body of an answer.
#[derive(Debug)]
pub(crate) enum AnswerBody {
    /// Nothing.
    Nothing,
    /// JSON.
    Json(Value),
    /// JSON that is already serialized: large answers are written row by row and never held as a tree. A list counts
    /// against the budget of answers from the moment that it is made.
    Written(String, Option<BudgetShare>),
    /// JSON that is made while it is sent, piece by piece.
    Streamed(AnswerPieces),
    /// Plain text, for a count.
    Text(String),
}

/// JSON in pieces; each is made once the one before is sent.
pub(crate) struct AnswerPieces(pub(crate) BoxStream<'static, Result<Bytes, Infallible>>);

impl std::fmt::Debug for AnswerPieces {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("AnswerPieces")
    }
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

    /// 200 with JSON that is already serialized.
    pub(crate) const fn written(json: String) -> Self {
        Self { status: StatusCode::OK, content: AnswerBody::Written(json, None), retry_after: None, allow: None }
    }

    /// 200 with JSON that counts already.
    pub(crate) const fn counted(json: String, share: BudgetShare) -> Self {
        Self { status: StatusCode::OK, content: AnswerBody::Written(json, Some(share)), retry_after: None, allow: None }
    }

    /// 200 with JSON that is made while it is sent.
    pub(crate) const fn streamed(pieces: AnswerPieces) -> Self {
        Self { status: StatusCode::OK, content: AnswerBody::Streamed(pieces), retry_after: None, allow: None }
    }

    /// 200 with a count.
    pub(crate) fn count(count: usize) -> Self {
        Self { status: StatusCode::OK, content: AnswerBody::Text(count.to_string()), retry_after: None, allow: None }
    }

    /// An error, in the shape of Intune or of the directory.
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

/// The ids of a request.
#[derive(Clone, Debug)]
pub(crate) struct Ids {
    /// The id that the server assigned.
    pub(crate) request: Uuid,
    /// The id that the client sent, if any: visible ASCII.
    pub(crate) client_request: Option<HeaderValue>,
    /// When it arrived, in Unix ms.
    pub(crate) unix_ms: i64,
    /// The address that it came from, if the transport says it.
    pub(crate) peer: Option<Peer>,
}

impl Ids {
    /// The client's own id as text.
    pub(crate) fn own(&self) -> Option<String> {
        self.client_request.as_ref().and_then(|own| own.to_str().ok()).map(str::to_owned)
    }

    /// The client's own id, or the server's.
    pub(crate) fn client_request(&self) -> RequestId {
        let own = self.client_request.as_ref().and_then(|own| own.to_str().ok());
        own.map_or_else(|| RequestId::from(self.request), RequestId::of)
    }
}

/// Which service reports an error, and about which request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Blame {
    /// The route that the request is counted under.
    pub(crate) counted: Option<HttpRoute>,
    /// Whether it is Intune, which puts JSON into the error message.
    pub(crate) is_of_intune: bool,
    /// The requested address.
    pub(crate) url: String,
}

/// Intune's error message: JSON in a string.
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
