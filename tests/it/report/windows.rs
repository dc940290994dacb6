//! Risk: what is shown until a time of day is counted by another clock than the device's, or otherwise by one driver than by
//! the other, or lost when parts are merged. The counts are compared with those of a list of every pair, whose local
//! times come from the library of time zones.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZoneDatabase;

use reveille::outcome::{Driver, Outcome, ShownUntil};
use reveille::rules::base::time::SimTime;
use reveille::rules::counting::counts::RunCounts;
use reveille::rules::model::world::World;
use reveille::rules::service::journey::Journey;

use super::summaries::outcome;
use crate::fixtures::drivers::{Results, acted, folded, world};

/// Three sites, of which clocks are put forward in two during the run; messages to groups, and to single devices.
const SCENARIO: &str = r#"
schema = 1
name = "clocks"
start = 2026-03-28T06:00:00Z
duration = "60h"
report = { windows = ["30m", "08:00", "22:15"] }

[fleet]
users = 90
devices_per_user = 2
site = [
    { name = "paris", users = 40, timezone = "Europe/Paris", labels = { side = "east" } },
    { name = "lima", share = 0.5, timezone = "America/Lima", labels = { side = "west" } },
    { name = "london", share = 0.5, timezone = "Europe/London", labels = { side = "east" } },
]

[fleet.defaults]
presence = { offline = 0.4, gap = "3h" }

[[send]]
name = "each"
at = { local = "21:30", zone = "each" }
to = { site = "all" }
title = "t"
body = "b"

[[send]]
name = "all"
schedule = { from = "2h", every = "7h" }
to = { groups = ["All users"] }
title = "t"
body = "b"

[[send]]
name = "at eight"
at = { local = "08:00", timezone = "Europe/Paris" }
to = { site = "paris" }
title = "t"
body = "b"

[[send]]
name = "single"
schedule = { from = "90m", every = "13h" }
to = { devices = { sample = 20 } }
title = "t"
body = "b"

[[expect]]
name = "in the morning"
metric = "reach"
within = "08:00"
by = "label:site"
check = ">= 0.2"
"#;

fn text(seed: u64) -> String {
    format!("seed = {seed}\n{SCENARIO}")
}

/// How long after a moment the next such local time is, in ms, as the library of time zones has it.
fn until(world: &World, zone: &str, accepted_at: SimTime, (hour, minute): (i8, i8)) -> i64 {
    let zone = TimeZoneDatabase::bundled().get(zone).expect("the zone exists");
    let moment = world.start_unix_ms + i64::try_from(accepted_at.ms()).expect("a run is short");
    let accepted = Timestamp::from_millisecond(moment).expect("it is a moment");
    let today = zone.to_datetime(accepted).date();
    let days = [today, today.tomorrow().expect("there is a tomorrow")];
    let moments = days.map(|day| zone.to_timestamp(day.at(hour, minute, 0, 0)).expect("it is a local time"));
    let next = moments.into_iter().find(|next| *next > accepted).expect("it is today or tomorrow");
    next.as_millisecond() - moment
}

/// Shown pairs until each window, by site, from the ends of all pairs.
fn by_list(world: &World, results: &Results) -> BTreeMap<String, Vec<u64>> {
    let mut shown: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    let zones = [("paris", "Europe/Paris"), ("lima", "America/Lima"), ("london", "Europe/London")];
    for ((message, device), fate) in &results.fates {
        let accepted_at = results.counts.messages[message].message.accepted_at;
        let stratum = &world.fleet.strata()[world.fleet.traits(*device).stratum.at()];
        let (site, zone) = zones.iter().find(|(site, _)| stratum.labels["site"] == *site).expect("each has a site");
        let limits = [1_800_000, until(world, zone, accepted_at, (8, 0)), until(world, zone, accepted_at, (22, 15))];
        let counts = shown.entry((*site).to_owned()).or_insert_with(|| vec![0; limits.len()]);
        if matches!(fate.journey, Journey::Shown(_)) {
            let after_ms = fate.at.since(accepted_at).cast_signed();
            counts.iter_mut().zip(limits).for_each(|(count, limit)| *count += u64::from(after_ms <= limit));
        }
    }
    shown
}

fn counted(shown: &BTreeMap<String, ShownUntil>) -> BTreeMap<String, Vec<u64>> {
    let all = |counts: &ShownUntil| counts.iter().map(|count| count.expect("nothing is summarised")).collect();
    shown.iter().map(|(part, counts)| (part.clone(), all(counts))).collect()
}

#[test]
fn what_is_shown_until_a_time_of_day_is_what_a_list_of_all_pairs_says() {
    for seed in 1..=12 {
        let world = world(&text(seed));
        let results = folded(&world);
        let reach = outcome(&world, &results).reach;
        let expected = by_list(&world, &results);
        assert_eq!(counted(&reach.by_site), expected, "seed {seed}");
        let names: Vec<&str> = reach.windows.iter().map(|window| window.window.as_str()).collect();
        assert_eq!(names, ["30m", "08:00", "22:15"]);
        let sum = |at: usize| Some(expected.values().map(|counts| counts[at]).sum::<u64>());
        assert_eq!(reach.overall, [sum(0), sum(1), sum(2)]);
        let east = |at: usize| Some(expected["paris"][at] + expected["london"][at]);
        assert_eq!(reach.by_label["side=east"], [east(0), east(1), east(2)]);
    }
}

#[test]
fn an_expectation_until_a_time_of_day_has_the_share_of_the_report() {
    let world = world(&text(5));
    let outcome: Outcome = outcome(&world, &folded(&world));
    let pairs = |site: &str| outcome.stations.by_site[site].values().sum::<u64>();
    for line in &outcome.expectations {
        let (site, _) = line.name.split_once(':').expect("`by` names the part first");
        let shown = outcome.reach.by_site[site][1].expect("nothing is summarised");
        let observed = line.observed.expect("it was measured");
        assert!((observed - shown as f64 / pairs(site) as f64).abs() < 1e-9, "{line:?}");
    }
    assert_eq!(outcome.expectations.len(), 3);
}

#[test]
fn both_drivers_count_by_the_same_clocks() {
    let world = world(&text(3));
    let clock = |counts: &RunCounts| {
        let cells =
            counts.messages.iter().flat_map(|(message, page)| page.cells.iter().map(move |cell| (*message, cell)));
        cells.map(|(message, cell)| (message, cell.as_ref().map(|cell| cell.by_clock.clone()))).collect::<Vec<_>>()
    };
    let (fold, acts) = (folded(&world), acted(&world));
    assert_eq!(clock(&fold.counts), clock(&acts.counts));
    assert!(clock(&fold.counts).iter().flat_map(|(_, cell)| cell).flatten().any(|count| *count > 0));
}

#[test]
fn a_summarised_send_is_not_counted_by_the_time_of_day_and_says_so() {
    let mut listed = (*world(&text(3))).clone();
    listed.expectations.clear();
    let all = outcome(&listed, &folded(&listed));
    let summarised = Arc::new(World { listed_max: 0, ..listed });
    let short = outcome(&summarised, &folded(&summarised));
    let line =
        |outcome: &Outcome| outcome.messages.iter().find(|line| line.send == "single").expect("it is there").clone();
    let told = line(&short).shown_until.expect("the windows are chosen");
    assert_eq!(told[1..], [None, None]);
    assert!(told[0].is_some(), "a duration is counted all the same");
    assert_eq!((short.reach.overall[0], short.reach.overall[1]), (all.reach.overall[0], None));
    assert_eq!(short.driver, Driver::Forecast);
}
