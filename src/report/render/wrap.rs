//! A sentence in lines. Must not style anything.

use super::text_table::columns;

/// A text in lines of at most `width` columns, cut between words, the later ones indented; a word that is longer has a
/// line of its own. A name in it cannot colour the terminal.
pub(super) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let word: String = word.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let line = lines.last_mut().expect("there is always a line");
        if !line.is_empty() && columns(line) + 1 + columns(&word) > width {
            lines.push(format!("  {word}"));
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
        let lines = wrapped(text.trim_end(), 66);
        assert!(lines.len() > 2 && lines.iter().all(|line| line.chars().count() <= 66), "{lines:?}");
        let joined: Vec<&str> = lines.iter().map(|line| line.trim_start()).collect();
        assert_eq!(joined.join(" "), text.trim_end());
        assert_eq!(wrapped("a\u{1b}[31mb", 66), ["a [31mb"]);
    }
}
