//! How a listener stops: no new connections, and a short time for the answers under way. Must not open anything.

use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::limits::STOP_WAIT_MAX;
use crate::clock::within;

/// The state of a listener's task: whether it is to stop, and which connections are under way.
pub(super) struct Drain {
    stop: CancellationToken,
    under_way: GracefulShutdown,
}

impl Drain {
    /// A new one, with the guard that stops it when it is dropped.
    pub(super) fn new() -> (DropGuard, Self) {
        let stop = CancellationToken::new();
        (stop.clone().drop_guard(), Self { stop, under_way: GracefulShutdown::new() })
    }

    /// Ends when the listener is to stop.
    pub(super) fn stopped(&self) -> impl Future<Output = ()> + Send + use<> {
        self.stop.clone().cancelled_owned()
    }

    /// A watcher for one more connection.
    pub(super) fn watcher(&self) -> Watcher {
        self.under_way.watcher()
    }

    /// Waits for the answers under way, less than half a second.
    pub(super) async fn finish(self) {
        within(STOP_WAIT_MAX, self.under_way.shutdown()).await;
    }
}

/// Stops a listener's task and waits until it has ended.
pub(super) async fn stop(stop: DropGuard, task: JoinHandle<()>) {
    drop(stop);
    // It has ended by itself if it panicked, which has been reported.
    let _ = task.await;
}
