//! The head of the page: what was run, the verdict, and the most important figures. Must not judge.

use maud::{Markup, html};

use crate::outcome::words::{brief, count, share};
use crate::outcome::{Failure, Outcome, Verdict};

use super::table::ROWS_MAX;
use crate::report::document::batch::{BatchHead, Missed};
use crate::report::document::cell::{Cell, Tone};
use crate::report::document::figures;
use crate::report::document::phrases::span;
use crate::report::document::plain::plain;

/// The head.
pub(super) fn head(outcome: &Outcome) -> Markup {
    let Cell(word, tone) = figures::verdict(outcome);
    let (mark, class) = mark(tone);
    html! {
        header {
            p.kind { "Reveille report · " (outcome.driver.name()) }
            h1 { (plain(&outcome.scenario)) }
            p class={ "verdict " (class) } { span aria-hidden="true" { (mark) } " " (word) }
            @if let Some(held) = held(outcome) { p.held { (held) } }
            (failures(outcome))
            (tiles(outcome))
            (facts(outcome))
        }
    }
}

/// The head of a report about many forecasts.
pub(super) fn batch_head(head: &BatchHead) -> Markup {
    let Cell(word, tone) = &head.verdict;
    let (mark, class) = mark(*tone);
    let more = head.missed.len().saturating_sub(ROWS_MAX);
    html! {
        header {
            p.kind { "Reveille report · many forecasts" }
            h1 { (plain(&head.scenario)) }
            p class={ "verdict " (class) } { span aria-hidden="true" { (mark) } " " (word) }
            @if !head.missed.is_empty() {
                ul.failures {
                    @for Missed { what, places } in head.missed.iter().take(ROWS_MAX) { li { (plain(what)) " " (plain(places)) } }
                }
                @if more > 0 { p.quiet { "… and " (more) " more; the JSON report has them all." } }
            }
            dl.tiles { @for (figure, words) in &head.tiles { div { dt { (plain(words)) } dd { (plain(figure)) } } } }
            p.facts { (plain(&head.kind)) }
            p.facts { (plain(&head.size)) }
        }
    }
}

/// A sign beside the word, so that colour is not the only one.
fn mark(tone: Tone) -> (&'static str, &'static str) {
    match tone {
        Tone::Good => ("✓", "tone-good"),
        Tone::Bad => ("✗", "tone-bad"),
        Tone::Text | Tone::Heading | Tone::Notice | Tone::Quiet | Tone::Bar => ("!", "tone-notice"),
    }
}

fn held(outcome: &Outcome) -> Option<String> {
    let (all, ok) = (outcome.expectations.len(), outcome.expectations.iter().filter(|line| line.ok).count());
    match (all, ok) {
        (0, _) => None,
        (1, 1) => Some("Its one expectation held.".to_owned()),
        (all, ok) if all == ok => Some(format!("All {all} expectations held.")),
        (all, ok) => Some(format!("{ok} of {all} expectations held.")),
    }
}

fn failures(outcome: &Outcome) -> Markup {
    let reasons = match outcome.verdict() {
        Verdict::Passed => Vec::new(),
        Verdict::Failed { reasons } => reasons.iter().map(|reason| reason_of(reason, outcome)).collect(),
        Verdict::Broken => {
            vec![format!("{} Please report this, with the command at the end.", figures::broken(outcome))]
        }
    };
    let more = reasons.len().saturating_sub(ROWS_MAX);
    html! {
        @if !reasons.is_empty() {
            ul.failures { @for reason in reasons.iter().take(ROWS_MAX) { li { (plain(reason)) } } }
            @if more > 0 { p.quiet { "… and " (more) " more; the JSON report has them all." } }
        }
    }
}

fn reason_of(reason: &Failure, outcome: &Outcome) -> String {
    let Failure::Expectation { name } = reason else { return reason.to_string() };
    match outcome.expectations.iter().find(|line| line.name == *name && !line.ok) {
        Some(line) => format!("{name}: {} {}, observed {}", line.metric, line.check, line.observed_text),
        None => reason.to_string(),
    }
}

/// The most important figures.
fn tiles(outcome: &Outcome) -> Markup {
    let (missed, _) = figures::never(outcome);
    let latency = outcome.latency_ms.as_ref();
    let accepted = outcome.quota.group.accepted + outcome.quota.device.accepted;
    let tiles = [
        (share(outcome.pairs - missed, outcome.pairs), "of pairs shown"),
        (latency.map_or("–".to_owned(), |latency| brief(latency.p50)), "median to display"),
        (count(outcome.pairs), "pairs"),
        (count(accepted), "messages accepted"),
        (count(outcome.devices), "devices"),
    ];
    html! {
        dl.tiles { @for (figure, words) in tiles { div { dt { (words) } dd { (figure) } } } }
    }
}

fn facts(outcome: &Outcome) -> Markup {
    let start = jiff::Timestamp::from_millisecond(outcome.start_unix_ms).map(|start| start.to_string());
    let pace = format!("run in {}, {} pairs a second", span(outcome.wall_ms), count(outcome.pairs_per_second));
    let machine = [Some(pace), figures::engine(outcome)].into_iter().flatten().collect::<Vec<_>>().join(" · ");
    html! {
        p.facts {
            (plain(&outcome.profile)) " · seed " (outcome.seed) " · " (span(outcome.model_duration_ms)) " of model time"
            @if let Ok(start) = start { " from " time datetime=(start) { (start) } }
        }
        @for said in [Some(machine), figures::done(outcome), figures::baseline(outcome)].into_iter().flatten() {
            p.facts { (said) }
        }
    }
}
