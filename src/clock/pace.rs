//! Model time against the wall clock: at full speed, or at a set speed. Must not decide what happens when.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;

use crate::rules::base::time::SimTime;
use crate::rules::model::live::ModelSpeed;

/// Model time as a function of the wall clock; clones are the same clock.
#[derive(Clone, Debug)]
pub enum Clock {
    /// Model time never waits for wall time.
    Max,
    /// Model time runs at a set speed, which may be changed, and may jump.
    Paced(Pace),
}

/// The current stretch of a paced clock; every task that waits for a moment is woken by a change of it.
#[derive(Clone, Debug)]
pub struct Pace(Arc<watch::Sender<Stretch>>);

/// A span of time at one speed, until the next change.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    /// Its start.
    since: Instant,
    /// Model time at its start.
    from: SimTime,
    /// Thousandths of a model second per second; 0 where model time stands still.
    times: u64,
    /// How often pauses were ended by hand.
    pauses_ended: u64,
}

/// One reading of a clock: it can be queried many times, and reads no clock again.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    now: SimTime,
    /// The stretch in force and the moment of the reading; `None` at full speed.
    paced: Option<(Stretch, Instant)>,
}

impl Stretch {
    fn now(&self, at: Instant) -> SimTime {
        let model = at.duration_since(self.since).as_micros() * u128::from(self.times) / 1_000_000;
        SimTime(self.from.0.saturating_add(u64::try_from(model).unwrap_or(u64::MAX)))
    }

    /// The wall-clock instant of a moment of the model; a moment before the stretch has the stretch's start. Under a stopped clock a
    /// later moment is a century away: only a change of the clock brings it.
    fn instant(&self, at: SimTime) -> Instant {
        self.since + wall(at.0.saturating_sub(self.from.0), self.times)
    }
}

/// A century, in µs: no wait is longer, and it can be added to any instant without overflow.
const WAIT_US_MAX: u64 = 3_155_760_000_000_000;

/// Wall time that `ms` of model time take.
fn wall(ms: u64, times: u64) -> Duration {
    let us = match (ms, ms.checked_mul(1_000_000)) {
        (0, _) => 0,
        (_, Some(us)) => us.checked_div(times).map_or(u128::MAX, u128::from),
        (_, None) => (u128::from(ms) * 1_000_000).checked_div(u128::from(times)).unwrap_or(u128::MAX),
    };
    Duration::from_micros(u64::try_from(us).unwrap_or(u64::MAX).min(WAIT_US_MAX))
}

impl Clock {
    /// A clock that starts now; at a speed of 0 it stands still until it is set.
    pub fn start(speed: ModelSpeed) -> Self {
        match speed {
            ModelSpeed::Max => Self::Max,
            ModelSpeed::Times(times) => {
                let stretch = Stretch { since: Instant::now(), from: SimTime::ZERO, times, pauses_ended: 0 };
                Self::Paced(Pace(Arc::new(watch::Sender::new(stretch))))
            }
        }
    }

    /// The clock at this moment.
    pub fn read(&self) -> Reading {
        match self {
            Self::Max => Reading { now: SimTime::NEVER, paced: None },
            Self::Paced(Pace(stretch)) => {
                let stretch = *stretch.borrow();
                let at = Instant::now();
                Reading { now: stretch.now(at), paced: Some((stretch, at)) }
            }
        }
    }

    /// Model time now; [`SimTime::NEVER`], later than everything, at full speed.
    pub fn now(&self) -> SimTime {
        self.read().now()
    }

    /// See [`Reading::times`].
    pub fn times(&self) -> u64 {
        self.read().times()
    }

    /// See [`Reading::lag_us`].
    pub fn lag_us(&self, due: SimTime) -> Option<u64> {
        self.read().lag_us(due)
    }

    /// See [`Reading::wall_seconds`].
    pub fn wall_seconds(&self, ms: u64) -> u64 {
        self.read().wall_seconds(ms)
    }

