//! Tables of a page: a caption, headings that are associated with their cells, aligned figures. Must only format.

use maud::{Markup, html};

use crate::outcome::words::count;

use crate::report::document::ink::Tone;
use crate::report::document::plain::plain;
use crate::report::document::table::{Align, Cell};

/// Rows that are visible at first; the others are folded.
const ROWS_SEEN: usize = 24;
/// Rows of a table that is kept on one printed page.
const SHORT_ROWS_MAX: usize = 12;
/// Rows of a table, at most; the JSON report has all.
pub(super) const ROWS_MAX: usize = 200;

/// The content of a cell.
#[derive(Debug)]
pub(super) enum CellContent {
    /// A text in a tone.
    Text(Cell),
    /// A drawing.
    Drawn(Markup),
}

impl<T: Into<Cell>> From<T> for CellContent {
    fn from(text: T) -> Self {
        Self::Text(text.into())
    }
}

/// A table under headings; the first column names its row. Rows beyond [`ROWS_MAX`] are omitted, and their number is
/// written.
pub(super) fn table(caption: &str, columns: &[(&str, Align)], mut rows: Vec<Vec<CellContent>>) -> Markup {
    let more = rows.len().saturating_sub(ROWS_MAX);
    rows.truncate(ROWS_MAX);
    // A few rows more are not worth a click.
    let folded = if rows.len() > ROWS_SEEN + ROWS_SEEN / 4 { rows.split_off(ROWS_SEEN) } else { Vec::new() };
    html! {
        (part(caption, columns, rows))
        @if !folded.is_empty() {
            details { summary { (folded.len()) " more rows" } (part(caption, columns, folded)) }
        }
        @if more > 0 { p.note { "… and " (count(more as u64)) " more; the JSON report has them all." } }
    }
}

fn part(caption: &str, columns: &[(&str, Align)], rows: Vec<Vec<CellContent>>) -> Markup {
    // In print it is kept on one page.
    let is_short = rows.len() <= SHORT_ROWS_MAX;
    html! {
        div.scroll tabindex="0" role="region" aria-label=(caption) {
            table.short[is_short] {
                caption.unseen { (caption) }
                thead { tr { @for (words, align) in columns { th scope="col" class=(class(*align)) { (words) } } } }
                tbody {
                    @for row in rows {
                        tr { @for (at, (field, (_, align))) in row.into_iter().zip(columns).enumerate() { (cell(at, field, *align)) } }
                    }
                }
            }
        }
    }
}

fn cell(at: usize, field: CellContent, align: Align) -> Markup {
    match field {
        CellContent::Drawn(markup) => html! { td.drawn { (markup) } },
        CellContent::Text(text) if at == 0 => html! { th scope="row" class=(class(align)) { (toned(&text)) } },
        CellContent::Text(text) => html! { td class=(class(align)) { (toned(&text)) } },
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

const fn class(align: Align) -> &'static str {
    match align {
        Align::Left => "left",
        Align::Right => "right",
    }
}
