//! Expectations with `abort`: told each answer while a live run goes on, so that it ends as soon as one can no longer hold. Stops
//! nothing itself.

use std::collections::VecDeque;

use crate::rules::base::ids::{MessageIx, SendIx};
use crate::rules::base::time::SimTime;
use crate::rules::model::expectation::{During, Expectation};
use crate::rules::model::world::World;
use crate::rules::service::message::Refusal;

use crate::outcome::record::selection::{answer, lets_answer_pass};

/// Listens to answers for every expectation that may end the run.
#[derive(Debug)]
pub(crate) struct Alarm {
    watched: Vec<Watched>,
}

/// One expectation and what counts against it.
#[derive(Debug)]
struct Watched {
    expectation: Expectation,
    most: f64,
    /// Where the part of the run that is looked at began.
    stretch: SimTime,
    counted: VecDeque<SimTime>,
}

impl Alarm {
    /// An alarm for a world.
    pub(crate) fn new(world: &World) -> Self {
        let watch = |expectation: &Expectation| {
            let most = expectation.check.bound.most().filter(|_| expectation.abort)?;
            let expectation = expectation.clone();
            Some(Watched { expectation, most, stretch: SimTime::ZERO, counted: VecDeque::new() })
        };
        Self { watched: world.expectations.iter().filter_map(watch).collect() }
    }

    /// May an answer end the run?
    pub(crate) const fn is_set(&self) -> bool {
        !self.watched.is_empty()
    }

    /// Hears the last word on an occurrence, in order of time. True if some expectation can no longer hold.
    pub(crate) fn hears(
        &mut self,
        world: &World,
        send: SendIx,
        outcome: &Result<MessageIx, Refusal>,
        at: SimTime,
    ) -> bool {
        let mut is_lost = false;
        for watched in &mut self.watched {
            is_lost |= watched.hears(world, send, outcome, at);
        }
        is_lost
    }
}

impl Watched {
    fn hears(&mut self, world: &World, send: SendIx, outcome: &Result<MessageIx, Refusal>, at: SimTime) -> bool {
        let Expectation { filter, during, window_ms, .. } = &self.expectation;
        let is_then = during.may_contain(at, &world.faults, world.horizon);
        if !is_then || !lets_answer_pass(world, filter, send, answer(outcome)) {
            return false;
        }
        if let Some(window_ms) = window_ms {
            let stretch = match during {
                During::Fault(fault) => world.faults[fault.at()].window(at).map_or(at, |window| window.from),
                During::Always | During::Before | During::After | During::Recovery(_) => SimTime::ZERO,
            };
            if stretch != self.stretch {
                self.counted.clear();
                self.stretch = stretch;
            }
            while self.counted.pop_front_if(|old| at.since(*old) >= *window_ms).is_some() {}
        }
        self.counted.push_back(at);
        #[expect(clippy::cast_precision_loss, reason = "messages are far fewer than 2^53")]
        let counted = self.counted.len() as f64;
        counted > self.most
    }
}
