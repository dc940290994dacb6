//! Faults: kind, times and scope. `after` is resolved here. Must not decide whether a fault is in force.

use crate::rules::base::chance::Ratio;
use crate::rules::base::ids::Key;
use crate::rules::base::limits::FAULTS_MAX;
use crate::rules::base::time::SimTime;
use crate::rules::faults::actor_fault::{ActorFault, Blow, Victims};
use crate::rules::faults::fault::{Fault, FaultKind, FaultScope, OutageMode};

use super::builder::Build;
use super::fleet::Roster;
use super::names::Names;
use super::traits;
use super::zone::Times;
use crate::scenario::diagnostics::diagnostic::{Code, Diagnostic};
use crate::scenario::diagnostics::limits::{ALL_FAULT_WINDOWS_MAX, FAULT_WINDOWS_MAX, STALL_MAX_MS};
use crate::scenario::text::view::{Spot, View};

/// Reads every fault.
pub(crate) fn faults(
    tables: &[View<'_>],
    names: &Names,
    roster: &Roster,
    times: &Times,
    build: &mut Build,
) -> Vec<Fault> {
    if let Some(one_more) = tables.get(FAULTS_MAX) {
        let found = Diagnostic::new(Code::TooMuch, one_more.place, format!("{} faults", tables.len()));
        build.report(found.help("a scenario has at most 128 faults; `every` repeats one"));
    }
    let tables = &tables[..tables.len().min(FAULTS_MAX)];
    let begins = begins(tables, names, times, build);
    let mut windows_left = ALL_FAULT_WINDOWS_MAX;
    let read = |(table, at): (&View<'_>, SimTime)| fault(*table, at, roster, times.horizon, &mut windows_left, build);
    tables.iter().zip(begins).map(read).collect()
}

/// Windows that a fault has before `horizon`, computed without a walk over them.
fn windows(at: SimTime, every_ms: Option<u64>, horizon: SimTime) -> u64 {
    every_ms.map_or(u64::from(at < horizon), |every_ms| horizon.since(at).div_ceil(every_ms.max(1)))
}

/// Windows left to a scenario with these faults, of [`ALL_FAULT_WINDOWS_MAX`].
pub(crate) fn windows_left(faults: &[Fault], horizon: SimTime) -> u64 {
    let of = |fault: &Fault| windows(fault.at, fault.every_ms, horizon.min(fault.stopped_at));
    ALL_FAULT_WINDOWS_MAX.saturating_sub(faults.iter().map(of).sum())
}

/// The beginning of each fault: `at`, or the end of the fault named in `after`.
fn begins(tables: &[View<'_>], names: &Names, times: &Times, build: &mut Build) -> Vec<SimTime> {
    let mut found: Vec<Option<SimTime>> = vec![None; tables.len()];
    let mut after: Vec<Option<(usize, Spot<&str>)>> = vec![None; tables.len()];
    for (at, table) in tables.iter().enumerate() {
        if table.count_of(&["at", "after"]) != 1 {
            let message =
                if table.has("at") { "either `at` or `after`, not both" } else { "when? neither `at` nor `after`" };
            let found = Diagnostic::new(Code::Conflict, table.place, message);
            build.report(found.help("write at = \"1h\", or after = \"NAME\" for the end of another fault"));
        }
        if let Some(name) = table.text("after").filter(|_| !table.has("at")) {
            let other =
                names.find(name, &mut build.out).map(|other| other as usize).filter(|other| *other < tables.len());
            after[at] = other.map(|other| (other, name));
            if let Some(other) = other {
                needs_an_end(tables[other], name, build);
            }
        }
        if after[at].is_none() {
            found[at] = Some(times.at(*table, "at", &mut build.out).map_or(SimTime::ZERO, |spot| spot.value));
        }
    }
    // Each round resolves the faults that come after a resolved one; those left at the end form a cycle.
    for _ in 0..tables.len() {
        for at in 0..tables.len() {
            if let (None, Some((other, _))) = (found[at], after[at])
                && let Some(begin) = found[other]
            {
                let lasts = tables[other].duration("for").map_or(0, |lasts| lasts.value);
                found[at] = Some(begin + lasts);
            }
        }
    }
    for (at, begin) in found.iter().enumerate() {
        if let (None, Some((_, name))) = (begin, after[at]) {
            let message = "this fault comes after itself, or after one that comes after it";
            build.report(Diagnostic::new(Code::Cycle, name.place, message));
        }
    }
    found.into_iter().map(|begin| begin.unwrap_or(SimTime::ZERO)).collect()
}

fn needs_an_end(other: View<'_>, name: Spot<&str>, build: &mut Build) {
    let message = if !other.has("for") {
        format!("`{}` never ends, so nothing comes after it", name.value)
    } else if other.has("every") {
        format!("`{}` comes again and again, so it has no one end", name.value)
    } else {
        return;
    };
    build.conflict(name.place, message);
}

/// The period of a fault, in ms; `None` if it occurs once, or if its value is reported.
fn every_ms(table: View<'_>, at: SimTime, horizon: SimTime, windows_left: &mut u64, build: &mut Build) -> Option<u64> {
    let every = table.duration("every")?;
    let Some(lasts) = table.duration("for") else {
        if !table.has("for") {
            build.conflict(every.place, "`every` needs `for`: how long does it last each time?");
        }
        return None;
    };
    if every.value <= lasts.value {
        build.conflict(every.place, "`every` must be longer than `for`");
        return None;
    }
    let windows = windows(at, Some(every.value), horizon);
    if windows > FAULT_WINDOWS_MAX {
        let found = Diagnostic::new(Code::TooMuch, every.place, "a fault that comes more than 100,000 times");
        build.report(found.help("make `every` longer"));
        return None;
    }
    let Some(left) = windows_left.checked_sub(windows) else {
        let found = Diagnostic::new(Code::TooMuch, every.place, "faults that come more than 1,000,000 times in all");
        build.report(found.help("make `every` longer, or leave faults out"));
        return None;
    };
    *windows_left = left;
    Some(every.value)
}

/// Reads one fault with its beginning `at`.
pub(crate) fn fault(
    table: View<'_>,
    at: SimTime,
    roster: &Roster,
    horizon: SimTime,
    windows_left: &mut u64,
    build: &mut Build,
) -> Fault {
    let name = table.text("name").map_or("", |name| name.value);
    let lasts = table.duration("for");
    let every_ms = every_ms(table, at, horizon, windows_left, build);
    let may_touch_nothing = table.yes("may_touch_nothing").unwrap_or(false);
    if at >= horizon && !may_touch_nothing {
        let found = Diagnostic::new(Code::Nothing, table.place, "this fault begins after the run is over");
        build.report(
            found.help("a fault that touches nothing fails the run, unless it says `may_touch_nothing = true`"),
        );
    }
    let scope = scope(table, roster, build);
    let kind = kind(table, &scope, build).unwrap_or(FaultKind::Offline);
    Fault {
        name: name.to_owned(),
        key: Key::of("fault", name),
        kind,
        at,
        lasts_ms: lasts.map(|lasts| lasts.value),
        every_ms,
        ramp_ms: table.duration("ramp").map_or(0, |ramp| ramp.value),
        scope,
        may_touch_nothing,
        by_hand: false,
        stopped_at: SimTime::NEVER,
    }
}

/// The keys of a kind beside those that all kinds take.
fn keys_of(kind: &str) -> &'static [&'static str] {
    match kind {
        "outage" => &["mode"],
        "loss" => &["rate", "correlation", "ramp"],
        "duplicate" => &["rate", "ramp"],
        "throttle" => &["rate"],
        "crash" => &["rate", "ramp", "actors"],
        "stall" => &["rate", "ramp", "actors", "delay"],
        "delay" | "directory_lag" => &["delay"],
        _ => &[],
    }
}

fn kind(table: View<'_>, scope: &FaultScope, build: &mut Build) -> Option<FaultKind> {
    let word = table.text("kind")?;
    for key in ["mode", "rate", "correlation", "ramp", "delay", "actors"] {
        if table.has(key) && !keys_of(word.value).contains(&key) {
            build.conflict(table.place_of(key), format!("`{key}` does not go with a fault of kind `{}`", word.value));
        }
    }
    for key in ["rate", "delay"] {
        if !table.has(key) && keys_of(word.value).contains(&key) {
            let message = format!("a fault of kind `{}` needs `{key}`", word.value);
            build.report(Diagnostic::new(Code::MissingKey, table.place, message));
        }
    }
    Some(match word.value {
        "outage" if table.text("mode").is_some_and(|mode| mode.value == "refuse") => {
            FaultKind::Outage(OutageMode::Refuse)
        }
        "outage" => FaultKind::Outage(OutageMode::Hold),
        "loss" => {
            let burst_ms = table.duration("correlation").map(|burst| burst.value);
            FaultKind::Loss { rate: share(table, build)?, burst_ms }
        }
        "duplicate" => FaultKind::Duplicate { rate: share(table, build)? },
        "throttle" => {
            throttle_scope(table, scope, build);
            if table.has("rate") && table.rate("rate").is_none() {
                let found =
                    Diagnostic::new(Code::BadValue, table.place_of("rate"), "the `rate` of a throttle is no ratio");
                build.report(found.help("write a whole number and a unit of time: \"240/h\""));
            }
            FaultKind::Throttle { units_per_ms: table.rate("rate")?.value }
        }
        "delay" => FaultKind::Delay(build.distributions.read(table, "delay", &mut build.out)?),
        "offline" => FaultKind::Offline,
        "play_services_down" => FaultKind::PlayServicesDown,
        "permission_revoked" => FaultKind::PermissionRevoked,
        "app_removed" => FaultKind::AppRemoved,
        "directory_lag" => {
            if *scope != FaultScope::default() {
                build.conflict(table.place_of("scope"), "a `directory_lag` covers the whole tenant: it has no scope");
            }
            if table.has("delay") && table.duration("delay").is_none() {
                build.conflict(
                    table.place_of("delay"),
                    "the `delay` of a `directory_lag` is one duration, no distribution",
                );
            }
            FaultKind::DirectoryLag { delay_ms: table.duration("delay")?.value }
        }
        "crash" => FaultKind::Strike(strike(table, Blow::Crash, scope, build)?),
        "stall" => {
            let ms = stall_ms(table, build);
            FaultKind::Strike(strike(table, Blow::Stall { ms: ms? }, scope, build)?)
        }
        _ => return None,
    })
}

fn strike(table: View<'_>, blow: Blow, scope: &FaultScope, build: &mut Build) -> Option<ActorFault> {
    let word = table.text("actors").map(|word| word.value);
    let victims = if word == Some(Victims::SHARD) {
        if *scope != FaultScope::default() {
            build.conflict(
                table.place_of("scope"),
                "a shard serves phones of all kinds: a fault that hits shards has no scope",
            );
        }
        Victims::Shards
    } else {
        Victims::Phones(word.and_then(|word| word.parse().ok()))
    };
    Some(ActorFault { blow, rate: share(table, build)?, victims })
}

fn stall_ms(table: View<'_>, build: &mut Build) -> Option<u64> {
    let delay = table.duration("delay");
    match delay {
        None if table.has("delay") => {
            build.conflict(table.place_of("delay"), "the `delay` of a `stall` is one duration, no distribution");
        }
        Some(delay) if delay.value > STALL_MAX_MS => {
            let found = Diagnostic::new(Code::TooMuch, delay.place, "an actor that sleeps for more than a minute");
            build.report(found.help("a stalled actor keeps the end of the run waiting; write at most \"1m\""));
            return None;
        }
        _ => {}
    }
    delay.map(|delay| delay.value)
}

fn share(table: View<'_>, build: &mut Build) -> Option<Ratio> {
    let found = table.ratio("rate");
    if found.is_none() && table.rate("rate").is_some() {
        let wrong =
            Diagnostic::new(Code::BadValue, table.place_of("rate"), "the `rate` of this kind of fault is a ratio");
        build.report(wrong.help("write a number from 0 to 1, or a percentage such as \"5%\""));
    }
    found.map(|rate| rate.value)
}

fn throttle_scope(table: View<'_>, scope: &FaultScope, build: &mut Build) {
    let only_gateway = FaultScope { gateway: scope.gateway, ..FaultScope::default() };
    if *scope != only_gateway {
        let found = Diagnostic::new(Code::Conflict, table.place_of("scope"), "a throttle covers a gateway, or both");
        build.report(found.help("write scope = { gateway = \"fcm\" }, or leave it out (X18)"));
    }
}

fn scope(table: View<'_>, roster: &Roster, build: &mut Build) -> FaultScope {
    let Some(scope) = table.table("scope") else { return FaultScope::default() };
    if scope.yes("tenant") == Some(false) {
        let found = Diagnostic::new(Code::BadValue, scope.place_of("tenant"), "a fault that spares the whole tenant");
        build.report(found.help("a scenario has one tenant: leave `tenant` out"));
    }
    let named = scope.names("devices").map(|devices| {
        let mut found: Vec<_> = devices.into_iter().filter_map(|device| roster.device(device, build)).collect();
        found.sort_unstable();
        found.dedup();
        found
    });
    let made = FaultScope {
        platform: scope.text("platform").and_then(|word| traits::platform(word.value)),
        cohort: scope
            .text("cohort")
            .filter(|cohort| roster.cohorts.find(*cohort, &mut build.out).is_some())
            .map(|cohort| cohort.value.to_owned()),
        labels: traits::labels(scope, "labels"),
        gateway: scope.text("gateway").and_then(|word| word.value.parse().ok()),
        devices: named,
        pick: scope.ratio("pick").map(|pick| pick.value),
    };
    let covers_some = roster.fleet.strata().iter().any(|stratum| {
        made.platform.is_none_or(|platform| platform == stratum.platform)
            && made.gateway.is_none_or(|gateway| stratum.platform.gateway() == Some(gateway))
            && made.cohort.as_ref().is_none_or(|cohort| *cohort == stratum.cohort)
            && made.labels.iter().all(|(label, value)| stratum.labels.get(label) == Some(value))
    });
    let silent = table.yes("may_touch_nothing").unwrap_or(false)
        || table.text("kind").is_some_and(|kind| kind.value == "throttle");
    if !covers_some && !silent && !build.out.has_errors() {
        let found = Diagnostic::new(Code::Nothing, scope.place, "this scope covers no device of the fleet");
        build.report(
            found.help("a fault that touches nothing fails the run, unless it says `may_touch_nothing = true`"),
        );
    }
    made
}
