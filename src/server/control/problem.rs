//! Why a request of the control API is refused: one format for all, with a code for programs and a sentence with the
//! remedy for people.

use axum::Json;
use axum::http::header::{ALLOW, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::access::REQUEST_ID;
use crate::engine::EngineError;
use crate::host::HostError;
use crate::server::http::{BodyError, Exhausted, RETRY_AFTER_SECONDS, WorkError};

/// The code of a request that is refused because a budget is used up.
const BUSY: &str = "busy";

/// Why a request is not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Problem {
    #[serde(skip)]
    status: StatusCode,
    /// The id of a request that was refused before its route.
    #[serde(skip)]
    request: Option<Uuid>,
    /// A word that stays the same from release to release.
    code: &'static str,
    /// What is wrong and what to do, for people.
    message: String,
}

impl Problem {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, request: None, code, message: message.into() }
    }

    /// The same for a request with this id.
    #[must_use]
    pub(super) const fn of_request(mut self, id: Uuid) -> Self {
        self.request = Some(id);
        self
    }

    /// Its status.
    pub(crate) const fn status(&self) -> StatusCode {
        self.status
    }

    /// What is wrong and what to do, for people.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// The request is invalid.
    pub(crate) fn bad(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", message)
    }

    /// No token, or a wrong one.
    pub(crate) fn unauthorized() -> Self {
        let message = "the control API has a token of its own: send it as `Authorization: Bearer TOKEN`; \
                       the server prints where it is kept";
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", message)
    }

    /// The token's role does not permit it.
    pub(crate) fn forbidden() -> Self {
        let message =
            "the token has the role `read`, and this needs `operate`: use another one of --control-token-file";
        Self::new(StatusCode::FORBIDDEN, "forbidden", message)
    }

    /// The requested object does not exist.
    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", message)
    }

    /// The path exists, but not with this method.
    pub(crate) fn method(method: &Method) -> Self {
        let message = format!("{method} is not for this path: /_reveille/openapi.json says what is");
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message)
    }

    /// The request conflicts with the present state.
    pub(crate) fn conflict(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code, message)
    }

    /// The body cannot be read; the limit here is `bytes_max`.
    pub(crate) fn of_body(error: &BodyError, bytes_max: usize) -> Self {
        let (status, code) = match error {
            BodyError::TooLarge => {
                let message = format!("a body here has at most {bytes_max} bytes, as it comes and as it is decoded");
                return Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", message);
            }
            BodyError::Busy => return Self::busy(),
            BodyError::TooSlow => (StatusCode::REQUEST_TIMEOUT, "timeout"),
            BodyError::Coding { .. } => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "coding"),
            BodyError::BrokenOff | BodyError::Broken { .. } => (StatusCode::BAD_REQUEST, "bad_request"),
        };
        Self::new(status, code, error.to_string())
    }

    /// The content type is not JSON.
    pub(crate) fn media_type() -> Self {
        let message = "send the body as `Content-Type: application/json`";
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media_type", message)
    }

    /// A budget of the server is used up; nothing was done.
    pub(crate) fn busy() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, BUSY, "the server is busy, and nothing was done: try again later")
    }

    /// The work was given up, because nothing waits for the answer any more.
    pub(crate) fn client_gone() -> Self {
        Self::unavailable("the client has gone")
    }

    /// The tenant has no running driver.
    pub(crate) fn unavailable(message: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", message)
    }
}

impl From<Exhausted> for Problem {
    fn from(Exhausted: Exhausted) -> Self {
        Self::busy()
    }
}

impl From<WorkError> for Problem {
    fn from(error: WorkError) -> Self {
        match error {
            WorkError::Busy(_) => Self::busy(),
            WorkError::Panicked => Self::unavailable("it could not be worked out"),
        }
    }
}

impl From<HostError> for Problem {
    fn from(error: HostError) -> Self {
        match error {
            HostError::Over => Self::conflict(
                "time_is_over",
                "model time would come to the scenario's end: give it a longer `duration`, or reset the tenant",
            ),
            HostError::Unsettled { .. } => Self::conflict(
                "not_settled",
                format!(
                    "{error}: /_reveille/messages/MESSAGE/journeys says for what; stop the fault that holds them, or advance by a span"
                ),
            ),
            HostError::Engine(EngineError::Abandoned) => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                BUSY,
                "this was given up for a reset of the tenant: try again",
            ),
            HostError::NotWhole => Self::conflict("history_is_not_whole", error.to_string()),
            HostError::WasReset => Self::conflict("was_reset", format!("{error}: ask again")),
            HostError::StoreBusy => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                BUSY,
                "more was asked than the disk has taken yet: try again",
            ),
            HostError::Recovering { .. } => Self::new(StatusCode::SERVICE_UNAVAILABLE, "recovering", error.to_string()),
            HostError::Engine(_) | HostError::Store(_) | HostError::Unrepeatable { .. } | HostError::Stopped => {
                Self::unavailable(error.to_string())
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, request, is_busy) = (self.status, self.request, self.code == BUSY);
        let mut response = (status, Json(self)).into_response();
        if let Some(id) = request {
            let id = HeaderValue::try_from(id.to_string()).expect("it is visible ASCII");
            response.headers_mut().insert(REQUEST_ID, id);
        }
        if is_busy {
            response.headers_mut().insert(RETRY_AFTER, RETRY_AFTER_SECONDS.into());
        }
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if status == StatusCode::METHOD_NOT_ALLOWED {
            // The router has already set the header.
            response.headers_mut().remove(ALLOW);
        }
        response
    }
}
