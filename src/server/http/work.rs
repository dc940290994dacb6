//! Work that takes a thread for a while: as many pieces at once as there are processors, a bounded number behind them,
//! and none for a client that has gone. Must not know what the work is.

use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::budget::{Budget, Exhausted};

/// The threads for such work.
#[derive(Debug)]
pub(crate) struct WorkPool {
    threads: Arc<Semaphore>,
    tasks: Budget,
}

/// Whether the caller of a piece of work has gone; the work looks at it often, and returns anything then.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cancelled(CancellationToken);

/// Why there is no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum WorkError {
    /// Too much is queued already.
    #[error(transparent)]
    Busy(#[from] Exhausted),
    /// It panicked, which has been reported.
    #[error("it could not be computed")]
    Panicked,
}

impl Cancelled {
    /// The caller has gone.
    #[cfg(test)]
    pub(crate) fn set(&self) {
        self.0.cancel();
    }

    /// The same for work of modules that know nothing of callers.
    pub(crate) const fn token(&self) -> &CancellationToken {
        &self.0
    }

    /// Has the caller gone?
    pub(crate) fn is_set(&self) -> bool {
        self.0.is_cancelled()
    }
}

impl WorkPool {
    pub(super) fn new(threads: usize, tasks: Budget) -> Self {
        Self { threads: Arc::new(Semaphore::new(threads)), tasks }
    }

    /// The result of `work`, on a thread of its own. If this future is dropped, work that has not begun never begins, and
    /// work under way is told.
    ///
    /// # Errors
    /// See [`WorkError`].
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Cancelled) -> T + Send + 'static,
    ) -> Result<T, WorkError> {
        let share = self.tasks.take(1)?;
        let cancelled = Cancelled::default();
        let _guard = cancelled.0.clone().drop_guard();
        let thread = Arc::clone(&self.threads).acquire_owned().await.expect("the semaphore is never closed");
        let done = tokio::task::spawn_blocking(move || {
            let done = work(&cancelled);
            drop((thread, share));
            done
        });
        done.await.map_err(|_| WorkError::Panicked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    #[tokio::test]
    async fn work_ends_with_its_caller_and_what_is_queued_never_begins() {
        let pool = Arc::new(WorkPool::new(1, Budget::new(2, None)));
        let (begun, has_begun) = channel();
        let (ended, has_ended) = channel();
        let first = Arc::clone(&pool);
        let first = tokio::spawn(async move {
            first
                .run(move |cancelled| {
                    begun.send(()).expect("the test listens");
                    while !cancelled.is_set() {
                        std::thread::yield_now();
                    }
                    ended.send(()).expect("the test listens");
                })
                .await
        });
        tokio::task::spawn_blocking(move || has_begun.recv()).await.expect("no panic").expect("it begins");
        let (never, is_never) = channel::<()>();
        let second = Arc::clone(&pool);
        let second = tokio::spawn(async move { second.run(move |_| never.send(())).await.map(drop) });
        while pool.tasks.used() < 2 {
            tokio::task::yield_now().await;
        }
        assert_eq!(pool.run(|_| ()).await, Err(WorkError::Busy(Exhausted)), "the queue is full");
        second.abort();
        first.abort();
        tokio::task::spawn_blocking(move || has_ended.recv()).await.expect("no panic").expect("it ends");
        assert!(is_never.recv().is_err(), "its caller has gone before it began");
        while pool.tasks.used() > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(pool.run(|_| 7).await, Ok(7));
        assert_eq!(pool.run(|_| panic!("on purpose")).await, Err::<(), _>(WorkError::Panicked));
        assert_eq!(pool.run(|_| 8).await, Ok(8), "a panic keeps no thread");
    }
}
