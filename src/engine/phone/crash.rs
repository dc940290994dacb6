//! How an actor carries out a fault that hits it, and how a supervisor recognises the end of an actor. Must not draw a fault:
//! `rules` does.

use ractor::{ActorId, SupervisionEvent};

use crate::clock::Clock;
use crate::rules::delivery::hits::{Half, Hit};

/// The error of an actor that a fault kills. What it has not sent is not done.
#[derive(Debug, thiserror::Error)]
#[error("a crash fault")]
pub(crate) struct Crash;

/// Before the work: sleeps and crashes as the fault says.
pub(crate) async fn before_work(hit: &Hit, clock: &Clock) -> Result<(), Crash> {
    if hit.sleep_ms > 0 {
        // Boxed, because it is rare and would make the future of every turn larger.
        Box::pin(clock.pause(hit.sleep_ms)).await;
    }
    crash_in(hit, Half::BeforeWork)
}

/// After the work and before its result is sent: crashes if the fault says so.
pub(crate) fn after_work(hit: Option<&Hit>) -> Result<(), Crash> {
    hit.map_or(Ok(()), |hit| crash_in(hit, Half::AfterWork))
}

fn crash_in(hit: &Hit, half: Half) -> Result<(), Crash> {
    match hit.crash {
        Some((_, when)) if when == half => Err(Crash),
        _ => Ok(()),
    }
}

/// The actor whose end an event reports.
pub(crate) fn ended_actor(event: &SupervisionEvent) -> Option<ActorId> {
    match event {
        SupervisionEvent::ActorFailed(actor, _) | SupervisionEvent::ActorTerminated(actor, ..) => Some(actor.get_id()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::faults::fault::FaultSet;

    #[test]
    fn a_crash_ends_the_actor_in_its_half_of_the_turn_only() {
        let hit = |half| Hit { crash: Some((FaultSet(1), half)), ..Hit::NONE };
        assert!(after_work(None).is_ok() && after_work(Some(&Hit::NONE)).is_ok());
        assert!(after_work(Some(&hit(Half::BeforeWork))).is_ok());
        assert!(after_work(Some(&hit(Half::AfterWork))).is_err());
    }
}
