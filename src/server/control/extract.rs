//! Extractors for the path, query and body of a request; errors are problems of the control API.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::problem::Problem;
use super::tenant_handle::Control;
use crate::json;
use crate::server::http::{self, BodyLimits};

/// Bytes of a body, at most: more than a whole history takes.
const BODY_BYTES_MAX: usize = 256 << 20;
/// How long a body may take to arrive.
const BODY_WAIT_MAX: Duration = Duration::from_mins(1);

/// The variables of a path.
#[derive(Debug)]
pub(crate) struct PathParams<T>(pub(crate) T);

/// The query.
#[derive(Debug)]
pub(crate) struct QueryParams<T>(pub(crate) T);

/// A JSON body.
#[derive(Debug)]
pub(crate) struct JsonBody<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for PathParams<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Path::from_request_parts(parts, state).await {
            Ok(Path(named)) => Ok(Self(named)),
            Err(rejection) => Err(Problem::bad(rejection.body_text())),
        }
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for QueryParams<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Query::from_request_parts(parts, state).await {
            Ok(Query(query)) => Ok(Self(query)),
            Err(rejection) => Err(Problem::bad(rejection.body_text())),
        }
    }
}

impl<T: DeserializeOwned> FromRequest<Arc<Control>> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, control: &Arc<Control>) -> Result<Self, Problem> {
        let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
        if !kind.split(';').next().unwrap_or("").trim().eq_ignore_ascii_case("application/json") {
            return Err(Problem::media_type());
        }
        let (parts, body) = request.into_parts();
        let budget = &control.budgets().control_bodies;
        let limits = BodyLimits { bytes_max: BODY_BYTES_MAX, wait_max: BODY_WAIT_MAX, budget };
        let bytes = http::read(body, &parts.headers, limits).await;
        let bytes = bytes.map_err(|error| Problem::of_body(&error, BODY_BYTES_MAX))?;
        json::from_slice(&bytes).map(Self).map_err(|error| Problem::bad(format!("the body: {error}")))
    }
}
