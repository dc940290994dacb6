//! The YAML of a web configuration as a tree in which every key and every value keeps its line. Must not know a key of
//! the format.

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span, StrInput};

use super::error::WebConfigError;

/// Levels of a document, at most: the format has three, and a deeper one must not use up the stack.
const LEVELS_MAX: usize = 8;

/// A value with its line.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct YamlNode {
    /// The line on which it begins, from 1.
    pub(super) line: usize,
    pub(super) value: YamlValue,
}

/// A value.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum YamlValue {
    /// Nothing, or `null`.
    Null,
    /// A text, a number or a truth value, as it is written.
    Text(String),
    /// A list.
    List(Vec<YamlNode>),
    /// Keys in their order, each once.
    Map(Vec<YamlEntry>),
}

/// A key of a map with its value.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct YamlEntry {
    /// The line of the key, from 1.
    pub(super) line: usize,
    pub(super) key: String,
    pub(super) node: YamlNode,
}

/// Parses a text of one document; an empty text is [`YamlValue::Null`].
///
/// # Errors
/// [`WebConfigError::Yaml`] and [`WebConfigError::SecondKey`].
pub(super) fn parse(text: &str) -> Result<YamlNode, WebConfigError> {
    let mut reader = Reader { parser: Parser::new_from_str(text.trim_start_matches('\u{feff}')) };
    let mut document = None;
    loop {
        match reader.next()? {
            (Event::StreamEnd, _) => break,
            (Event::StreamStart | Event::DocumentStart(_) | Event::DocumentEnd | Event::Nothing, _) => {}
            (_, line) if document.is_some() => return Err(wrong(line, "a second document begins: write one")),
            (event, line) => document = Some(reader.node(event, line, 0)?),
        }
    }
    Ok(document.unwrap_or(YamlNode { line: 1, value: YamlValue::Null }))
}

/// The events of a text.
struct Reader<'t> {
    parser: Parser<'t, StrInput<'t>>,
}

impl<'t> Reader<'t> {
    /// The next event and its line.
    fn next(&mut self) -> Result<(Event<'t>, usize), WebConfigError> {
        match self.parser.next_event() {
            Some(Ok((event, Span { start, .. }))) => Ok((event, start.line())),
            Some(Err(error)) => Err(no_yaml(&error)),
            None => Ok((Event::StreamEnd, 1)),
        }
    }

    /// The value that begins with this event, below `level` others.
    fn node(&mut self, event: Event<'t>, line: usize, level: usize) -> Result<YamlNode, WebConfigError> {
        if level >= LEVELS_MAX {
            return Err(wrong(line, "it is nested deeper than a web configuration is"));
        }
        let value = match event {
            Event::Scalar(text, style, _, None) => scalar(&text, style),
            Event::MappingStart(_, None) => YamlValue::Map(self.entries(level)?),
            Event::SequenceStart(_, None) => YamlValue::List(self.list(level)?),
            Event::Scalar(..) | Event::MappingStart(..) | Event::SequenceStart(..) => {
                return Err(wrong(line, "tags (`!…`) are not read: remove it"));
            }
            Event::Alias(_) => {
                return Err(wrong(line, "aliases (`*…`) are not read: write the value itself"));
            }
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd
            | Event::SequenceEnd
            | Event::MappingEnd => return Err(wrong(line, "a value is missing")),
        };
        Ok(YamlNode { line, value })
    }

    fn entries(&mut self, level: usize) -> Result<Vec<YamlEntry>, WebConfigError> {
        let mut entries: Vec<YamlEntry> = Vec::new();
        loop {
            let (line, key) = match self.next()? {
                (Event::MappingEnd, _) => return Ok(entries),
                (Event::Scalar(key, _, _, None), line) => (line, key.into_owned()),
                (_, line) => return Err(wrong(line, "a key is a text")),
            };
            if entries.iter().any(|entry| entry.key == key) {
                return Err(WebConfigError::SecondKey { line, key: key.escape_debug().to_string() });
            }
            let (event, at) = self.next()?;
            let node = self.node(event, at, level + 1)?;
            entries.push(YamlEntry { line, key, node });
        }
    }

    fn list(&mut self, level: usize) -> Result<Vec<YamlNode>, WebConfigError> {
        let mut nodes = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(nodes),
                (event, line) => nodes.push(self.node(event, line, level + 1)?),
            }
        }
    }
}

fn scalar(text: &str, style: ScalarStyle) -> YamlValue {
    let is_null = matches!(style, ScalarStyle::Plain) && matches!(text, "" | "~" | "null" | "Null" | "NULL");
    if is_null { YamlValue::Null } else { YamlValue::Text(text.to_owned()) }
}

fn wrong(line: usize, reason: &str) -> WebConfigError {
    WebConfigError::Yaml { line, reason: reason.to_owned() }
}

fn no_yaml(error: &ScanError) -> WebConfigError {
    WebConfigError::Yaml { line: error.marker().line(), reason: format!("it is no YAML: {}", error.info()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &YamlValue) -> &str {
        match value {
            YamlValue::Null => "null",
            YamlValue::Text(text) => text,
            YamlValue::List(_) => "list",
            YamlValue::Map(_) => "map",
        }
    }

    fn flat(node: &YamlNode, found: &mut Vec<String>) {
        let YamlValue::Map(entries) = &node.value else { return };
        for entry in entries {
            found.push(format!("{} {} {} {}", entry.line, entry.key, entry.node.line, text(&entry.node.value)));
            flat(&entry.node, found);
        }
    }

    #[test]
    fn every_key_and_value_keeps_its_line() {
        let mut found = Vec::new();
        let document = "# a comment\na:\n  b: \"x: y\" # behind\n  'c d': |\n    one\n    two\n\ne: [1, [2]]\nf: {g: $2y$10$a/b.c}\nh:\n";
        flat(&parse(document).unwrap_or_else(|error| panic!("{error}")), &mut found);
        assert_eq!(
            found,
            [
                "2 a 3 map",
                "3 b 3 x: y",
                "4 c d 5 one\ntwo\n",
                "8 e 8 list",
                "9 f 9 map",
                "9 g 9 $2y$10$a/b.c",
                "10 h 10 null"
            ]
        );
        for empty in ["", "# nothing\n", "---\n", "\u{feff}", "null"] {
            assert!(parse(empty).is_ok_and(|node| node.value == YamlValue::Null), "{empty:?}");
        }
    }

    #[test]
    fn what_is_no_tree_of_keys_is_refused_with_its_line() {
        let [deep, deeper] = [20, 100_000].map(|levels| "[".repeat(levels));
        for (document, line, said) in [
            ("a: 1\nb: 2\na: 3\n", 3, "`a` stands here a second time"),
            ("a: 1\n---\nb: 2\n", 3, "a second document"),
            ("a: &x 1\nb: *x\n", 2, "aliases"),
            ("a:\n  - !!binary x\n", 2, "tags"),
            ("a: 1\n b: 2\n", 2, "no YAML"),
            ("a: 1\n[x]: 2\n", 2, "a key is a text"),
            ("a: \"x\n", 1, "no YAML"),
            (deep.as_str(), 1, "nested deeper"),
            (deeper.as_str(), 1, "no YAML"),
        ] {
            let error = parse(document).map(drop).expect_err("it is refused").to_string();
            let line_is = error.strip_prefix("line ").and_then(|rest| rest.split(':').next()).unwrap_or_default();
            assert!(error.contains(said), "{document:.20}: {error}");
            assert!(line_is.parse::<usize>().is_ok_and(|said| said.abs_diff(line) <= 1), "{document:.20}: {error}");
        }
    }
}
