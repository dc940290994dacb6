//! Sources: the texts of a scenario, and places in them. Must not open a file.

/// A text and its origin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// The file's path as a person would type it, or the flag's name.
    pub name: String,
    /// Its whole text.
    pub text: String,
    /// Whether a diagnostic shows its lines.
    pub quoting: Quoting,
}

/// Whether a diagnostic shows lines of a source. A path in a scenario may lead to a foreign file, such as a list of
/// passwords, and diagnostics end up in logs with many readers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Quoting {
    /// Always: the caller asked for this text.
    #[default]
    Lines,
    /// Only if it is TOML.
    LinesOfToml,
    /// Never: only the place is named.
    PlacesOnly,
}

impl Source {
    /// A text under its name.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self { name: name.into(), text: text.into(), quoting: Quoting::default() }
    }

    /// The same with this choice of quoting.
    #[must_use]
    pub fn quoting(self, quoting: Quoting) -> Self {
        Self { quoting, ..self }
    }

    /// Line and column of a byte, both from 1; columns count characters.
    pub fn line_and_column(&self, byte: usize) -> (usize, usize) {
        let byte = self.boundary(byte);
        let before = &self.text[..byte];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        (before.bytes().filter(|byte| *byte == b'\n').count() + 1, before[line_start..].chars().count() + 1)
    }

    /// The last character boundary at or before `byte`.
    pub(crate) fn boundary(&self, byte: usize) -> usize {
        let mut at = byte.min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }
}

/// A span of bytes in one of a scenario's sources.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct SourceSpan {
    /// Index of the source, in the order of reading.
    pub source: usize,
    /// First byte.
    pub start: usize,
    /// First byte after.
    pub end: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_lines_and_characters_from_one() {
        let source = Source::new("a", "x\nüy = 1\n");
        assert_eq!(source.line_and_column(0), (1, 1));
        assert_eq!(source.line_and_column(2), (2, 1));
        assert_eq!(source.line_and_column(4), (2, 2), "ü has two bytes");
        assert_eq!(source.line_and_column(999), (3, 1));
    }
}
