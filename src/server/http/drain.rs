//! How a listener stops: no more connections, and a short time for the answers under way. Opens nothing.

use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::limits::STOP_WAIT_MAX;
use crate::clock::within;

/// What a listener's task holds: whether it is to stop, and what is under way.
pub(super) struct Drain {
    stopped: watch::Receiver<bool>,
    under_way: GracefulShutdown,
}

impl Drain {
    /// With the means to stop it.
    pub(super) fn new() -> (watch::Sender<bool>, Self) {
        let (stop, stopped) = watch::channel(false);
        (stop, Self { stopped, under_way: GracefulShutdown::new() })
    }

    /// Ends when the listener is to stop.
    pub(super) fn stopped(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut stopped = self.stopped.clone();
        async move {
            // A listener that is dropped stops as well.
            let _ = stopped.wait_for(|stop| *stop).await;
        }
    }

    /// For one connection more.
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
