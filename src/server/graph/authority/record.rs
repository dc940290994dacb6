//! What of a sign-in is counted, limited and recorded. Must not see a secret or a code.

use super::attempt::AttemptFacts;
use crate::metrics::SignInOutcome;
use crate::server::audit::{AuditEntry, AuditEvent};
use crate::server::graph::answer::Ids;
use crate::server::graph::tenants::Tenants;
use crate::server::identity::{Denial, Peer};

/// Counts a judged sign-in, remembers a failure, and writes an entry: of every issued token or picked account, and of
/// every refusal. Refusals because of earlier failures are only counted: a flood of them would push the record out of
/// its files.
pub(super) fn judged(tenants: &Tenants, known: &AttemptFacts, ids: &Ids, denial: Option<&Denial>) {
    let is_guess = denial.map_or(known.is_wrong_guess, Denial::is_wrong_guess);
    if is_guess {
        let peer = ids.peer.and_then(Peer::failure_key);
        for key in known.failure_keys().into_iter().chain(peer) {
            tenants.sign_in().failed(key);
        }
    }
    let outcome = match denial {
        Some(Denial::TooManyFailures(_)) => SignInOutcome::Slowed,
        // A program polls until its user has confirmed, and pages are no sign-in before an account is picked.
        Some(Denial::Pending) => return,
        None if known.account.is_none() && known.grant != Some("client_credentials") => return,
        Some(_) => SignInOutcome::Refused,
        None => SignInOutcome::Issued,
    };
    tenants.signed_in(outcome);
    if outcome == SignInOutcome::Slowed {
        return;
    }
    let entry = AuditEntry {
        request_id: Some(ids.request),
        client_request_id: ids.own(),
        peer: ids.peer,
        tenant: known.tenant,
        client: known.client.clone(),
        account: known.account.clone(),
        grant: known.grant,
        ..AuditEntry::new(AuditEvent::SignIn)
    };
    tenants.audit().record(&match denial {
        None => entry,
        Some(denial) => entry.refused(denial.code().to_string()),
    });
}
