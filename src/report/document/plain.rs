//! A text from outside, such as a name, on one line and fit for every format. Cuts nothing, and escapes nothing.

use crate::rules::base::visible::is_seen;

/// A text in which everything that could end a line, colour a terminal, turn the reading direction or break XML is replaced
/// by a space, or by U+FFFD where it has no width.
pub(crate) fn plain(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            c if c.is_control() || c.is_whitespace() => ' ',
            // The two scalars that XML does not know.
            '\u{FFFE}' | '\u{FFFF}' => '\u{FFFD}',
            // What turns the direction of reading, or has no width; but the joiner and the selector of colour that emoji are made with.
            c if !is_seen(c) && !matches!(c, '\u{200D}' | '\u{FE0F}') => '\u{FFFD}',
            c => c,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_one_line_of_what_can_be_seen() {
        assert_eq!(plain("a\r\nb\u{1b}[31m\u{85}\u{2028}c"), "a  b [31m  c");
        assert_eq!(plain("\u{202E}über <&\"']]>\u{FFFF}"), "\u{FFFD}über <&\"']]>\u{FFFD}");
    }
}
