//! Why the crate's own API gives nothing. Must not log.

use crate::files::texts::Unusable;
use crate::forecast::ForecastError;
use crate::host::{HostError, SwitchError};
use crate::run::RunError;
use crate::scenario::{Diagnostics, Paint};
use crate::server::graph::TenantsError;
use crate::server::http::ListenError;
use crate::server::identity::IdentityError;

/// Why a scenario, a run or a test server gives nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file cannot be read; its path and why.
    #[error("{0}")]
    Unreadable(String),
    /// The scenario is wrong: every diagnostic with file, line, column and remedy.
    #[error("{}", .0.render(Paint::Plain).trim_end())]
    Invalid(Box<Diagnostics>),
    /// The forecast cannot begin.
    #[error(transparent)]
    Forecast(#[from] ForecastError),
    /// The actor engine cannot go on.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The tenant of a test server does not answer.
    #[error(transparent)]
    Host(#[from] HostError),
    /// A fault cannot be started or stopped, or a phone cannot be set; what is wrong with it.
    #[error("{0}")]
    ByHand(String),
    /// No account, device or message has this name or number.
    #[error("{what} `{name}` is unknown; known are: {known}")]
    Unknown {
        /// `account`, `device` or `message`.
        what: &'static str,
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// A span of time cannot be read, such as `1h30m`.
    #[error("`{text}` is no span of time: {why}")]
    Span {
        /// What was given.
        text: String,
        /// Why not.
        why: String,
    },
    /// A test server cannot start.
    #[error("the test server cannot start: {0}")]
    Server(#[from] ServerError),
}

/// Why a test server cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// No port.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// No key.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// No tenant.
    #[error(transparent)]
    Tenants(#[from] TenantsError),
}

impl From<Unusable> for Error {
    fn from(unusable: Unusable) -> Self {
        match unusable {
            Unusable::Unreadable(why) => Self::Unreadable(why),
            Unusable::Invalid(found) => Self::Invalid(found),
            Unusable::Stopped => unreachable!("no stop is handed in"),
        }
    }
}

impl From<SwitchError> for Error {
    fn from(error: SwitchError) -> Self {
        match error {
            SwitchError::Host(error) => Self::Host(error),
            SwitchError::Unreadable(found) => Self::Invalid(Box::new(found)),
            other => Self::ByHand(other.to_string()),
        }
    }
}
