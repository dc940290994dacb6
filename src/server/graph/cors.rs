//! CORS: answers preflight requests and marks answers as readable by pages of every origin, as Graph does. This must
//! not grant access: a call still needs its token.

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
/// The headers that a page may send, if it does not list any: a star does not cover `Authorization`.
const HEADERS: HeaderValue = HeaderValue::from_static(
    "Authorization, Content-Type, Content-Encoding, Accept, ConsistencyLevel, Prefer, client-request-id, SdkVersion",
);
/// The headers of an answer that a page may read.
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "ETag, Location, Preference-Applied, Content-Range, request-id, client-request-id, ReadWriteConsistencyToken, Retry-After, \
     SdkVersion, WWW-Authenticate, x-ms-client-gcc-tenant",
);
/// How long a browser may cache the answer to a preflight, in seconds.
const MAX_AGE: HeaderValue = HeaderValue::from_static("600");

/// Did a browser send the request for a page? Other clients send no origin.
pub(crate) fn is_of_page(headers: &HeaderMap) -> bool {
    headers.contains_key(ORIGIN)
}

/// Is it a preflight request, which has no token?
pub(crate) fn is_preflight(method: &Method, headers: &HeaderMap) -> bool {
    *method == Method::OPTIONS && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

/// Answers a preflight: any method, and the requested headers.
pub(crate) fn allow(request: &HeaderMap, answer: &mut HeaderMap) {
    answer.insert(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    let wanted = request.get(ACCESS_CONTROL_REQUEST_HEADERS).cloned();
    answer.insert(ACCESS_CONTROL_ALLOW_HEADERS, wanted.unwrap_or(HEADERS));
    answer.insert(ACCESS_CONTROL_MAX_AGE, MAX_AGE);
}

/// Lets pages of any origin read an answer.
pub(crate) fn share(answer: &mut HeaderMap) {
    answer.insert(ACCESS_CONTROL_ALLOW_ORIGIN, ANY);
    answer.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
}
