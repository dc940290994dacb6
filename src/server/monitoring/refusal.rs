//! The answers to scrapes that are not admitted, or do not fit. Must not decide which.

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;

use crate::metrics::Status;
use crate::server::http::{RETRY_AFTER_SECONDS, Unadmitted};

const PLAIN_TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
/// What a client has to send. A realm is left out, as by Prometheus and its exporters.
const BASIC: HeaderValue = HeaderValue::from_static("Basic");

/// The answer to a request that is not admitted.
pub(super) fn unadmitted(why: Unadmitted) -> (Status, Response) {
    match why {
        Unadmitted::Unauthorized => {
            let text = "a name and its password are needed: HTTP basic authentication\n";
            (Status::Unauthorized, refused(StatusCode::UNAUTHORIZED, text, (WWW_AUTHENTICATE, BASIC)))
        }
        Unadmitted::Slowed(seconds) => {
            let text = "too many wrong passwords came from this address: try again later\n";
            (Status::TooManyRequests, refused(StatusCode::TOO_MANY_REQUESTS, text, (RETRY_AFTER, seconds.into())))
        }
        Unadmitted::Busy => busy("too many passwords are being compared: try again in one second\n"),
    }
}

/// The answer when too much is under way.
pub(super) fn busy(text: &'static str) -> (Status, Response) {
    let wait = (RETRY_AFTER, RETRY_AFTER_SECONDS.into());
    (Status::ServiceUnavailable, refused(StatusCode::SERVICE_UNAVAILABLE, text, wait))
}

fn refused(code: StatusCode, text: &'static str, (name, value): (HeaderName, HeaderValue)) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = code;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, PLAIN_TEXT);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(name, value);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_says_what_the_client_has_to_do() {
        let said = |why| {
            let (status, response) = unadmitted(why);
            assert_eq!(status.name(), response.status().as_str());
            let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
            (response.status().as_u16(), header(WWW_AUTHENTICATE), header(RETRY_AFTER))
        };
        assert_eq!(said(Unadmitted::Unauthorized), (401, Some("Basic".to_owned()), None));
        assert_eq!(said(Unadmitted::Slowed(3)), (429, None, Some("3".to_owned())));
        assert_eq!(said(Unadmitted::Busy), (503, None, Some("1".to_owned())));
    }
}
