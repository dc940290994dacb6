//! A thread for a shard and the actors of its phones, so that their data stays in one core's cache and their messages cross no
//! core. Must not know what runs on it.

use std::io;

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

use crate::clock::Beat;

/// The thread of a shard. It ends soon after this is dropped, when its last task has ended.
pub(crate) struct ShardThread {
    handle: Handle,
    /// Dropping it tells the thread to end.
    _dropped: oneshot::Sender<()>,
}

impl ShardThread {
    /// Starts a thread.
    ///
    /// # Errors
    /// The system's, if it cannot start one more.
    pub(crate) async fn start(shard: u32) -> io::Result<Self> {
        let (dropped, is_dropped) = oneshot::channel::<()>();
        let (begin, begun) = oneshot::channel();
        let serve = move || {
            let runtime = Builder::new_current_thread().enable_time().build();
            // The receiver waits below, so it is there.
            let _ = begin.send(runtime.as_ref().map(|runtime| runtime.handle().clone()).map_err(io::Error::kind));
            let Ok(runtime) = runtime else { return };
            runtime.block_on(async {
                // No value is ever sent.
                let _ = is_dropped.await;
                let mut beat = Beat::start();
                while Handle::current().metrics().num_alive_tasks() > 0 {
                    beat.next().await;
                }
            });
        };
        std::thread::Builder::new().name(format!("shard-{shard}")).spawn(serve).map_err(|error| {
            let shards = shard + 1;
            io::Error::other(format!("no thread for each of {shards} shards ({error}): ask for fewer with --shards"))
        })?;
        let handle = begun.await.expect("the thread reports its start")?;
        Ok(Self { handle, _dropped: dropped })
    }

    /// Runs a future on it; actors that the future spawns stay there.
    pub(crate) async fn run<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> T {
        self.handle.spawn(work).await.expect("work on a shard's thread neither panics nor is cancelled")
    }
}
