//! A text and its tone. Must not know how a tone looks.

/// The meaning of a word's colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Tone {
    /// The terminal's default.
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

/// A text in a tone.
#[derive(Clone, Debug)]
pub(crate) struct Cell(pub(crate) String, pub(crate) Tone);

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self(text.into(), Tone::Text)
    }
}
