//! The file and line of each expectation and each fault. Must not read their values.

use crate::rules::model::world::World;

use super::document::{Node, Table};
use crate::scenario::diagnostics::diagnostic::Diagnostics;

/// A place for people and for programs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The file's path, as given.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
}

/// The places of expectations and faults.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins {
    /// Of each expectation of the world, in order; those that `by` makes of one share its place.
    pub expectations: Vec<Origin>,
    /// Of each fault of the world, in its order.
    pub faults: Vec<Origin>,
}

impl Origins {
    /// The origins of a world that was made from this document.
    pub(crate) fn of(root: &Table, world: &World, all: &Diagnostics) -> Self {
        let names = |made: &mut dyn Iterator<Item = &String>| made.cloned().collect::<Vec<_>>();
        Self {
            expectations: places(root, "expect", &names(&mut world.expectations.iter().map(|one| &one.name)), all),
            faults: places(root, "fault", &names(&mut world.faults.iter().map(|one| &one.name)), all),
        }
    }
}

/// The places of things made from the tables of a key, in order: each table makes at least one.
fn places(root: &Table, key: &str, names: &[String], all: &Diagnostics) -> Vec<Origin> {
    let nodes = root.get(key).and_then(Node::as_array).unwrap_or_default();
    let mut tables = nodes.iter().filter_map(|node| Some((node, node.as_table()?.text("name")?))).peekable();
    let mut found = Vec::with_capacity(names.len());
    let mut last: Option<(&str, Origin)> = None;
    for name in names {
        // A table makes several with `by`, each with its value before the name.
        let is_of = |table: &str| name == table || name.strip_suffix(table).is_some_and(|value| value.ends_with(": "));
        if let Some((node, table)) = tables.next_if(|(_, table)| is_of(table)) {
            let source = all.source(node.place);
            let (line, _) = source.line_and_column(node.place.start);
            last = Some((table, Origin { file: source.name.clone(), line }));
        }
        match &last {
            Some((table, origin)) if is_of(table) => found.push(origin.clone()),
            // No place is better than a wrong one.
            _ => return Vec::new(),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::scenario::{Overrides, Source, load};

    #[test]
    fn each_expectation_and_each_fault_has_the_line_of_its_table() {
        let expect = |name: &str, more: &str| {
            format!("[[expect]]\nname = \"{name}\"\nmetric = \"reach\"\ncheck = \"> 0\"\nwithin = \"end\"\n{more}")
        };
        let text = format!(
            "include = [\"b.toml\"]\nschema = 1\nname = \"t\"\nduration = \"2h\"\n[fleet]\nusers = 50\n[[send]]\nname = \"s\"\n\
             at = \"1m\"\nto = {{ groups = [\"All users\"] }}\ntitle = \"t\"\nbody = \"b\"\n{}{}{}",
            expect("x", "by = \"gateway\"\n"),
            expect("apns: x", ""),
            "[[fault]]\nname = \"down\"\nkind = \"outage\"\nat = \"1m\"\n",
        );
        let included = format!("# its own\n{}", expect("first", ""));
        let mut read = |_: &str| Ok(included.clone().into_bytes());
        let loaded = load(&Source::new("a.toml", text), &mut read, &Overrides::default());
        let loaded = loaded.unwrap_or_else(|all| panic!("{all}"));
        let names: Vec<&str> = loaded.world.expectations.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["first", "apns: x", "fcm: x", "apns: x"]);
        let lines = |of: &[super::Origin]| of.iter().map(|one| (one.file.clone(), one.line)).collect::<Vec<_>>();
        let at = |file: &str, line| (file.to_owned(), line);
        assert_eq!(
            lines(&loaded.origins.expectations),
            [at("b.toml", 2), at("a.toml", 13), at("a.toml", 13), at("a.toml", 19)]
        );
        assert_eq!(lines(&loaded.origins.faults), [at("a.toml", 24)]);
    }
}
