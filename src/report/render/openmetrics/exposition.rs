//! The metrics of a report and their values at every moment, with the names and labels of the live ones. A counter must
//! never fall.

use std::collections::BTreeMap;

use strum::VariantArray as _;

use crate::metrics::Name;
use crate::outcome::{Counts, Driver, MinuteLine, Outcome, latency_buckets};
use crate::rules::base::limits::GROUP_MESSAGES_PER_HOUR;
use crate::rules::service::journey::{BlockCause, SkipCause, Station, WaitCause};
use crate::rules::service::message::{MessageKind, Reason};

use super::page::{Labels, MetricsPage, Thousandths};
use crate::report::document::frames::{Frame, frames};
use crate::report::document::slots::free_again_ms;

const KINDS: [MessageKind; 2] = [MessageKind::Group, MessageKind::Device];

/// The whole report, ending with `# EOF`. Times are the scenario's start plus model time.
pub fn openmetrics(outcome: &Outcome) -> String {
    let frames = frames(outcome);
    let mut page = MetricsPage::new(outcome.start_unix_ms);
    messages(&frames, &mut page);
    journeys(outcome, &frames, &mut page);
    deliveries(outcome, &frames, &mut page);
    faults(outcome, &frames, &mut page);
    quota(outcome, &frames, &mut page);
    drivers_own(outcome, &frames, &mut page);
    run(outcome, &frames, &mut page);
    page.finish()
}

