//! The sections of a page below its head. Must only format: the sections are data of `document`.

use maud::{Markup, html};

use crate::outcome::{Outcome, QuotaHour};

use super::course::{course_plot, windows_in_words};
use super::latency::latency_plot;
use super::quota::quota_plot;
use super::reach::reach_plot;
use super::table::{legend, table};
use crate::report::document::figures;
use crate::report::document::plain::plain;
use crate::report::document::section::{Block, ColumnKind, Plot, ReplayCommand, Section};

/// A section with its title and its first sentence.
pub(super) fn section(section: &Section, draw: &dyn Fn(Plot) -> Markup) -> Markup {
    let lead = section.lead.paragraph();
    html! {
        section aria-labelledby=(section.id) {
            h2 id=(section.id) { (section.title) }
            @if !lead.is_empty() { p.said { (plain(&lead)) } }
            @for piece in &section.blocks { (block(piece, draw)) }
            @if section.blocks.iter().any(has_parts) { (legend()) }
        }
    }
}

/// Whether a block is a table with bars of several parts.
fn has_parts(block: &Block) -> bool {
    matches!(block, Block::Table(rows) if rows.columns.iter().any(|column| column.kind == ColumnKind::Parts))
}

fn block(block: &Block, draw: &dyn Fn(Plot) -> Markup) -> Markup {
    match block {
        Block::Table(rows) => table(rows),
        Block::Note(text) => html! { p.note { (plain(text)) } },
        Block::Plot(which, _) => draw(*which),
        Block::Effects(effects) => html! {
            dl.without {
                @for (names, sentences) in effects {
                    dt { "without " strong { (plain(names)) } }
                    @for sentence in sentences { dd { (sentence) } }
                }
            }
        },
        Block::Commands(commands) => html! {
            @for ReplayCommand { command, why, .. } in commands {
                @if !why.is_empty() { p.note { (plain(why)) } }
                pre { code { (plain(command)) } }
            }
        },
    }
}

/// A plot of a run.
pub(super) fn plot(which: Plot, outcome: &Outcome) -> Markup {
    match which {
        Plot::Reach => figure("Share of pairs shown, by time since acceptance", reach_plot(outcome), ""),
        Plot::Latency => {
            let latency = figures::latency(outcome).map(|latency| format!("{latency}, over all pairs shown."));
            let title = "How long it took: share of the pairs shown, by time to display";
            figure(title, latency_plot(outcome), &latency.unwrap_or_default())
        }
        Plot::Course => {
            let faults = windows_in_words(outcome);
            let note = if faults.is_empty() { "" } else { "Shaded while a fault is in force, to the minute." };
            html! {
                (figure("Where the pairs were, by model time", course_plot(outcome), note))
                @if !faults.is_empty() { p.unseen { "Faults in force: " (faults) "." } }
            }
        }
        Plot::Quota => {
            let note = match outcome.quota.hour {
                QuotaHour::Sliding => {
                    "The line at 25 is the quota. A slot is free again sixty minutes after it was taken."
                }
                QuotaHour::Clock => "The line at 25 is the quota. All slots are free again at each whole hour of UTC.",
            };
            figure("Slots of the tenant's quota in use", quota_plot(outcome), note)
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
