//! Asks the server to read clients, issuers, keys and tokens anew. Must not read a file.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use tokio::sync::{mpsc, oneshot};
use utoipa::ToSchema;

use super::problem::Problem;
use super::tenant_handle::Control;
use crate::server::identity::Rotation;

/// Requests that wait for a reload, at most; one takes milliseconds.
const WAITING_MAX: usize = 16;

/// Its path.
pub(super) const PATH: &str = "/_reveille/reload";

/// What a reload came to.
#[derive(Debug, Serialize, ToSchema)]
pub struct Reloaded {
    /// Whether another key signs tokens from now on.
    new_key: bool,
}

impl Reloaded {
    /// A reload with this rotation of keys.
    pub fn new(rotation: Rotation) -> Self {
        Self { new_key: rotation == Rotation::NewKey }
    }
}

/// A request to reload.
#[derive(Debug)]
pub struct ReloadRequest(oneshot::Sender<Result<Reloaded, String>>);

impl ReloadRequest {
    /// Answers it.
    pub fn answer(self, reloaded: Result<Reloaded, String>) {
        // Its client may be gone.
        let _ = self.0.send(reloaded);
    }
}

/// Requests to reload, for what reads the files.
#[derive(Debug)]
pub struct ReloadRequests(mpsc::Receiver<ReloadRequest>);

impl ReloadRequests {
    /// A queue of requests: where they come from, and where they are taken.
    pub(super) fn new() -> (mpsc::Sender<ReloadRequest>, Self) {
        let (sender, receiver) = mpsc::channel(WAITING_MAX);
        (sender, Self(receiver))
    }

    /// Waits for the next one.
    pub async fn next(&mut self) -> ReloadRequest {
        match self.0.recv().await {
            Some(request) => request,
            None => std::future::pending().await,
        }
    }
}

/// Reads clients, passwords, trusted issuers, keys, control tokens, certificates and web configurations anew, as SIGHUP does.
#[utoipa::path(post, path = "/_reveille/reload", operation_id = "reload", tag = "server", responses((status = 200, body = Reloaded)))]
pub(crate) async fn reload(State(control): State<Arc<Control>>) -> Result<Json<Reloaded>, Problem> {
    let (answer, answered) = oneshot::channel();
    let nothing_reads = || Problem::unavailable("this server reads no files anew: start it again");
    control.reloads().ok_or_else(nothing_reads)?.try_send(ReloadRequest(answer)).map_err(|_| nothing_reads())?;
    match answered.await {
        Ok(Ok(reloaded)) => Ok(Json(reloaded)),
        Ok(Err(error)) => Err(Problem::conflict("reload_failed", format!("nothing is changed: {error}"))),
        Err(_) => Err(nothing_reads()),
    }
}