    /// Does model time stand still?
    pub fn is_stopped(&self) -> bool {
        matches!(self, Self::Paced(_)) && self.times() == 0
    }

    /// Sets the speed, in thousandths of a model second per second; 0 stops model time. Does nothing at full speed.
    pub fn set_times(&self, times: u64) {
        self.change(|old| Stretch { from: old.now(Instant::now()), times, ..*old });
    }

    /// Sets model time; it goes on from there at the same speed. Does nothing at full speed.
    pub fn set(&self, at: SimTime) {
        self.change(|old| Stretch { from: at, ..*old });
    }

    fn change(&self, new: impl FnOnce(&Stretch) -> Stretch) {
        if let Self::Paced(Pace(stretch)) = self {
            stretch.send_modify(|stretch| *stretch = Stretch { since: Instant::now(), ..new(stretch) });
        }
    }

    /// Waits until a moment of the model; not at all at full speed.
    pub async fn sleep_until(&self, at: SimTime) {
        let Self::Paced(Pace(stretch)) = self else { return };
        let mut changes = stretch.subscribe();
        loop {
            let due = changes.borrow_and_update().instant(at);
            tokio::select! {
                () = tokio::time::sleep_until(due.into()) => return,
                // `self` owns the sender, so `changed` cannot fail while this future lives.
                _ = changes.changed() => {}
            }
        }
    }

    /// Waits until `ms` of model time have passed or [`Clock::end_pauses`] is called. At full speed, and while model time stands still,
    /// it only yields to other tasks: no span of a stopped clock ever passes.
    pub async fn pause(&self, ms: u64) {
        let Self::Paced(Pace(stretch)) = self else { return tokio::task::yield_now().await };
        let mut changes = stretch.subscribe();
        let first = *changes.borrow_and_update();
        let until = SimTime(first.now(Instant::now()).0.saturating_add(ms));
        loop {
            let now = *changes.borrow_and_update();
            if now.times == 0 {
                return tokio::task::yield_now().await;
            }
            if now.pauses_ended != first.pauses_ended {
                return;
            }
            tokio::select! {
                () = tokio::time::sleep_until(now.instant(until).into()) => return,
                // As in `sleep_until`.
                _ = changes.changed() => {}
            }
        }
    }

    /// Ends every [`Clock::pause`] in progress. Model time stays what it is.
    pub fn end_pauses(&self) {
        self.change(|old| Stretch { from: old.now(Instant::now()), pauses_ended: old.pauses_ended + 1, ..*old });
    }

    /// Calls `wake` at a moment of the model, unless the [`Wake`] is dropped before. Does nothing at full speed.
    pub fn wake_at(&self, at: SimTime, wake: impl FnOnce() + Send + 'static) -> Wake {
        let clock = self.clone();
        Wake(tokio::spawn(async move {
            clock.sleep_until(at).await;
            wake();
        }))
    }
}

impl Reading {
    /// Model time; [`SimTime::NEVER`], later than everything, at full speed.
    pub const fn now(&self) -> SimTime {
        self.now
    }

    /// Thousandths of a model second per second; 0 at full speed and while model time stands still.
    pub fn times(&self) -> u64 {
        self.paced.as_ref().map_or(0, |(stretch, _)| stretch.times)
    }

    /// Wall time since `due`, in µs; `None` at full speed, where nothing is due. What a jump of the clock has made due
    /// counts from the jump.
    pub fn lag_us(&self, due: SimTime) -> Option<u64> {
        let (stretch, at) = self.paced.as_ref()?;
        let late = at.saturating_duration_since(stretch.instant(due));
        Some(u64::try_from(late.as_micros()).unwrap_or(u64::MAX))
    }

    /// Whole seconds of wall time, rounded up, that `ms` of model time take; 0 at full speed. While model time stands still they are
    /// model seconds, by which the clock has to be advanced.
    pub fn wall_seconds(&self, ms: u64) -> u64 {
        const LIFE: u64 = 1_000;
        match (self.paced.is_some(), self.times()) {
            (false, _) => 0,
            (true, 0) => ms.div_ceil(LIFE),
            (true, times) => ms.div_ceil(times),
        }
    }
}

