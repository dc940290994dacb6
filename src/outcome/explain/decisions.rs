//! The decisions on a message's way as steps, each with its draw and the threshold. Text only: the state machines have
//! decided.

use crate::rules::base::chance::Ratio;
use crate::rules::base::time::SimTime;
use crate::rules::delivery::observer::TraceEvent;
use crate::rules::faults::fault::FaultSet;
use crate::rules::model::phone_by_hand::PhoneByHand;

use super::causes;
use super::steps::{Steps, span};
use crate::outcome::words::{drawn, per_cent};

impl Steps<'_> {
    pub(crate) fn noted(&mut self, at: SimTime, note: &TraceEvent) {
        let gateway = self.gateway().name.name();
        match *note {
            TraceEvent::Slot { leaves, throttles } => {
                let text = if leaves <= at {
                    format!("leaves the queue of {gateway} at once")
                } else {
                    let cut = self.by(", cut by", throttles);
                    format!("waits in the queue of {gateway}: its turn comes {}{cut}", self.moment(leaves))
                };
                self.push(at, "queued", text).faults = self.names(throttles);
            }
            TraceEvent::Held { ends, faults, draw, retry_ms } => {
                let (by, ends) = (self.by("held by", faults), self.moment(ends));
                let text = format!("{by}, over {ends}; leaves {} after that ({})", span(retry_ms), share(draw));
                self.drawn(at, "held", text, draw, None).faults = self.names(faults);
            }
            TraceEvent::Refused { faults } => {
                let text = format!("{}: {gateway} takes nothing now", self.by("refused by", faults));
                self.push(at, "gateway_refused", text).faults = self.names(faults);
            }
            TraceEvent::FaultLoss { fault, draw, rate } => {
                let text = format!("loss fault `{}`: {}", self.name(fault), verdict(draw, rate, "lost", "goes on"));
                self.drawn(at, "fault_loss", text, draw, Some(rate)).faults = self.names(FaultSet::of(fault));
            }
            TraceEvent::GatewayLoss { draw, rate } => {
                let text = format!("loss of {gateway} itself: {}", verdict(draw, rate, "lost", "goes on"));
                self.drawn(at, "gateway_loss", text, draw, Some(rate));
            }
            TraceEvent::Delay { fault, draw, ms } => {
                let text =
                    format!("delay fault `{}`: {} longer on its way ({})", self.name(fault), span(ms), share(draw));
                self.drawn(at, "delayed", text, draw, None).faults = self.names(FaultSet::of(fault));
            }
            TraceEvent::Latency { draw, ms, attempts } => {
                let text = format!(
                    "on its way for {} ({}): reaches for the phone {}",
                    span(ms),
                    share(draw),
                    self.moment(attempts)
                );
                self.drawn(at, "sets_out", text, draw, None);
            }
            TraceEvent::Duplicate { fault, draw, rate, attempts } => {
                let made = attempts
                    .map_or_else(String::new, |at| format!(", which reaches for the phone {}", self.moment(at)));
                let verdict = verdict(draw, rate, "a second copy", "no second copy");
                let text = format!("duplicate fault `{}`: {verdict}{made}", self.name(fault));
                self.drawn(at, "duplicated", text, draw, Some(rate)).faults = self.names(FaultSet::of(fault));
            }
            TraceEvent::SetByHand { since, set } => {
                self.by_hand = Some((at, set));
                let text = format!("the phone is set by hand since {since}: {}", causes::by_hand(set));
                self.push(at, "set_by_hand", text);
            }
            TraceEvent::Offline { until, faults } => self.offline(at, until, faults),
            TraceEvent::Stored { stored, limit } => {
                let text = if stored <= limit {
                    format!("stored by {gateway} until the phone is online: number {stored} of at most {limit}")
                } else {
                    format!("stored by {gateway}: one more than the {limit} that it keeps")
                };
                self.push(at, "stored", text);
            }
            TraceEvent::StoredAlready => {
                self.push(
                    at,
                    "stored_already",
                    format!("{gateway} has stored another copy of it already: this one ends"),
                );
            }
            TraceEvent::Released => {
                self.push(at, "released", format!("the phone is online again: {gateway} sends what it has stored"));
            }
            TraceEvent::Dozing { until } => {
                let text = format!("the phone dozes: its next maintenance window is {}", self.moment(until));
                self.push(at, "dozing", text);
            }
            // Reported with the move that follows.
            TraceEvent::Hindered { .. } => {}
            TraceEvent::Found { draw, locked, foreground } => self.found(at, draw, locked, foreground),
            TraceEvent::Attention { draw, dismissed_at } => self.attention(at, draw, dismissed_at),
        }
    }

    /// What is set by hand at `at`, as told at this attempt.
    fn by_hand_at(&self, at: SimTime) -> PhoneByHand {
        self.by_hand.filter(|(told, _)| *told == at).map_or_else(PhoneByHand::default, |(_, set)| set)
    }

    fn offline(&mut self, at: SimTime, until: SimTime, faults: FaultSet) {
        let why = if !faults.is_empty() {
            self.by(" through", faults)
        } else if self.by_hand_at(at).online == Some(false) {
            ", as it is set".to_owned()
        } else {
            ", as it is at times".to_owned()
        };
        let text = format!("finds the phone offline{why}; online again {}", self.moment(until));
        self.push(at, "offline", text).faults = self.names(faults);
    }

    fn attention(&mut self, at: SimTime, draw: u32, dismissed_at: SimTime) {
        let attention = &self.world.fleet.model(self.traits.model).attention;
        let never = attention.never;
        let text = if dismissed_at == SimTime::NEVER {
            "it is never dismissed".to_owned()
        } else {
            let after = span(dismissed_at.since(at));
            let sleep = attention.asleep.map_or("", |_| ", sleep aside");
            format!("its user dismisses it {after} later{sleep}, {}", self.moment(dismissed_at))
        };
        let draws = verdict_of(draw, never, "never dismissed");
        self.drawn(at, "attention", format!("{text} ({draws})"), draw, Some(never));
    }

    fn found(&mut self, at: SimTime, draw: u32, locked: bool, foreground: bool) {
        let model = self.world.fleet.model(self.traits.model);
        let is = |yes: bool, one: &'static str, other: &'static str| if yes { one } else { other };
        let set = self.by_hand_at(at);
        let often = |set: Option<bool>, word: &str, odds: Ratio| match set {
            Some(_) => format!("{word} as it is set"),
            None => format!("{word} {} of the time", per_cent(odds)),
        };
        let shares = match (set.locked, set.foreground) {
            (None, None) => {
                format!("locked {}, open {} of the time", per_cent(model.locked), per_cent(model.foreground))
            }
            (locked, open) => {
                format!("{}, {}", often(locked, "locked", model.locked), often(open, "open", model.foreground))
            }
        };
        let text = format!(
            "arrives: the phone is {}, the app {} ({}; {shares})",
            is(locked, "locked", "unlocked"),
            is(foreground, "open", "not open"),
            share(draw),
        );
        self.drawn(at, "arrived", text, draw, None);
    }
}

/// `drew 12.3 %, lost below 0.2 %: goes on`.
fn verdict(draw: u32, rate: Ratio, hit: &str, missed: &str) -> String {
    let came = if rate.hits(draw) { hit } else { missed };
    format!("{}: {came}", verdict_of(draw, rate, hit))
}

/// A draw that selects a value and is compared with no threshold.
fn share(draw: u32) -> String {
    format!("drew {}", drawn(draw, Ratio::NEVER))
}

fn verdict_of(draw: u32, rate: Ratio, hit: &str) -> String {
    format!("drew {}, {hit} below {}", drawn(draw, rate), per_cent(rate))
}
