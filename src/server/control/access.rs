//! Who may call what in the control API: the token is checked before the route, its role before the action, and actions
//! and refusals are recorded. Must not answer a request itself.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use uuid::Uuid;

use super::problem::Problem;
use super::tenant_handle::Control;
use crate::server::audit::{AuditEntry, AuditEvent, AuditOutcome, PendingEntry};
use crate::server::http::read_off;
use crate::server::identity::{ClientSubject, ControlHolder, ControlRole, FailureKey, Peer};

/// The id that the server assigns to a request, as in the Graph API.
const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");

/// The role that a method needs: what only reads is for both.
fn needed(method: &Method) -> ControlRole {
    match *method {
        Method::GET | Method::HEAD => ControlRole::Read,
        _ => ControlRole::Operate,
    }
}

/// Passes a request on if its token permits it.
pub(super) async fn check(State(control): State<Arc<Control>>, request: Request, next: Next) -> Response {
    let id = Uuid::new_v4();
    let mut response = judged(&control, id, request, next).await;
    let id = HeaderValue::try_from(id.to_string()).expect("it is visible ASCII");
    response.headers_mut().insert(REQUEST_ID, id);
    response
}

async fn judged(control: &Control, id: Uuid, request: Request, next: Next) -> Response {
    let needed = needed(request.method());
    let peer = request.extensions().get::<Peer>().copied();
    let mut entry = AuditEntry {
        request_id: Some(id),
        peer,
        certificate: request.extensions().get().map(ClientSubject::to_string),
        method: Some(request.method().to_string()),
        ..AuditEntry::new(AuditEvent::Control)
    };
    entry.set_path(request.uri().path());
    let Some(ControlHolder { name, role }) = holder(control, &request) else {
        // A flood of wrong tokens must not push the record out of its files.
        if control.may_record_refusal(FailureKey::Tokens(peer)) {
            control.audit().record(&AuditEntry { status: Some(401), ..entry }.refused("unauthorized"));
        }
        return refuse(request, Problem::unauthorized()).await;
    };
    entry = AuditEntry { operator: Some(name), role: Some(role.name()), ..entry };
    if !role.permits(needed) {
        control.audit().record(&AuditEntry { status: Some(403), ..entry }.refused("forbidden"));
        return refuse(request, Problem::forbidden()).await;
    }
    if needed == ControlRole::Read {
        return next.run(request).await;
    }
    let mut pending = PendingEntry::begin(control.audit(), entry);
    let response = next.run(request).await;
    let status = response.status();
    pending.entry().status = Some(status.as_u16());
    pending.settle(if status.is_success() { AuditOutcome::Done } else { AuditOutcome::Refused });
    response
}

/// The holder of a request's token.
fn holder(control: &Control, request: &Request) -> Option<ControlHolder> {
    let header = request.headers().get(AUTHORIZATION).and_then(|header| header.to_str().ok()).unwrap_or("");
    let is_bearer = header.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("bearer "));
    let token = header.get(7..).filter(|_| is_bearer)?;
    control.tokens().holder(token.trim()).cloned()
}

async fn refuse(request: Request, problem: Problem) -> Response {
    read_off(Some(request.into_body())).await;
    problem.into_response()
}
