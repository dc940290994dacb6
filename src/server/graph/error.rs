//! Every error of a request, with its status, code and message in Graph. Must not write JSON.

use axum::http::StatusCode;

use crate::engine::EngineError;
use crate::host::HostError;
use crate::rules::service::message::Reason;
use crate::server::http::{BodyError, Exhausted, NotUtf8, RETRY_AFTER_SECONDS, WorkError};
use crate::server::identity::Distrust;
use crate::server::odata::{Mistake, QueryError};

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum GraphError {
    /// The request is invalid.
    Bad {
        /// A sentence that says what is wrong.
        message: String,
    },
    /// A batch of too many requests.
    BatchTooLong {
        /// The limit.
        max: usize,
    },
    /// A path that matches no route.
    NoSegment {
        /// The first unknown segment.
        segment: String,
    },
    /// A path without a known edition.
    NoEdition {
        /// What is there instead.
        edition: String,
    },
    /// An invalid query option.
    Query(QueryError),
    /// There is no trusted token.
    Distrusted(Distrust),
    /// The application lacks a permission.
    NotGranted {
        /// The permissions of which one is enough.
        enough: String,
    },
    /// The account's role does not permit it (R10–R13).
    NotPermitted,
    /// The object does not exist or is not enrolled.
    NotFound {
        /// Its key, as given.
        what: String,
    },
    /// The method is not allowed.
    Method {
        /// The only allowed method.
        allow: &'static str,
    },
    /// The body is too large.
    TooLarge,
    /// The body arrived too slowly.
    TooSlow,
    /// The content type is not JSON.
    MediaType,
    /// The content coding of the body is not supported.
    Coding {
        /// A sentence that says what is wrong.
        message: String,
    },
    /// The tenant refused the message.
    Refused {
        /// The reason.
        reason: Reason,
        /// For a quota: wall-clock seconds until the next slot is free.
        retry_after: Option<u64>,
    },
    /// Too many requests about managed devices.
    Throttled {
        /// Wall-clock seconds until a request is admitted again.
        retry_after: u64,
    },
    /// A request of a batch depends on a failed one.
    Dependency,
    /// A budget of the server is used up.
    Busy,
    /// The engine does not answer.
    Unavailable,
}

impl GraphError {
    /// An invalid request, with a message.
    pub(crate) fn bad(message: impl Into<String>) -> Self {
        Self::Bad { message: message.into() }
    }

    /// Its HTTP status.
    pub(crate) const fn status(&self) -> StatusCode {
        match self {
            Self::Bad { .. }
            | Self::BatchTooLong { .. }
            | Self::NoSegment { .. }
            | Self::NoEdition { .. }
            | Self::Query(_) => StatusCode::BAD_REQUEST,
            Self::Distrusted(_) => StatusCode::UNAUTHORIZED,
            Self::NotGranted { .. } | Self::NotPermitted => StatusCode::FORBIDDEN,
            Self::NotFound { .. } => StatusCode::NOT_FOUND,
            Self::Method { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::MediaType | Self::Coding { .. } => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Throttled { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Dependency => StatusCode::FAILED_DEPENDENCY,
            Self::Busy | Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Refused { reason, .. } => match reason {
                Reason::Permission | Reason::Scope => StatusCode::FORBIDDEN,
                Reason::EmptyText
                | Reason::TitleTooLong
                | Reason::BodyTooLong
                | Reason::TooManyGroups
                | Reason::UnsupportedTarget => StatusCode::BAD_REQUEST,
                Reason::NotEnrolled => StatusCode::NOT_FOUND,
                Reason::GroupQuota | Reason::DeviceQuota => StatusCode::TOO_MANY_REQUESTS,
            },
        }
    }

    /// Its error code, which differs between Intune and the directory.
    pub(crate) fn code(&self, is_of_intune: bool) -> &'static str {
        if let Self::Query(fault) = self {
            return match fault.mistake {
                Mistake::Syntax | Mistake::Meaning => "BadRequest",
                Mistake::Option => "Request_BadRequest",
                Mistake::Query => "Request_UnsupportedQuery",
            };
        }
        match self.status() {
            StatusCode::BAD_REQUEST if matches!(self, Self::BatchTooLong { .. }) => "MaximumValueExceeded",
            StatusCode::BAD_REQUEST => "BadRequest",
            StatusCode::UNAUTHORIZED => "InvalidAuthenticationToken",
            StatusCode::FORBIDDEN if is_of_intune => "Forbidden",
            StatusCode::FORBIDDEN => "Authorization_RequestDenied",
            StatusCode::NOT_FOUND if is_of_intune => "ResourceNotFound",
            StatusCode::NOT_FOUND => "Request_ResourceNotFound",
            StatusCode::METHOD_NOT_ALLOWED => "MethodNotAllowed",
            StatusCode::PAYLOAD_TOO_LARGE => "RequestEntityTooLarge",
            StatusCode::REQUEST_TIMEOUT => "RequestTimeout",
            StatusCode::UNSUPPORTED_MEDIA_TYPE => "UnsupportedMediaType",
            StatusCode::FAILED_DEPENDENCY => "FailedDependency",
            StatusCode::TOO_MANY_REQUESTS => "TooManyRequests",
            _ => "ServiceUnavailable",
        }
    }

    /// Its message for people.
    pub(crate) fn message(&self) -> String {
        match self {
            Self::Bad { message } | Self::Coding { message } => message.clone(),
            Self::BatchTooLong { max } => {
                format!("Number of batch request steps exceeds the maximum value of {max}.")
            }
            Self::NoSegment { segment } => {
                format!("Resource not found for the segment '{}'.", shown(segment))
            }
            Self::NoEdition { edition } => format!("Invalid version: {}.", shown(edition)),
            Self::Query(fault) => fault.to_string(),
            Self::Distrusted(distrust) => distrust.to_string(),
            Self::NotGranted { enough } => {
                format!(
                    "Application is not authorized to perform this operation. Application must have one of the following scopes: {enough}"
                )
            }
            Self::NotPermitted => refusal(Reason::Permission).to_owned(),
            Self::NotFound { what } => {
                format!(
                    "Resource '{}' does not exist or one of its queried reference-property objects are not present.",
                    shown(what)
                )
            }
            Self::Method { allow } => format!("The requested method is not supported here: use {allow}."),
            Self::TooLarge => "The request is larger than the service takes.".to_owned(),
            Self::TooSlow => "The request did not arrive in time.".to_owned(),
            Self::MediaType => "The body must be sent as application/json.".to_owned(),
            Self::Refused { reason, .. } => refusal(*reason).to_owned(),
            Self::Throttled { .. } => "Too many requests: this tenant or application is throttled.".to_owned(),
            Self::Dependency => "A request that this one depends on has failed.".to_owned(),
            Self::Busy => "The service is busy: nothing was done. Try again later.".to_owned(),
            Self::Unavailable => {
                "The service is not available now; nothing is known of what became of the request.".to_owned()
            }
        }
    }

    /// Seconds to wait before a retry, if a retry can help.
    pub(crate) const fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Refused { retry_after, .. } => *retry_after,
            Self::Throttled { retry_after } => Some(*retry_after),
            Self::Busy => Some(RETRY_AFTER_SECONDS),
            _ => None,
        }
    }
}

