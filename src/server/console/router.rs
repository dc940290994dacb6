//! The routes of the console. Every request must go through the gate, and get an answer in time.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};

use super::phrase::Phrase;
use super::state::Console;
use super::visit::language_of;
use super::{assets, device, devices, faults, frame, gate, messages, overview, phone, scenario, sign_in, steps};
use crate::clock::within;
use crate::server::http::{self, hold, read_off};

/// The address of the console on its listener.
pub(super) const BASE: &str = "/_reveille/console";
/// How long an answer may take to begin: a jump of the clock through a long history.
const ANSWER_WAIT_MAX: Duration = Duration::from_mins(2);

/// The console behind a listener.
pub fn service(console: Arc<Console>) -> Router {
    let of_tenant = |page: &str| format!("{BASE}/{{tenant}}{page}");
    let of_all = |page: &str| format!("{BASE}{page}");
    Router::new()
        .route(&of_tenant("/"), get(overview::show))
        .route(&of_tenant("/clock"), post(overview::clock))
        .route(&of_tenant("/messages"), get(messages::list))
        .route(&of_tenant("/messages/{message}"), get(messages::one))
        .route(&of_tenant("/messages/{message}/phones"), get(messages::phones))
        .route(&of_tenant("/send"), get(steps::begin).post(steps::back))
        .route(&of_tenant("/send/assignments"), post(steps::assignments))
        .route(&of_tenant("/send/review"), post(steps::review))
        .route(&of_tenant("/send/create"), post(steps::create))
        .route(&of_tenant("/devices"), get(devices::list))
        .route(&of_tenant("/devices/{device}"), get(device::one))
        .route(&of_tenant("/devices/{device}/send"), get(device::form).post(device::send))
        .route(&of_tenant("/devices/{device}/phone"), get(phone::show))
        .route(&of_tenant("/devices/{device}/phone/dismiss"), post(phone::dismiss))
        .route(&of_tenant("/devices/{device}/why/{message}"), get(phone::why))
        .route(&of_tenant("/faults"), get(faults::list).post(faults::start))
        .route(&of_tenant("/faults/stop"), post(faults::stop))
        .route(&of_tenant("/scenario"), get(scenario::show))
        .route(&of_tenant("/{*rest}"), get(missing))
        .route(BASE, get(|| async { see(&format!("{BASE}/")) }))
        .route(&of_all("/"), get(sign_in::home))
        .route(&of_all("/sign-in"), get(sign_in::ask).post(sign_in::sign_in))
        .route(&of_all("/sign-out"), post(sign_in::sign_out))
        .route(&of_all("/enter/{link}"), get(sign_in::enter))
        .route(&of_all("/language/{code}"), get(sign_in::language))
        .route(&of_all("/assets/{name}"), get(assets::asset))
        .route(&of_all("/{other}"), get(missing))
        .method_not_allowed_fallback(missing)
        .layer(middleware::from_fn_with_state(Arc::clone(&console), gate::pass))
        .layer(middleware::from_fn_with_state(Arc::clone(&console), in_time))
        .layer(middleware::from_fn(gate::headers))
        .layer(DefaultBodyLimit::disable())
        .with_state(console)
}

/// The answer that leads to another page, which is asked for by GET.
pub(super) fn see(to: &str) -> (StatusCode, [(axum::http::HeaderName, String); 1]) {
    (StatusCode::SEE_OTHER, [(LOCATION, to.to_owned())])
}

async fn missing(headers: HeaderMap) -> Response {
    let language = language_of(&headers);
    frame::bare(language, StatusCode::NOT_FOUND, Phrase::NotThere, language.say(Phrase::NoSuchPage))
}

async fn in_time(State(console): State<Arc<Console>>, request: Request, next: Next) -> Response {
    let language = language_of(request.headers());
    let refuse = |status, why: &str| frame::bare(language, status, Phrase::CannotBeShown, why);
    if let Err(error) = http::utf8(request.uri().query().unwrap_or("")) {
        read_off(Some(request.into_body())).await;
        return refuse(StatusCode::BAD_REQUEST, &error.to_string());
    }
    let Some(response) = within(ANSWER_WAIT_MAX, next.run(request)).await else {
        return refuse(StatusCode::SERVICE_UNAVAILABLE, "it takes too long: ask for less");
    };
    let held = hold(response, &console.control.budgets().control_answers);
    held.unwrap_or_else(|_| StatusCode::SERVICE_UNAVAILABLE.into_response())
}
