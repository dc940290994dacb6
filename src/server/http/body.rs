//! The body of a request: waited for, counted and decoded, each within a limit. Knows no format of what is inside.

use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::HeaderMap;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

use super::coding::{ACCEPTED, Coding, CodingError};
use super::limits::{REST_BYTES_MAX, REST_WAIT_MAX};
use crate::clock::within;

/// Why there is no body.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BodyError {
    /// It is longer than the limit, as it came or as it is decoded.
    #[error("the body is too long")]
    TooLarge,
    /// It did not arrive in time.
    #[error("the body did not arrive in time")]
    TooSlow,
    /// The connection ended first.
    #[error("the body broke off")]
    BrokenOff,
    /// It is coded in a way that is not read.
    #[error("a body may be coded as {ACCEPTED}, one at a time, and not as `{coding}`")]
    Coding {
        /// What its header says.
        coding: String,
    },
    /// It is not coded as it says, or is cut off.
    #[error("the body is not {coding}, as its Content-Encoding says, or is cut off")]
    Broken {
        /// What its header says.
        coding: &'static str,
    },
}

/// The whole body, decoded, if it comes within `wait_max` and neither form is longer than `bytes_max`.
///
/// It is decoded when it is there, in one go: a decoder, which has room of its own, lasts no longer than a thread is at it.
pub(crate) async fn read(
    body: Body,
    headers: &HeaderMap,
    bytes_max: usize,
    wait_max: Duration,
) -> Result<Bytes, BodyError> {
    let coding = Coding::of(headers).map_err(of_coding)?;
    let collected = within(wait_max, Limited::new(body, bytes_max).collect()).await.ok_or(BodyError::TooSlow)?;
    let collected = collected.map_err(|error| {
        if error.downcast_ref::<LengthLimitError>().is_some() { BodyError::TooLarge } else { BodyError::BrokenOff }
    })?;
    let bytes = collected.to_bytes();
    if coding == Coding::Identity || bytes.is_empty() {
        return Ok(bytes);
    }
    coding.decode(&bytes, bytes_max).map(Bytes::from).map_err(of_coding)
}

fn of_coding(error: CodingError) -> BodyError {
    match error {
        CodingError::Unsupported(coding) => BodyError::Coding { coding },
        CodingError::TooLarge => BodyError::TooLarge,
        CodingError::Broken(coding) => BodyError::Broken { coding: coding.name() },
    }
}

/// Reads what is not used of a body, if it is short and comes soon: otherwise the connection would end with this answer, and a
/// client that sends head and body one after the other would find out with its next request.
pub(crate) async fn read_off(body: Option<Body>) {
    if let Some(body) = body {
        // What is longer or later ends the connection.
        let _ = within(REST_WAIT_MAX, to_bytes(body, REST_BYTES_MAX)).await;
    }
}
