//! The sections below the verdict, in the order of every report for people. Must only format; the figures come from
//! `figures`.

use maud::{Markup, html};

use crate::outcome::words::{brief, count, share};
use crate::outcome::{ExpectationLine, Lag, LagCause, MessageLine, MessageOutcome, Outcome, QuotaHour};

use super::bars::{bar, bars};
use super::course::{course_plot, windows_in_words};
use super::latency::latency_plot;
use super::palette::Hue;
use super::quota::quota_plot;
use super::reach::reach_plot;
use super::table::{CellContent, table};
use crate::report::document::figures::{self, of};
use crate::report::document::ink::Tone;
use crate::report::document::phrases::{plural, span};
use crate::report::document::plain::plain;
use crate::report::document::table::{Align, Cell};
use crate::report::render::contrast;

const LEFT: Align = Align::Left;
const RIGHT: Align = Align::Right;

/// A section with its heading and its first sentence.
fn section(id: &str, title: &str, said: &str, inside: &Markup) -> Markup {
    html! {
        section aria-labelledby=(id) {
            h2 id=(id) { (title) }
            @if !said.is_empty() { p.said { (plain(said)) } }
            (inside)
        }
    }
}

/// A plot with its title, and a note below it.
fn figure(title: &str, drawn: Option<Markup>, note: &str) -> Markup {
    html! {
        @if let Some(drawn) = drawn {
            figure {
                figcaption { (title) }
                (drawn)
                @if !note.is_empty() { p.note { (note) } }
            }
        }
    }
}

/// How far the messages reached, and how soon.
pub(super) fn reach(outcome: &Outcome) -> Markup {
    if outcome.pairs == 0 {
        return section("reach", "Reach", "No message has an audience.", &html! {});
    }
    let (missed, still) = figures::never(outcome);
    let mut rows: Vec<Vec<CellContent>> =
        figures::reach(outcome).map(|(words, pairs)| reach_row(words, pairs, Hue::Shown, outcome)).into();
    rows.push(reach_row("never", missed, Hue::Never, outcome));
    let columns = [("shown", LEFT), ("", LEFT), ("share", RIGHT), ("pairs", RIGHT)];
    let faults = windows_in_words(outcome);
    let note =
        if faults.is_empty() { String::new() } else { "Shaded while a fault is in force, to the minute.".to_owned() };
    let latency =
        figures::latency(outcome).map(|latency| format!("{latency}, over all pairs shown.")).unwrap_or_default();
    section(
        "reach",
        "Reach",
        &format!("Of {} of a message and a device, since each message’s acceptance.", plural(outcome.pairs, "pair")),
        &html! {
            (figure("Share of pairs shown, by time since acceptance", reach_plot(outcome), ""))
            (table("Reach", &columns, rows))
            @if !still.is_empty() { p.note { "Of those never shown, " (still) " at the end." } }
            (figure("How long it took: share of the pairs shown, by time to display", latency_plot(outcome), &latency))
            (figure("Where the pairs were, by model time", course_plot(outcome), &note))
            @if !faults.is_empty() { p.unseen { "Faults in force: " (faults) "." } }
        },
    )
}

fn reach_row(words: &str, pairs: u64, hue: Hue, outcome: &Outcome) -> Vec<CellContent> {
    vec![
        words.to_owned().into(),
        CellContent::Drawn(bar(pairs, outcome.pairs, hue)),
        share(pairs, outcome.pairs).into(),
        count(pairs).into(),
    ]
}

/// Why pairs were not shown, the most frequent cause first.
pub(super) fn why_not(outcome: &Outcome) -> Markup {
    let (causes, rest) = figures::causes(outcome);
    let Some((_, most)) = causes.first().copied() else { return html! {} };
    let never = causes.iter().map(|(_, pairs)| pairs).sum::<u64>() + rest;
    let mut rows: Vec<Vec<CellContent>> = causes
        .iter()
        .map(|(words, pairs)| {
            let hue = Hue::of_station(words.split('/').next().unwrap_or(words));
            let figures = [count(*pairs), share(*pairs, outcome.pairs)];
            let mut row = vec![CellContent::from((*words).to_owned())];
            row.extend(figures.map(CellContent::from));
            row.push(CellContent::Drawn(bar(*pairs, most, hue)));
            row
        })
        .collect();
    if rest > 0 {
        let words = Cell("everything else".to_owned(), Tone::Quiet);
        rows.push(vec![words.into(), count(rest).into(), share(rest, outcome.pairs).into()]);
    }
    let columns = [("cause", LEFT), ("pairs", RIGHT), ("of all pairs", RIGHT), ("", LEFT)];
    section("why-not", "Why not", &format!("{} not shown.", plural(never, "pair")), &table("Why not", &columns, rows))
}

