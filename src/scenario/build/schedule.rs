//! Schedules: the times of the occurrences of a send or of the steps of a change. Exact integers, no floats, no clock.

use crate::rules::base::chance::{Chance, Purpose};
use crate::rules::base::distribution::Dist;
use crate::rules::base::ids::Key;
use crate::rules::base::limits::CAPACITY_UNITS;
use crate::rules::base::time::SimTime;

use super::builder::Build;
use super::zone::Times;
use crate::scenario::diagnostics::diagnostic::{Code, Diagnostic};
use crate::scenario::diagnostics::source::SourceSpan;
use crate::scenario::grammar::values::duration_text;
use crate::scenario::text::view::{Spot, View};

/// The remedy for a schedule of too many times.
pub(crate) const FEWER: &str = "lower its count or its rate";

/// What a schedule belongs to: the key of its draws, and the limit of its times.
pub(crate) struct Owner<'a> {
    /// The key of its draws.
    pub(crate) key: Key,
    /// How many times are needed at most: for a change, as many as it has subjects.
    pub(crate) wanted: Option<usize>,
    /// The limit of times; more are reported.
    pub(crate) limit: usize,
    /// The remedy for more.
    pub(crate) remedy: &'static str,
    /// The generator of the draws.
    pub(crate) chance: &'a Chance,
}

/// The times of an `at` or `schedule`, ascending, all before the horizon; problems are reported.
pub(crate) fn times(table: View<'_>, owner: &Owner<'_>, times: &Times, build: &mut Build) -> Vec<SimTime> {
    if table.count_of(&["at", "schedule"]) != 1 {
        let message =
            if table.has("at") { "either `at` or `schedule`, not both" } else { "when? neither `at` nor `schedule`" };
        let found = Diagnostic::new(Code::Conflict, table.place, message);
        build.report(found.help("write at = \"30m\", or schedule = { from = \"0s\", every = \"10m\", count = 6 }"));
        return Vec::new();
    }
    if table.has("at") {
        let Some(at) = times.at(table, "at", &mut build.out) else { return Vec::new() };
        if at.value >= times.horizon {
            never(at, table.table("at"), times, build);
            return Vec::new();
        }
        return vec![at.value; owner.wanted.unwrap_or(1)];
    }
    let Some(schedule) = table.table("schedule") else { return Vec::new() };
    // With a reported value missing, the schedule would be another one than is meant.
    if ["from", "every", "count", "for", "rate"].iter().any(|key| schedule.is_refused(key)) {
        return Vec::new();
    }
    let from = if schedule.has("from") {
        times.at(schedule, "from", &mut build.out)
    } else {
        Some(Spot { value: SimTime::ZERO, place: schedule.place })
    };
    let Some(from) = from else { return Vec::new() };
    if from.value >= times.horizon {
        never(from, schedule.table("from"), times, build);
        return Vec::new();
    }
    let found = match schedule.count_of(&["every", "rate", "stages"]) {
        1 if schedule.has("every") => evenly(schedule, from.value, owner, times.horizon, build),
        1 => by_rate(schedule, from.value, owner, times.horizon, build),
        _ => {
            let found = Diagnostic::new(
                Code::Conflict,
                schedule.place,
                "a schedule has exactly one of `every`, `rate` and `stages`",
            );
            build.report(found.help("write { from, every, count }, { from, for, rate } or { from, stages }"));
            return Vec::new();
        }
    };
    if let (Some(wanted), false) = (owner.wanted, found.is_empty())
        && found.len() < wanted
    {
        let message = format!("the schedule ends after {} of {wanted}", found.len());
        build.report(Diagnostic::new(Code::CutOff, schedule.place, message).help("the others are left as they are"));
    }
    found
}

/// Reports a time at or after the end.
/// `local` is its table if it is a local time.
pub(crate) fn never(at: Spot<SimTime>, local: Option<View<'_>>, times: &Times, build: &mut Build) {
    let end = format!("{}, {} local time", duration_text(times.horizon.0), times.zone.clock_at(times.horizon));
    let found = Diagnostic::new(Code::Never, at.place, "this never happens: the run is over by then");
    build.report(if local.is_some() {
        let (wanted, duration) = (duration_text(at.value.ms()), duration_text(at.value.ms() + 3_600_000));
        found.label(format!("it is {wanted} after the start, and the run ends at {end}")).help(format!(
            "let the run begin later, by `start`, or last longer: `duration = \"{duration}\"` ends an hour after it"
        ))
    } else {
        found
            .label(format!("the run ends at {end}"))
            .help("a time is counted from the start and lies before `duration`")
    });
}

fn too_many(place: SourceSpan, owner: &Owner<'_>, build: &mut Build) {
    let message = format!("a schedule of more than {} occurrences", owner.limit);
    build.report(Diagnostic::new(Code::TooMuch, place, message).help(owner.remedy));
}

fn refuse(table: View<'_>, keys: &[&str], with: &str, build: &mut Build) {
    for key in keys.iter().filter(|key| table.has(key)) {
        build.conflict(table.place_of(key), format!("`{key}` does not go with `{with}`"));
    }
}

