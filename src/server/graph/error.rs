//! Everything that can go wrong with a request, and how Graph says it: status, code and words. Writes no JSON.

use axum::http::StatusCode;

use crate::rules::service::message::Reason;
use crate::server::http::{BodyError, NotUtf8};
use crate::server::identity::Distrust;
use crate::server::odata::{Mistake, QueryError};

/// Why a request is not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum GraphError {
    /// The request makes no sense.
    Bad {
        /// What is wrong, as a sentence.
        message: String,
    },
    /// A batch of too many requests.
    BatchTooLong {
        /// How many there may be.
        max: usize,
    },
    /// A path that leads nowhere.
    NoSegment {
        /// The first part that is not known.
        segment: String,
    },
    /// A path without an edition that is known.
    NoEdition {
        /// What stands there instead.
        edition: String,
    },
    /// A query option that is wrong.
    Query(QueryError),
    /// No token that is trusted.
    Distrusted(Distrust),
    /// The application was not granted what this needs.
    NotGranted {
        /// The permissions of which one is enough.
        enough: String,
    },
    /// The account's role does not permit it (R10–R13).
    NotPermitted,
    /// Something that is not there, or not enrolled.
    NotFound {
        /// Its key, as given.
        what: String,
    },
    /// The method is another one.
    Method {
        /// The only one that is right.
        allow: &'static str,
    },
    /// The body is too large.
    TooLarge,
    /// The body came too slowly.
    TooSlow,
    /// The body is no JSON by its own account.
    MediaType,
    /// The body is coded in a way that is not read.
    Coding {
        /// What is wrong, as a sentence.
        message: String,
    },
    /// The tenant refused the message.
    Refused {
        /// Why.
        reason: Reason,
        /// For a quota: seconds of wall time until the next slot is free.
        retry_after: Option<u64>,
    },
    /// Too many requests about managed devices.
    Throttled {
        /// Seconds of wall time until there is room again.
        retry_after: u64,
    },
    /// A request of a batch that another one, which failed, was to come before.
    Dependency,
    /// The engine does not answer.
    Unavailable,
}

impl GraphError {
    /// A request that makes no sense.
    pub(crate) fn bad(message: impl Into<String>) -> Self {
        Self::Bad { message: message.into() }
    }

    /// Its status.
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
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
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

    /// Its code, which differs between Intune and the directory.
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

    /// What is said to people.
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
            Self::Unavailable => {
                "The service is not available now; nothing is known of what became of the request.".to_owned()
            }
        }
    }

    /// After how many seconds to try again, if that helps.
    pub(crate) const fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Refused { retry_after, .. } => *retry_after,
            Self::Throttled { retry_after } => Some(*retry_after),
            _ => None,
        }
    }
}

impl From<BodyError> for GraphError {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::TooLarge => Self::TooLarge,
            BodyError::TooSlow => Self::TooSlow,
            BodyError::Coding { .. } => Self::Coding { message: sentence(&error) },
            BodyError::BrokenOff | BodyError::Broken { .. } => Self::Bad { message: sentence(&error) },
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

/// What an error of ours says, as Graph writes: with a capital and a full stop.
fn sentence(error: &dyn std::error::Error) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).chain(['.']).collect()
}

/// A word of the caller's, cut to a length that can be read.
pub(crate) fn shown(word: &str) -> String {
    word.chars().take(80).collect()
}
