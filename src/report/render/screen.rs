//! A screen for people: its colours and its columns. Must not know a section.

use super::ink::Ink;
use super::text_table::{clip, columns};
use crate::report::document::cell::Tone;
use crate::rules::base::visible;

/// Columns of a line where no terminal says how many there are.
const COLUMNS: usize = 100;
/// A terminal with fewer columns is treated as having so many: a figure and its name have to fit.
const COLUMNS_MIN: usize = 40;
/// The same for more: longer lines are hard to read.
const COLUMNS_MAX: usize = 240;

/// Columns of a name in a line that has more to say.
const NAME_WIDTH_MAX: usize = 40;

/// Where a text for people is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Screen {
    ink: Ink,
    columns: usize,
}

impl Screen {
    /// A file, a log, or a test.
    pub const PLAIN: Self = Self { ink: Ink::Plain, columns: COLUMNS };

    /// A screen with so many columns, from 40 to 240; without a number it has 100.
    pub fn new(ink: Ink, columns: Option<usize>) -> Self {
        Self { ink, columns: columns.unwrap_or(COLUMNS).clamp(COLUMNS_MIN, COLUMNS_MAX) }
    }

    /// Its colours.
    pub fn ink(self) -> Ink {
        self.ink
    }

    /// A name in a line that has more to say; what is cut is marked.
    pub fn name(self, name: &str) -> String {
        clip(&visible::one_line(name), (self.columns / 2).min(NAME_WIDTH_MAX))
    }

    /// Its columns.
    pub(crate) fn columns(self) -> usize {
        self.columns
    }

    /// A word in a tone, as a part of a text that is finished later.
    pub(crate) fn paint(self, tone: Tone, text: &str) -> String {
        self.ink.paint(tone, text)
    }

    /// Appends a text in one tone, indented by two; lines that are too long go on below, indented by four.
    pub(crate) fn paragraph(self, tone: Tone, text: &str, out: &mut String) {
        // A word is visible before it is measured.
        for (nth, line) in wrapped(&visible::one_line(text), self.columns - 2, 2).into_iter().enumerate() {
            let indent = if nth == 0 { "  " } else { "    " };
            out.push_str(indent);
            out.push_str(&self.ink.paint(tone, &line));
            out.push('\n');
        }
    }

    /// Appends a heading with text after it, which goes on below, indented, where it is too long.
    pub(crate) fn heading(self, title: &str, rest: &str, out: &mut String) {
        out.push('\n');
        out.push_str(&self.ink.paint(Tone::Heading, title));
        if !rest.is_empty() {
            let fits = columns(title) + 2 + columns(rest) <= self.columns;
            out.push_str(if fits { "  " } else { "\n" });
            if !fits {
                return self.paragraph(Tone::Quiet, rest, out);
            }
            out.push_str(&self.ink.paint(Tone::Quiet, rest));
        }
        out.push('\n');
    }
}

/// A text in lines of at most `width` columns, cut between words; lines after the first have `hanging` columns less.
pub(crate) fn wrapped(text: &str, width: usize, hanging: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let word: String = word.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let room = if lines.len() == 1 { width } else { width - hanging };
        let line = lines.last_mut().expect("there is always a line");
        if !line.is_empty() && columns(line) + 1 + columns(&word) > room {
            lines.push(word);
        } else {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(&word);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_between_words_and_loses_none() {
        let text = "a word and another one, ".repeat(12);
        let lines = wrapped(text.trim_end(), 76, 2);
        assert!(lines.len() > 2 && lines.iter().all(|line| line.chars().count() <= 76), "{lines:?}");
        assert_eq!(lines.join(" "), text.trim_end());
        assert_eq!(wrapped("a\u{1b}[31mb", 76, 2), ["a [31mb"]);
        assert_eq!(wrapped("a long word", 4, 2), ["a", "long", "word"], "a word is never cut");
    }

    #[test]
    fn a_heading_keeps_its_text_on_the_line_while_there_is_room() {
        let said = |columns| {
            let mut out = String::new();
            Screen::new(Ink::Plain, Some(columns)).heading("Reach", "of 14 pairs of a message and a device", &mut out);
            out
        };
        assert_eq!(said(80), "\nReach  of 14 pairs of a message and a device\n");
        assert_eq!(said(40), "\nReach\n  of 14 pairs of a message and a device\n");
    }
}
