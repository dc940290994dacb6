//! Expectations with `abort`: receive each answer during a live run and report when one can no longer hold. Must not
//! stop the run itself.

use std::collections::VecDeque;

use crate::rules::base::ids::{MessageIx, SendIx};
use crate::rules::base::time::SimTime;
use crate::rules::model::expectation::{During, Expectation};
use crate::rules::model::world::World;
use crate::rules::service::message::Refusal;

use crate::outcome::record::selection::{answer, lets_answer_pass};

/// Checks answers for every expectation that may end the run.
#[derive(Debug)]
pub(crate) struct Alarm {
    watched: Vec<Watched>,
}

/// One expectation with what counts against it.
#[derive(Debug)]
struct Watched {
    expectation: Expectation,
    most: f64,
    /// The start of the current part of the run.
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

    /// Whether an answer may end the run.
    pub(crate) const fn is_set(&self) -> bool {
        !self.watched.is_empty()
    }

    /// Takes the final outcome of an occurrence, in order of time. True if some expectation can no longer hold.
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
