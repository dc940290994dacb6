//! A thread for a shard and the actors of its phones: what one of them has touched is near when the next wants it, and no word between
//! them goes to another core. Decides nothing.

use std::io;

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

use crate::clock::Beat;

/// See the file. It ends soon after it is dropped, when everybody on it has come to an end.
pub(crate) struct ShardThread {
    handle: Handle,
    /// Says by its end that the lane is not wanted any more.
    _dropped: oneshot::Sender<()>,
}

impl ShardThread {
    /// Starts one.
    ///
    /// # Errors
    /// The system's, if it has no thread left.
    pub(crate) async fn start(shard: u32) -> io::Result<Self> {
        let (dropped, is_dropped) = oneshot::channel::<()>();
        let (begin, begun) = oneshot::channel();
        let serve = move || {
            let runtime = Builder::new_current_thread().enable_time().build();
            // Who waits for it waits to the end.
            let _ = begin.send(runtime.as_ref().map(|runtime| runtime.handle().clone()).map_err(io::Error::kind));
            let Ok(runtime) = runtime else { return };
            runtime.block_on(async {
                // It is never told anything.
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
        let handle = begun.await.expect("a lane says how it begins")?;
        Ok(Self { handle, _dropped: dropped })
    }

    /// Does this on it: whoever is spawned by that stays there.
    pub(crate) async fn run<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> T {
        self.handle.spawn(work).await.expect("what is done on a lane neither panics nor is given up")
    }
}
