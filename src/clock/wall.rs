//! Wall time for the APIs: the date, short waits and timeouts. Must not decide anything.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Milliseconds since 1970.
pub fn unix_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// The output of `work`, or `None` if it takes longer than `limit` of wall time.
pub async fn within<T>(limit: Duration, work: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(limit, work).await.ok()
}

/// Waits for `wait` of wall time.
pub async fn after(wait: Duration) {
    tokio::time::sleep(wait).await;
}

/// An interval of ten milliseconds of wall time: how far a watermark that follows the wall clock may lag behind it.
#[derive(Debug)]
pub struct Tick(tokio::time::Interval);

impl Tick {
    /// Starts; the first tick comes in ten milliseconds.
    pub fn start() -> Self {
        const TICK: Duration = Duration::from_millis(10);
        let mut interval = tokio::time::interval_at(tokio::time::Instant::now() + TICK, TICK);
        // A missed tick is not made up for: the next one carries the same information.
        interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        Self(interval)
    }

    /// Waits for the next tick.
    pub async fn next(&mut self) {
        self.0.tick().await;
    }
}

/// A moment of wall time that wakes the task that polls it.
#[derive(Debug)]
pub struct WallTimer(Pin<Box<tokio::time::Sleep>>);

impl WallTimer {
    /// The moment in `wait` from now.
    pub fn after(wait: Duration) -> Self {
        Self(Box::pin(tokio::time::sleep(wait)))
    }

    /// Has it come?
    pub fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        self.0.as_mut().poll(context)
    }
}