/// The messages, and what the quotas let pass.
pub(super) fn messages(outcome: &Outcome) -> Markup {
    let columns = [
        ("send", LEFT),
        ("at", RIGHT),
        ("outcome", LEFT),
        ("audience", RIGHT),
        ("shown", RIGHT),
        ("in 15 min", RIGHT),
        ("p50", RIGHT),
        ("p95", RIGHT),
    ];
    let rows: Vec<Vec<CellContent>> = outcome.messages.iter().map(message).collect();
    section(
        "messages",
        "Messages",
        &figures::quotas(outcome),
        &html! { @if !rows.is_empty() { (table("Messages", &columns, rows)) } },
    )
}

fn message(line: &MessageLine) -> Vec<CellContent> {
    let at = line.accepted_at_ms.map(figures::clock).unwrap_or_default();
    let mut fields: Vec<CellContent> =
        vec![figures::message_name(&line.send, line).into(), at.into(), outcome_of(line).into()];
    if line.outcome == MessageOutcome::Refused {
        fields.extend((0..5).map(|_| CellContent::from(String::new())));
    } else {
        let quantile = |of: Option<u64>| CellContent::from(of.map_or("–".to_owned(), brief));
        fields.extend([
            count(line.audience).into(),
            share(of(&line.stations, "shown"), line.audience).into(),
            share(line.reach.fifteen_minutes, line.audience).into(),
            quantile(line.latency_ms.map(|latency| latency.p50)),
            quantile(line.latency_ms.map(|latency| latency.p95)),
        ]);
    }
    fields
}

/// The outcome of a message; a reason alone would not show that it is one.
fn outcome_of(line: &MessageLine) -> Cell {
    let Cell(words, tone) = figures::message_outcome(line);
    match (line.outcome, &line.reason) {
        (MessageOutcome::Refused, Some(_)) => Cell(format!("refused: {words}"), tone),
        _ => Cell(words, tone),
    }
}

/// Who the pairs are, and where each platform's are.
pub(super) fn audience(outcome: &Outcome) -> Markup {
    if outcome.pairs == 0 {
        return html! {};
    }
    let columns: Vec<(&str, Align)> = figures::PLATFORM_HEADINGS
        .iter()
        .enumerate()
        .map(|(at, words)| (*words, if at == 0 { LEFT } else { RIGHT }))
        .chain([("", LEFT)])
        .collect();
    let rows = figures::platforms(outcome).zip(outcome.stations.by_platform.values()).map(|(row, counts)| {
        let all: u64 = counts.values().sum();
        let stations = ["shown", "waiting", "superseded", "discarded", "expired", "lost", "blocked", "skipped"];
        let parts = stations.map(|station| (of(counts, station), Hue::of_station(station)));
        let mut fields: Vec<CellContent> = row.into_iter().map(CellContent::from).collect();
        fields.push(CellContent::Drawn(bars(&parts, all)));
        fields
    });
    section(
        "audience",
        "Audience",
        &figures::classes(outcome),
        &html! {
            (table("Audience by platform", &columns, rows.collect()))
            ul.legend aria-hidden="true" {
                @for station in ["shown", "waiting", "too late", "lost", "blocked", "skipped"] {
                    li class=(Hue::of_station(station).name()) { (station) }
                }
            }
            p.note { (figures::afterwards(outcome)) }
        },
    )
}

/// The effect of each fault, and the outcome without some of them.
pub(super) fn faults(outcome: &Outcome) -> Markup {
    if outcome.faults.is_empty() {
        return html! {};
    }
    let aligns = [LEFT, LEFT, RIGHT, RIGHT, LEFT];
    let columns: Vec<(&str, Align)> = figures::FAULT_HEADINGS.into_iter().zip(aligns).collect();
    let rows = outcome.faults.iter().map(|line| {
        let fields = [Cell::from(line.name.clone())].into_iter().chain(figures::fault(line));
        fields.map(CellContent::from).collect()
    });
    section(
        "faults",
        "What each fault cost",
        "",
        &html! { (table("Faults", &columns, rows.collect())) (without(outcome)) },
    )
}