fn evenly(schedule: View<'_>, from: SimTime, owner: &Owner<'_>, horizon: SimTime, build: &mut Build) -> Vec<SimTime> {
    refuse(schedule, &["for", "arrivals"], "every", build);
    let Some(every) = schedule.duration("every") else { return Vec::new() };
    let fits = (horizon.since(from) - 1) / every.value + 1;
    let count = schedule.whole("count");
    let requested = count.map(|count| count.value).or(owner.wanted.map(|wanted| wanted as u64));
    let total = requested.map_or(fits, |requested| requested.min(fits));
    let total = owner.wanted.map_or(total, |wanted| total.min(wanted as u64));
    if let Some(count) = count.filter(|count| count.value > fits && owner.wanted.is_none()) {
        let found = Diagnostic::new(
            Code::CutOff,
            count.place,
            format!("only {fits} of {} occurrences lie before the end", count.value),
        );
        build.report(found.help("raise `duration`, or lower `count`"));
    }
    if total > owner.limit as u64 {
        too_many(schedule.place, owner, build);
        return Vec::new();
    }
    (0..total).map(|at| from + at * every.value).collect()
}

/// A rate that holds for a while: units a millisecond, from start to end.
struct Stage {
    from: SimTime,
    to: SimTime,
    units_per_ms: u64,
}

fn by_rate(schedule: View<'_>, from: SimTime, owner: &Owner<'_>, horizon: SimTime, build: &mut Build) -> Vec<SimTime> {
    let mut stages = Vec::new();
    if schedule.has("rate") {
        let to = schedule.duration("for").map_or(horizon, |lasts| (from + lasts.value).min(horizon));
        let units_per_ms = schedule.rate("rate").map_or(0, |rate| rate.value);
        stages.push(Stage { from, to, units_per_ms });
    } else {
        refuse(schedule, &["for"], "stages", build);
        let mut begins = from;
        for table in schedule.tables("stages") {
            let (Some(lasts), Some(rate)) = (table.duration("for"), table.rate("rate")) else { continue };
            let to = begins + lasts.value;
            stages.push(Stage { from: begins.min(horizon), to: to.min(horizon), units_per_ms: rate.value });
            begins = to;
        }
    }
    let count = schedule.whole("count").map_or(u64::MAX, |count| count.value);
    let count = usize::try_from(count).unwrap_or(usize::MAX).min(owner.wanted.unwrap_or(usize::MAX));
    let poisson = schedule.text("arrivals").is_some_and(|word| word.value == "poisson");
    let found = arrivals(&stages, poisson.then(|| Gaps::new(owner)), count.min(owner.limit + 1));
    if found.len() > owner.limit {
        too_many(schedule.place, owner, build);
        return Vec::new();
    }
    if found.is_empty() {
        build.report(Diagnostic::new(Code::Nothing, schedule.place, "a schedule without a single occurrence"));
    }
    found
}

/// Exponential gaps with a mean of one message, in units.
struct Gaps {
    stream: crate::rules::base::chance::Stream,
    gap: Dist,
}

impl Gaps {
    fn new(owner: &Owner<'_>) -> Self {
        let one = u64::try_from(CAPACITY_UNITS).expect("a message has few units");
        Self { stream: owner.chance.stream(Purpose::Plan, owner.key), gap: Dist::exponential(one) }
    }

    fn draw(&mut self) -> u128 {
        let Ok(draw) = rand::TryRng::try_next_u32(&mut self.stream);
        u128::from(self.gap.at(draw))
    }
}

/// The moments at which the integral of the rate reaches each arrival: one message each if regular, drawn gaps if not.
fn arrivals(stages: &[Stage], mut gaps: Option<Gaps>, count: usize) -> Vec<SimTime> {
    let mut found = Vec::new();
    let mut next = gaps.as_mut().map_or(0, Gaps::draw);
    let mut sum = 0_u128;
    for stage in stages {
        let rate = u128::from(stage.units_per_ms);
        let end = sum + rate * u128::from(stage.to.since(stage.from));
        while next < end && found.len() < count {
            let elapsed = u64::try_from((next - sum) / rate).expect("it lies inside the stage");
            found.push(stage.from + elapsed);
            next += gaps.as_mut().map_or(CAPACITY_UNITS, Gaps::draw);
        }
        sum = end;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stage(from: u64, to: u64, units_per_ms: u64) -> Stage {
        Stage { from: SimTime(from), to: SimTime(to), units_per_ms }
    }

    #[test]
    fn regular_arrivals_are_spaced_exactly() {
        let thrice_a_second = arrivals(&[stage(10, 1_010, 3 * 3_600)], None, usize::MAX);
        assert_eq!(thrice_a_second, [SimTime(10), SimTime(343), SimTime(676)]);
    }

    #[test]
    fn a_pause_between_stages_moves_no_arrival() {
        let found =
            arrivals(&[stage(0, 1_500, 3_600), stage(1_500, 9_000, 0), stage(9_000, 11_000, 3_600)], None, usize::MAX);
        assert_eq!(found, [SimTime(0), SimTime(1_000), SimTime(9_500), SimTime(10_500)]);
    }

    #[test]
    fn poisson_arrivals_have_the_rate_and_are_the_same_every_time() {
        let chance = Chance::new(7);
        let owner = Owner { key: Key::of("arrivals", "a"), wanted: None, limit: 0, remedy: "", chance: &chance };
        let draw = || arrivals(&[stage(0, 3_600_000, 10 * 3_600)], Some(Gaps::new(&owner)), usize::MAX);
        let found = draw();
        assert!((35_300..36_700).contains(&found.len()), "{}", found.len());
        assert!(found.is_sorted() && found == draw());
    }
}
