//! Compares a secret with its slow hash on threads that may block. Few run at once and few wait: sign-ins must not take
//! the machine from everything else.

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::server::identity::{Denial, SecretHash};

/// Slow hashes that are computed at once; each takes up to 64 MiB and a processor for tens of milliseconds.
const RUNNING_MAX: usize = 2;
/// Sign-ins that wait for one, at most: they are answered within some two seconds.
const WAITING_MAX: usize = 64;

/// The bounds of slow comparisons.
#[derive(Debug)]
pub(super) struct SlowChecks {
    running: Arc<Semaphore>,
    admitted: Arc<Semaphore>,
}

impl Default for SlowChecks {
    fn default() -> Self {
        let semaphore = |permits| Arc::new(Semaphore::new(permits));
        Self { running: semaphore(RUNNING_MAX), admitted: semaphore(RUNNING_MAX + WAITING_MAX) }
    }
}

impl SlowChecks {
    /// Is this the secret of the hash?
    ///
    /// # Errors
    /// [`Denial::Busy`] if too many wait.
    pub(super) async fn is_of(&self, hash: &SecretHash, secret: &str) -> Result<bool, Denial> {
        if !hash.is_slow() {
            return Ok(hash.is_of(secret));
        }
        let _admitted = self.admitted.try_acquire().map_err(|_| Denial::Busy)?;
        let slot = Arc::clone(&self.running).acquire_owned().await.map_err(|_| Denial::Busy)?;
        let (hash, secret) = (hash.clone(), secret.to_owned());
        let work = tokio::task::spawn_blocking(move || {
            let is_of = hash.is_of(&secret);
            // The slot is held until the work is done, even if the client is gone meanwhile.
            drop(slot);
            is_of
        });
        work.await.map_err(|_| Denial::Busy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_beyond_the_bound_is_refused_and_nothing_is_lost() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime starts");
        runtime.block_on(too_many_wait());
    }

    async fn too_many_wait() {
        let checks = Arc::new(SlowChecks::default());
        let hash = SecretHash::argon2id(&SecretHash::hash_chosen("correct horse").expect("it is long enough"));
        let hash = Arc::new(hash.expect("it is a hash"));
        let held = Arc::clone(&checks.running).acquire_many_owned(RUNNING_MAX as u32).await.expect("it is open");
        let ask = || {
            let (checks, hash) = (Arc::clone(&checks), Arc::clone(&hash));
            tokio::spawn(async move { checks.is_of(&hash, "wrong horse").await })
        };
        let all: Vec<_> = (0..RUNNING_MAX + WAITING_MAX + 5).map(|_| ask()).collect();
        for _ in 0..all.len() {
            tokio::task::yield_now().await;
        }
        assert_eq!(checks.admitted.available_permits(), 0);
        drop(held);
        let mut refused = 0;
        for one in all {
            match one.await.expect("it does not panic") {
                Err(Denial::Busy) => refused += 1,
                other => assert_eq!(other, Ok(false)),
            }
        }
        assert_eq!(refused, 5);
        assert_eq!(checks.admitted.available_permits(), RUNNING_MAX + WAITING_MAX);
        assert_eq!(checks.is_of(&hash, "correct horse").await, Ok(true));
    }
}
