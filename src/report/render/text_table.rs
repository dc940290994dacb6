//! Aligned columns and bars for the console. Measures columns of the terminal, never bytes; colours do not count.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::ink::Ink;
use crate::report::document::cell::{Cell, Tone};
use crate::report::document::section::Cut;
use crate::rules::base::visible;

/// Characters of the longest bar.
pub(super) const BAR_WIDTH: usize = 28;
/// Characters between columns.
const GAP: &str = "  ";

/// The alignment of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Right,
}

/// Rows of aligned columns, indented by two.
#[derive(Debug)]
pub(crate) struct TextTable {
    columns: Vec<Align>,
    rows: Vec<Vec<Cell>>,
}

impl TextTable {
    pub(crate) fn new(columns: &[Align]) -> Self {
        Self { columns: columns.to_vec(), rows: Vec::new() }
    }

    pub(crate) fn row(&mut self, cells: Vec<Cell>) {
        assert!(cells.len() <= self.columns.len(), "a row has a column for each cell");
        // A line feed in a name must not begin a new line, and an invisible character has no width until it is escaped.
        let visible = |Cell(text, tone)| Cell(visible::one_line(&text).into_owned(), tone);
        self.rows.push(cells.into_iter().map(visible).collect());
    }

    /// Adds a heading row in a quiet tone.
    pub(crate) fn heading(&mut self, words: &[&str]) {
        self.row(words.iter().map(|word| Cell((*word).to_owned(), Tone::Quiet)).collect());
    }

    pub(crate) fn render(&self, ink: Ink, out: &mut String) {
        let width = |at: usize| self.rows.iter().filter_map(|row| row.get(at)).map(|cell| columns(&cell.0)).max();
        let widths: Vec<usize> = (0..self.columns.len()).map(|at| width(at).unwrap_or(0)).collect();
        for row in &self.rows {
            let mut line = String::new();
            for (at, Cell(text, tone)) in row.iter().enumerate() {
                let padding = " ".repeat(widths[at] - columns(text));
                let text = if text.is_empty() { String::new() } else { ink.paint(*tone, text) };
                line.push_str(GAP);
                match self.columns[at] {
                    Align::Left => line.extend([text, padding]),
                    Align::Right => line.extend([padding, text]),
                }
            }
            out.push_str(line.trim_end());
            out.push('\n');
        }
    }
}

/// Columns that a text takes on a terminal: two for a Chinese, Japanese or Korean character.
pub(crate) fn columns(text: &str) -> usize {
    text.width()
}

/// At most `width` columns; what is cut is marked.
pub(crate) fn clip(text: &str, width: usize) -> String {
    let plain = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    if columns(text) <= width {
        return plain.collect();
    }
    let mut taken = 1;
    let kept = plain.take_while(|c| {
        taken += c.width().unwrap_or(0);
        taken <= width
    });
    kept.chain(['…']).collect()
}

/// A text that fits into its column.
pub(super) fn fit(text: &str, cut: Cut) -> String {
    match cut {
        Cut::End(width) => clip(text, width),
        Cut::Middle(width) if columns(text) > width => {
            let first = clip(text, width / 2);
            let width = width.saturating_sub(columns(&first));
            let mut taken = 0;
            let fitting = text.chars().rev().take_while(|c| {
                taken += c.width().unwrap_or(0);
                taken <= width
            });
            let last: Vec<char> = fitting.collect();
            first.chars().chain(last.into_iter().rev()).collect()
        }
        Cut::Never | Cut::Middle(_) => text.to_owned(),
        Cut::Label(width) => match text.split_once(": ") {
            Some((_, rest)) if columns(text) > width => clip(rest, width),
            _ => clip(text, width),
        },
    }
}

/// A bar for a share, in steps of an eighth of a character; any share above zero is visible.
pub(crate) fn bar(part: u64, whole: u64) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    if whole == 0 || part == 0 {
        return String::new();
    }
    let eighths = (u128::from(part) * BAR_WIDTH as u128 * 8 / u128::from(whole)).max(1);
    let (full, rest) = (eighths / 8, eighths % 8);
    let full = usize::try_from(full).expect("a bar is short");
    let rest = EIGHTHS[usize::try_from(rest).expect("below eight")];
    format!("{}{rest}", "█".repeat(full))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aligns_by_characters_and_not_by_bytes() {
        let mut table = TextTable::new(&[Align::Left, Align::Right]);
        table.row(vec!["über".into(), "1".into()]);
        table.row(vec!["ab".into(), "100".into()]);
        let mut out = String::new();
        table.render(Ink::Plain, &mut out);
        assert_eq!(out, "  über    1\n  ab    100\n");
    }

    #[test]
    fn aligns_by_columns_and_not_by_characters() {
        let mut table = TextTable::new(&[Align::Left, Align::Right]);
        table.row(vec!["東京支店".into(), "1".into()]);
        table.row(vec!["London".into(), "100".into()]);
        let mut out = String::new();
        table.render(Ink::Plain, &mut out);
        assert_eq!(out, "  東京支店    1\n  London    100\n");
        assert_eq!(clip("東京支店", 5), "東京…", "four columns and the mark");
        assert_eq!(clip("東京支店", 6), "東京…", "half a character is none");
        assert_eq!(clip("東京支店", 8), "東京支店");
    }

    #[test]
    fn a_bar_shows_the_least_share_and_fills_with_the_whole() {
        assert_eq!(bar(1, 1_000_000), "▏");
        assert_eq!(bar(1_000_000, 1_000_000).chars().count(), 28);
        assert_eq!(bar(0, 5), "");
    }

    #[test]
    fn a_text_loses_what_matters_least() {
        assert_eq!(fit("closure-of-the-north #12", Cut::Middle(15)), "closur…orth #12");
        assert_eq!(fit("東京支店 #12", Cut::Middle(9)), "東…店 #12", "columns count, not characters");
        assert_eq!(fit("closure #12", Cut::Middle(15)), "closure #12");
        assert_eq!(fit("refused: title_too_long", Cut::Label(15)), "title_too_long");
        assert_eq!(fit("refused: unsupported_target", Cut::Label(15)), "unsupported_ta…");
        assert_eq!(fit("refused: quota", Cut::Label(15)), "refused: quota");
    }

    #[test]
    fn clips_and_says_so() {
        assert_eq!(clip("abcdef", 4), "abc…");
        assert_eq!(clip("abcd", 4), "abcd");
        assert_eq!(clip("a\u{1b}b", 4), "a b", "a name cannot colour the terminal");
    }
}
