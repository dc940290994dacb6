//! What callers ask of a hosted tenant that has a store: how far it has come with what the store had, where the clock is,
//! whether the store has failed. Must not write to the store.

use tokio::sync::watch;

use super::command::HostCommand;
use super::error::HostError;
use super::hosted_tenant::HostedTenant;
use crate::store::{StoreError, TenantStore};

/// How far it has come.
#[derive(Clone, Debug)]
enum RecoveryState {
    /// So many inputs of so many are done again.
    UnderWay { done: u64, all: u64 },
    /// The tenant takes requests.
    Done,
    /// It never will.
    Failed(HostError),
}

/// How far a tenant has come, for the loop and its callers.
#[derive(Debug)]
pub(crate) struct Recovery(watch::Sender<RecoveryState>);

impl Default for Recovery {
    fn default() -> Self {
        Self(watch::Sender::new(RecoveryState::Done))
    }
}

impl Recovery {
    /// So many inputs of so many are done again.
    pub(super) fn goes_on(&self, done: u64, all: u64) {
        self.0.send_replace(RecoveryState::UnderWay { done, all });
    }

    /// It has ended.
    pub(super) fn ended(&self, result: Result<(), HostError>) {
        self.0.send_replace(match result {
            Ok(()) => RecoveryState::Done,
            Err(error) => RecoveryState::Failed(error),
        });
    }

    /// Inputs that are done again, and all of them, while it goes on.
    pub(super) fn progress(&self) -> Option<(u64, u64)> {
        match *self.0.borrow() {
            RecoveryState::UnderWay { done, all } => Some((done, all)),
            RecoveryState::Done | RecoveryState::Failed(_) => None,
        }
    }

    /// Waits for its end.
    pub(super) async fn wait(&self) -> Result<(), HostError> {
        let mut states = self.0.subscribe();
        let ended = states.wait_for(|state| !matches!(state, RecoveryState::UnderWay { .. })).await;
        match ended.as_deref() {
            Ok(RecoveryState::Failed(error)) => Err(error.clone()),
            // This has the sender, so that it cannot be gone.
            Ok(RecoveryState::Done | RecoveryState::UnderWay { .. }) | Err(_) => Ok(()),
        }
    }
}

impl HostedTenant {
    /// Sets the speed of the clock, in thousandths of a model second per second; 0 stops it. A store, if there is one, knows it then.
    ///
    /// # Errors
    /// Any; the clock has the speed all the same.
    pub async fn set_times(&self, times: u64) -> Result<(), HostError> {
        // At once: a tenant that waits for a stalled phone may wait for this.
        self.clock.set_times(times);
        if self.store.is_some() { self.store_clock().await } else { Ok(()) }
    }

    /// Has the store, if there is one, know where the clock is.
    ///
    /// # Errors
    /// Any.
    pub async fn store_clock(&self) -> Result<(), HostError> {
        self.command(|reply| HostCommand::StoreClock { reply }).await
    }

    /// Inputs of its store that are done again, and all of them, until that is over; requests are refused meanwhile.
    pub fn recovering(&self) -> Option<(u64, u64)> {
        self.shared.recovery.progress()
    }

    /// Waits until everything that its store has is done again.
    ///
    /// # Errors
    /// Why it cannot be done; the tenant never takes requests then.
    pub async fn recovered(&self) -> Result<(), HostError> {
        self.shared.recovery.wait().await
    }

    /// Why its store has failed, if it has one and it has.
    pub fn store_failure(&self) -> Option<StoreError> {
        self.store.as_ref().and_then(TenantStore::failure)
    }
}
