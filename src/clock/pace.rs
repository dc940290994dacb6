//! How model time goes against the wall clock: as fast as the work is done, or at a speed. Never decides what happens when.

use std::time::{Duration, Instant};

use crate::rules::time::SimTime;
use crate::rules::world::Speed;

/// Model time as a function of the wall clock.
#[derive(Clone, Copy, Debug)]
pub enum Clock {
    /// Model time waits for nothing.
    Max,
    /// Model time zero is at `origin`, and goes `times` thousandths as fast as the wall clock.
    Paced {
        /// When model time was zero.
        origin: Instant,
        /// Thousandths of a model second per second, at least 1.
        times: u64,
    },
}

impl Clock {
    /// A clock that starts now.
    pub fn start(speed: Speed) -> Self {
        match speed {
            Speed::Max => Self::Max,
            Speed::Times(times) => Self::Paced { origin: Instant::now(), times: times.max(1) },
        }
    }

    /// Model time now; [`SimTime::NEVER`], later than everything, at full speed.
    pub fn now(&self) -> SimTime {
        match self {
            Self::Max => SimTime::NEVER,
            Self::Paced { origin, times } => {
                let model = origin.elapsed().as_micros() * u128::from(*times) / 1_000_000;
                SimTime(u64::try_from(model).unwrap_or(u64::MAX))
            }
        }
    }

    /// Thousandths of a model second per second; 0 at full speed, which is none.
    pub const fn times(&self) -> u64 {
        match self {
            Self::Max => 0,
            Self::Paced { times, .. } => *times,
        }
    }

    /// How much later than due it is, in µs of wall time; `None` at full speed, where nothing is due.
    pub fn lag_us(&self, due: SimTime) -> Option<u64> {
        match self {
            Self::Max => None,
            Self::Paced { origin, .. } => {
                let late = origin.elapsed().saturating_sub(self.wall(due));
                Some(u64::try_from(late.as_micros()).unwrap_or(u64::MAX))
            }
        }
    }

    /// Waits until a moment of the model; not at all at full speed.
    pub async fn sleep_until(&self, at: SimTime) {
        if let Self::Paced { origin, .. } = self {
            tokio::time::sleep_until((*origin + self.wall(at)).into()).await;
        }
    }

    /// Waits for `ms` of model time. At full speed, where time waits for nothing, it only lets everybody else go first.
    pub async fn pause(&self, ms: u64) {
        match self {
            Self::Max => tokio::task::yield_now().await,
            Self::Paced { .. } => tokio::time::sleep(self.wall(SimTime(ms))).await,
        }
    }

    /// Calls `wake` at a moment of the model, unless the [`Wake`] is dropped before. At full speed nothing needs waking.
    pub fn wake_at(&self, at: SimTime, wake: impl FnOnce() + Send + 'static) -> Wake {
        let clock = *self;
        Wake(tokio::spawn(async move {
            clock.sleep_until(at).await;
            wake();
        }))
    }

    /// Whole seconds of wall time, rounded up, that `ms` of model time take; 0 at full speed.
    pub fn wall_seconds(&self, ms: u64) -> u64 {
        match self {
            Self::Max => 0,
            Self::Paced { times, .. } => ms.div_ceil(*times),
        }
    }

    fn wall(&self, at: SimTime) -> Duration {
        match self {
            Self::Max => Duration::ZERO,
            Self::Paced { times, .. } => {
                let us = u128::from(at.0) * 1_000_000 / u128::from(*times);
                // A century is never waited for, and is safe to add to any instant.
                Duration::from_micros(u64::try_from(us).unwrap_or(u64::MAX).min(3_155_760_000_000_000))
            }
        }
    }
}

/// A wake-up that is called off when it is dropped.
#[derive(Debug)]
pub struct Wake(tokio::task::JoinHandle<()>);

impl Drop for Wake {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A quarter of a second of wall time, again and again: how often those who watch a run are told of it.
#[derive(Debug)]
pub struct Beat(tokio::time::Interval);

impl Beat {
    /// Beats for the first time in a quarter of a second.
    pub fn start() -> Self {
        const BEAT: Duration = Duration::from_millis(250);
        Self(tokio::time::interval_at(tokio::time::Instant::now() + BEAT, BEAT))
    }

    /// Waits for the next beat.
    pub async fn next(&mut self) {
        self.0.tick().await;
    }
}

/// Wall time since it was started.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts now.
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Milliseconds since.
    pub fn ms(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Microseconds since.
    pub fn us(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}
