//! Which characters of a foreign text may reach a terminal, and how the others are escaped. Must not shorten or colour
//! a text, and must not print.

use std::borrow::Cow;
use std::fmt::Write as _;

use unicode_general_category::{GeneralCategory, get_general_category};

/// How an invisible character is escaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notation {
    /// `\u{202e}`, for people.
    Braces,
    /// `\u202e`, inside a string of JSON; two of them above U+FFFF.
    Json,
    /// `\u202e` or `\U000e0001`, inside a basic string of TOML.
    Toml,
}

/// Characters without a width of their own that Unicode does not class as control or format characters: fillers,
/// selectors of variants, and the block that is reserved for more of them.
const BLANK: [(char, char); 11] = [
    ('\u{34F}', '\u{34F}'),
    ('\u{115F}', '\u{1160}'),
    ('\u{17B4}', '\u{17B5}'),
    ('\u{180B}', '\u{180F}'),
    ('\u{2065}', '\u{2065}'),
    ('\u{2800}', '\u{2800}'),
    ('\u{3164}', '\u{3164}'),
    ('\u{FE00}', '\u{FE0F}'),
    ('\u{FFA0}', '\u{FFA0}'),
    ('\u{FFF0}', '\u{FFF8}'),
    ('\u{E0000}', '\u{E0FFF}'),
];

/// Whether a character is visible and harmless. Controls, marks of text direction, line ends and everything without a
/// width are not; spaces are.
pub fn is_seen(c: char) -> bool {
    if c.is_ascii() {
        return !c.is_ascii_control();
    }
    let category = get_general_category(c);
    let is_mark = matches!(
        category,
        GeneralCategory::Control
            | GeneralCategory::Format
            | GeneralCategory::LineSeparator
            | GeneralCategory::ParagraphSeparator
            | GeneralCategory::Surrogate
    );
    !is_mark && !BLANK.iter().any(|(first, last)| (*first..=*last).contains(&c))
}

/// A text on one line, with every invisible character as `\u{…}`: for names, paths and foreign messages.
pub fn one_line(text: &str) -> Cow<'_, str> {
    escaped(text, Notation::Braces, |_| false)
}

/// The same for a text of several lines; line ends are kept.
pub fn lines(text: &str) -> Cow<'_, str> {
    escaped(text, Notation::Braces, |c| c == '\n')
}

/// The same for a document of JSON or TOML, which keeps its meaning: invisible characters occur inside its strings
/// only.
pub fn document(text: &str, notation: Notation) -> Cow<'_, str> {
    escaped(text, notation, |c| matches!(c, '\n' | '\t' | '\r'))
}

/// The same for lines with our own colours: sequences that set colours are kept, and no others.
pub fn painted(text: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('\u{1b}') {
        let (before, sequence) = rest.split_at(at);
        out.push_str(&lines(before));
        // What follows the escape character of a colour is visible.
        if sets_colours(sequence) {
            out.push('\u{1b}');
        } else {
            write(&mut out, '\u{1b}', Notation::Braces);
        }
        rest = &sequence[1..];
    }
    if out.is_empty() {
        return lines(rest);
    }
    out.push_str(&lines(rest));
    Cow::Owned(out)
}

/// Whether the sequence at the start of a text sets colours: `ESC [ 1 ; 32 m`.
fn sets_colours(text: &str) -> bool {
    let parameters = text.strip_prefix("\u{1b}[");
    parameters.is_some_and(|rest| rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';').starts_with('m'))
}

fn escaped(text: &str, notation: Notation, is_kept: impl Fn(char) -> bool) -> Cow<'_, str> {
    let is_fine = |c: char| is_kept(c) || is_seen(c);
    if text.chars().all(is_fine) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_fine(c) {
            out.push(c);
        } else {
            write(&mut out, c, notation);
        }
    }
    Cow::Owned(out)
}

fn write(out: &mut String, c: char, notation: Notation) {
    let code = u32::from(c);
    let whole = "a string takes all";
    match notation {
        Notation::Braces => write!(out, "\\u{{{code:x}}}").expect(whole),
        Notation::Json => {
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}").expect(whole);
            }
        }
        Notation::Toml if code <= 0xFFFF => write!(out, "\\u{code:04x}").expect(whole),
        Notation::Toml => write!(out, "\\U{code:08x}").expect(whole),
    }
}

/// `1234567` as `1,234,567`.
pub fn count(count: u64) -> String {
    let digits = count.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Controls, marks of direction, separators, and characters without a width.
    const UNSEEN: &str = "\0\u{7}\u{8}\t\r\u{1b}\u{7f}\u{85}\u{9b}\u{9d}\u{ad}\u{34f}\u{61c}\u{115f}\u{180e}\u{200b}\u{200d}\u{200e}\
                          \u{2028}\u{2029}\u{202a}\u{202e}\u{2060}\u{2066}\u{2069}\u{206f}\u{2800}\u{3164}\u{fe0f}\u{feff}\u{fff9}\
                          \u{1d173}\u{e0001}\u{e0041}\u{e01ef}";

    #[test]
    fn invisible_characters_are_escaped_and_every_script_is_kept() {
        for c in UNSEEN.chars() {
            assert!(!is_seen(c), "{c:?}");
            assert_eq!(one_line(&format!("a{c}b")), format!("a\\u{{{:x}}}b", u32::from(c)));
        }
        for text in ["plain", "über 東京 עברית नमस्ते 🔥", "a b\u{a0}c", "✗ █▏ →"] {
            assert_eq!(one_line(text), text);
        }
        assert_eq!(one_line("a\nb"), "a\\u{a}b");
        assert_eq!(lines("a\nb\rc"), "a\nb\\u{d}c");
    }

    #[test]
    fn a_document_keeps_its_meaning() {
        let value = serde_json::json!({ "name": UNSEEN });
        let text = document(&format!("{value:#}"), Notation::Json).into_owned();
        assert!(text.chars().all(|c| is_seen(c) || c == '\n'), "{text}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).expect("it is JSON"), value);
        let toml = "name = \"a\u{202e}b\u{e0001}\"\n";
        assert_eq!(document(toml, Notation::Toml), "name = \"a\\u202eb\\U000e0001\"\n");
    }

    #[test]
    fn colours_are_kept_and_no_other_sequence_is() {
        let ours = "\u{1b}[1m\u{1b}[32mgood\u{1b}[0m\nnext";
        assert_eq!(painted(ours), ours);
        for (text, seen) in [
            ("\u{1b}[2Jx", "\\u{1b}[2Jx"),
            ("\u{1b}]0;title\u{7}", "\\u{1b}]0;title\\u{7}"),
            ("\u{1b}[1", "\\u{1b}[1"),
            ("\u{1b}", "\\u{1b}"),
            ("a\u{1b}\u{1b}[0m\u{9b}31m", "a\\u{1b}\u{1b}[0m\\u{9b}31m"),
        ] {
            assert_eq!(painted(text), seen);
        }
    }

    proptest! {
        #[test]
        fn no_invisible_character_gets_through(text in any::<String>(), more in "[\\x00-\\x1f\u{7f}-\u{9f}\u{202e}\u{1b}\\[0-9;m]{0,12}") {
            let text = format!("{text}{more}");
            prop_assert!(one_line(&text).chars().all(is_seen));
            prop_assert!(lines(&text).chars().all(|c| is_seen(c) || c == '\n'));
            let painted = painted(&text);
            for (at, _) in painted.match_indices('\u{1b}') {
                prop_assert!(sets_colours(&painted[at..]));
            }
        }
    }
}
