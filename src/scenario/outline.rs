//! The names in a scenario that need not be valid: what completions offer while a command is typed. Must not check a
//! scenario.

use super::diagnostics::diagnostic::Diagnostics;
use super::diagnostics::source::Source;
use super::text::document::Node;
use super::text::include;

/// The names of the tables of a key, such as `fault` or `send`, includes among them; none where the text is no TOML.
pub(crate) fn names(root: &Source, read: &mut dyn FnMut(&str) -> Result<Vec<u8>, String>, key: &str) -> Vec<String> {
    let merged = include::merge(root, read, &mut Diagnostics::default());
    let tables = merged.as_ref().and_then(|table| table.get(key)).and_then(Node::as_array).unwrap_or_default();
    tables.iter().filter_map(|table| Some(table.as_table()?.text("name")?.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_file_and_of_what_it_includes() {
        let text = "include = ['b.toml']\nseed = 'no number'\n[[fault]]\nname = 'down'\n[[fault]]\nkind = 'loss'\n";
        let mut read = |_: &str| Ok(b"[[fault]]\nname = 'slow'\n[[send]]\nname = 'news'\n".to_vec());
        let source = Source::new("a.toml", text);
        assert_eq!(names(&source, &mut read, "fault"), ["slow", "down"]);
        assert_eq!(names(&source, &mut read, "send"), ["news"]);
        assert_eq!(names(&Source::new("a.toml", "[[fault"), &mut read, "fault"), [""; 0]);
    }
}
