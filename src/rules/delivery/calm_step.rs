//! What the fast paths do with a pair in one step, and the effects that the slow path would have reported. Must not decide a
//! step: [`super::calm`] does.

use crate::rules::base::ids::MessageIx;
use crate::rules::base::time::SimTime;
use crate::rules::faults::fault::FaultSet;
use crate::rules::service::audience::AudienceClass;
use crate::rules::service::journey::{Effect, Journey, WaitCause};

/// A step of a pair in which nothing else happened to its device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CalmStep {
    /// It has gone from its start to its end.
    Ended(CalmStart, CalmEnd),
    /// It has gone from its start into the gateway's store.
    Stored {
        /// Its start.
        start: CalmStart,
        /// When it met the offline phone.
        arrives: SimTime,
        /// The older message that lost its place in the store to it then.
        superseded: Option<MessageIx>,
    },
    /// It has gone from the store to its end.
    Returned {
        /// The message.
        message: MessageIx,
        /// When the phone was online again and the copy left the store.
        leaves: SimTime,
        /// Its end.
        end: CalmEnd,
    },
}

/// How a pair sets out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CalmStart {
    /// The message.
    pub message: MessageIx,
    /// Why the pair belongs to it.
    pub class: AudienceClass,
    /// When the journey starts.
    pub starts: SimTime,
    /// When the copy leaves the gateway's queue.
    pub leaves: SimTime,
}

/// How a pair ends on its phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CalmEnd {
    /// When it reaches the phone.
    pub arrives: SimTime,
    /// Shown or blocked.
    pub journey: Journey,
    /// Whether another app reads it (R64).
    pub exposed: bool,
    /// When its notification is dismissed; [`SimTime::NEVER`] if it is not shown or that never happens.
    pub dismissed_at: SimTime,
}

const QUEUED: Journey = Journey::Waiting(WaitCause::Capacity);
const TRAVELS: Journey = Journey::Waiting(WaitCause::InTransit);
const OFFLINE: Journey = Journey::Waiting(WaitCause::Offline);

/// A move of a pair that no fault has touched.
const fn moved(message: MessageIx, at: SimTime, from: Option<Journey>, to: Journey) -> Effect {
    Effect::Moved { message, at, from, to, touched: FaultSet(0) }
}

impl CalmStep {
    /// The effects up to `now`, in the order of the slow path; the dismissal comes last.
    pub fn effects(&self, now: SimTime, mut each: impl FnMut(Effect)) {
        match *self {
            Self::Ended(start, end) => {
                start.effects(&mut each);
                end.effects(start.message, now, each);
            }
            Self::Stored { start, arrives, superseded } => {
                start.effects(&mut each);
                if let Some(superseded) = superseded {
                    each(moved(superseded, arrives, Some(OFFLINE), Journey::Superseded));
                }
                each(moved(start.message, arrives, Some(TRAVELS), OFFLINE));
            }
            Self::Returned { message, leaves, end } => {
                each(moved(message, leaves, Some(OFFLINE), TRAVELS));
                end.effects(message, now, each);
            }
        }
    }
}

impl CalmStart {
    fn effects(&self, each: &mut impl FnMut(Effect)) {
        let Self { message, class, starts, leaves } = *self;
        each(Effect::Started { message, class });
        let before = (leaves > starts).then_some(QUEUED);
        if before.is_some() {
            each(moved(message, starts, None, QUEUED));
        }
        each(moved(message, leaves, before, TRAVELS));
    }
}

impl CalmEnd {
    fn effects(&self, message: MessageIx, now: SimTime, mut each: impl FnMut(Effect)) {
        let Self { arrives, journey, exposed, dismissed_at } = *self;
        each(moved(message, arrives, Some(TRAVELS), journey));
        if exposed {
            each(Effect::Exposed { message });
        }
        if dismissed_at <= now {
            each(Effect::Dismissed { message, at: dismissed_at });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::service::journey::Form;

    /// The moves of a step, with message, time and stations.
    fn moves(step: &CalmStep) -> Vec<(u32, u64, Option<Journey>, Journey)> {
        let mut found = Vec::new();
        step.effects(SimTime(40), |effect| match effect {
            Effect::Moved { message, at, from, to, .. } => found.push((message.0, at.0, from, to)),
            other => assert!(matches!(other, Effect::Started { .. }), "{other:?}"),
        });
        found
    }

    fn start(leaves: u64) -> CalmStart {
        CalmStart { message: MessageIx(4), class: AudienceClass::Member, starts: SimTime(10), leaves: SimTime(leaves) }
    }

    const END: CalmEnd = CalmEnd {
        arrives: SimTime(30),
        journey: Journey::Shown(Form::Banner),
        exposed: false,
        dismissed_at: SimTime::NEVER,
    };

    #[test]
    fn a_pair_waits_in_the_queue_only_if_it_leaves_later() {
        let shown = (4, 30, Some(TRAVELS), END.journey);
        assert_eq!(moves(&CalmStep::Ended(start(10), END)), [(4, 10, None, TRAVELS), shown]);
        let queued = [(4, 10, None, QUEUED), (4, 11, Some(QUEUED), TRAVELS), shown];
        assert_eq!(moves(&CalmStep::Ended(start(11), END)), queued);
    }

    #[test]
    fn a_stored_pair_takes_the_place_of_another_and_travels_again_later() {
        let stored = CalmStep::Stored { start: start(10), arrives: SimTime(20), superseded: Some(MessageIx(3)) };
        let superseded = (3, 20, Some(OFFLINE), Journey::Superseded);
        assert_eq!(moves(&stored), [(4, 10, None, TRAVELS), superseded, (4, 20, Some(TRAVELS), OFFLINE)]);
        let returned = CalmStep::Returned { message: MessageIx(4), leaves: SimTime(25), end: END };
        assert_eq!(moves(&returned), [(4, 25, Some(OFFLINE), TRAVELS), (4, 30, Some(TRAVELS), END.journey)]);
    }
}
