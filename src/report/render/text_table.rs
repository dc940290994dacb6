//! Aligned columns and bars for the console. Measures columns of the terminal, never bytes; colours do not count.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::screen::Screen;
use crate::report::document::cell::{Cell, Tone};
use crate::report::document::section::Cut;
use crate::rules::base::visible;

/// Characters of the longest bar.
pub(super) const BAR_WIDTH: usize = 28;
/// Characters of a text that is cut, at least.
const TEXT_WIDTH_MIN: usize = 12;
/// Characters between columns.
const GAP: &str = "  ";

/// The alignment of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Right,
}

/// A column of a table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TextColumn {
    pub(crate) align: Align,
    /// How its texts become shorter where the screen is too narrow.
    pub(crate) cut: Cut,
    /// It belongs to the names of the rows, which stand before every part of a table that is too wide.
    pub(crate) is_name: bool,
}

/// A cell of a table.
#[derive(Debug)]
pub(crate) enum TextCell {
    Text(Cell),
    /// A bar for a part of a whole.
    Bar(u64, u64, Tone),
}

impl TextCell {
    fn is_empty(&self) -> bool {
        matches!(self, Self::Text(Cell(text, _)) if text.is_empty())
    }
}

/// Rows of aligned columns, indented by two.
#[derive(Debug)]
pub(crate) struct TextTable {
    columns: Vec<TextColumn>,
    rows: Vec<Vec<TextCell>>,
}

impl TextTable {
    pub(crate) fn new(columns: &[TextColumn]) -> Self {
        Self { columns: columns.to_vec(), rows: Vec::new() }
    }

    pub(crate) fn row(&mut self, cells: Vec<TextCell>) {
        assert!(cells.len() <= self.columns.len(), "a row has a column for each cell");
        // A line feed in a name must not begin a new line, and an invisible character has no width until it is escaped.
        let visible = |cell| match cell {
            TextCell::Text(Cell(text, tone)) => TextCell::Text(Cell(visible::one_line(&text).into_owned(), tone)),
            bar @ TextCell::Bar(..) => bar,
        };
        self.rows.push(cells.into_iter().map(visible).collect());
    }

    /// Adds a row of texts.
    pub(crate) fn texts(&mut self, cells: Vec<Cell>) {
        self.row(cells.into_iter().map(TextCell::Text).collect());
    }

    /// Adds a heading row in a quiet tone.
    pub(crate) fn heading(&mut self, words: &[&str]) {
        self.texts(words.iter().map(|word| Cell((*word).to_owned(), Tone::Quiet)).collect());
    }

    /// Appends the table. Where the screen is too narrow, names and bars become shorter; columns that do not fit even then
    /// follow in a second table, with the names of the rows again.
    pub(crate) fn render(&self, screen: Screen, out: &mut String) {
        let room = screen.columns();
        let names: Vec<usize> = (0..self.columns.len()).filter(|at| self.columns[*at].is_name).collect();
        let mut rest: Vec<usize> = (0..self.columns.len()).filter(|at| !self.columns[*at].is_name).collect();
        let all = |part: &[usize]| {
            let mut all: Vec<usize> = names.iter().chain(part).copied().collect();
            all.sort_unstable();
            all
        };
        let mut is_first = true;
        while is_first || !rest.is_empty() {
            let fits = |number: &usize| self.widths(&all(&rest[..*number]), room).is_some();
            let taken = (1..=rest.len()).rev().find(fits).unwrap_or(1.min(rest.len()));
            let part = all(&rest[..taken]);
            let widths = self.widths(&part, room).unwrap_or_else(|| self.least(&part));
            if !is_first {
                out.push('\n');
            }
            // A row whose other cells are all empty stands in the first part only.
            let says_more = |row: &&Vec<TextCell>| {
                let has = |at: &usize| row.get(*at).is_some_and(|cell| !cell.is_empty());
                is_first || row.is_empty() || rest[..taken].iter().any(has)
            };
            self.rows.iter().filter(says_more).for_each(|row| self.line(row, &part, &widths, screen, out));
            rest.drain(..taken);
            is_first = false;
        }
    }

