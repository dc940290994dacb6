//! Tables in GitHub's Markdown. The content of a cell must be read as plain text: no mark-up, no link, no HTML.

use std::fmt::Write as _;

use super::text_table::Align;
use crate::report::document::cell::{Cell, Tone};
use crate::report::document::plain::plain;

/// Characters of a foreign text in a cell, at most; a comment on GitHub has 65,536 in all.
const TEXT_CHARS_MAX: usize = 80;

/// Rows under headings.
#[derive(Debug)]
pub(super) struct Grid {
    columns: usize,
    text: String,
}

impl Grid {
    /// A table with these columns and no row yet.
    pub(crate) fn new(headings: &[&str], columns: &[Align]) -> Self {
        assert_eq!(headings.len(), columns.len(), "a column has a heading, if only an empty one");
        let mut grid = Self { columns: columns.len(), text: String::new() };
        grid.row(headings.iter().map(|words| Cell::from(*words)).collect());
        grid.text.push('|');
        grid.text.extend(columns.iter().map(|column| match column {
            Align::Left => " --- |",
            Align::Right => " ---: |",
        }));
        grid.text.push('\n');
        grid
    }

    /// Adds a row; missing cells are empty.
    pub(crate) fn row(&mut self, mut cells: Vec<Cell>) {
        assert!(cells.len() <= self.columns, "a row has a column for each cell");
        cells.resize_with(self.columns, || "".into());
        self.text.push('|');
        for cell in cells {
            self.text.push(' ');
            self.text.push_str(&toned(&cell));
            self.text.push_str(" |");
        }
        self.text.push('\n');
    }

    /// The table, with an empty line before it.
    pub(crate) fn render(&self, out: &mut String) {
        out.push('\n');
        out.push_str(&self.text);
    }
}

/// A text in a tone; bad and noticeable texts are bold.
pub(super) fn toned(Cell(text, tone): &Cell) -> String {
    let text = escaped(text);
    match tone {
        Tone::Bad | Tone::Notice if !text.is_empty() => format!("**{text}**"),
        _ => text,
    }
}

/// A foreign text that is read literally, on one line and cut to a length.
pub(crate) fn escaped(text: &str) -> String {
    let text = plain(text.trim());
    match text.char_indices().nth(TEXT_CHARS_MAX) {
        Some((end, _)) => literal(&format!("{}…", &text[..end])),
        None => literal(&text),
    }
}

/// A text that is read literally, on one line.
pub(super) fn literal(text: &str) -> String {
    let text = plain(text);
    let mut out = String::with_capacity(text.len());
    let mut rest = text.trim().chars().peekable();
    let mut before = ' ';
    while let Some(c) = rest.next() {
        let next = rest.peek().copied().unwrap_or(' ');
        if is_read_as_it_stands(before, c, next) {
            out.push(c);
        } else {
            // A character reference is never mark-up, and does not end a cell.
            write!(out, "&#{};", u32::from(c)).expect("a string takes all");
            // GitHub looks for mentions and issues after it has decoded references, so these must be broken up too.
            if matches!(c, '@' | '#') {
                out.push_str("&#8203;");
            }
        }
        before = c;
    }
    out
}

fn is_read_as_it_stands(before: char, c: char, next: char) -> bool {
    match c {
        // Inside a word it is not emphasis.
        '_' => before.is_alphanumeric() && next.is_alphanumeric(),
        // The beginning of a URL would become a link.
        ':' => !next.is_alphabetic() && next != '/',
        '.' => !matches!(before, 'w' | 'W'),
        // Alone it is not a mention.
        '@' => before == ' ' && next == ' ',
        ' ' | '!' | '"' | '%' | '\'' | '(' | ')' | '+' | ',' | '-' | '/' | ';' | '=' | '>' | '?' => true,
        c => !c.is_ascii_punctuation(),
    }
}

/// Commands to be copied: unchanged, in a fence with more backticks than any run of them in the commands.
pub(super) fn fenced(commands: &str) -> String {
    let longest = commands.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat((longest + 1).max(3));
    format!("{fence}sh\n{commands}\n{fence}\n")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

    use super::*;

    #[test]
    fn names_stay_readable_in_the_source() {
        assert_eq!(
            escaped("blocked/permission, 40.0 % (title_too_long) 0:01:00"),
            "blocked/permission, 40.0 % (title_too_long) 0:01:00"
        );
        assert_eq!(escaped(" a|b\n<c> "), "a&#124;b &#60;c>");
        assert_eq!(escaped("@octocat #1"), "&#64;&#8203;octocat &#35;&#8203;1");
        assert_eq!(escaped("https://www.example.com"), "https&#58;//www&#46;example.com");
        assert_eq!(escaped(&"x".repeat(200)).chars().count(), TEXT_CHARS_MAX + 1);
    }

    #[test]
    fn a_command_cannot_leave_its_fence() {
        assert_eq!(fenced("reveille run a.toml"), "```sh\nreveille run a.toml\n```\n");
        assert_eq!(fenced("a\n````\nb"), "`````sh\na\n````\nb\n`````\n");
    }

    /// The document as GitHub's Markdown shows it: the texts of each table's cells, by row; anything but text fails.
    fn cells(markdown: &str) -> Vec<Vec<String>> {
        let (mut rows, mut bold) = (Vec::<Vec<String>>::new(), 0);
        let options =
            Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_MATH | Options::ENABLE_GFM;
        for event in Parser::new_ext(markdown, options) {
            match event {
                Event::Start(Tag::TableHead | Tag::TableRow) => rows.push(Vec::new()),
                Event::Start(Tag::TableCell) => rows.last_mut().expect("a cell stands in a row").push(String::new()),
                Event::Text(text) => {
                    let cell = rows.last_mut().and_then(|row| row.last_mut()).expect("all text stands in a cell");
                    cell.push_str(&text);
                }
                Event::Start(Tag::Strong) => bold += 1,
                Event::Start(Tag::Table(_))
                | Event::End(
                    TagEnd::Table | TagEnd::TableHead | TagEnd::TableRow | TagEnd::TableCell | TagEnd::Strong,
                ) => {}
                other => panic!("{other:?} in\n{markdown}"),
            }
        }
        assert!(bold <= 1, "only what we made bold is\n{markdown}");
        rows
    }

    proptest! {
        #[test]
        fn any_text_is_one_cell_and_nothing_but_text(
            any in any::<String>(),
            hostile in "[|`<>&*_~$\\[\\]()!#@:/\\\\\n\r\t ^{}=+.-]{0,12}(<b>|<!--|https://a\\.b|www\\.a\\.b|&amp;|\\|\n\n#x)?[a-z|`\\\\]{0,9}",
        ) {
            let text = format!("{hostile}{any}");
            let mut grid = Grid::new(&["name", "bad", "last"], &[Align::Left, Align::Right, Align::Left]);
            grid.row(vec![text.clone().into(), Cell(text.clone(), Tone::Bad), "end".into()]);
            let mut out = String::new();
            grid.render(&mut out);
            let seen: String = plain(text.trim()).trim().to_owned();
            prop_assume!(seen.chars().count() <= TEXT_CHARS_MAX);
            let rows = cells(&out);
            assert_eq!(rows.len(), 2, "{out}");
            // The reference decoder turns NUL into U+FFFD, but `plain` has removed it.
            let read: Vec<String> = rows[1].iter().map(|cell| cell.replace('\u{200B}', "")).collect();
            let seen = seen.replace('\u{200B}', "");
            assert_eq!(read, [seen.as_str(), seen.as_str(), "end"], "{out}");
        }
    }
}
