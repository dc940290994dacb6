//! The sections about pairs: reach, why not, messages, audience. Sums what the record says; judges nothing.

use std::fmt::Write as _;

use crate::run::words::{brief, count, share};
use crate::run::{Counts, MessageLine, MessageOutcome, Outcome};

use super::console::{heading, plural, share_and_count, span};
use super::ink::{Ink, Tone};
use super::table::{Align, Cell, Table, bar, clip};

/// Messages listed; the rest is in the JSON report.
const MESSAGES_SHOWN_MAX: usize = 12;
/// Causes listed; the rest is summed up.
const CAUSES_SHOWN_MAX: usize = 12;

fn of(counts: &Counts, word: &str) -> u64 {
    counts.get(word).copied().unwrap_or(0)
}

/// The curve of reach over all messages, "never" included.
pub(super) fn reach(outcome: &Outcome, ink: Ink, out: &mut String) {
    let within = |of: fn(&MessageLine) -> u64| outcome.messages.iter().map(of).sum::<u64>();
    let (shown, waiting) = (of(&outcome.stations.overall, "shown"), of(&outcome.stations.overall, "waiting"));
    if outcome.pairs == 0 {
        heading(ink, out, "Reach", "no message reached anybody's audience");
        return;
    }
    heading(ink, out, "Reach", &format!("of {}, since each message's acceptance", plural(outcome.pairs, "pair")));
    let mut table = Table::new(&[Align::Left, Align::Left, Align::Right, Align::Right, Align::Left]);
    let rows = [
        ("within 1 min", within(|line| line.reach.one_minute)),
        ("within 15 min", within(|line| line.reach.fifteen_minutes)),
        ("within 1 h", within(|line| line.reach.one_hour)),
        ("within 4 h", within(|line| line.reach.four_hours)),
        ("by the end", shown),
    ];
    let padded = |part: u64| {
        let Cell(bar, tone) = bar(part, outcome.pairs);
        Cell(format!("{bar:<28}"), tone)
    };
    for (words, part) in rows {
        let [share, count] = share_and_count(part, outcome.pairs);
        table.row(vec![words.into(), padded(part), share, count]);
    }
    let never = outcome.pairs - shown;
    let [share, number] = share_and_count(never, outcome.pairs);
    let still = if waiting > 0 { format!("{} still waiting", count(waiting)) } else { String::new() };
    let bar = Cell(padded(never).0, Tone::Quiet);
    table.row(vec![Cell("never".to_owned(), Tone::Notice), bar, share, number, Cell(still, Tone::Quiet)]);
    table.render(ink, out);
    if let Some(latency) = &outcome.latency_ms {
        writeln!(
            out,
            "  latency  p50 {} · p95 {} · p99 {} · max {}",
            span(latency.p50),
            span(latency.p95),
            span(latency.p99),
            span(latency.max)
        )
        .expect("a string takes all");
    }
}

/// Why pairs were not shown, the most frequent cause first.
pub(super) fn why_not(outcome: &Outcome, ink: Ink, out: &mut String) {
    let stations = &outcome.stations;
    let without_cause = ["superseded", "discarded", "expired"].map(|station| (station, of(&stations.overall, station)));
    let mut causes: Vec<(&str, u64)> = stations
        .by_cause
        .iter()
        .map(|(words, number)| (words.as_str(), *number))
        .chain(without_cause)
        .filter(|(_, number)| *number > 0)
        .collect();
    if causes.is_empty() {
        return;
    }
    causes.sort_by_key(|(words, number)| (std::cmp::Reverse(*number), *words));
    let (never, most) = (causes.iter().map(|(_, number)| number).sum::<u64>(), causes[0].1);
    heading(ink, out, "Why not", &format!("{} not shown", plural(never, "pair")));
    let mut table = Table::new(&[Align::Left, Align::Right, Align::Right, Align::Left]);
    for (words, number) in causes.iter().take(CAUSES_SHOWN_MAX) {
        let [share, number_text] = share_and_count(*number, outcome.pairs);
        table.row(vec![clip(words, 44).into(), number_text, share, bar(*number, most)]);
    }
    let rest: u64 = causes.iter().skip(CAUSES_SHOWN_MAX).map(|(_, number)| number).sum();
    if rest > 0 {
        let [share, number] = share_and_count(rest, outcome.pairs);
        table.row(vec![Cell("everything else".to_owned(), Tone::Quiet), number, share]);
    }
    table.render(ink, out);
}

