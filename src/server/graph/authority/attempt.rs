//! What becomes known of a sign-in while it is judged: for the record, and to count failures. Must not contain a secret,
//! or a name that is not known to be a client's or an account's: people type passwords into the wrong field.

use std::sync::{Mutex, PoisonError};

use uuid::Uuid;

use crate::server::identity::FailureKey;

/// A sign-in.
#[derive(Debug, Default)]
pub(super) struct SignInAttempt(Mutex<AttemptFacts>);

/// What is known of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct AttemptFacts {
    /// The tenant.
    pub(super) tenant: Option<Uuid>,
    /// The grant, or the step of a sign-in.
    pub(super) grant: Option<&'static str>,
    /// A registered client.
    pub(super) client: Option<String>,
    /// An account of the tenant.
    pub(super) account: Option<String>,
    /// A code was wrong, and the page is shown again.
    pub(super) is_wrong_guess: bool,
}

impl SignInAttempt {
    pub(super) fn at(&self, tenant: Uuid) {
        self.change(|known| known.tenant = Some(tenant));
    }

    pub(super) fn by(&self, grant: &'static str) {
        self.change(|known| known.grant = Some(grant));
    }

    pub(super) fn of_client(&self, client: &str) {
        self.change(|known| known.client = Some(client.to_owned()));
    }

    pub(super) fn of_account(&self, account: &str) {
        self.change(|known| known.account = Some(account.to_owned()));
    }

    pub(super) fn guessed_wrong(&self) {
        self.change(|known| known.is_wrong_guess = true);
    }

    pub(super) fn known(&self) -> AttemptFacts {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn change(&self, change: impl FnOnce(&mut AttemptFacts)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl AttemptFacts {
    /// Those whose failure it is if the sign-in fails, beside the peer.
    pub(super) fn failure_keys(&self) -> Vec<FailureKey> {
        let Some(tenant) = self.tenant else { return Vec::new() };
        let client = self.client.clone().map(|client| FailureKey::Client(tenant, client));
        let account = self.account.clone().map(|account| FailureKey::Account(tenant, account));
        // A wrong password is the account's failure, not its client's, which may be used by everyone.
        account.or(client).into_iter().collect()
    }
}
