//! One request, alone or inside a batch, with its route. Must contain data only.

use std::sync::Arc;

use serde_json::Value;

use super::answer::Ids;
use super::call_entry::CallEntry;
use super::route::{Edition, Route};
use crate::server::http::Budgets;
use crate::server::identity::Bearer;
use crate::server::odata::Consistency;

/// A request to answer.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) edition: Edition,
    pub(crate) route: Route,
    /// The options of the query, decoded, in order.
    pub(crate) options: Vec<(String, String)>,
    /// Its header `ConsistencyLevel`.
    pub(crate) consistency: Consistency,
    pub(crate) body: Body,
    pub(crate) bearer: Arc<Bearer>,
    pub(crate) ids: Ids,
    /// The scheme and authority by which the client reached the server.
    pub(crate) origin: Arc<str>,
    /// The path as it was requested.
    pub(crate) path: Arc<str>,
    /// What this request and all others may use together.
    pub(crate) budgets: Arc<Budgets>,
    /// Its entry in the audit log.
    pub(crate) entry: CallEntry,
}

/// The body of a request.
#[derive(Clone, Debug, Default)]
pub(crate) enum Body {
    /// Nothing.
    #[default]
    Nothing,
    /// Bytes that are not parsed yet.
    Bytes(axum::body::Bytes),
    /// JSON, for a request inside a batch.
    Json(Value),
}

impl Call {
    /// The options as pairs of texts.
    pub(crate) fn options(&self) -> impl Iterator<Item = (&str, &str)> {
        self.options.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}