fn without(outcome: &Outcome) -> Markup {
    let Some(lines) = &outcome.without else { return html! {} };
    let (title, said) = contrast::title(lines);
    html! {
        h3 { (title) }
        p.said { "It is " (said) "." }
        dl.without {
            @for line in lines {
                dt { "without " strong { (plain(&contrast::joined(&line.faults))) } }
                @for sentence in contrast::sentences(line) { dd { (sentence) } }
            }
        }
    }
}

/// The expectations, failed ones first.
pub(super) fn expectations(outcome: &Outcome) -> Markup {
    if outcome.expectations.is_empty() {
        return html! {};
    }
    let mut lines: Vec<&ExpectationLine> = outcome.expectations.iter().collect();
    lines.sort_by_key(|line| line.ok);
    let rows = lines.into_iter().map(|line| {
        let (mark, tone) = if line.ok { ("✓ held", Tone::Good) } else { ("✗ failed", Tone::Bad) };
        vec![
            line.name.clone().into(),
            Cell(mark.to_owned(), tone).into(),
            Cell(format!("{} {}", line.metric, line.check), Tone::Quiet).into(),
            Cell(line.observed_text.clone(), if line.ok { Tone::Text } else { Tone::Bad }).into(),
        ]
    });
    let columns = [("expectation", LEFT), ("", LEFT), ("check", LEFT), ("observed", RIGHT)];
    section("expectations", "Expectations", "", &table("Expectations", &columns, rows.collect()))
}

/// The tenant's quota over time.
pub(super) fn quota(outcome: &Outcome) -> Markup {
    let Some(drawn) = quota_plot(outcome) else { return html! {} };
    let note = match outcome.quota.hour {
        QuotaHour::Sliding => "The line at 25 is the quota. A slot is free again sixty minutes after it was taken.",
        QuotaHour::Clock => "The line at 25 is the quota. All slots are free again at each whole hour of UTC.",
    };
    let drawn = figure("Slots of the tenant's quota in use", Some(drawn), note);
    section("quota", "Quota", "", &drawn)
}

/// The lag of the engine, if anything was due.
pub(super) fn lag(outcome: &Outcome) -> Markup {
    let Some(lag) = &outcome.lag_ms else { return html! {} };
    let &Lag { p50, p95, p99, max, p99_limit, .. } = lag;
    let longest = max.max(p99_limit.unwrap_or(0));
    let row = |(words, ms): (&str, u64)| {
        let hue = if words == "p99" && p99_limit.is_some_and(|limit| p99 > limit) { Hue::Blocked } else { Hue::Shown };
        vec![words.to_owned().into(), span(ms).into(), CellContent::Drawn(bar(ms, longest, hue))]
    };
    let mut rows: Vec<Vec<CellContent>> = [("p50", p50), ("p95", p95), ("p99", p99), ("max", max)].map(row).into();
    if let Some(limit) = p99_limit {
        rows.push(vec![
            Cell("allowed p99".to_owned(), Tone::Quiet).into(),
            span(limit).into(),
            CellContent::Drawn(bar(limit, longest, Hue::Never)),
        ]);
    }
    let waited_for = match lag.main_cause() {
        LagCause::FanOut => "their input, while the shard was busy with others",
        LagCause::Timer => "their timer, while the shard was busy with others",
        LagCause::Watermark => "word that nothing else will be asked before",
        LagCause::Activation => "room for their actors",
        LagCause::Turn => "their actors",
    };
    let said = format!("Wall time from when an event was due to when it ran. Turns waited longest for {waited_for}.");
    section("lag", "Lag", &said, &table("Lag", &[("", LEFT), ("wall time", RIGHT), ("", LEFT)], rows))
}

/// Assumptions about undocumented behaviour.
pub(super) fn assumptions(outcome: &Outcome) -> Markup {
    if outcome.assumptions.is_empty() {
        return html! {};
    }
    let rows = outcome.assumptions.iter().map(|line| vec![line.key.clone().into(), line.value.clone().into()]);
    let columns = [("key", LEFT), ("value", LEFT)];
    let said = "These are undocumented; the scenario can set them.";
    section("assumptions", "Assumptions", said, &table("Assumptions", &columns, rows.collect()))
}

/// The command that repeats the run.
pub(super) fn replay(outcome: &Outcome) -> Markup {
    let said = format!("Gives digest {}.", outcome.digest);
    section("replay", "Replay", &said, &html! { pre { code { (plain(&outcome.replay)) } } })
}
