//! How far a hosted tenant has come with what its store had. Must not do it.

use tokio::sync::watch;

use super::error::HostError;

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
