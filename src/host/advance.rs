//! Jumps of a hosted tenant's clock: by a span, to a moment, or until no pair waits. What is due on the way happens on the way. Must not
//! decide what becomes of a pair.

use super::driver::TenantLoop;
use super::error::HostError;
use crate::engine::EngineError;
use crate::rules::base::time::SimTime;

/// Model time, in ms, that pairs may take to settle: a message waits for 28 days unless the scenario says otherwise, and outages come on
/// top of it.
pub const SETTLE_MS_MAX: u64 = 60 * 24 * 3_600_000;
/// Moments that are visited one by one on the way to a settled tenant. Beyond it a step grows with the way behind it, so that the number
/// of steps stays small where a million phones have a moment each.
const EXACT_STEPS_MAX: u32 = 2_000;
/// Which part of the way behind it a step then has: the clock stops at most this much too late.
const OVERSHOOT: u64 = 64;

/// How far a clock jumps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockJump {
    /// So many milliseconds.
    By(u64),
    /// To this moment; the past is now.
    To(SimTime),
    /// Until no pair waits, at most [`SETTLE_MS_MAX`].
    UntilSettled,
}

impl TenantLoop {
    /// Advances the clock, and runs what is due before it is there.
    pub(super) async fn advance(&mut self, jump: ClockJump) -> Result<Result<SimTime, HostError>, EngineError> {
        let now = self.keep_up().await?;
        let jumped = match jump {
            ClockJump::By(ms) => self.jump_to(now + ms).await?,
            ClockJump::To(at) => self.jump_to(at.max(now)).await?,
            ClockJump::UntilSettled => self.settle(now).await?,
        };
        self.note_news().await?;
        Ok(jumped)
    }

    /// Sets the clock to a moment that is not before the present.
    async fn jump_to(&mut self, to: SimTime) -> Result<Result<SimTime, HostError>, EngineError> {
        if to >= self.world.horizon {
            return Ok(Err(HostError::Over));
        }
        if self.clock.now() < to {
            self.clock.set(to);
        }
        let now = self.keep_up().await?;
        self.tenancy.caught_up().await?;
        Ok(Ok(now))
    }

    /// Visits the moments at which something is due, until no pair waits.
    async fn settle(&mut self, begun: SimTime) -> Result<Result<SimTime, HostError>, EngineError> {
        let last = (begun + SETTLE_MS_MAX).min(self.world.horizon.just_before());
        let (mut now, mut steps) = (begun, 0);
        loop {
            self.tenancy.caught_up().await?;
            let waiting: i64 = self.tenancy.totals().await?.pairs.opened.iter().sum();
            if waiting == 0 {
                return Ok(Ok(now));
            }
            if now >= last {
                return Ok(Err(HostError::Unsettled { pairs: waiting.unsigned_abs(), ms: last.since(begun) }));
            }
            steps += 1;
            let due = self.tenancy.next_due().await?.min(self.agenda.next_time().unwrap_or(SimTime::NEVER));
            let least = if steps > EXACT_STEPS_MAX { now.since(begun) / OVERSHOOT } else { 0 };
            // What is due at a moment has happened one millisecond later.
            let next = due.max(now + least) + 1;
            match self.jump_to(next.max(now + 1).min(last)).await? {
                Ok(at) => now = at,
                Err(error) => return Ok(Err(error)),
            }
        }
    }

    /// Under a stopped clock, lets all happen that the last input has made due, so that the answer to it and all later reads are the same
    /// however fast the machine is.
    pub(super) async fn come_to_rest(&mut self) -> Result<(), EngineError> {
        if self.clock.is_stopped() {
            self.tenancy.caught_up().await?;
            self.note_news().await?;
        }
        Ok(())
    }
}
