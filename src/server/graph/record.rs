//! What of a request of the Graph API goes into the audit log: who sends to whom, by ids and counts. Must not read the
//! text of a message.

use std::sync::{Mutex, OnceLock, PoisonError};

use super::answer::{Answer, Ids};
use super::call::Call;
use super::error::GraphError;
use super::route::Route;
use super::tenant::GraphTenant;
use super::tenants::Tenants;
use crate::host::PostingVerdict;
use crate::rules::service::message::Reason;
use crate::rules::timeline::posting::{Posting, Recipients};
use crate::server::audit::{AuditEntry, AuditEvent, AuditOutcome, PendingEntry};
use crate::server::identity::{Bearer, Distrust, FailureKey};

/// The entry of a call, if it is one that is recorded. It is written when the call is dropped.
#[derive(Debug, Default)]
pub(crate) struct CallEntry(OnceLock<Mutex<PendingEntry>>);

impl CallEntry {
    fn note(&self, change: impl FnOnce(&mut AuditEntry)) {
        if let Some(entry) = self.0.get() {
            change(entry.lock().unwrap_or_else(PoisonError::into_inner).entry());
        }
    }
}

/// Records that a token was not trusted. A request without one is no attempt, and a flood must not push the record out of
/// its files.
pub(super) fn token_refused(tenants: &Tenants, ids: &Ids, distrust: Distrust) {
    if !tenants.audit().is_on() || distrust == Distrust::Missing {
        return;
    }
    let key = FailureKey::Tokens(ids.peer.map(|peer| peer.0));
    if tenants.sign_in().may_try(&key).is_err() {
        return;
    }
    tenants.sign_in().failed(key);
    let entry = AuditEntry {
        request_id: Some(ids.request),
        client_request_id: own_id(ids),
        peer: ids.peer.map(|peer| peer.0),
        ..AuditEntry::new(AuditEvent::TokenRefused)
    };
    tenants.audit().record(&entry.refused(distrust.name()));
}

/// The id that the client gave the request.
pub(crate) fn own_id(ids: &Ids) -> Option<String> {
    ids.client_request.as_ref().and_then(|id| id.to_str().ok()).map(str::to_owned)
}

/// Begins the entry of a call that acts.
pub(super) fn begin(graph_tenant: &GraphTenant, call: &Call) {
    let (event, to) = match &call.route {
        Route::SendToDevice(..) => (AuditEvent::Send, Some("device")),
        Route::SendToGroups => (AuditEvent::Send, Some("groups")),
        Route::Bulk(_) => (AuditEvent::Send, Some("devices")),
        Route::Sync(..) => (AuditEvent::CheckIn, Some("device")),
        _ => return,
    };
    let log = graph_tenant.audit();
    if !log.is_on() {
        return;
    }
    let account = match &*call.bearer {
        Bearer::Account { name, .. } => Some(name.clone()),
        Bearer::App { .. } => None,
    };
    let mut entry = AuditEntry {
        request_id: Some(call.ids.request),
        client_request_id: own_id(&call.ids),
        peer: call.ids.peer.map(|peer| peer.0),
        tenant: Some(graph_tenant.id()),
        client: Some(call.bearer.app().to_owned()),
        account,
        to,
        ..AuditEntry::new(event)
    };
    if let Route::SendToDevice(_, id) | Route::Sync(_, id) = call.route {
        entry.set_targets([id]);
    }
    // A call is begun once.
    let _ = call.entry.0.set(Mutex::new(PendingEntry::begin(log, entry)));
}

/// Notes the targets before they are judged, so that a call whose client goes meanwhile has them.
pub(super) fn targets(graph_tenant: &GraphTenant, call: &Call, postings: &[Posting]) {
    let ids = &graph_tenant.graph_ids;
    call.entry.note(|entry| {
        entry.set_targets(postings.iter().flat_map(|posting| match &posting.recipients {
            Recipients::Device(device) => vec![ids.device(*device)],
            Recipients::Groups(groups) => groups.iter().map(|group| ids.group(*group)).collect(),
        }));
    });
}

/// Notes the accepted messages, and why others were refused.
pub(super) fn verdicts(call: &Call, verdicts: &[PostingVerdict]) {
    call.entry.note(|entry| {
        entry.set_messages(verdicts.iter().filter_map(|verdict| Some(verdict.outcome.ok()?.0)));
        let refusal = verdicts.iter().find_map(|verdict| verdict.outcome.err());
        entry.reason = refusal.map(|refusal| Reason::name(refusal.reason).to_owned());
    });
}

/// Completes the entry of an answered call.
pub(super) fn answered(call: &Call, answer: &Result<Answer, GraphError>) {
    let Some(entry) = call.entry.0.get() else { return };
    let mut pending = entry.lock().unwrap_or_else(PoisonError::into_inner);
    let outcome = match answer {
        Ok(_) => AuditOutcome::Done,
        Err(error) => {
            let entry = pending.entry();
            entry.reason.get_or_insert_with(|| error.code(call.route.is_of_intune()).to_owned());
            AuditOutcome::Refused
        }
    };
    pending.settle(outcome);
}