fn messages(frames: &[Frame<'_>], page: &mut MetricsPage) {
    page.family(Name::MessagesAccepted);
    for kind in KINDS.map(MessageKind::name) {
        let labels = Labels::new(Name::MessagesAccepted, &[kind]);
        counter(Name::MessagesAccepted, &labels, frames, page, |line| of(&line.accepted_by, kind));
    }
    page.family(Name::MessagesRefused);
    let of_kind = |kind: MessageKind| Reason::VARIANTS.iter().map(move |reason| (kind.name(), reason.name()));
    for (kind, reason) in KINDS.into_iter().flat_map(of_kind) {
        let (labels, key) = (Labels::new(Name::MessagesRefused, &[kind, reason]), format!("{kind}/{reason}"));
        counter(Name::MessagesRefused, &labels, frames, page, |line| of(&line.refused_by, &key));
    }
}

fn journeys(outcome: &Outcome, frames: &[Frame<'_>], page: &mut MetricsPage) {
    page.family(Name::JourneysSettled);
    for platform in outcome.stations.by_platform.keys() {
        for (station, cause) in ends(outcome) {
            let key = MinuteLine::settled_key(platform, station.name(), cause);
            let labels = [platform, station.name(), cause.unwrap_or("none")];
            let labels = Labels::new(Name::JourneysSettled, &labels);
            let added = |line: &MinuteLine| line.settled_by.get(&key).copied().unwrap_or(0);
            counter(Name::JourneysSettled, &labels, frames, page, added);
        }
    }
    page.family(Name::JourneysOpen);
    for &cause in WaitCause::VARIANTS {
        let labels = Labels::new(Name::JourneysOpen, &[cause.name()]);
        gauge(Name::JourneysOpen, &labels, frames, page, |line| line.open.of(cause));
    }
    page.family(Name::Dismissals);
    for platform in outcome.stations.by_platform.keys() {
        let labels = Labels::new(Name::Dismissals, &[platform]);
        counter(Name::Dismissals, &labels, frames, page, |line| of(&line.dismissed_by, platform));
    }
}

/// Every way to settle: a station and its cause, if it has any.
fn ends(outcome: &Outcome) -> impl Iterator<Item = (Station, Option<&str>)> {
    let skipped = SkipCause::VARIANTS.iter().map(|cause| (Station::Skipped, Some(cause.name())));
    let blocked = BlockCause::VARIANTS.iter().map(|cause| (Station::Blocked, Some(cause.name())));
    let lost = outcome.faults.iter().map(|fault| (Station::Lost, Some(fault.name.as_str())));
    let without = [Station::Superseded, Station::Discarded, Station::Expired, Station::Shown].map(|end| (end, None));
    skipped.chain(blocked).chain([(Station::Lost, Some("gateway"))]).chain(lost).chain(without)
}

fn deliveries(outcome: &Outcome, frames: &[Frame<'_>], page: &mut MetricsPage) {
    page.family(Name::Delivery);
    for platform in outcome.stations.by_platform.keys() {
        let labels = Labels::new(Name::Delivery, &[platform]);
        let (mut sum_ms, mut by_latency) = (0, BTreeMap::<&str, u64>::new());
        let moves = outcome.series.iter().any(|line| line.delivered.contains_key(platform));
        for frame in sampled(frames, moves) {
            if let Some(delivered) = frame.fresh().and_then(|line| line.delivered.get(platform)) {
                sum_ms += delivered.sum_ms;
                for (bucket, pairs) in &delivered.by_latency {
                    *by_latency.entry(bucket).or_default() += pairs;
                }
            }
            page.histogram(Name::Delivery, &labels, &up_to(&by_latency), sum_ms, frame.at_ms);
        }
    }
}

/// Pairs up to each bound.
fn up_to(by_latency: &BTreeMap<&str, u64>) -> Vec<(String, u64)> {
    let mut pairs = 0;
    latency_buckets()
        .map(|bound| {
            pairs += by_latency.get(bound.as_str()).copied().unwrap_or(0);
            (bound, pairs)
        })
        .collect()
}

fn faults(outcome: &Outcome, frames: &[Frame<'_>], page: &mut MetricsPage) {
    page.family(Name::FaultActive);
    for fault in &outcome.faults {
        let labels = Labels::new(Name::FaultActive, &[&fault.name]);
        let is_active = |line: &MinuteLine| i64::from(line.faults_in_force.contains(&fault.name));
        gauge(Name::FaultActive, &labels, frames, page, is_active);
    }
    page.family(Name::FaultTouched);
    for fault in &outcome.faults {
        let labels = Labels::new(Name::FaultTouched, &[&fault.name]);
        total(Name::FaultTouched, &labels, frames, page, fault.touched);
    }
}

/// Slots that were taken in a minute count until they are free again; a sample shows the moment before it.
fn quota(outcome: &Outcome, frames: &[Frame<'_>], page: &mut MetricsPage) {
    page.family(Name::GroupQuotaRemaining);
    let labels = Labels::new(Name::GroupQuotaRemaining, &[]);
    let (mut window, mut next_slots) = (BTreeMap::<u64, u64>::new(), Vec::new());
    for frame in frames {
        if let Some(line) = frame.fresh().filter(|line| line.group_slots > 0) {
            *window.entry(free_again_ms(outcome, line.minute)).or_default() += line.group_slots;
        }
        window = window.split_off(&frame.at_ms);
        let remaining = (GROUP_MESSAGES_PER_HOUR as u64).saturating_sub(window.values().sum());
        page.sample(Name::GroupQuotaRemaining, &labels, remaining, frame.at_ms);
        let next_ms = if remaining == 0 { window.keys().next().map_or(0, |free| free - frame.at_ms) } else { 0 };
        next_slots.push((frame.at_ms, next_ms));
    }
    page.family(Name::GroupQuotaNextSlot);
    let labels = Labels::new(Name::GroupQuotaNextSlot, &[]);
    for (at_ms, next_ms) in next_slots {
        page.sample(Name::GroupQuotaNextSlot, &labels, Thousandths(next_ms.into()), at_ms);
    }
}

/// Metrics that depend on the driver.
fn drivers_own(outcome: &Outcome, frames: &[Frame<'_>], page: &mut MetricsPage) {
    page.family(Name::ClockSpeed);
    let speed = Thousandths(outcome.speed_thousandths.into());
    for frame in frames {
        page.sample(Name::ClockSpeed, &Labels::new(Name::ClockSpeed, &[]), speed, frame.at_ms);
    }
    let Some(restarts) = outcome.restarts.filter(|_| outcome.driver == Driver::Actors) else { return };
    page.family(Name::ActorRestarts);
    for (kind, restarts) in [("shard", restarts.shard), ("device", restarts.device), ("portal", restarts.portal)] {
        total(Name::ActorRestarts, &Labels::new(Name::ActorRestarts, &[kind]), frames, page, restarts);
    }
    page.family(Name::GeneratorLate);
    total(Name::GeneratorLate, &Labels::new(Name::GeneratorLate, &[]), frames, page, outcome.late_sends);
}

fn run(outcome: &Outcome, frames: &[Frame<'_>], page: &mut MetricsPage) {
    page.family(Name::ConservationError);
    let labels = Labels::new(Name::ConservationError, &[]);
    let error = signed(outcome.conservation.sent) - signed(outcome.conservation.counted);
    let last = frames.last().expect("there is the start");
    page.sample(Name::ConservationError, &labels, error, last.at_ms);
    page.family(Name::ModelTime);
    let labels = Labels::new(Name::ModelTime, &[]);
    for frame in frames {
        page.sample(Name::ModelTime, &labels, Thousandths(frame.at_ms.into()), frame.at_ms);
    }
    let seed = outcome.seed.to_string();
    for (name, values) in [
        (Name::BuildInfo, &[outcome.version.as_str()][..]),
        (Name::ScenarioInfo, &[outcome.scenario.as_str(), &seed, &outcome.profile]),
    ] {
        page.family(name);
        let labels = Labels::new(name, values);
        for frame in frames {
            page.sample(name, &labels, 1, frame.at_ms);
        }
    }
}

/// A counter that grows by each minute's increment. Increments that a later minute takes back (X12) are not counted at
/// all: the value at a moment is the smallest that the sum has from then on.
fn counter(
    name: Name,
    labels: &Labels,
    frames: &[Frame<'_>],
    page: &mut MetricsPage,
    added: impl Fn(&MinuteLine) -> i64,
) {
    let mut sum = 0;
    let mut values: Vec<i64> = frames
        .iter()
        .map(|frame| {
            sum += frame.fresh().map_or(0, &added);
            sum
        })
        .collect();
    let mut least = sum;
    for value in values.iter_mut().rev() {
        least = least.min(*value);
        *value = least;
    }
    let all: Vec<(&Frame<'_>, i64)> = frames.iter().zip(values).collect();
    for (frame, value) in sampled(&all, sum != 0) {
        page.sample(name, labels, value, frame.at_ms);
    }
}

/// A gauge whose value is held between minutes; 0 at the start.
fn gauge(
    name: Name,
    labels: &Labels,
    frames: &[Frame<'_>],
    page: &mut MetricsPage,
    value: impl Fn(&MinuteLine) -> i64,
) {
    let all: Vec<(&Frame<'_>, i64)> = frames.iter().map(|frame| (frame, frame.known.map_or(0, &value))).collect();
    let moves = all.iter().any(|(_, value)| *value != 0);
    for (frame, value) in sampled(&all, moves) {
        page.sample(name, labels, value, frame.at_ms);
    }
}

/// A counter of which only the total is recorded: 0 at the start, and the total at the end.
fn total(name: Name, labels: &Labels, frames: &[Frame<'_>], page: &mut MetricsPage, total: u64) {
    let (first, last) = (&frames[0], frames.last().expect("there is the start"));
    if first.at_ms < last.at_ms {
        page.sample(name, labels, 0, first.at_ms);
    }
    page.sample(name, labels, total, last.at_ms);
}

/// All samples; for a constant series only the first and the last, to save space.
fn sampled<T>(all: &[T], moves: bool) -> impl Iterator<Item = &T> {
    let last = all.len() - 1;
    all.iter().enumerate().filter(move |(at, _)| moves || *at == 0 || *at == last).map(|(_, one)| one)
}

fn of(counts: &Counts, word: &str) -> i64 {
    signed(counts.get(word).copied().unwrap_or(0))
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).expect("no run has more pairs than fit into a record")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::fixture::usual;

    #[test]
    fn has_the_final_values_of_a_live_run() {
        let outcome = usual("").outcome(None);
        let page = openmetrics(&outcome);
        let end = format!(" {}", outcome.start_unix_ms / 1_000 + 300);
        let is_seen = |line: &&str| {
            !line.starts_with('#') && line.ends_with(&end) && !line.contains("_bucket") && !line.contains("} 0 ")
        };
        let at_the_end: Vec<&str> = page.lines().filter(is_seen).filter_map(|line| line.strip_suffix(&end)).collect();
        let at_the_end = at_the_end.join("\n").replace(&outcome.version, "VERSION");
        insta::assert_snapshot!(at_the_end, @r#"
        reveille_messages_accepted_total{kind="group"} 1
        reveille_messages_accepted_total{kind="device"} 1
        reveille_messages_refused_total{kind="group",reason="title_too_long"} 1
        reveille_journeys_settled_total{platform="android",station="shown",cause="none"} 1
        reveille_journeys_settled_total{platform="ios",station="blocked",cause="permission"} 1
        reveille_journeys_settled_total{platform="ios",station="shown",cause="none"} 2
        reveille_journeys_settled_total{platform="macos",station="skipped",cause="unsupported_platform"} 1
        reveille_delivery_seconds_count{platform="android"} 1
        reveille_delivery_seconds_sum{platform="android"} 63
        reveille_delivery_seconds_count{platform="ios"} 2
        reveille_delivery_seconds_sum{platform="ios"} 3
        reveille_fault_touched_total{fault="fcm-down"} 1
        reveille_group_quota_remaining 24
        reveille_group_quota_next_slot_seconds 0
        reveille_clock_speed 0
        reveille_generator_late_total 0
        reveille_conservation_error 0
        reveille_model_time_seconds 300
        reveille_build_info{version="VERSION"} 1
        reveille_scenario_info{scenario="by-hand",seed="7",profile="intune-2019"} 1
        "#);
        assert!(page.ends_with("\n# EOF\n"), "{page}");
    }

    #[test]
    fn a_pair_that_sets_out_after_all_was_never_counted_as_skipped() {
        let mut outcome = usual("").outcome(None);
        for (line, skipped) in outcome.series.iter_mut().zip([5, 3, -4, 1, 0]) {
            line.settled_by.insert("ios/skipped/not_enrolled".to_owned(), skipped);
        }
        let text = openmetrics(&outcome);
        let of = "reveille_journeys_settled_total{platform=\"ios\",station=\"skipped\",cause=\"not_enrolled\"}";
        let skipped = text.lines().filter(|line| line.starts_with(of));
        let values: Vec<&str> = skipped.filter_map(|line| line.split(' ').nth(1)).collect();
        assert_eq!(values, ["0", "4", "4", "4", "5", "5"]);
    }

    #[test]
    fn a_message_leaves_the_quota_after_an_hour() {
        let mut outcome = usual("").outcome(None);
        outcome.model_duration_ms = 63 * 60_000;
        let remaining = openmetrics(&outcome);
        let remaining = remaining.lines().filter_map(|line| line.strip_prefix("reveille_group_quota_remaining "));
        let start = u64::try_from(outcome.start_unix_ms).expect("after 1970") / 1_000;
        let seen: Vec<(u64, u64)> = remaining
            .map(|line| {
                let (value, at) = line.split_once(' ').expect("a value and its time");
                let number = |text: &str| text.parse::<u64>().expect("a whole number");
                ((number(at) - start) / 60, number(value))
            })
            .collect();
        // Accepted at 0:01:00: the sample at 1:01 shows the moment before its slot is free.
        let free = seen.iter().filter(|(_, value)| *value == 25).map(|(minute, _)| *minute).collect::<Vec<_>>();
        assert_eq!(free, [0, 1, 63], "{seen:?}");
    }
}
