//! The failure of a hosted tenant's engine. The tenant stays: it answers every command with the error, keeps its history, and a
//! reset opens it again. No other tenant notices. Must not decide whether an engine has failed.

use std::time::Duration;

use tokio::sync::{Notify, mpsc, watch};

use super::command::HostCommand;
use super::driver::TenantLoop;
use super::error::HostError;
use super::revisions::SwitchError;
use crate::clock::within;
use crate::engine::EngineError;

/// How long the tenant's actor may take to tell why a shard has died.
const CAUSE_WAIT_MAX: Duration = Duration::from_secs(1);

/// Whether the engine of a tenant has failed, for the loop and its callers.
#[derive(Debug)]
pub(crate) struct EngineFailure {
    error: watch::Sender<Option<EngineError>>,
    abandon: Notify,
}

impl Default for EngineFailure {
    fn default() -> Self {
        Self { error: watch::Sender::new(None), abandon: Notify::new() }
    }
}

impl EngineFailure {
    /// The error, while the engine cannot go on.
    pub(super) fn error(&self) -> Option<EngineError> {
        self.error.borrow().clone()
    }

    /// The error at any time.
    pub(super) fn follow(&self) -> watch::Receiver<Option<EngineError>> {
        self.error.subscribe()
    }

    /// Has the loop give up what it waits for.
    pub(super) fn abandon(&self) {
        self.abandon.notify_one();
    }

    /// Waits until the loop is to give up what it waits for.
    pub(super) async fn abandoned(&self) {
        self.abandon.notified().await;
    }
}

impl TenantLoop {
    /// The engine cannot go on.
    pub(super) async fn fail(&mut self, error: EngineError) {
        let error = self.cause_of(error).await;
        tracing::error!(tenant = self.world.name, %error, "the engine of a tenant cannot go on");
        if let Some(meters) = &self.options.meters {
            meters.engine_failed();
        }
        self.shared.failure.error.send_replace(Some(error));
    }

    /// The first cause of an error: a query of a shard that has died learns only that it is gone, and the tenant's actor knows why.
    async fn cause_of(&self, error: EngineError) -> EngineError {
        if !matches!(error, EngineError::Gone) {
            return error;
        }
        let nothing = self.tenancy.post(self.clock.now(), Vec::new());
        within(CAUSE_WAIT_MAX, nothing).await.and_then(Result::err).unwrap_or(error)
    }

    /// Answers commands with the error until a reset has succeeded; false if no caller is left.
    pub(super) async fn answer_until_reset(&mut self, waiting: &mut mpsc::Receiver<HostCommand>) -> bool {
        while let Some(command) = waiting.recv().await {
            let error = HostError::Engine(self.shared.failure.error().unwrap_or(EngineError::Gone));
            // Callers may have gone.
            match command {
                HostCommand::Post { reply, .. } => drop(reply.send(Err(error))),
                HostCommand::Dismiss { reply, .. } => drop(reply.send(Err(error))),
                HostCommand::StoreClock { reply } => drop(reply.send(Err(error))),
                HostCommand::Advance { reply, .. } => drop(reply.send(Err(error))),
                HostCommand::Switch { reply, .. } => drop(reply.send(Ok(Err(SwitchError::Host(error))))),
                HostCommand::SetPhone { reply, .. } => drop(reply.send(Ok(Err(SwitchError::Host(error))))),
                HostCommand::BeginAgain { restart, taken, reply } => {
                    let _ = taken.send(());
                    match self.begin_again(restart).await {
                        Ok(()) => {
                            self.shared.failure.error.send_replace(None);
                            self.answer(reply, Ok(()));
                            return true;
                        }
                        Err(error) => {
                            self.fail(error.clone()).await;
                            let _ = reply.send(Err(error.into()));
                        }
                    }
                }
            }
        }
        false
    }
}