impl From<HostError> for GraphError {
    fn from(error: HostError) -> Self {
        match error {
            // Of what was sent a reset leaves nothing, and the others took nothing, so that it may be sent again.
            HostError::Engine(EngineError::Abandoned) | HostError::StoreBusy | HostError::Recovering { .. } => {
                Self::Busy
            }
            HostError::Engine(_)
            | HostError::Over
            | HostError::Unsettled { .. }
            | HostError::Store(_)
            | HostError::Unrepeatable { .. }
            | HostError::NotWhole
            | HostError::WasReset
            | HostError::Stopped => Self::Unavailable,
        }
    }
}

impl From<BodyError> for GraphError {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::TooLarge => Self::TooLarge,
            BodyError::TooSlow => Self::TooSlow,
            BodyError::Busy => Self::Busy,
            BodyError::Coding { .. } => Self::Coding { message: sentence(&error) },
            BodyError::BrokenOff | BodyError::Broken { .. } => Self::Bad { message: sentence(&error) },
        }
    }
}

impl From<Exhausted> for GraphError {
    fn from(Exhausted: Exhausted) -> Self {
        Self::Busy
    }
}

impl From<WorkError> for GraphError {
    fn from(error: WorkError) -> Self {
        match error {
            WorkError::Busy(_) => Self::Busy,
            WorkError::Panicked => Self::Unavailable,
        }
    }
}

impl From<NotUtf8> for GraphError {
    fn from(error: NotUtf8) -> Self {
        Self::Bad { message: sentence(&error) }
    }
}

impl From<QueryError> for GraphError {
    fn from(fault: QueryError) -> Self {
        Self::Query(fault)
    }
}

const fn refusal(reason: Reason) -> &'static str {
    match reason {
        Reason::Permission => "The account's role does not permit sending this kind of notification.",
        Reason::Scope => "A target lies outside the scope groups of the account's role assignment.",
        Reason::EmptyText => "Title and body must not be empty or white space.",
        Reason::TitleTooLong => "A title has at most 50 characters.",
        Reason::BodyTooLong => "A body has at most 500 characters.",
        Reason::TooManyGroups => "A notification addresses at most 25 groups directly.",
        Reason::NotEnrolled => "The device is not enrolled.",
        Reason::UnsupportedTarget => "The device's platform or enrolment does not support custom notifications.",
        Reason::GroupQuota => "At most 25 notifications an hour go to groups of this tenant.",
        Reason::DeviceQuota => "At most 10 notifications an hour go to the same device.",
    }
}

/// An error's text in Graph's style: with a capital letter and a full stop.
fn sentence(error: &dyn std::error::Error) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).chain(['.']).collect()
}

/// A text of the client's, cut to a readable length.
pub(crate) fn shown(word: &str) -> String {
    word.chars().take(80).collect()
}
