//! How a listener stops: no new connections, and a short time for the answers under way. Must not open anything.

use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::limits::STOP_WAIT_MAX;
use crate::clock::within;

/// The state of a listener's task: whether it is to stop, and which connections are under way.
pub(super) struct Drain {
    stopped: watch::Receiver<bool>,
    under_way: GracefulShutdown,
}

impl Drain {
    /// A new one, with the sender that stops it.
    pub(super) fn new() -> (watch::Sender<bool>, Self) {
        let (stop, stopped) = watch::channel(false);
        (stop, Self { stopped, under_way: GracefulShutdown::new() })
    }

    /// Ends when the listener is to stop.
    pub(super) fn stopped(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut stopped = self.stopped.clone();
        async move {
            // Dropping the listener stops it as well.
            let _ = stopped.wait_for(|stop| *stop).await;
        }
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
pub(super) async fn stop(stop: watch::Sender<bool>, task: JoinHandle<()>) {
    stop.send_replace(true);
    // It has ended by itself if it panicked, which has been reported.
    let _ = task.await;
}
