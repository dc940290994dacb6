//! GitHub's workflow commands: a line of output that annotates a line of a file. Must not decide what is worth one.

use std::fmt::Write as _;

use super::diagnostic::Severity;

/// One annotation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Annotation<'a> {
    /// Whether it fails the step, by its colour.
    pub severity: Severity,
    /// The file and the line, from 1, if there is a place for it.
    pub place: Option<(&'a str, usize)>,
    /// The column, from 1, if it is known.
    pub column: Option<usize>,
    /// Its title.
    pub title: &'a str,
    /// Its text; may have several lines.
    pub text: &'a str,
}

impl Annotation<'_> {
    /// The command, with a line feed. Nothing in the values can end it or add a property.
    pub fn command(&self) -> String {
        let level = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let mut out = format!("::{level} ");
        if let Some((file, line)) = self.place {
            write!(out, "file={},line={line},", of_property(file)).expect("a string takes all");
            if let Some(column) = self.column {
                write!(out, "col={column},").expect("a string takes all");
            }
        }
        writeln!(out, "title={}::{}", of_property(self.title), of_data(self.text)).expect("a string takes all");
        out
    }
}

/// The text of a workflow command.
fn of_data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property of a workflow command.
fn of_property(text: &str) -> String {
    of_data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What GitHub's runner reads: properties by name, and the text.
    fn read(command: &str) -> (Vec<(String, String)>, String) {
        let unescape = |text: &str| {
            let text = text.replace("%0D", "\r").replace("%0A", "\n");
            text.replace("%3A", ":").replace("%2C", ",").replace("%25", "%")
        };
        let (head, text) = command.strip_prefix("::error ").and_then(|rest| rest.split_once("::")).expect("it is one");
        let properties = head.split(',').map(|property| property.split_once('=').expect("a property has a value"));
        (properties.map(|(key, value)| (key.to_owned(), unescape(value))).collect(), unescape(text))
    }

    proptest! {
        #[test]
        fn the_runner_reads_what_was_said(file in any::<String>(), title in any::<String>(), text in any::<String>()) {
            let place = Some((file.as_str(), 7));
            let annotation = Annotation { severity: Severity::Error, place, column: None, title: &title, text: &text };
            let command = annotation.command();
            let line = command.strip_suffix('\n').expect("it ends its line");
            prop_assert!(!line.contains(['\n', '\r']));
            let (properties, read_text) = read(line);
            let of = |key: &str, value: &str| (key.to_owned(), value.to_owned());
            prop_assert_eq!(properties, [of("file", &file), of("line", "7"), of("title", &title)]);
            prop_assert_eq!(read_text, text);
        }
    }
}
