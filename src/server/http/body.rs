//! Reads the body of a request: waits for it, counts it and decodes it, each within a limit. Must not parse what is
//! inside.

use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::HeaderMap;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

use super::coding::{ACCEPTED, Coding, CodingError};
use super::limits::{REST_BYTES_MAX, REST_WAIT_MAX};
use crate::clock::within;

/// Why a body cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BodyError {
    /// It is longer than the limit, either as received or once decoded.
    #[error("the body is too long")]
    TooLarge,
    /// It did not arrive in time.
    #[error("the body did not arrive in time")]
    TooSlow,
    /// The connection ended first.
    #[error("the body broke off")]
    BrokenOff,
    /// Its `Content-Encoding` is not supported.
    #[error("a body may be coded as {ACCEPTED}, one at a time, and not as `{coding}`")]
    Coding {
        /// The value of the header.
        coding: String,
    },
    /// It is not coded as its header says, or is cut off.
    #[error("the body is not {coding}, as its Content-Encoding says, or is cut off")]
    Broken {
        /// The coding that the header names.
        coding: &'static str,
    },
}

/// The whole body, decoded, if it arrives within `wait_max` and neither the received nor the decoded form is longer
/// than `bytes_max`.
///
/// It is decoded in one go once it has arrived, so that a decoder's buffers exist only while a thread works on them.
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

/// Reads an unused body if it is short and arrives soon. Otherwise the connection would end with this answer, and a
/// client that sends head and body separately would only notice at its next request.
pub(crate) async fn read_off(body: Option<Body>) {
    if let Some(body) = body {
        // A longer or later body ends the connection.
        let _ = within(REST_WAIT_MAX, to_bytes(body, REST_BYTES_MAX)).await;
    }
}
