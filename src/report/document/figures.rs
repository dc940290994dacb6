//! The figures and words that all reports for people share. Sums the record's values; must not judge.

use crate::outcome::words::{bytes, count};
use crate::outcome::{
    Counts, FaultLine, FaultStatus, MessageLine, MessageOutcome, Outcome, ShownUntil, Verdict, WindowLine,
};

use super::cell::{Cell, Tone};
use super::phrases::{plural, span};

/// Causes listed; the rest is summed up in one line.
const CAUSES_SHOWN_MAX: usize = 12;
/// Windows of reach that are columns of tables, at most; the section on reach has all.
const TOLD_WINDOWS_MAX: usize = 3;
/// Stations in which a pair ends because another event came first.
const TOO_LATE: [&str; 3] = ["superseded", "discarded", "expired"];

/// The count of a word, 0 if it is absent.
pub(crate) fn of(counts: &Counts, word: &str) -> u64 {
    counts.get(word).copied().unwrap_or(0)
}

/// The verdict in a word.
pub(crate) fn verdict(outcome: &Outcome) -> Cell {
    let (word, tone) = match (outcome.verdict(), outcome.interrupted) {
        (Verdict::Broken, _) => ("BROKEN", Tone::Bad),
        (Verdict::Passed | Verdict::Failed { .. }, true) if outcome.aborted_by.is_some() => ("ABORTED", Tone::Bad),
        (Verdict::Passed | Verdict::Failed { .. }, true) => ("INTERRUPTED", Tone::Notice),
        (Verdict::Failed { .. }, false) => ("FAILED", Tone::Bad),
        (Verdict::Passed, false) => ("PASSED", Tone::Good),
    };
    Cell(word.to_owned(), tone)
}

/// How much was run, and how fast.
pub(crate) fn size(outcome: &Outcome) -> String {
    format!(
        "{} of model time in {} · {} · {} · {} pairs/s",
        span(outcome.model_duration_ms),
        span(outcome.wall_ms),
        plural(outcome.devices, "device"),
        plural(outcome.pairs, "pair"),
        count(outcome.pairs_per_second),
    )
}

/// How many pairs were shown, of how many.
pub(crate) fn shown(outcome: &Outcome) -> String {
    let shown = of(&outcome.stations.overall, "shown");
    format!("{} of {} shown", crate::outcome::words::share(shown, outcome.pairs), plural(outcome.pairs, "pair"))
}

/// How many devices an interrupted forecast covers.
pub(crate) fn done(outcome: &Outcome) -> Option<String> {
    let done = outcome.devices_done.filter(|_| outcome.interrupted)?;
    let devices = plural(outcome.devices, "device");
    Some(format!("only {} of {devices} done; every figure is of these", count(done)))
}

/// What only a live run records.
pub(crate) fn engine(outcome: &Outcome) -> Option<String> {
    let mut parts = Vec::new();
    if let Some(lag) = &outcome.lag_ms {
        let cause = lag.main_cause().name().replace('_', "-");
        parts.push(format!(
            "lag p50 {} · p99 {} · max {}, mostly {cause}",
            span(lag.p50),
            span(lag.p99),
            span(lag.max)
        ));
    }
    if let Some(peak) = outcome.peak_rss_bytes {
        parts.push(format!("{} of memory at most", bytes(peak)));
    }
    if let Some(restarts) = outcome.restarts.filter(|restarts| restarts.actors() > 0) {
        parts.push(format!(
            "{} restarted, recovered within {} µs",
            plural(restarts.actors(), "actor"),
            count(restarts.recovery_us_max)
        ));
    }
    if outcome.late_sends > 0 {
        parts.push(format!("{} issued late", plural(outcome.late_sends, "send")));
    }
    (!parts.is_empty()).then(|| parts.join(" · "))
}

/// The result of the comparison with a former report, if one was requested.
pub(crate) fn baseline(outcome: &Outcome) -> Option<String> {
    outcome.baseline.as_ref().map(super::baseline::summary)
}

/// The pairs that a broken program lost or doubled.
pub(crate) fn broken(outcome: &Outcome) -> String {
    let sums = &outcome.conservation;
    format!(
        "pairs were lost or doubled by this program: {} sent, {} counted, {} settled, {} waiting.",
        count(sums.sent),
        count(sums.counted),
        count(sums.settled),
        count(sums.waiting)
    )
}