/// The first messages, and what the quotas let pass.
pub(super) fn messages(outcome: &Outcome, ink: Ink, out: &mut String) {
    let quota = outcome.quota;
    let mut summary = vec![
        format!("{} accepted", plural(quota.group.accepted, "group message")),
        format!("{} to single devices", count(quota.device.accepted)),
    ];
    let refused = quota.group.refused + quota.device.refused;
    if refused > 0 {
        summary.push(format!("{} refused by a quota", plural(refused, "attempt")));
    }
    heading(ink, out, "Messages", &summary.join(" · "));
    if outcome.messages.is_empty() {
        return;
    }
    let columns = [Align::Left, Align::Right, Align::Left, Align::Right, Align::Right, Align::Right, Align::Right];
    let mut table = Table::new(&[columns.as_slice(), &[Align::Right]].concat());
    table.heading(&["send", "at", "outcome", "audience", "shown", "15 min", "p50", "p95"]);
    outcome.messages.iter().take(MESSAGES_SHOWN_MAX).for_each(|line| table.row(message(line)));
    table.render(ink, out);
    let more = outcome.messages.len().saturating_sub(MESSAGES_SHOWN_MAX);
    if more > 0 {
        let line = format!("… and {} more; --report FILE.json has them all", count(more as u64));
        writeln!(out, "  {}", ink.paint(Tone::Quiet, &line)).expect("a string takes all");
    }
}

fn message(line: &MessageLine) -> Vec<Cell> {
    let at = line.accepted_at_ms.map(clock).unwrap_or_default();
    let outcome = match (line.outcome, &line.reason) {
        (MessageOutcome::Accepted, _) => Cell("accepted".to_owned(), Tone::Text),
        (MessageOutcome::Refused, Some(reason)) => Cell(clip(reason, 15), Tone::Notice),
        (MessageOutcome::Refused, None) => Cell("refused".to_owned(), Tone::Notice),
        (MessageOutcome::Mixed, _) => {
            let refused: u64 = line.refused.iter().flatten().map(|(_, number)| number).sum();
            Cell(format!("{} refused", count(refused)), Tone::Notice)
        }
    };
    let mut cells = vec![name(line).into(), at.into(), outcome];
    if line.outcome != MessageOutcome::Refused {
        let shown = of(&line.stations, "shown");
        let quantile = |of: Option<u64>| Cell::from(of.map_or("–".to_owned(), brief));
        cells.extend([
            count(line.audience).into(),
            share(shown, line.audience).into(),
            share(line.reach.fifteen_minutes, line.audience).into(),
            quantile(line.latency_ms.map(|latency| latency.p50)),
            quantile(line.latency_ms.map(|latency| latency.p95)),
        ]);
    }
    cells
}

/// `closure`, `closure #2` for its third occurrence, `closure @ phone` to one device, `closure ×600` for a summary.
fn name(line: &MessageLine) -> String {
    let mut name = clip(&line.send, 16);
    if let Some(entries) = line.entries {
        write!(name, " ×{}", count(entries)).expect("a string takes all");
    }
    if line.occurrence > 0 {
        write!(name, " #{}", line.occurrence).expect("a string takes all");
    }
    if let Some(device) = &line.device {
        write!(name, " @ {device}").expect("a string takes all");
    }
    clip(&name, 22)
}

/// Model time as `h:mm:ss`.
pub(super) fn clock(ms: u64) -> String {
    let seconds = ms / 1_000;
    format!("{}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

/// Who the pairs are, and where each platform's are.
pub(super) fn audience(outcome: &Outcome, ink: Ink, out: &mut String) {
    if outcome.pairs == 0 {
        return;
    }
    let sum = |of: fn(&MessageLine) -> u64| outcome.messages.iter().map(of).sum::<u64>();
    let classes = [
        (sum(|line| line.audience_by.member), "member"),
        (sum(|line| line.audience_by.late_joiner), "late joiner"),
        (sum(|line| line.audience_by.stale_member), "stale member"),
        (sum(|line| line.audience_by.stale_device), "stale device"),
    ];
    let classes: Vec<String> =
        classes.iter().filter(|(number, _)| *number > 0).map(|(number, who)| plural(*number, who)).collect();
    heading(ink, out, "Audience", &classes.join(" · "));
    let mut table = Table::new(&[&[Align::Left][..], &[Align::Right; 7]].concat());
    table.heading(&["platform", "pairs", "shown", "waiting", "skipped", "blocked", "lost", "too late"]);
    for (platform, counts) in &outcome.stations.by_platform {
        let pairs: u64 = counts.values().sum();
        let late = ["superseded", "discarded", "expired"].iter().map(|station| of(counts, station)).sum();
        let mut row: Vec<Cell> =
            vec![platform.clone().into(), count(pairs).into(), share(of(counts, "shown"), pairs).into()];
        row.extend(["waiting", "skipped", "blocked", "lost"].map(|station| Cell::from(count(of(counts, station)))));
        row.push(count(late).into());
        table.row(row);
    }
    table.render(ink, out);
    let dismissed = format!("{} dismissed", plural(outcome.dismissals.total, "notification"));
    let exposed = format!("{} readable by another app", count(outcome.exposed));
    writeln!(out, "  {}", ink.paint(Tone::Quiet, &format!("{dismissed} · {exposed}"))).expect("a string takes all");
}