    /// A row with these columns only.
    fn line(&self, row: &[TextCell], part: &[usize], widths: &[usize], screen: Screen, out: &mut String) {
        let mut line = String::new();
        for (at, width) in part.iter().zip(widths) {
            let Some(cell) = row.get(*at) else { continue };
            let TextColumn { align, cut, .. } = self.columns[*at];
            let (text, tone) = match cell {
                TextCell::Text(Cell(text, tone)) => (fit(text, cut, *width), *tone),
                TextCell::Bar(part, whole, tone) => (bar(*part, *whole, *width), *tone),
            };
            let padding = " ".repeat(width.saturating_sub(columns(&text)));
            let text = if text.is_empty() { String::new() } else { screen.paint(tone, &text) };
            line.push_str(GAP);
            match align {
                Align::Left => line.extend([text, padding]),
                Align::Right => line.extend([padding, text]),
            }
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }

    /// The widths that these columns take in so much room; `None` if they do not fit.
    fn widths(&self, part: &[usize], room: usize) -> Option<Vec<usize>> {
        let mut widths: Vec<usize> = part.iter().map(|at| self.natural(*at)).collect();
        let least = self.least(part);
        let preferred: Vec<usize> =
            part.iter().zip(&widths).map(|(at, natural)| self.preferred(*at, *natural)).collect();
        let room = room.checked_sub(part.len() * GAP.len())?;
        let sum = |widths: &[usize]| widths.iter().sum::<usize>();
        if sum(&least) > room {
            return None;
        }
        // Down to what reads well first, then down to what can still be told apart; the widest gives first.
        for floor in [preferred, least] {
            while sum(&widths) > room {
                let giving = (0..widths.len()).filter(|at| widths[*at] > floor[*at]).max_by_key(|at| widths[*at]);
                let Some(at) = giving else { break };
                widths[at] -= 1;
            }
        }
        Some(widths)
    }

    fn natural(&self, at: usize) -> usize {
        let width = |cell: &TextCell| match cell {
            TextCell::Text(Cell(text, _)) => columns(text),
            TextCell::Bar(..) => BAR_WIDTH,
        };
        self.rows.iter().filter_map(|row| row.get(at)).map(width).max().unwrap_or(0)
    }

    fn preferred(&self, at: usize, natural: usize) -> usize {
        match self.columns[at].cut {
            _ if self.is_bar(at) => 0,
            Cut::Never => natural,
            Cut::End(width) | Cut::Middle(width) | Cut::Label(width) => natural.min(width),
        }
    }

    /// The least widths of columns, at which texts can still be told apart.
    fn least(&self, part: &[usize]) -> Vec<usize> {
        let least = |at: &usize| match self.columns[*at].cut {
            _ if self.is_bar(*at) => 0,
            Cut::Never => self.natural(*at),
            _ => self.natural(*at).min(TEXT_WIDTH_MIN),
        };
        part.iter().map(least).collect()
    }

    fn is_bar(&self, at: usize) -> bool {
        self.rows.iter().any(|row| matches!(row.get(at), Some(TextCell::Bar(..))))
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
fn fit(text: &str, cut: Cut, width: usize) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    match cut {
        Cut::Never => text.to_owned(),
        Cut::End(_) => clip(text, width),
        Cut::Middle(_) => {
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
        Cut::Label(_) => clip(text.split_once(": ").map_or(text, |(_, rest)| rest), width),
    }
}

/// A bar of at most `width` characters for a share, in steps of an eighth of a character; any share above zero is visible.
pub(super) fn bar(part: u64, whole: u64, width: usize) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    if whole == 0 || part == 0 || width == 0 {
        return String::new();
    }
    let eighths = (u128::from(part) * width as u128 * 8 / u128::from(whole)).max(1);
    let (full, rest) = (eighths / 8, eighths % 8);
    let full = usize::try_from(full).expect("a bar is short");
    let rest = EIGHTHS[usize::try_from(rest).expect("below eight")];
    format!("{}{rest}", "█".repeat(full))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::report::render::ink::Ink;

    fn text(cut: Cut) -> TextColumn {
        TextColumn { align: Align::Left, cut, is_name: true }
    }

    fn number() -> TextColumn {
        TextColumn { align: Align::Right, cut: Cut::Never, is_name: false }
    }

    /// A table of a name, a bar and numbers on a screen with so many columns.
    fn drawn(name: &str, numbers: usize, width: usize) -> String {
        let bars = TextColumn { is_name: false, ..text(Cut::Never) };
        let mut table = TextTable::new(&[vec![text(Cut::Middle(20)), bars], vec![number(); numbers]].concat());
        let cells = |name: &str, bar: TextCell, figure: &str| -> Vec<TextCell> {
            let figures = (0..numbers).map(|at| TextCell::Text(format!("{figure}{at}").into()));
            [TextCell::Text(name.into()), bar].into_iter().chain(figures).collect()
        };
        table.row(cells("send", TextCell::Text("".into()), "head"));
        table.row(cells(name, TextCell::Bar(1, 2, Tone::Bar), "1,000,00"));
        let mut out = String::new();
        table.render(Screen::new(Ink::Plain, Some(width)), &mut out);
        out
    }

    #[test]
    fn names_and_bars_give_way_before_columns_move_below() {
        let name = "a-name-of-thirty-characters #12";
        insta::assert_snapshot!(drawn(name, 2, 100), @r"
        send                                                               head0      head1
        a-name-of-thirty-characters #12  ██████████████                1,000,000  1,000,001
        ");
        insta::assert_snapshot!(drawn(name, 2, 60), @r"
        send                                      head0      head1
        a-name-of…acters #12  ███████         1,000,000  1,000,001
        ");
        insta::assert_snapshot!(drawn(name, 4, 50), @r"
        send                 head0      head1      head2
        a-nam…ers #12    1,000,000  1,000,001  1,000,002

        send                                 head3
        a-name-of-thirty-characters #12  1,000,003
        ");
    }

    proptest! {
        #[test]
        fn a_table_is_never_wider_than_the_screen_and_loses_no_figure(
            name in "[a-z#東 ]{0,60}", numbers in 0_usize..10, width in 40_usize..200,
        ) {
            let text = drawn(&name, numbers, width);
            for line in text.lines() {
                prop_assert!(columns(line) <= width, "{}", text);
            }
            for at in 0..numbers {
                let figure = format!("1,000,00{at}");
                prop_assert_eq!(text.matches(figure.as_str()).count(), 1, "{}", text);
            }
        }
    }

    #[test]
    fn aligns_by_characters_and_not_by_bytes() {
        let mut table = TextTable::new(&[text(Cut::Never), number()]);
        table.texts(vec!["über".into(), "1".into()]);
        table.texts(vec!["ab".into(), "100".into()]);
        let mut out = String::new();
        table.render(Screen::PLAIN, &mut out);
        assert_eq!(out, "  über    1\n  ab    100\n");
    }

    #[test]
    fn aligns_by_columns_and_not_by_characters() {
        let mut table = TextTable::new(&[text(Cut::Never), number()]);
        table.texts(vec!["東京支店".into(), "1".into()]);
        table.texts(vec!["London".into(), "100".into()]);
        let mut out = String::new();
        table.render(Screen::PLAIN, &mut out);
        assert_eq!(out, "  東京支店    1\n  London    100\n");
        assert_eq!(clip("東京支店", 5), "東京…", "four columns and the mark");
        assert_eq!(clip("東京支店", 6), "東京…", "half a character is none");
        assert_eq!(clip("東京支店", 8), "東京支店");
    }

    #[test]
    fn a_bar_shows_the_least_share_and_fills_with_the_whole() {
        assert_eq!(bar(1, 1_000_000, 28), "▏");
        assert_eq!(bar(1_000_000, 1_000_000, 28).chars().count(), 28);
        assert_eq!(bar(0, 5, 28), "");
    }

    #[test]
    fn a_text_loses_what_matters_least() {
        assert_eq!(fit("closure-of-the-north #12", Cut::Middle(0), 15), "closur…orth #12");
        assert_eq!(fit("東京支店 #12", Cut::Middle(0), 9), "東…店 #12", "columns count, not characters");
        assert_eq!(fit("closure #12", Cut::Middle(0), 15), "closure #12");
        assert_eq!(fit("refused: title_too_long", Cut::Label(0), 15), "title_too_long");
        assert_eq!(fit("refused: unsupported_target", Cut::Label(0), 15), "unsupported_ta…");
        assert_eq!(fit("refused: quota", Cut::Label(0), 15), "refused: quota");
    }

    #[test]
    fn clips_and_says_so() {
        assert_eq!(clip("abcdef", 4), "abc…");
        assert_eq!(clip("abcd", 4), "abcd");
        assert_eq!(clip("a\u{1b}b", 4), "a b", "a name cannot colour the terminal");
    }
}
