//! Risk: a summary from the start of a run differs from the sum of all messages, or its messages are stored one by one
//! all the same.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use reveille::outcome::{Driver, Outcome, RunFacts};
use reveille::report;
use reveille::rules::base::ids::SendIx;
use reveille::rules::counting::counts::{Cells, StratumCounts};
use reveille::rules::model::world::World;
use reveille::rules::service::message::MessageKind;
use reveille::rules::timeline::summary::{Summarised, Summary};
use reveille::run::{ForecastOptions, ForecastProgress, Merge, Part, PartFacts, Replay, Shard, forecast};
use reveille::scenario::{self, Overrides, Source};

use crate::fixtures::drivers::{How, Results, acted_how, folded, try_world, world};
use crate::fixtures::generated;
use crate::model::parity::forecasted;

/// Random scenarios in one run of the tests.
const SCENARIOS: u64 = 150;

/// Expectations about messages to single devices and, for every third number, about one send by the hour.
fn expecting(number: u64) -> String {
    let mut text = generated::scenario(number);
    let mut expect = |name: &str, rest: &str| {
        let _ = writeln!(text, "[[expect]]\nname = \"{name}\"\n{rest}");
    };
    let sends = "metric = \"sends\"\ncheck = \">= 1\"\nwhere = { kind = \"device\", outcome =";
    expect("taken", &format!("{sends} \"accepted\" }}"));
    expect("not taken", &format!("{sends} \"refused\", reason = \"device_quota\" }}"));
    expect("reach", "metric = \"reach\"\nwithin = \"10m\"\ncheck = \">= 50%\"\nwhere = { kind = \"device\" }");
    expect("late", "metric = \"delivery\"\ncheck = \"p(90) < 1m\"\nwhere = { platform = \"android\" }");
    if number.is_multiple_of(3) {
        let by_the_hour = "metric = \"sends\"\nwindow = \"1h\"\ncheck = \"<= 10\"\nwhere = { send = \"s1\" }";
        expect("by the hour", by_the_hour);
    }
    text
}

pub(super) fn outcome(world: &World, results: &Results) -> Outcome {
    let totals = reveille::engine::RunTotals {
        counts: results.counts.clone(),
        pairs_sent: results.pairs_sent,
        changes_slowed: results.changes_slowed.clone(),
        struck: results.struck.clone(),
        lag: Vec::new(),
        restarts: results.restarts,
        fates: None,
    };
    let facts = RunFacts {
        driver: Driver::Forecast,
        wall_ms: 5,
        peak_rss_bytes: None,
        interrupted_at: None,
        devices_done: None,
        late_sends: 0,
        replay: "again".to_owned(),
    };
    Outcome::new(world, &results.agenda, &totals, facts)
}

/// The cells of single messages of each send, summed.
fn added(results: &Results, summarised: &Summarised) -> BTreeMap<SendIx, Cells> {
    let mut sums = BTreeMap::<SendIx, Cells>::new();
    for page in results.counts.messages.values().filter(|page| summarised.has(page.message.send)) {
        let sum = sums.entry(page.message.send).or_insert_with(|| vec![None; page.cells.len()]);
        for (sum, cell) in sum.iter_mut().zip(&page.cells) {
            match (sum, cell) {
                (Some(sum), Some(cell)) => sum.merge(cell),
                (sum @ None, Some(cell)) => *sum = Some(cell.clone()),
                (_, None) => {}
            }
        }
    }
    sums
}

#[test]
fn summaries_are_the_sum_of_all_messages_with_either_driver() {
    let (mut messages, mut refused, mut by_the_hour) = (0, 0, 0);
    for number in 20_000..20_000 + SCENARIOS {
        let Ok(one_by_one) = try_world(&expecting(number)) else { continue };
        assert!(!Summarised::of(&one_by_one).any(), "a small world lists everything");
        let at_once = Arc::new(World { listed_max: 0, ..(*one_by_one).clone() });
        let summarised = Summarised::of(&at_once);
        let listed = folded(&one_by_one);
        let how = How { shards: [1, 2, 5][number as usize % 3], ..How::default() };
        let drivers = [
            ("the plain driver", folded(&at_once)),
            ("the actors", acted_how(&at_once, &how)),
            ("the forecast", forecasted(&at_once, 2, Some(3))),
        ];
        for (who, found) in drivers {
            let what = format!("{who}, scenario {number}:\n{}", expecting(number));
            assert_eq!((found.digest(), &found.fates), (listed.digest(), &listed.fates), "{what}");
            assert_eq!(found.counts.summaries, added(&listed, &summarised), "{what}");
            let mut ledger = BTreeMap::<SendIx, Summary>::new();
            for entry in listed.agenda.ledger().iter().filter(|entry| summarised.has(entry.send)) {
                ledger.entry(entry.send).or_default().add(entry);
            }
            assert_eq!(*found.agenda.summaries(), ledger, "{what}");
            // Messages that are not summarised are the same as without.
            let others = listed.counts.messages.iter().filter(|(_, page)| !summarised.has(page.message.send));
            assert!(found.counts.messages.iter().eq(others), "{what}");
            let others = listed.agenda.ledger().iter().filter(|entry| !summarised.has(entry.send));
            assert!(found.agenda.ledger().iter().eq(others), "{what}");
            let (got, expected) = (outcome(&at_once, &found), outcome(&at_once, &listed));
            assert_eq!(report::json(&got), report::json(&expected), "{what}");
            messages += ledger.values().map(|summary| summary.accepted).sum::<u64>();
            refused += ledger.values().map(|summary| summary.refused.iter().sum::<u64>()).sum::<u64>();
        }
        let singles = (0..).zip(&one_by_one.sends).filter(|(_, send)| send.target.kind() == MessageKind::Device);
        let closely = singles.filter(|(ix, _)| !summarised.has(SendIx(*ix)));
        by_the_hour += closely.count();
    }
    assert!(messages > 3_000 && refused > 300 && by_the_hour > 10, "{messages} {refused} {by_the_hour}");
}

