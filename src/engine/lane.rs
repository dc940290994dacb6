//! A thread for a shard and the actors of its phones: what one of them has touched is near when the next wants it, and no word between
//! them goes to another core. Decides nothing.

use std::io;

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

use crate::clock::Beat;

/// See the file. It ends soon after it is dropped, when everybody on it has come to an end.
pub(crate) struct Lane {
    handle: Handle,
    /// Says by its end that the lane is not wanted any more.
    _dropped: oneshot::Sender<()>,
}

impl Lane {
    /// Starts one.
    ///
    /// # Errors
    /// The system's, if it has no thread left.
    pub(super) fn start(shard: u32) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_time().build()?;
        let (dropped, is_dropped) = oneshot::channel::<()>();
        let handle = runtime.handle().clone();
        let serve = move || {
            runtime.block_on(async {
                // It is never told anything.
                let _ = is_dropped.await;
                let mut beat = Beat::start();
                while Handle::current().metrics().num_alive_tasks() > 0 {
                    beat.next().await;
                }
            });
        };
        match std::thread::Builder::new().name(format!("shard-{shard}")).spawn(serve) {
            Ok(_) => Ok(Self { handle, _dropped: dropped }),
            Err(error) => {
                let shards = shard + 1;
                Err(io::Error::other(format!(
                    "no thread for each of {shards} shards ({error}): ask for fewer with --shards"
                )))
            }
        }
    }

    /// Does this on it: whoever is spawned by that stays there.
    pub(super) async fn run<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> T {
        self.handle.spawn(work).await.expect("what is done on a lane neither panics nor is given up")
    }
}
