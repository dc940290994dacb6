//! Reads the body of a request: waits for it, counts it against a budget and decodes it, each within a limit. Must not
//! parse what is inside.

use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody as _};
use axum::http::HeaderMap;
use http_body_util::BodyExt as _;

use super::budget::{Budget, Exhausted, RETRY_AFTER_SECONDS};
use super::coding::{ACCEPTED, Coding, CodingError};
use super::limits::{REST_BYTES_MAX, REST_WAIT_MAX};
use crate::clock::within;

/// How many times longer than its coded form a body may be that is not refused: deflate reaches 1,032, and Brotli more
/// for nothing but one character.
const DECODED_TIMES_MAX: usize = 1_100;

/// Why a body cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BodyError {
    /// It is longer than the limit, either as received or once decoded.
    #[error("the body is too long")]
    TooLarge,
    /// All bodies under way together are longer than the budget.
    #[error("the server is busy with other bodies: try again in {RETRY_AFTER_SECONDS} s")]
    Busy,
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

impl From<Exhausted> for BodyError {
    fn from(Exhausted: Exhausted) -> Self {
        Self::Busy
    }
}

/// How a body is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BodyLimits<'b> {
    /// Its bytes at most, as received and as decoded.
    pub(crate) bytes_max: usize,
    /// How long it may take to arrive.
    pub(crate) wait_max: Duration,
    /// What all bodies together may use.
    pub(crate) budget: &'b Budget,
}

/// The whole body, decoded, within the limits. It counts as in use as it arrives, and until the last clone of it is
/// dropped: a client that only announces a body uses nothing.
///
/// It is decoded in one go once it has arrived, so that a decoder's buffers exist only while a thread works on them.
pub(crate) async fn read(body: Body, headers: &HeaderMap, limits: BodyLimits<'_>) -> Result<Bytes, BodyError> {
    let coding = Coding::of(headers).map_err(of_coding)?;
    let bytes = within(limits.wait_max, collect(body, limits)).await.ok_or(BodyError::TooSlow)??;
    if coding == Coding::Identity || bytes.is_empty() {
        return Ok(bytes);
    }
    // The decoded form is not known yet, and both forms are there for a moment.
    let mut share = limits.budget.take(limits.bytes_max.min(bytes.len().saturating_mul(DECODED_TIMES_MAX)) as u64)?;
    let decoded = coding.decode(&bytes, limits.bytes_max).map_err(of_coding)?;
    share.resize(decoded.len() as u64)?;
    Ok(share.hold(Bytes::from(decoded)))
}

async fn collect(mut body: Body, limits: BodyLimits<'_>) -> Result<Bytes, BodyError> {
    let mut share = limits.budget.take(0)?;
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| BodyError::BrokenOff)?.into_data() else { continue };
        let whole = bytes.len() + data.len();
        if whole > limits.bytes_max {
            return Err(BodyError::TooLarge);
        }
        if bytes.is_empty() && body.is_end_stream() {
            // A short body comes in one piece, beside its head: it is not copied.
            share.resize(whole as u64)?;
            return Ok(share.hold(data));
        }
        if whole > bytes.capacity() {
            // Doubles the buffer, up to the limit; what is reserved is what counts.
            let room = (2 * bytes.capacity()).max(whole).min(limits.bytes_max);
            share.resize(room as u64)?;
            bytes.reserve_exact(room - bytes.len());
        }
        bytes.extend_from_slice(&data);
    }
    Ok(share.hold(Bytes::from(bytes)))
}

fn of_coding(error: CodingError) -> BodyError {
    match error {
        CodingError::Unsupported(coding) => BodyError::Coding { coding },
        CodingError::TooLarge => BodyError::TooLarge,
        CodingError::Broken(coding) => BodyError::Broken { coding: coding.name() },
    }
}

/// Reads an unused body if it is short and arrives soon, and keeps none of it. Otherwise the connection would end with
/// this answer, and a client that sends head and body separately would only notice at its next request.
pub(crate) async fn read_off(body: Option<Body>) {
    let Some(mut body) = body else { return };
    // A longer or later body ends the connection.
    let _ = within(REST_WAIT_MAX, async {
        let mut read = 0;
        while let Some(Ok(frame)) = body.frame().await {
            read += frame.data_ref().map_or(0, Bytes::len);
            if read > REST_BYTES_MAX {
                break;
            }
        }
    })
    .await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;
    use axum::http::header::CONTENT_ENCODING;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write as _;

    const MAX: usize = 1 << 20;

    async fn read_of(budget: &Budget, bytes: Vec<u8>, coding: Option<&'static str>) -> Result<Bytes, BodyError> {
        let coding = coding.map(|coding| (CONTENT_ENCODING, HeaderValue::from_static(coding)));
        let limits = BodyLimits { bytes_max: MAX, wait_max: REST_WAIT_MAX, budget };
        read(Body::from(bytes), &coding.into_iter().collect(), limits).await
    }

    #[tokio::test]
    async fn a_body_is_in_use_until_it_is_dropped_and_one_beyond_the_budget_is_refused() {
        let budget = Budget::new(3_000, None);
        let first = read_of(&budget, vec![b'x'; 2_000], None).await.expect("it fits");
        assert_eq!((first.len(), budget.used()), (2_000, 2_000));
        assert_eq!(read_of(&budget, vec![b'x'; 2_000], None).await, Err(BodyError::Busy));
        assert_eq!(budget.used(), 2_000, "what is refused uses nothing");
        drop(first);
        assert_eq!(read_of(&budget, vec![b'x'; MAX + 1], None).await, Err(BodyError::TooLarge));
        assert_eq!(budget.used(), 0);
    }

    #[tokio::test]
    async fn a_decoded_body_counts_as_decoded() {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&vec![0; MAX]).expect("a vector takes all");
        let bomb = encoder.finish().expect("a vector takes all");
        let budget = Budget::new(2 * MAX as u64, None);
        let body = read_of(&budget, bomb.clone(), Some("gzip")).await.expect("it fits");
        assert_eq!((body.len(), budget.used()), (MAX, MAX as u64));
        let small = Budget::new(MAX as u64 / 2, None);
        assert_eq!(read_of(&small, bomb, Some("gzip")).await, Err(BodyError::Busy));
        assert_eq!(small.used(), 0);
    }
}
