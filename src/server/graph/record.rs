//! What of a request of the Graph API goes into the audit log: the sender and the recipients, by ids and counts. Must not
//! read the text of a message.

use super::answer::Answer;
use super::call::Call;
use super::error::GraphError;
use super::route::Route;
use super::tenant::GraphTenant;
use crate::host::PostingVerdict;
use crate::rules::service::message::Reason;
use crate::rules::timeline::posting::{Posting, Recipients};
use crate::server::audit::{AuditEntry, AuditEvent, AuditOutcome, PendingEntry};
use crate::server::identity::Bearer;

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
        client_request_id: call.ids.own(),
        peer: call.ids.peer,
        tenant: Some(graph_tenant.id()),
        client: Some(call.bearer.app().to_owned()),
        account,
        to,
        ..AuditEntry::new(event)
    };
    if let Route::SendToDevice(_, id) | Route::Sync(_, id) = call.route {
        entry.set_targets([id]);
    }
    call.entry.begin(PendingEntry::begin(log, entry));
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
    match answer {
        Ok(_) => call.entry.settle(AuditOutcome::Done),
        Err(error) => {
            let code = error.code(call.route.is_of_intune());
            call.entry.note(|entry| {
                entry.reason.get_or_insert_with(|| code.to_owned());
            });
            call.entry.settle(AuditOutcome::Refused);
        }
    }
}
