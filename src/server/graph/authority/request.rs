//! One request to the authority. Must contain data only.

use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};

use crate::server::graph::answer::Ids;
use crate::server::identity::{Denial, Fields};

/// One request to the authority.
pub(crate) struct Request<'a> {
    pub(crate) parts: &'a Parts,
    /// The scheme and authority by which the client reached the server.
    pub(crate) origin: &'a str,
    /// The body.
    pub(crate) form: &'a [u8],
    /// When it arrived, in Unix seconds.
    pub(crate) now: u64,
    pub(crate) ids: &'a Ids,
}

impl Request<'_> {
    /// The parameters: of the body for a POST, otherwise of the query.
    pub(super) fn fields(&self) -> Result<Fields, Denial> {
        if self.is_post() { Fields::parse(self.form) } else { self.query() }
    }

    /// The parameters of the query.
    pub(super) fn query(&self) -> Result<Fields, Denial> {
        Fields::parse(self.parts.uri.query().unwrap_or_default().as_bytes())
    }

    pub(super) fn is_post(&self) -> bool {
        self.parts.method == Method::POST
    }

    pub(super) fn headers(&self) -> &HeaderMap {
        &self.parts.headers
    }

    pub(super) fn path(&self) -> &str {
        self.parts.uri.path()
    }
}
