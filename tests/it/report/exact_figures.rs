//! Risk: an expectation is judged by the edge of a histogram's bucket instead of the exact measurement (X37). The
//! figures of both drivers, of parts and of summarised sends are compared with those of a sorted list of every pair's
//! latency.

use std::fmt::Write as _;
use std::sync::Arc;

use hdrhistogram::Histogram;
use rand::RngExt;
use reveille::engine::EngineProgress;
use reveille::outcome::{Distribution, Driver, ExpectationLine, Finished, Outcome, Parts, RunFacts};
use reveille::rules::base::chance::{Chance, Purpose, Stream};
use reveille::rules::base::ids::Key;
use reveille::rules::base::time::SimTime;
use reveille::rules::model::expectation::{Bound, Expectation, Statistic};
use reveille::rules::model::world::World;
use reveille::rules::service::journey::Journey;
use reveille::run::{
    ForecastOptions, ForecastProgress, LiveOptions, Merge, Part, PartFacts, Replay, Shard, forecast, live,
};
use reveille::scenario::{self, Overrides, Source};
use tokio_util::sync::CancellationToken;

use crate::fixtures::program::Folder;
use crate::fixtures::{drivers, generated};

/// Random scenarios in one run of the tests.
const SCENARIOS: u64 = 40;
/// Expectations of a scenario.
const EXPECTATIONS: usize = 24;

/// A pair that an expectation may include: when its message was accepted, and its latency if it was shown.
struct Measured {
    accepted_at: SimTime,
    send: usize,
    stratum: usize,
    latency_ms: Option<u64>,
}

/// Every pair, from the ends in the plain driver.
fn measured(world: &World) -> Vec<Measured> {
    let results = drivers::folded(world);
    assert_eq!(results.fates.len() as u64, results.pairs_sent, "every pair has an end");
    let of = |((message, device), fate): (&(_, _), &reveille::rules::delivery::fate::PairFate)| {
        let message = &results.counts.messages[message].message;
        let is_shown = matches!(fate.journey, Journey::Shown(_));
        Measured {
            accepted_at: message.accepted_at,
            send: message.send.at(),
            stratum: world.fleet.traits(*device).stratum.at(),
            latency_ms: is_shown.then(|| fate.at.since(message.accepted_at)),
        }
    };
    results.fates.iter().map(of).collect()
}

/// Is `sum / count` within a bound of whole milliseconds?
#[expect(clippy::cast_sign_loss, reason = "a bound is not negative")]
fn holds(bound: Bound, sum: u64, count: u64) -> bool {
    let times = |limit: f64| limit as u64 * count;
    match bound {
        Bound::Less(limit) => sum < times(limit),
        Bound::AtMost(limit) => sum <= times(limit),
        Bound::More(limit) => sum > times(limit),
        Bound::AtLeast(limit) => sum >= times(limit),
        Bound::Equal(limit) => sum == times(limit),
        Bound::NotEqual(limit) => sum != times(limit),
        Bound::In(from, to) => times(from) <= sum && sum <= times(to),
    }
}

/// The figure of sorted latencies as a fraction; `None` if there are none.
#[expect(clippy::cast_sign_loss, reason = "a share is not negative")]
fn figure(statistic: Statistic, sorted: &[u64]) -> Option<(u64, u64)> {
    let (first, last) = (*sorted.first()?, *sorted.last()?);
    Some(match statistic {
        Statistic::Min => (first, 1),
        Statistic::Max | Statistic::Value => (last, 1),
        Statistic::Mean => (sorted.iter().sum(), sorted.len() as u64),
        Statistic::Quantile(share) => {
            let tenths_of_a_percent = (share * 1_000.0).round() as usize;
            let rank = (tenths_of_a_percent * sorted.len()).div_ceil(1_000).max(1);
            (sorted[rank - 1], 1)
        }
        Statistic::Count => unreachable!("a count of durations is refused"),
    })
}

