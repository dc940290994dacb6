//! The gate of the console: which request comes from its own pages, who is signed in, and what that permits; and the headers
//! of every answer. Must not show a page but that of a refusal.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, LOCATION, ORIGIN, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::frame;
use super::phrase::Phrase;
use super::router::BASE;
use super::state::Console;
use super::visit::language_of;
use crate::server::control::access;
use crate::server::http::read_off;
use crate::server::identity::ControlRole;

/// What the pages may load: nothing from elsewhere, and no script or style within a page.
pub(super) const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/// Which page a browser says that a request comes from.
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// Other headers of every answer.
const HEADERS: [(HeaderName, &str); 6] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    (REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];
/// Paths below the base that are open to those who are not signed in.
const OPEN: [&str; 4] = ["/sign-in", "/enter/", "/assets/", "/language/"];
/// Pages of a tenant that are posted to and change nothing: the steps before a send.
const READING: [&str; 3] = ["send", "send/assignments", "send/review"];

/// Sets the headers of every answer.
pub(super) async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Passes a request on if it comes from the console's own pages and its session permits it.
pub(super) async fn pass(State(console): State<Arc<Console>>, request: Request, next: Next) -> Response {
    let language = language_of(request.headers());
    let is_reading = matches!(*request.method(), Method::GET | Method::HEAD);
    if !is_reading && !is_of_own_page(request.headers()) {
        read_off(Some(request.into_body())).await;
        let why = Phrase::ForeignForm;
        return frame::bare(language, StatusCode::FORBIDDEN, Phrase::NothingWasDone, language.say(why));
    }
    let path = request.uri().path().strip_prefix(BASE).unwrap_or("").to_owned();
    if OPEN.iter().any(|open| path.starts_with(open)) {
        return next.run(request).await;
    }
    let tokens = console.control.tokens();
    let holder = console.sessions.token(request.headers()).and_then(|token| tokens.holder_of(&token).cloned());
    if holder.is_none() && is_reading {
        return ask_to_sign_in(request.headers(), request.uri().path_and_query().map_or(BASE, |path| path.as_str()));
    }
    let changes_nothing =
        is_reading || READING.contains(&path.splitn(3, '/').nth(2).unwrap_or("")) || path == "/sign-out";
    let needed = if changes_nothing { ControlRole::Read } else { ControlRole::Operate };
    let mut request = request;
    if let Some(holder) = &holder {
        request.extensions_mut().insert(holder.clone());
    }
    match access::pass(&console.control, holder, needed, request, next).await {
        Ok(response) => response,
        Err((request, problem)) => {
            read_off(Some(request.into_body())).await;
            let why = match problem.status() {
                StatusCode::UNAUTHORIZED => Phrase::SignedOut,
                _ => Phrase::ReadOnly,
            };
            frame::bare(language, problem.status(), Phrase::NothingWasDone, language.say(why))
        }
    }
}

/// The answer to a request without a session: the page for it, or nothing for what is no page.
fn ask_to_sign_in(headers: &HeaderMap, from: &str) -> Response {
    let wants_page = headers.get(ACCEPT).is_none_or(|accept| accept != "text/event-stream");
    if !wants_page {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let next = form_urlencoded::byte_serialize(from.as_bytes()).collect::<String>();
    (StatusCode::SEE_OTHER, [(LOCATION, format!("{BASE}/sign-in?next={next}"))]).into_response()
}

/// Does a browser say that a form comes from a page of this console? A browser that says nothing of it names the origin, which
/// has the host that the request is for.
fn is_of_own_page(headers: &HeaderMap) -> bool {
    let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    match (text(&FETCH_SITE), text(&ORIGIN), text(&HOST)) {
        (Some(site), ..) => site == "same-origin",
        (None, Some(origin), Some(host)) => {
            let authority = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
            authority.is_some_and(|authority| authority.eq_ignore_ascii_case(host))
        }
        (None, ..) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(headers: &[(HeaderName, &'static str)]) -> bool {
        let headers = headers.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value)));
        is_of_own_page(&headers.collect())
    }

    #[test]
    fn a_form_of_another_page_is_told_from_an_own_one() {
        let (site, host) = (|site| (FETCH_SITE, site), (HOST, "localhost:81"));
        assert!(own(&[site("same-origin"), host.clone()]));
        for other in ["same-site", "cross-site", "none", "", "same-origin, cross-site"] {
            assert!(!own(&[site(other), (ORIGIN, "http://localhost:81"), host.clone()]), "{other}");
        }
        for (origin, is_own) in [
            ("http://localhost:81", true),
            ("https://LOCALHOST:81", true),
            ("http://localhost:82", false),
            ("http://localhost", false),
            ("http://localhost:81.evil.test", false),
            ("null", false),
            ("localhost:81", false),
        ] {
            assert_eq!(own(&[(ORIGIN, origin), host.clone()]), is_own, "{origin}");
        }
        assert!(!own(&[host]), "a program that says nothing is no browser with this page");
    }
}
