//! Colour of text, or none. Must not change the words.

use anstyle::{AnsiColor, Style};

use crate::report::document::cell::Tone;
use crate::rules::base::visible;

/// Whether a text for people is coloured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ink {
    /// No escape sequences.
    #[default]
    Plain,
    /// ANSI colours.
    Colour,
}

/// Marks the beginning of a colour until the text is finished, followed by the tone; a Unicode noncharacter, so no text
/// contains it.
const BEGIN: char = '\u{FDD0}';
/// Marks the end of a colour.
const END: char = '\u{FDEF}';

/// Every tone, in the order of their marks.
const TONES: [Tone; 7] = [Tone::Text, Tone::Heading, Tone::Good, Tone::Bad, Tone::Notice, Tone::Quiet, Tone::Bar];

const fn style_of(tone: Tone) -> Style {
    match tone {
        Tone::Text => Style::new(),
        Tone::Heading => Style::new().bold(),
        Tone::Good => AnsiColor::Green.on_default().bold(),
        Tone::Bad => AnsiColor::Red.on_default().bold(),
        Tone::Notice => AnsiColor::Yellow.on_default().bold(),
        Tone::Quiet => Style::new().dimmed(),
        Tone::Bar => AnsiColor::Cyan.on_default(),
    }
}

/// The mark that begins a tone.
fn mark(tone: Tone) -> char {
    char::from_u32(u32::from(BEGIN) + tone as u32).expect("there are fewer tones than noncharacters")
}

fn tone_of(c: char) -> Option<Tone> {
    TONES.into_iter().find(|tone| mark(*tone) == c)
}

impl Ink {
    /// A word in a tone, as a part of a text that is finished later.
    pub(crate) fn paint(self, tone: Tone, text: &str) -> String {
        match (self, tone) {
            (Self::Plain, _) | (Self::Colour, Tone::Text) => text.to_owned(),
            (Self::Colour, tone) => format!("{}{text}{END}", mark(tone)),
        }
    }

    /// A whole text of painted words. Only here are marks turned into colours, after every control character of the
    /// text is escaped as `\u{…}`, so that no name in a report can colour a terminal, move its cursor or change its
    /// direction of reading.
    pub(crate) fn finish(self, text: &str) -> String {
        let text = visible::lines(text);
        if self == Self::Plain {
            return text.into_owned();
        }
        let mut out = String::with_capacity(text.len());
        let mut style = Style::new();
        for c in text.chars() {
            let painted = match (c, tone_of(c)) {
                (END, _) => format!("{style:#}"),
                (_, Some(tone)) => {
                    style = style_of(tone);
                    style.to_string()
                }
                (c, None) => {
                    out.push(c);
                    continue;
                }
            };
            out.push_str(&painted);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_colours_are_in_a_finished_text() {
        let name = "\u{1b}[31mred\u{9b}0m\u{202e}";
        let text = |ink: Ink| ink.finish(&format!("{} {name}\n", ink.paint(Tone::Good, name)));
        let seen = "\\u{1b}[31mred\\u{9b}0m\\u{202e}";
        assert_eq!(text(Ink::Plain), format!("{seen} {seen}\n"));
        assert_eq!(text(Ink::Colour), format!("\u{1b}[1m\u{1b}[32m{seen}\u{1b}[0m {seen}\n"));
    }
}
