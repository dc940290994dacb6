//! The sections about pairs: reach, why not, messages, audience. Must only format; the figures come from `figures`.

use std::fmt::Write as _;

use crate::outcome::words::{brief, count, share};
use crate::outcome::{MessageLine, MessageOutcome, Outcome};

use super::heading::heading;
use crate::report::document::figures::{self, of};
use crate::report::document::ink::{Ink, Tone};
use crate::report::document::phrases::{plural, share_and_count};
use crate::report::document::table::{Align, Cell, TextTable, bar, clip};

/// Messages listed; the rest is in the JSON report.
const MESSAGES_SHOWN_MAX: usize = 12;
/// The curve of reach over all messages, "never" included.
pub(crate) fn reach(outcome: &Outcome, ink: Ink, out: &mut String) {
    if outcome.pairs == 0 {
        heading(ink, out, "Reach", "no message has an audience");
        return;
    }
    heading(ink, out, "Reach", &format!("of {}, since each message's acceptance", plural(outcome.pairs, "pair")));
    let mut table = TextTable::new(&[Align::Left, Align::Left, Align::Right, Align::Right, Align::Left]);
    let padded = |part: u64| {
        let Cell(bar, tone) = bar(part, outcome.pairs);
        Cell(format!("{bar:<28}"), tone)
    };
    for (words, part) in figures::reach(outcome) {
        let [share, count] = share_and_count(part, outcome.pairs);
        table.row(vec![words.into(), padded(part), share, count]);
    }
    let (never, still) = figures::never(outcome);
    let [share, number] = share_and_count(never, outcome.pairs);
    let bar = Cell(padded(never).0, Tone::Quiet);
    table.row(vec![Cell("never".to_owned(), Tone::Notice), bar, share, number, Cell(still, Tone::Quiet)]);
    table.render(ink, out);
    if let Some(latency) = figures::latency(outcome) {
        writeln!(out, "  latency  {latency}").expect("a string takes all");
    }
}

/// Why pairs were not shown, the most frequent cause first.
pub(super) fn why_not(outcome: &Outcome, ink: Ink, out: &mut String) {
    let (causes, rest) = figures::causes(outcome);
    let Some((_, most)) = causes.first().copied() else { return };
    let never = causes.iter().map(|(_, number)| number).sum::<u64>() + rest;
    heading(ink, out, "Why not", &format!("{} not shown", plural(never, "pair")));
    let mut table = TextTable::new(&[Align::Left, Align::Right, Align::Right, Align::Left]);
    for (words, number) in causes {
        let [share, number_text] = share_and_count(number, outcome.pairs);
        table.row(vec![clip(words, 44).into(), number_text, share, bar(number, most)]);
    }
    if rest > 0 {
        let [share, number] = share_and_count(rest, outcome.pairs);
        table.row(vec![Cell("everything else".to_owned(), Tone::Quiet), number, share]);
    }
    table.render(ink, out);
}

/// The first messages, and what the quotas let pass.
pub(crate) fn messages(outcome: &Outcome, ink: Ink, out: &mut String) {
    heading(ink, out, "Messages", &figures::quotas(outcome));
    if outcome.messages.is_empty() {
        return;
    }
    let columns = [Align::Left, Align::Right, Align::Left, Align::Right, Align::Right, Align::Right, Align::Right];
    let mut table = TextTable::new(&[columns.as_slice(), &[Align::Right]].concat());
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
    let at = line.accepted_at_ms.map(figures::clock).unwrap_or_default();
    let Cell(outcome, tone) = figures::message_outcome(line);
    let mut cells = vec![name(line).into(), at.into(), Cell(clip(&outcome, 15), tone)];
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

/// The send's name is cut first, so that the occurrence and the device fit.
fn name(line: &MessageLine) -> String {
    clip(&figures::message_name(&clip(&line.send, 16), line), 22)
}

/// Who the pairs are, and where each platform's are.
pub(crate) fn audience(outcome: &Outcome, ink: Ink, out: &mut String) {
    if outcome.pairs == 0 {
        return;
    }
    heading(ink, out, "Audience", &figures::classes(outcome));
    let mut table = TextTable::new(&[&[Align::Left][..], &[Align::Right; 7]].concat());
    table.heading(&figures::PLATFORM_HEADINGS);
    figures::platforms(outcome).for_each(|row| table.row(row));
    table.render(ink, out);
    writeln!(out, "  {}", ink.paint(Tone::Quiet, &figures::afterwards(outcome))).expect("a string takes all");
}
