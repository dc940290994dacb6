//! Totals written by hand, for the tests of what is computed from them. Must not be used by a run.

use crate::engine::{Restarts, RunTotals};
use crate::rules::base::ids::{FaultIx, MessageIx};
use crate::rules::base::time::SimTime;
use crate::rules::counting::recorder::{Counted, Recorder};
use crate::rules::faults::fault::FaultSet;
use crate::rules::model::world::World;
use crate::rules::service::audience::AudienceClass;
use crate::rules::service::journey::{Effect, Journey};
use crate::rules::service::message::{Message, Refusal};
use crate::rules::timeline::agenda::{Agenda, Attempt};
use crate::scenario::{Overrides, Source, load};

use super::{
    Batch, BatchFacts, BatchSubject, Driver, Finished, Headline, Outcome, Ranges, RunFacts, SeedSpan, Variation,
    VariationRow,
};
use crate::outcome::ContrastLine;

/// Four people with a phone or a Mac each, a message to all, one to a single phone, one that is too long, and an outage.
const SCENARIO: &str = r#"
schema = 1
name = "by-hand"
seed = 7
duration = "5m"
[directory]
lag = "0s"
catch_up = "0s"
[[user]]
name = "ada"
[[user]]
name = "bob"
[[user]]
name = "cy"
[[user]]
name = "dee"
[[device]]
name = "ada-phone"
user = "ada"
platform = "ios"
[[device]]
name = "bob-phone"
user = "bob"
platform = "android"
[[device]]
name = "cy-phone"
user = "cy"
platform = "ios"
[[device]]
name = "dee-mac"
user = "dee"
platform = "macos"
[[group]]
name = "everyone"
users = "all"
[[send]]
name = "closure"
at = "1m"
to = { groups = ["everyone"] }
title = "t"
body = "b"
[[send]]
name = "ring"
at = "3m"
to = { device = "ada-phone" }
title = "t"
body = "b"
[[send]]
name = "novel"
at = "3m"
to = { groups = ["everyone"] }
title = "This title goes on for very much longer than a title may"
body = "b"
[[fault]]
name = "fcm-down"
kind = "outage"
mode = "hold"
at = "30s"
for = "1m"
scope = { gateway = "fcm" }
"#;

/// The steps of a pair: device, class, then `(since, journey)`.
pub(crate) type Way<'a> = (u32, &'a str, AudienceClass, &'a [(u64, Journey)]);

/// A world with its totals so far.
pub(crate) struct Hand {
    pub(crate) world: World,
    pub(crate) agenda: Agenda,
    pub(crate) totals: RunTotals,
}

impl Hand {
    /// The scenario above followed by `more`, its sends judged by `judge`, no pairs yet.
    pub(crate) fn new(more: &str, mut judge: impl FnMut(&Attempt) -> Result<(), Refusal>) -> Self {
        let source = Source::new("by-hand.toml", format!("{SCENARIO}{more}"));
        let loaded = load(&source, &mut |_| Err("no includes".to_owned()), &Overrides::default());
        let world = loaded.unwrap_or_else(|found| panic!("{found}")).world;
        let (mut agenda, mut counter, mut next) = (Agenda::new(&world), Recorder::new(&world), 0);
        while let Some(now) = agenda.next_time() {
            for attempt in agenda.take(&world, now).attempts {
                let outcome = judge(&attempt).map(|()| {
                    let ix = MessageIx(next);
                    next += 1;
                    counter.open_message(&Message {
                        ix,
                        send: attempt.send,
                        occurrence: attempt.occurrence,
                        key: attempt.key,
                        kind: attempt.kind(),
                        accepted_at: now,
                        expiry_ms: [1_000_000; 2],
                        catch_up_until: None,
                    });
                    ix
                });
                agenda.answer(&world, attempt, outcome, now);
            }
        }
        let totals = RunTotals {
            counts: counter.close(),
            pairs_sent: 0,
            changes_slowed: vec![0; world.faults.len()],
            lag: Vec::new(),
            struck: None,
            restarts: Restarts::default(),
            fates: None,
        };
        Self { world, agenda, totals }
    }

    /// Moves a pair through its steps; `touched` is the fault that touched it on its first step.
    pub(crate) fn pair(&mut self, (message, device, class, steps): Way<'_>, touched: Option<FaultIx>) {
        let message = MessageIx(message);
        let traits = self.world.fleet.traits(self.world.fleet.find_device(device).expect("it is in the scenario"));
        let counted = Counted::of(&traits);
        let mut faults = FaultSet::default();
        if let Some(fault) = touched {
            faults.insert(fault);
        }
        let mut counter = Recorder::new(&self.world);
        let page = self.totals.counts.messages.get(&message).expect("it was accepted");
        counter.open_message(&page.message);
        counter.count(counted, Effect::Started { message, class });
        if touched.is_some() {
            counter.count(counted, Effect::Touched { message, faults });
        }
        let mut from = None;
        for (at, to) in steps {
            let at = SimTime(*at);
            counter.count(counted, Effect::Moved { message, at, from, to: *to, touched: faults });
            from = Some(*to);
        }
        if let Some(Journey::Waiting(cause)) = from {
            counter.still_waiting(counted, message, cause);
        }
        self.totals.counts.merge(counter.close());
        self.totals.pairs_sent += 1;
    }