/// 20,001 messages to single devices and two to groups.
pub(crate) const MANY: &str = "schema = 1\nname = \"many\"\nduration = \"3h\"\n[fleet]\nusers = 6667\n\
    [[send]]\nname = \"all\"\nschedule = { from = \"1m\", every = \"1h\", count = 2 }\n\
    to = { groups = [\"All users\"] }\ntitle = \"t\"\nbody = \"b\"\n\
    [[send]]\nname = \"each\"\nschedule = { from = \"5m\", every = \"10m\", count = 3 }\n\
    to = { devices = \"all\" }\ntitle = \"t\"\nbody = \"b\"\n";

#[test]
fn twenty_thousand_messages_leave_one_page_and_one_line() {
    let world = world(MANY);
    let plain = folded(&world);
    for found in [&plain, &acted_how(&world, &How::default()), &forecasted(&world, 2, None)] {
        assert_eq!((found.counts.messages.len(), found.counts.summaries.len()), (2, 1));
        assert_eq!((found.agenda.ledger().len(), found.agenda.summaries().len()), (2, 1));
        let summary = &found.agenda.summaries()[&SendIx(1)];
        assert_eq!((summary.entries, summary.attempts), (20_001, 20_001));
        assert!(summary.accepted > 15_000, "{summary:?}");
        assert_eq!(
            found.counts.summaries[&SendIx(1)].iter().flatten().map(|cell| cell.pairs()).sum::<u64>(),
            summary.accepted
        );
        assert_eq!((found.digest(), &found.counts), (plain.digest(), &plain.counts));
        assert_eq!(report::json(&outcome(&world, found)), report::json(&outcome(&world, &plain)));
    }
    let lines = outcome(&world, &plain).messages;
    assert_eq!(
        lines.iter().map(|line| (line.summarised, line.entries)).collect::<Vec<_>>(),
        [(true, Some(2)), (true, Some(20_001))]
    );
}

#[test]
fn a_window_keeps_the_messages_that_it_looks_at() {
    let window = "[[expect]]\nname = \"w\"\nmetric = \"reach\"\nwithin = \"1h\"\nwindow = \"30m\"\ncheck = \">= 1%\"\n";
    let closely = world(&format!("{MANY}{window}where = {{ kind = \"device\" }}\n"));
    let found = acted_how(&closely, &How::default());
    assert_eq!((found.counts.summaries.len(), found.agenda.ledger().len()), (0, 20_003));
    let groups = world(&format!("{MANY}{window}where = {{ kind = \"group\" }}\n"));
    assert!(Summarised::of(&groups).has(SendIx(1)), "it looks at other messages");
    assert_eq!(found.digest(), folded(&groups).digest());
}

#[test]
fn parts_of_a_summarised_forecast_are_small_and_make_the_whole() {
    let source = Source::new("scenario.toml", MANY);
    let loaded = scenario::load(&source, &mut |_| Err("no includes".to_owned()), &Overrides::default());
    let loaded = loaded.unwrap_or_else(|problems| panic!("{problems}"));
    let mut merge = Merge::default();
    for number in [3, 1, 2] {
        let shard = Shard::new(number, 3).expect("it is a shard");
        let options = ForecastOptions { threads: 1, shard, ..ForecastOptions::default() };
        let never = CancellationToken::new();
        let finished =
            forecast(&loaded.world, options, &ForecastProgress::default(), &never).expect("there is a thread");
        let facts = PartFacts {
            scenario: loaded.portable.clone(),
            replay: Replay::new("t.toml", None, &[]),
            peak_rss_bytes: None,
        };
        let bytes = Part::new(&loaded.world, shard, finished, facts).to_bytes();
        assert!(bytes.len() < 40_000, "{} bytes: two a message at most", bytes.len());
        merge.add(&number.to_string(), &bytes).expect("it is a part of it");
    }
    let merged = merge.finish().expect("all are there");
    let (whole, totals) = (forecasted(&loaded.world, 1, None), merged.finished.totals);
    assert_eq!((&totals.counts, totals.pairs_sent), (&whole.counts, whole.pairs_sent));
    assert_eq!(merged.finished.agenda.summaries(), whole.agenda.summaries());
    let pairs: u64 = totals.counts.cells().map(StratumCounts::pairs).sum();
    assert_eq!(pairs, totals.pairs_sent);
}
