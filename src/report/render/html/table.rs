//! Tables of a page: a caption, headings that are associated with their cells, aligned figures. Must only format.

use maud::{Markup, html};

use crate::outcome::words::count;

use super::bars::bars;
use super::palette::Hue;
use crate::report::document::cell::{Cell, Tone};
use crate::report::document::layer::Layer;
use crate::report::document::plain::plain;
use crate::report::document::section::{ColumnKind, Content, ReportColumn, ReportTable};

/// Rows that are visible at first; the others are folded.
const ROWS_SEEN: usize = 24;
/// Rows of a table that is kept on one printed page.
const SHORT_ROWS_MAX: usize = 12;
/// Rows of a table, at most; the JSON report has all.
pub(super) const ROWS_MAX: usize = 200;

/// A table under headings; the first column names its row. Rows beyond [`ROWS_MAX`] are omitted, and their number is
/// written.
pub(super) fn table(table: &ReportTable) -> Markup {
    let ReportTable { caption, columns, rows, .. } = table;
    let more = rows.len().saturating_sub(ROWS_MAX);
    let rows = &rows[..rows.len().min(ROWS_MAX)];
    // A few rows more are not worth a click.
    let seen = if rows.len() > ROWS_SEEN + ROWS_SEEN / 4 { ROWS_SEEN } else { rows.len() };
    let (seen, folded) = rows.split_at(seen);
    html! {
        (part(caption, columns, seen))
        @if !folded.is_empty() {
            details { summary { (folded.len()) " more rows" } (part(caption, columns, folded)) }
        }
        @if more > 0 { p.note { "… and " (count(more as u64)) " more; the JSON report has them all." } }
    }
}

fn part(caption: &str, columns: &[ReportColumn], rows: &[Vec<Content>]) -> Markup {
    // In print it is kept on one page.
    let is_short = rows.len() <= SHORT_ROWS_MAX;
    html! {
        div.scroll tabindex="0" role="region" aria-label=(caption) {
            table.short[is_short] {
                caption.unseen { (caption) }
                thead { tr { @for column in columns { th scope="col" class=(align(column.kind)) { (column.heading) } } } }
                tbody {
                    @for row in rows {
                        tr {
                            @for (at, (content, column)) in row.iter().zip(columns).enumerate() { (cell(at, content, column.kind)) }
                            @for column in columns.iter().skip(row.len()) { td class=(align(column.kind)) {} }
                        }
                    }
                }
            }
        }
    }
}

fn cell(at: usize, content: &Content, kind: ColumnKind) -> Markup {
    match content {
        Content::Bar(parts, whole) => html! { td.drawn { (bars(parts, *whole)) } },
        Content::Text(text) if at == 0 => html! { th scope="row" class=(align(kind)) { (toned(text)) } },
        Content::Text(text) => html! { td class=(align(kind)) { (toned(text)) } },
        Content::Mark(true) => html! { td.mark { (toned(&Cell("✓ held".to_owned(), Tone::Good))) } },
        Content::Mark(false) => html! { td.mark { (toned(&Cell("✗ failed".to_owned(), Tone::Bad))) } },
    }
}

/// What the colours of a bar's parts stand for.
pub(super) fn legend() -> Markup {
    html! {
        ul.legend aria-hidden="true" {
            @for station in ["shown", "waiting", "too late", "lost", "blocked", "skipped"] {
                li class=(Hue::from(Layer::of_station(station)).name()) { (station) }
            }
        }
    }
}

/// A text in a tone; foreign text becomes one line.
pub(super) fn toned(Cell(text, tone): &Cell) -> Markup {
    let text = breakable(&plain(text));
    match tone {
        Tone::Bad => html! { strong.tone-bad { (text) } },
        Tone::Notice => html! { strong { (text) } },
        Tone::Good => html! { span.tone-good { (text) } },
        Tone::Quiet => html! { span.quiet { (text) } },
        Tone::Text | Tone::Heading | Tone::Bar => html! { (text) },
    }
}

/// A text with break opportunities inside its words: `skipped/` `unsupported_` `platform`.
fn breakable(text: &str) -> Markup {
    html! {
        @for (at, piece) in text.split_inclusive(['/', '_']).enumerate() {
            @if at > 0 { wbr; }
            (piece)
        }
    }
}

const fn align(kind: ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Number => "right",
        ColumnKind::Text | ColumnKind::Mark | ColumnKind::Bar | ColumnKind::Parts => "left",
    }
}