    /// The same as a forecast of all devices returns it.
    pub(crate) fn finished(&self) -> Finished {
        Finished {
            agenda: self.agenda.clone(),
            totals: self.totals.clone(),
            interrupted_at: None,
            devices_done: Some(u64::from(self.world.fleet.devices())),
            wall_ms: 250,
            late_sends: 0,
        }
    }

    /// The record of the actors.
    pub(crate) fn outcome(&self, interrupted_at: Option<SimTime>) -> Outcome {
        self.outcome_of(Driver::Actors, interrupted_at)
    }

    /// The record of a driver.
    pub(crate) fn outcome_of(&self, driver: Driver, interrupted_at: Option<SimTime>) -> Outcome {
        let facts = RunFacts {
            driver,
            wall_ms: 250,
            peak_rss_bytes: Some(34_000_000),
            interrupted_at,
            devices_done: None,
            late_sends: 0,
            replay: "reveille run by-hand.toml --seed 7".to_owned(),
        };
        Outcome::new(&self.world, &self.agenda, &self.totals, facts)
    }
}

/// The scenario with `more`, and what becomes of its pairs: one shown at once, one held by the outage, one without
/// permission, one Mac; the single message is shown within two seconds.
pub(crate) fn usual(more: &str) -> Hand {
    use crate::rules::service::journey::{BlockCause, Form, SkipCause, WaitCause};
    use crate::rules::service::message::Reason;
    use AudienceClass::Member;
    let mut hand = Hand::new(more, |attempt| match attempt.send.0 {
        2 => Err(Reason::TitleTooLong.into()),
        _ => Ok(()),
    });
    let transit = Journey::Waiting(WaitCause::InTransit);
    let banner = Journey::Shown(Form::Banner);
    let held = Journey::Waiting(WaitCause::Outage);
    hand.pair((0, "ada-phone", Member, &[(60_000, transit), (61_000, banner)]), None);
    hand.pair((0, "bob-phone", Member, &[(60_000, held), (120_000, transit), (123_000, banner)]), Some(FaultIx(0)));
    let blocked = Journey::Blocked(BlockCause::Permission);
    hand.pair((0, "cy-phone", AudienceClass::StaleMember, &[(60_000, transit), (61_500, blocked)]), None);
    hand.pair((0, "dee-mac", Member, &[(60_000, Journey::Skipped(SkipCause::UnsupportedPlatform))]), None);
    hand.pair((1, "ada-phone", Member, &[(180_000, transit), (182_000, banner)]), None);
    hand
}

const MOST: &str = "[[expect]]\nname = \"most\"\nmetric = \"reach\"\nwithin = \"15m\"\ncheck = \">= 0.5\"\n";

/// Three seeds of the usual scenario, of which the second lost two banners and never recovered from its outage.
fn seeds() -> (World, Vec<Headline>) {
    let hand = usual(MOST);
    let good = Headline::new(&hand.outcome(None));
    let mut bad = good.clone();
    bad.stations.insert("shown".to_owned(), 1);
    bad.stations.insert("lost".to_owned(), 2);
    (bad.reach.one_minute, bad.reach.fifteen_minutes) = (1, 1);
    (bad.reach.one_hour, bad.reach.four_hours, bad.reach.end) = (1, 1, 1);
    (bad.faults[0].backlog_at_end, bad.faults[0].recovery_ms) = (1, None);
    let line = &mut bad.expectations[0];
    (line.ok, line.observed, line.observed_text) = (false, Some(0.2), "20.0 %".to_owned());
    bad.failures = vec!["expectation \"most\" did not hold".to_owned()];
    let rows = [(1, &good), (2, &bad), (3, &good)];
    (hand.world, rows.map(|(seed, row)| Headline { seed, replay: replay(seed, ""), ..row.clone() }).into())
}

fn replay(seed: u64, more: &str) -> String {
    format!("reveille forecast by-hand.toml --seed {seed}{more}")
}

fn batch(world: &World, replay: &str) -> Batch {
    let facts =
        BatchFacts { forecasts: 3, forecasts_done: 3, wall_ms: 120, peak_rss_bytes: None, replay: replay.to_owned() };
    Batch::new(BatchSubject::of(world), facts)
}

/// The record of these three seeds.
pub(crate) fn ranges() -> Ranges {
    let (world, rows) = seeds();
    Ranges::new(batch(&world, "reveille forecast by-hand.toml --seeds 1..3"), SeedSpan { first: 1, last: 3 }, rows)
}

/// The same outcomes as those of three values of a key.
pub(crate) fn variation() -> Variation {
    let (world, rows) = seeds();
    let rows = rows.into_iter().zip(["10%", "20%", "30%"]).map(|(row, value)| {
        let replay = replay(7, &format!(" --set delivery.fcm.loss={value}"));
        VariationRow { value: value.to_owned(), headline: Headline { seed: 7, replay, ..row }, baseline: None }
    });
    let replay = "reveille forecast by-hand.toml --seed 7 --vary delivery.fcm.loss=10%..30%/3";
    Variation::new(batch(&world, replay), "delivery.fcm.loss".to_owned(), rows.collect())
}

/// The contrast without these faults: no difference, for five pairs.
pub(crate) fn contrast(faults: &[&str]) -> ContrastLine {
    ContrastLine {
        faults: faults.iter().map(ToString::to_string).collect(),
        shown_later: 0,
        delay_ms: None,
        never_shown: 0,
        shown_earlier: 0,
        shown_only_with: 0,
        unchanged: 5,
        only_with: 0,
        only_without: 0,
    }
}
