//! Who may call what in the control API: the token is checked before the route, its role before the action, and actions
//! and refusals are recorded. Must not answer a request itself.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use uuid::Uuid;

use super::preview;
use super::problem::Problem;
use super::tenant_handle::Control;
use crate::server::audit::{AuditEntry, AuditEvent, AuditOutcome, PendingEntry};
use crate::server::http::read_off;
use crate::server::identity::{ClientSubject, ControlHolder, ControlRole, FailureKey, Peer};

/// The id that the server assigns to a request, as in the Graph API.
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");

/// The role that a request needs: what only reads is for both.
fn needed(method: &Method, path: &str) -> ControlRole {
    match *method {
        Method::GET | Method::HEAD => ControlRole::Read,
        // A forecast has a body, and changes nothing.
        Method::POST if path == preview::PATH => ControlRole::Read,
        _ => ControlRole::Operate,
    }
}

/// Passes a request on if its token permits it.
pub(super) async fn check(State(control): State<Arc<Control>>, request: Request, next: Next) -> Response {
    let (needed, holder) = (needed(request.method(), request.uri().path()), holder(&control, &request));
    match pass(&control, holder, needed, request, next).await {
        Ok(response) => response,
        Err((request, problem)) => {
            read_off(Some(request.into_body())).await;
            problem.into_response()
        }
    }
}

/// Passes a request on if the role of its holder permits it, with an id in the answer. What changes something and what is
/// refused is recorded.
///
/// # Errors
/// The request that is refused, with the reason.
pub(crate) async fn pass(
    control: &Control,
    holder: Option<ControlHolder>,
    needed: ControlRole,
    request: Request,
    next: Next,
) -> Result<Response, (Request, Problem)> {
    let id = Uuid::new_v4();
    let peer = request.extensions().get::<Peer>().copied();
    let mut entry = AuditEntry {
        request_id: Some(id),
        peer,
        certificate: request.extensions().get().map(ClientSubject::to_string),
        method: Some(request.method().to_string()),
        ..AuditEntry::new(AuditEvent::Control)
    };
    entry.set_path(request.uri().path());
    let Some(ControlHolder { name, role }) = holder else {
        // A flood of wrong tokens must not push the record out of its files.
        if control.may_record_refusal(FailureKey::Tokens(peer)) {
            control.audit().record(&AuditEntry { status: Some(401), ..entry }.refused("unauthorized"));
        }
        return Err((request, Problem::unauthorized().of_request(id)));
    };
    entry = AuditEntry { operator: Some(name), role: Some(role.name()), ..entry };
    if !role.permits(needed) {
        control.audit().record(&AuditEntry { status: Some(403), ..entry }.refused("forbidden"));
        return Err((request, Problem::forbidden().of_request(id)));
    }
    let mut response = match needed {
        ControlRole::Read => next.run(request).await,
        ControlRole::Operate => recorded(control, entry, next.run(request)).await,
    };
    let id = HeaderValue::try_from(id.to_string()).expect("it is visible ASCII");
    response.headers_mut().insert(REQUEST_ID, id);
    Ok(response)
}

/// Records an action and what it came to.
async fn recorded(control: &Control, entry: AuditEntry, action: impl Future<Output = Response>) -> Response {
    let mut pending = PendingEntry::begin(control.audit(), entry);
    let mut response = action.await;
    let status = response.status();
    if let Some(SendNote { account, recipients, message }) = response.extensions_mut().remove() {
        let entry = pending.entry();
        entry.account = Some(account);
        entry.set_targets(recipients);
        entry.set_messages(message);
    }
    pending.entry().status = Some(status.as_u16());
    // A form that was done is answered by another page.
    let is_done = status.is_success() || status.is_redirection();
    pending.settle(if is_done { AuditOutcome::Done } else { AuditOutcome::Refused });
    response
}

/// What an answer tells the record of a send: the account, the ids of the recipients, the message if it was accepted.
#[derive(Clone, Debug)]
pub(crate) struct SendNote {
    pub(crate) account: String,
    pub(crate) recipients: Vec<Uuid>,
    pub(crate) message: Option<u32>,
}

/// The holder of a request's token.
fn holder(control: &Control, request: &Request) -> Option<ControlHolder> {
    let header = request.headers().get(AUTHORIZATION).and_then(|header| header.to_str().ok()).unwrap_or("");
    let is_bearer = header.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("bearer "));
    let token = header.get(7..).filter(|_| is_bearer)?;
    control.tokens().holder(token.trim()).cloned()
}