/// The curve of reach over all messages, without "never".
pub(crate) fn reach(outcome: &Outcome) -> Vec<(String, u64)> {
    let reach = &outcome.reach;
    let counted = reach.windows.iter().zip(&reach.overall);
    let told = counted.filter_map(|(window, pairs)| Some((window_words(window), (*pairs)?)));
    told.chain([("by the end".to_owned(), of(&outcome.stations.overall, "shown"))]).collect()
}

/// A window of reach in words.
pub(crate) fn window_words(window: &WindowLine) -> String {
    match window.within_ms {
        Some(ms) => format!("within {}", span(ms)),
        None => format!("until {}", window.window),
    }
}

/// How many pairs were never shown, and how many of them still wait.
pub(crate) fn never(outcome: &Outcome) -> (u64, u64) {
    let (shown, waiting) = (of(&outcome.stations.overall, "shown"), of(&outcome.stations.overall, "waiting"));
    (outcome.pairs - shown, waiting)
}

/// From acceptance to display, over all messages.
pub(crate) fn latency(outcome: &Outcome) -> Option<String> {
    let latency = outcome.latency_ms.as_ref()?;
    let [p50, p95, p99, max] = [latency.p50, latency.p95, latency.p99, latency.max].map(span);
    Some(format!("p50 {p50} · p95 {p95} · p99 {p99} · max {max}"))
}

/// Why pairs were not shown: the most frequent causes first, and the number of pairs with other causes.
pub(crate) fn causes(outcome: &Outcome) -> (Vec<(&str, u64)>, u64) {
    let stations = &outcome.stations;
    let without_cause = TOO_LATE.map(|station| (station, of(&stations.overall, station)));
    let mut causes: Vec<(&str, u64)> = stations
        .by_cause
        .iter()
        .map(|(words, number)| (words.as_str(), *number))
        .chain(without_cause)
        .filter(|(_, number)| *number > 0)
        .collect();
    causes.sort_by_key(|(words, number)| (std::cmp::Reverse(*number), *words));
    let rest = causes.iter().skip(CAUSES_SHOWN_MAX).map(|(_, number)| number).sum();
    causes.truncate(CAUSES_SHOWN_MAX);
    (causes, rest)
}

/// How many messages the quotas let pass.
pub(crate) fn quotas(outcome: &Outcome) -> String {
    let quota = outcome.quota;
    let mut summary = vec![
        format!("{} accepted", plural(quota.group.accepted, "group message")),
        format!("{} to single devices", count(quota.device.accepted)),
    ];
    let refused = quota.group.refused + quota.device.refused;
    if refused > 0 {
        summary.push(format!("{} refused by a quota", plural(refused, "attempt")));
    }
    summary.join(" · ")
}

/// The outcome of a message, in a word.
pub(crate) fn message_outcome(line: &MessageLine) -> Cell {
    match (line.outcome, &line.reason) {
        (MessageOutcome::Accepted, _) => Cell("accepted".to_owned(), Tone::Text),
        // A reason alone would not show that it is one.
        (MessageOutcome::Refused, Some(reason)) => Cell(format!("refused: {reason}"), Tone::Notice),
        (MessageOutcome::Refused, None) => Cell("refused".to_owned(), Tone::Notice),
        (MessageOutcome::Mixed, _) => {
            let refused: u64 = line.refused.iter().flatten().map(|(_, number)| number).sum();
            Cell(format!("{} refused", count(refused)), Tone::Notice)
        }
    }
}