/// The latencies of an expectation within a span of acceptances, sorted; `None` if there is no pair.
fn latencies(world: &World, pairs: &[Measured], of: &Expectation, from: u64, to: u64) -> Option<Vec<u64>> {
    let is_asked = |pair: &&Measured| {
        let (send, stratum) = (&world.sends[pair.send], &world.fleet.strata()[pair.stratum]);
        let ix = reveille::rules::base::ids::SendIx(u32::try_from(pair.send).expect("sends are few"));
        of.filter.takes_send(ix, send)
            && of.filter.takes_stratum(stratum)
            && of.during.may_contain(pair.accepted_at, &world.faults, world.horizon)
            && (from..to).contains(&pair.accepted_at.ms())
    };
    let asked: Vec<&Measured> = pairs.iter().filter(is_asked).collect();
    let mut sorted: Vec<u64> = asked.iter().filter_map(|pair| pair.latency_ms).collect();
    sorted.sort_unstable();
    (!asked.is_empty()).then_some(sorted)
}

/// Does it hold for these latencies? Without a measurement it does not.
fn is_met(of: &Expectation, sorted: &[u64]) -> bool {
    figure(of.check.statistic, sorted).is_some_and(|(sum, count)| holds(of.check.bound, sum, count))
}

/// Is an expectation met, by the sorted list?
fn expected(world: &World, pairs: &[Measured], of: &Expectation) -> bool {
    let horizon = world.horizon.ms();
    let Some(window) = of.window_ms else {
        return is_met(of, &latencies(world, pairs, of, 0, horizon).unwrap_or_default());
    };
    // The content of a window changes only where a message enters or leaves it.
    let edges =
        pairs.iter().flat_map(|pair| [pair.accepted_at.ms() + 1, (pair.accepted_at.ms() + 1).saturating_sub(window)]);
    let mut begins: Vec<u64> = edges.chain([0]).filter(|from| from + window <= horizon).collect();
    begins.sort_unstable();
    begins.dedup();
    let windows = begins.into_iter().filter_map(|from| latencies(world, pairs, of, from, from + window));
    let met: Vec<bool> = windows.map(|sorted| is_met(of, &sorted)).collect();
    !met.is_empty() && met.into_iter().all(|met| met)
}

/// Would the edge of a bucket have judged a quantile differently?
fn is_decided_by_an_edge(of: &Expectation, sorted: &[u64]) -> bool {
    let (Statistic::Quantile(share), Some(last)) = (of.check.statistic, sorted.last()) else { return false };
    let mut histogram = Histogram::<u32>::new_with_bounds(1, 1 << 32, 2).expect("the bounds are valid");
    for ms in sorted {
        histogram.saturating_record(*ms);
    }
    let mut by_buckets = Distribution::default();
    by_buckets.add(&histogram, *last);
    let edge = by_buckets.quantile(Parts::nearest(share)).expect("there are samples");
    holds(of.check.bound, edge, 1) != is_met(of, sorted)
}

struct Dice(Stream);

impl Dice {
    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.0.random_range(0..of.len())]
    }

    /// An expectation whose bounds are equal or close to existing latencies.
    fn expectation(&mut self, name: usize, sorted: &[u64]) -> String {
        let statistic = self.one(&["min ", "max ", "avg ", "med ", "med ", "p(95) ", "p(10) ", "p(99.9) ", "p(33.3) "]);
        let mut limit = || {
            let near = self.one(sorted).saturating_add_signed(self.one(&[-1, 0, 0, 1]));
            if self.one(&[true, false, false]) { sorted.iter().sum::<u64>() / sorted.len() as u64 } else { near }
        };
        let (one, other) = (limit(), limit());
        let check = match self.one(&["<", "<=", ">", ">=", "==", "!=", "in"]) {
            "in" => format!("in [{}ms, {}ms]", one.min(other), one.max(other)),
            sign => format!("{sign} {one}ms"),
        };
        let keys = self.one(&[
            "",
            "",
            "where = { platform = \"android\" }\n",
            "where = { send = \"s0\" }\n",
            "where = { send = \"s1\", gateway = \"apns\" }\n",
            "where = { labels = { region = \"north\" } }\n",
            "by = \"platform\"\n",
            "by = \"send\"\n",
            "window = \"10m\"\n",
            "window = \"40m\"\nwhere = { gateway = \"fcm\" }\n",
            "during = \"fault:f0\"\n",
            "during = \"before\"\n",
        ]);
        format!("[[expect]]\nname = \"e{name}\"\nmetric = \"delivery\"\ncheck = \"{statistic}{check}\"\n{keys}")
    }
}

