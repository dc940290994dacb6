//! Risk: a pair is missing from the totals, or counted twice.

use reveille::rules::counting::counts::{Minute, RunCounts, StratumCounts};
use reveille::rules::service::journey::{Journey, Station};

use crate::fixtures::drivers::{How, Results, acted_how, folded, world};
use crate::fixtures::generated::scenario;

/// Sums that must be equal, by name.
fn sums(results: &Results) -> Vec<(&'static str, u64)> {
    let cells = || results.counts.cells();
    let by_series: i64 = results.counts.minutes.iter().map(Minute::settled).sum();
    let open: i64 = results.counts.minutes.iter().map(|minute| minute.opened.iter().sum::<i64>()).sum();
    vec![
        ("sent by the tenant", results.pairs_sent),
        ("by class", cells().map(StratumCounts::pairs).sum()),
        ("by journey", cells().flat_map(|cell| cell.by_journey().map(|(_, count)| count)).sum()),
        ("by fate", results.fates.len() as u64),
        ("settled and open, by the series", u64::try_from(by_series + open).expect("no negative sum")),
    ]
}

#[test]
fn every_pair_is_in_exactly_one_station_with_either_driver() {
    for number in 0..120 {
        let world = world(&scenario(number));
        for results in [folded(&world), acted_how(&world, &How { shards: 5, resident: 20, ..How::default() })] {
            let sums = sums(&results);
            assert!(sums.iter().all(|(_, n)| *n == sums[0].1), "scenario {number}: {sums:?}\n{}", scenario(number));
            for ((message, _), fate) in &results.fates {
                let page = results.counts.messages.get(message).expect("its page is open");
                let counted: u64 = page
                    .cells
                    .iter()
                    .flatten()
                    .flat_map(|cell| cell.by_journey())
                    .filter(|(journey, _)| *journey == fate.journey)
                    .map(|(_, count)| count)
                    .sum();
                assert!(counted > 0, "scenario {number}: {:?} is counted", fate.journey);
            }
        }
    }
}

#[test]
fn every_shown_pair_is_in_the_histogram_and_every_dismissed_pair_was_shown() {
    for number in 0..120 {
        let results = folded(&world(&scenario(number)));
        for cell in results.counts.cells() {
            let shown = cell.station(Station::Shown);
            assert_eq!(cell.latency.len(), shown);
            let counts = [cell.dismissed, cell.exposed, cell.reach.iter().sum::<u32>()];
            assert!(counts.into_iter().all(|count| u64::from(count) <= shown), "{counts:?} of {shown}");
        }
        let dismissed = results.fates.values().filter(|fate| fate.dismissed_at.is_some());
        assert!(dismissed.clone().all(|fate| matches!(fate.journey, Journey::Shown(_))));
        assert_eq!(dismissed.count() as u64, results.counts.dismissals.iter().sum::<u64>());
    }
}

#[test]
fn partial_totals_merge_to_the_whole_in_any_order() {
    let world = world(&scenario(11));
    let whole = folded(&world).counts;
    let mut empty = RunCounts::new(&world);
    empty.merge(whole.clone());
    assert_eq!(empty, whole);
}