/// Model time as `h:mm:ss`.
pub(crate) fn clock(ms: u64) -> String {
    let seconds = ms / 1_000;
    format!("{}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

/// When a message was accepted, in local and in model time: `Tue 21:30 (+0:30:00)`; empty if it was refused.
pub(crate) fn accepted_at(line: &MessageLine) -> String {
    match (line.accepted_at_ms.map(clock), &line.accepted_local) {
        (Some(at), Some(local)) => format!("{local} (+{at})"),
        (Some(at), None) => at,
        (None, _) => String::new(),
    }
}

/// The classes of pairs that are not empty.
pub(crate) fn classes(outcome: &Outcome) -> String {
    let sum = |of: fn(&MessageLine) -> u64| outcome.messages.iter().map(of).sum::<u64>();
    let classes = [
        (sum(|line| line.audience_by.member), "member"),
        (sum(|line| line.audience_by.late_joiner), "late joiner"),
        (sum(|line| line.audience_by.stale_member), "stale member"),
        (sum(|line| line.audience_by.stale_device), "stale device"),
    ];
    let classes: Vec<String> =
        classes.iter().filter(|(number, _)| *number > 0).map(|(number, who)| plural(*number, who)).collect();
    classes.join(" · ")
}

/// The windows of reach that are columns of tables: those that the scenario chose.
pub(crate) fn told_windows(outcome: &Outcome) -> &[WindowLine] {
    let windows = if outcome.reach.is_chosen() { outcome.reach.windows.as_slice() } else { &[] };
    &windows[..windows.len().min(TOLD_WINDOWS_MAX)]
}

/// The shares shown until each of the told windows, of so many pairs; a dash where they are not counted.
pub(crate) fn told_shares<'o>(
    outcome: &'o Outcome,
    shown: Option<&'o ShownUntil>,
    pairs: u64,
) -> impl Iterator<Item = Cell> + 'o {
    (0..told_windows(outcome).len()).map(move |at| {
        let shown = shown.and_then(|shown| *shown.get(at)?);
        shown.map_or_else(|| "–".into(), |shown| crate::outcome::words::share(shown, pairs).into())
    })
}

/// Where the pairs of a part are: its name, their number, what was shown when, and the other stations.
pub(crate) fn part(outcome: &Outcome, name: &str, counts: &Counts, shown: Option<&ShownUntil>) -> Vec<Cell> {
    let pairs: u64 = counts.values().sum();
    let late = TOO_LATE.iter().map(|station| of(counts, station)).sum();
    let mut row: Vec<Cell> = vec![name.to_owned().into(), count(pairs).into()];
    row.extend(told_shares(outcome, shown, pairs));
    row.push(crate::outcome::words::share(of(counts, "shown"), pairs).into());
    row.extend(["waiting", "skipped", "blocked", "lost"].map(|station| Cell::from(count(of(counts, station)))));
    row.push(count(late).into());
    row
}

/// What happened to notifications after they were shown.
pub(crate) fn afterwards(outcome: &Outcome) -> String {
    let dismissed = format!("{} dismissed", plural(outcome.dismissals.total, "notification"));
    format!("{dismissed} · {} readable by another app", count(outcome.exposed))
}

/// A fault and its effect: the name, the kind, what it touched, what still waited at its end, the recovery of the gateway
/// and of the last phone.
pub(crate) fn fault(line: &FaultLine) -> [Cell; 6] {
    let recovery = match (line.status, line.recovery_ms) {
        (FaultStatus::TouchedNothing, _) => Cell("touched nothing".to_owned(), Tone::Bad),
        (FaultStatus::MayTouchNothing, _) => Cell("touched nothing, as it may".to_owned(), Tone::Quiet),
        (FaultStatus::Interrupted, _) => Cell("nothing so far".to_owned(), Tone::Quiet),
        (FaultStatus::NotApplicable, _) => Cell("not applicable".to_owned(), Tone::Quiet),
        (FaultStatus::Touched, Some(ms)) => after_its_end(ms),
        (FaultStatus::Touched, None) if line.backlog_at_end > 0 => Cell("not by the end".to_owned(), Tone::Notice),
        (FaultStatus::Touched, None) => "in force to the end".into(),
    };
    let touched = match line.kind.as_str() {
        _ if line.status == FaultStatus::NotApplicable => String::new(),
        "directory_lag" => plural(line.touched, "change"),
        "crash" | "stall" => plural(line.touched, "actor"),
        _ => count(line.touched),
    };
    let kind = Cell(line.kind.clone(), Tone::Quiet);
    let gateway = line.gateway_recovery_ms.filter(|_| line.status == FaultStatus::Touched);
    let gateway = gateway.map_or_else(|| "–".into(), after_its_end);
    [line.name.clone().into(), kind, touched.into(), count(line.backlog_at_end).into(), gateway, recovery]
}

fn after_its_end(ms: u64) -> Cell {
    if ms == 0 { "by its end".into() } else { format!("{} later", span(ms)).into() }
}

/// `closure`, `closure #2` for its third occurrence, `closure @ phone` to one device, `closure ×600` for a summary.
pub(crate) fn message_name(line: &MessageLine) -> String {
    let mut name = line.send.clone();
    if let Some(entries) = line.entries {
        name = format!("{name} ×{}", count(entries));
    }
    if line.occurrence > 0 {
        name = format!("{name} #{}", line.occurrence);
    }
    if let Some(device) = &line.device {
        name = format!("{name} @ {device}");
    }
    name
}