/// The record of a driver's results.
fn outcome(world: &World, driver: Driver, finished: &Finished) -> Outcome {
    let facts = RunFacts {
        driver,
        wall_ms: 5,
        peak_rss_bytes: None,
        interrupted_at: None,
        devices_done: finished.devices_done,
        late_sends: 0,
        replay: String::new(),
    };
    Outcome::new(world, &finished.agenda, &finished.totals, facts)
}

fn forecasted(world: &World, shard: Shard) -> Finished {
    let options = ForecastOptions { threads: 1, shard, ..ForecastOptions::default() };
    forecast(world, options, &ForecastProgress::default(), &CancellationToken::new()).expect("there is a thread")
}

fn acted(world: &Arc<World>) -> Finished {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime starts");
    let stop = tokio_util::sync::CancellationToken::new();
    let options = LiveOptions { shards: 2, ..LiveOptions::new(20_000, stop) };
    runtime
        .block_on(live(world.clone(), options, Arc::<EngineProgress>::default()))
        .expect("the engine goes through it")
}

/// The merge of three parts, each as bytes.
fn merged(world: &World, portable: &str) -> Outcome {
    let mut merge = Merge::default();
    for number in 1..=3 {
        let shard = Shard::new(number, 3).expect("it is a shard");
        let replay = Replay::new("t.toml", None, &[]);
        let facts = PartFacts { scenario: portable.to_owned(), replay, peak_rss_bytes: None };
        let part = Part::new(world, shard, forecasted(world, shard), facts);
        merge.add(&format!("{number}.rvl"), &part.to_bytes()).expect("it is a part of it");
    }
    let merged = merge.finish().expect("all are there");
    Outcome::new(&merged.world, &merged.finished.agenda, &merged.finished.totals, merged.facts)
}

/// The same without a list of the messages to single devices.
fn summarised(world: &World) -> Outcome {
    let world = World { listed_max: 0, ..world.clone() };
    outcome(&world, Driver::Forecast, &forecasted(&world, Shard::WHOLE))
}

/// A figure of the report equals the sorted list's, or is in its bucket and on the right side of the bound.
#[expect(clippy::cast_sign_loss, reason = "a figure is not negative")]
fn check_figure(of: &Expectation, line: &ExpectationLine, sorted: &[u64], text: &str) {
    let Some((sum, count)) = figure(of.check.statistic, sorted) else {
        assert_eq!(line.observed, None, "{}: nothing was shown in\n{text}", line.name);
        return;
    };
    let (observed, exact) = (line.observed.expect("it was measured"), sum as f64 / count as f64);
    match of.check.statistic {
        Statistic::Quantile(_) => {
            assert!((exact..=exact * 1.01).contains(&observed), "{}: {observed} for {exact} in\n{text}", line.name);
            assert_eq!(holds(of.check.bound, observed as u64, 1), line.ok, "{}: {observed} in\n{text}", line.name);
        }
        _ => assert!((observed - exact).abs() < 1e-6, "{}: {observed} for {exact} in\n{text}", line.name),
    }
}

