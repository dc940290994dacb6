//! What browsers ask before a page of another origin may call Graph, and what they want to see on the answers: as Graph has it, every
//! origin may. Nothing here opens anything: a call needs its token all the same.

use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, ORIGIN,
};
use axum::http::{HeaderMap, HeaderValue, Method};

/// Every origin.
const ANY: HeaderValue = HeaderValue::from_static("*");
/// The methods that a page may use.
const METHODS: HeaderValue = HeaderValue::from_static("GET, POST, PUT, PATCH, DELETE, OPTIONS");
/// The headers that a page may send if it does not say which it wants: a star does not cover `Authorization`.
const HEADERS: HeaderValue = HeaderValue::from_static(
    "Authorization, Content-Type, Content-Encoding, Accept, ConsistencyLevel, Prefer, client-request-id, SdkVersion",
);
/// The headers of an answer that a page may read.
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "ETag, Location, Preference-Applied, Content-Range, request-id, client-request-id, ReadWriteConsistencyToken, Retry-After, \
     SdkVersion, WWW-Authenticate, x-ms-client-gcc-tenant",
);
/// How long a browser need not ask again, in seconds.
const MAX_AGE: HeaderValue = HeaderValue::from_static("600");

/// Does a browser send it for a page? Others name no origin.
pub(crate) fn is_of_page(headers: &HeaderMap) -> bool {
    headers.contains_key(ORIGIN)
}

/// Is it the question before a request, which comes without a token?
pub(crate) fn is_preflight(method: &Method, headers: &HeaderMap) -> bool {
    *method == Method::OPTIONS && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

/// The answer to the question: any method, and the headers that are asked for.
pub(crate) fn allow(asked: &HeaderMap, answer: &mut HeaderMap) {
    answer.insert(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    let wanted = asked.get(ACCESS_CONTROL_REQUEST_HEADERS).cloned();
    answer.insert(ACCESS_CONTROL_ALLOW_HEADERS, wanted.unwrap_or(HEADERS));
    answer.insert(ACCESS_CONTROL_MAX_AGE, MAX_AGE);
}

/// Lets the page of any origin read an answer.
pub(crate) fn share(answer: &mut HeaderMap) {
    answer.insert(ACCESS_CONTROL_ALLOW_ORIGIN, ANY);
    answer.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
}