/// A wake-up that is cancelled when it is dropped.
#[derive(Debug)]
pub struct Wake(tokio::task::JoinHandle<()>);

impl Drop for Wake {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// An interval of a quarter of a second of wall time: how often observers of a run get a report.
#[derive(Debug)]
pub struct Beat(tokio::time::Interval);

impl Beat {
    /// Starts; the first beat comes in a quarter of a second.
    pub fn start() -> Self {
        const BEAT: Duration = Duration::from_millis(250);
        Self(tokio::time::interval_at(tokio::time::Instant::now() + BEAT, BEAT))
    }

    /// Waits for the next beat.
    pub async fn next(&mut self) {
        self.0.tick().await;
    }
}

/// Wall time since its start.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts now.
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Milliseconds since the start.
    pub fn ms(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Microseconds since the start.
    pub fn us(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR_MS: u64 = 3_600_000;

    #[tokio::test]
    async fn a_jump_to_a_moment_wakes_tasks_that_wait_for_it() {
        let clock = Clock::start(ModelSpeed::Times(1));
        let (at, waiting) = (SimTime(HOUR_MS), clock.clone());
        let waits = tokio::spawn(async move { waiting.sleep_until(at).await });
        tokio::task::yield_now().await;
        clock.set(at);
        waits.await.expect("the task is alive");
        assert!(clock.now() >= at);
        assert!(
            clock.lag_us(SimTime(1)).expect("the clock is paced") < 60_000_000,
            "due since the jump, not since an hour"
        );
    }

    #[tokio::test]
    async fn a_pause_ends_when_time_jumps_over_its_end_or_all_pauses_are_ended() {
        let clock = Clock::start(ModelSpeed::Times(1));
        for end in [|clock: &Clock| clock.set(SimTime(10 * HOUR_MS)), Clock::end_pauses] {
            let pausing = clock.clone();
            let pause = tokio::spawn(async move { pausing.pause(HOUR_MS).await });
            tokio::task::yield_now().await;
            clock.set_times(2);
            tokio::task::yield_now().await;
            assert!(!pause.is_finished(), "a change of speed does not end it");
            end(&clock);
            pause.await.expect("the task is alive");
        }
        assert!(clock.now() < SimTime(11 * HOUR_MS), "to end pauses is no jump");
    }

    #[tokio::test]
    async fn a_stopped_clock_moves_only_when_it_is_set_and_no_pause_waits_for_it() {
        let clock = Clock::start(ModelSpeed::Times(0));
        let waiting = clock.clone();
        let waits = tokio::spawn(async move { waiting.sleep_until(SimTime(7)).await });
        clock.pause(HOUR_MS).await;
        assert_eq!((clock.now(), clock.is_stopped(), clock.times()), (SimTime::ZERO, true, 0));
        assert_eq!((clock.wall_seconds(3_001), clock.lag_us(SimTime(7))), (4, Some(0)));
        tokio::task::yield_now().await;
        assert!(!waits.is_finished(), "seven milliseconds do not pass");
        clock.set(SimTime(7));
        waits.await.expect("the task is alive");
        assert_eq!(clock.now(), SimTime(7));
        clock.set_times(1_000);
        let pausing = clock.clone();
        let pause = tokio::spawn(async move { pausing.pause(HOUR_MS).await });
        tokio::task::yield_now().await;
        clock.set_times(0);
        pause.await.expect("stopping the clock ends a pause");
        let stopped = clock.now();
        assert_eq!(clock.now(), stopped);
    }

    #[test]
    fn a_change_of_speed_never_moves_time_back() {
        let clock = Clock::start(ModelSpeed::Times(1_000_000_000));
        while clock.now() == SimTime::ZERO {}
        let before = clock.now();
        clock.set_times(1);
        assert!(clock.now() >= before);
        assert_eq!((clock.times(), clock.wall_seconds(3)), (1, 3));
    }
}