#[test]
fn expectations_are_judged_as_by_a_sorted_list_of_all_latencies_x37() {
    let (mut judged, mut met, mut decided) = (0, 0, 0);
    for number in 7_000..7_000 + SCENARIOS {
        let plain = generated::scenario(number);
        let pairs = measured(&drivers::world(&plain));
        let mut sorted: Vec<u64> = pairs.iter().filter_map(|pair| pair.latency_ms).collect();
        sorted.sort_unstable();
        if sorted.is_empty() {
            continue;
        }
        let mut dice = Dice(Chance::new(number).stream(Purpose::Plan, Key(2)));
        let mut text = plain.clone();
        for name in 0..EXPECTATIONS {
            let expectation = dice.expectation(name, &sorted);
            // The check refuses expectations that could never be measured, or never fail.
            if drivers::try_world(&format!("{plain}{expectation}")).is_ok() {
                text.push_str(&expectation);
            }
        }
        let source = Source::new("scenario.toml", text.clone());
        let loaded = scenario::load(&source, &mut |_| Err("no includes".to_owned()), &Overrides::default());
        let loaded = loaded.unwrap_or_else(|problems| panic!("{problems}\n{text}"));
        let world = Arc::new(loaded.world);
        let outcomes = [
            outcome(&world, Driver::Forecast, &forecasted(&world, Shard::WHOLE)),
            outcome(&world, Driver::Actors, &acted(&world)),
            merged(&world, &loaded.portable),
            summarised(&world),
        ];
        for (at, of) in world.expectations.iter().enumerate() {
            let is_met = expected(&world, &pairs, of);
            let sorted = latencies(&world, &pairs, of, 0, world.horizon.ms()).unwrap_or_default();
            (judged, met) = (judged + 1, met + u32::from(is_met));
            decided += u32::from(of.window_ms.is_none() && is_decided_by_an_edge(of, &sorted));
            for (nth, outcome) in outcomes.iter().enumerate() {
                let line = &outcome.expectations[at];
                assert_eq!(
                    line.ok, is_met,
                    "way {nth}, {} ({}) saw {} in\n{text}",
                    of.name, of.check.text, line.observed_text
                );
                if of.window_ms.is_none() {
                    check_figure(of, line, &sorted, &text);
                }
            }
        }
    }
    assert!(judged > 500 && met * 4 > judged && met * 4 < judged * 3, "{met} of {judged} hold");
    assert!(decided > 20, "only {decided} would have been decided by the edge of a bucket");
}

/// Two messages, one with a latency of exactly 10 min, the other of 70 min: 10 min is inside a bucket.
const BOUNDARY: &str = r#"schema = 1
name = "boundary"
duration = "4h"
[[user]]
name = "u"
[[device]]
name = "d1"
user = "u"
platform = "ios"
[[device]]
name = "d2"
user = "u"
platform = "ios"
[delivery.apns]
latency = "10m"
loss = 0
[[send]]
name = "s"
at = "1m"
to = { devices = ["d1"] }
title = "t"
body = "b"
[[send]]
name = "late"
at = "2h"
to = { devices = ["d2"] }
title = "t"
body = "b"
[[fault]]
name = "slow"
kind = "delay"
at = "90m"
delay = "1h"
"#;

/// Checks of `delivery` that hold in [`BOUNDARY`], and whether only for the first message.
const HOLDS: &[(&str, bool)] = &[
    ("med <= 10m", false),
    ("med == 10m", false),
    ("med > 599999ms", false),
    ("med < 600001ms", false),
    ("med in [10m, 10m]", false),
    ("p(50) != 599999ms", false),
    ("p(51) > 1h", false),
    ("p(99) == 70m", false),
    ("min <= 10m", false),
    ("min == 10m", false),
    ("avg == 40m", false),
    ("max == 70m", false),
    ("avg <= 10m", true),
    ("p(95) <= 10m", true),
    ("p(95) >= 10m", true),
];

#[test]
fn a_fixed_latency_of_10_min_is_at_most_10_min_in_every_command_x37() {
    let mut text = BOUNDARY.to_owned();
    for (at, (check, is_of_the_first)) in HOLDS.iter().enumerate() {
        let only = if *is_of_the_first { "where = { send = \"s\" }\n" } else { "" };
        let _ = write!(text, "[[expect]]\nname = \"e{at}\"\nmetric = \"delivery\"\ncheck = \"{check}\"\n{only}");
    }
    let folder = Folder::new("exact-figures");
    folder.write("t.toml", &text);
    let parts = ["1/2", "2/2"].map(|shard| {
        folder.run(&["forecast", "t.toml", "--shard", shard, "--report", &format!("{}.rvl", &shard[..1])])
    });
    for part in parts {
        part.exits(0);
    }
    for command in [
        &["forecast", "t.toml"][..],
        &["run", "t.toml", "--speed", "max"],
        &["merge", "1.rvl", "2.rvl"],
        &["forecast", "t.toml", "--seeds", "1..3"],
        &["forecast", "t.toml", "--vary", "delivery.fcm.loss=0..30%/2"],
    ] {
        let said = folder.run(command);
        assert_eq!(said.code, Some(0), "{command:?}:\n{}\n{}", said.out, said.err);
    }
    folder.write("f.toml", &text.replace("med <= 10m", "med < 10m"));
    let said = folder.run(&["forecast", "f.toml"]).exits(99);
    assert_eq!(said.out.matches("✗").count(), 1, "{}", said.out);
}
