//! Colour, or none. Only says how a word looks, never what it is.

use anstyle::{AnsiColor, Style};

/// Whether a text for people is coloured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ink {
    /// No escape sequences.
    #[default]
    Plain,
    /// ANSI colours.
    Colour,
}

/// What a word is coloured for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Tone {
    /// As the terminal has it.
    #[default]
    Text,
    /// A heading.
    Heading,
    /// All is well.
    Good,
    /// Something is wrong.
    Bad,
    /// Something to look at.
    Notice,
    /// Of less importance.
    Quiet,
    /// A bar of a chart.
    Bar,
}

impl Ink {
    /// A word in a tone.
    pub(super) fn paint(self, tone: Tone, text: &str) -> String {
        let style = match (self, tone) {
            (Self::Plain, _) | (Self::Colour, Tone::Text) => return text.to_owned(),
            (Self::Colour, Tone::Heading) => Style::new().bold(),
            (Self::Colour, Tone::Good) => AnsiColor::Green.on_default().bold(),
            (Self::Colour, Tone::Bad) => AnsiColor::Red.on_default().bold(),
            (Self::Colour, Tone::Notice) => AnsiColor::Yellow.on_default().bold(),
            (Self::Colour, Tone::Quiet) => Style::new().dimmed(),
            (Self::Colour, Tone::Bar) => AnsiColor::Cyan.on_default(),
        };
        format!("{style}{text}{style:#}")
    }
}
