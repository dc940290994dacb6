//! Renders reports of a forecast in every format, so that a panic is found. Must not look at the texts.

use tokio_util::sync::CancellationToken;

use reveille::outcome::{Driver, Finished, Outcome, RunFacts};
use reveille::report::{ReportLength, Screen, console, html, json, markdown, openmetrics, plan};
use reveille::rules::model::world::World;
use reveille::run::Plan;

/// Minutes of a run whose plots are drawn: a week.
const MINUTES_MAX: u64 = 7 * 24 * 60;

/// Renders all formats.
pub(super) fn all(world: &World, finished: &Finished) {
    if world.horizon.ms().div_ceil(60_000) > MINUTES_MAX {
        return;
    }
    let facts = RunFacts {
        driver: Driver::Forecast,
        wall_ms: 1,
        peak_rss_bytes: None,
        interrupted_at: finished.interrupted_at,
        devices_done: finished.devices_done,
        late_sends: 0,
        replay: String::new(),
    };
    let outcome = Outcome::new(world, &finished.agenda, &finished.totals, facts);
    for report in [json(&outcome), markdown(&outcome), html(&outcome), openmetrics(&outcome)] {
        assert!(!report.is_empty());
    }
    let planned = Plan::new(world, &CancellationToken::new()).expect("nothing stops it");
    assert!(
        !console(&outcome, ReportLength::Whole, Screen::PLAIN).is_empty() && !plan(&planned, Screen::PLAIN).is_empty()
    );
}
