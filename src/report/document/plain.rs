//! Makes a text from outside, such as a name, fit on one line of any format. Must not cut or escape it.

use crate::rules::base::visible::is_seen;

/// Replaces every character that could end a line, colour a terminal, turn the reading direction or break XML by a
/// space, or by U+FFFD if it has no width.
pub(crate) fn plain(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            c if c.is_control() || c.is_whitespace() => ' ',
            // The two scalar values that XML does not allow.
            '\u{FFFE}' | '\u{FFFF}' => '\u{FFFD}',
            // Characters that turn the direction of reading or have no width, except the joiner and the variation
            // selector that emoji need.
            c if !is_seen(c) && !matches!(c, '\u{200D}' | '\u{FE0F}') => '\u{FFFD}',
            c => c,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_one_line_of_visible_characters() {
        assert_eq!(plain("a\r\nb\u{1b}[31m\u{85}\u{2028}c"), "a  b [31m  c");
        assert_eq!(plain("\u{202E}über <&\"']]>\u{FFFF}"), "\u{FFFD}über <&\"']]>\u{FFFD}");
    }
}
