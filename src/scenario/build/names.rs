//! Names of one kind of thing: lookup, duplicates, and the nearest name for an unknown one. Must not depend on what a
//! name stands for.

use std::collections::BTreeMap;

use crate::scenario::diagnostics::diagnostic::{Code, Diagnostic, Diagnostics, a, listed, nearest, shown};
use crate::scenario::diagnostics::source::SourceSpan;
use crate::scenario::text::view::{Spot, View};

/// Names that a diagnostic lists where none is near.
const LISTED_MAX: usize = 12;

/// The names of one kind of thing, each with its index.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    noun: &'static str,
    by_name: BTreeMap<String, u32>,
}

impl Names {
    /// No names yet.
    pub(crate) fn new(noun: &'static str) -> Self {
        Self { noun, by_name: BTreeMap::new() }
    }

    /// The names of an array of named tables, from `first` on; duplicates and empty names are reported.
    pub(crate) fn of(noun: &'static str, tables: &[View<'_>], built_in: &[&str], out: &mut Diagnostics) -> Self {
        let mut names = Self::new(noun);
        for (at, name) in built_in.iter().enumerate() {
            names.by_name.insert((*name).to_owned(), small(at));
        }
        for (at, table) in tables.iter().enumerate() {
            if let Some(name) = table.text("name") {
                names.add(name, small(built_in.len() + at), out);
            }
        }
        names
    }

    /// Adds names that are known to be valid, from index 0 on.
    pub(crate) fn take_all<'n>(&mut self, names: impl Iterator<Item = &'n str>) {
        self.by_name.extend(names.enumerate().map(|(at, name)| (name.to_owned(), small(at))));
    }

    /// Adds one name; a duplicate is reported and keeps its first index.
    pub(crate) fn add(&mut self, name: Spot<&str>, index: u32, out: &mut Diagnostics) {
        if name.value.trim().is_empty() {
            out.report(Diagnostic::new(Code::BadValue, name.place, format!("{} without a name", a(self.noun))));
        } else if self.by_name.contains_key(name.value) {
            let message = format!("two {}s are called `{}`", self.noun, shown(name.value));
            let found = Diagnostic::new(Code::DuplicateName, name.place, message);
            out.report(found.label("the name is taken").help("give each its own name"));
        } else {
            self.by_name.insert(name.value.to_owned(), index);
        }
    }

    /// The index of a name.
    pub(crate) fn get(&self, name: &str) -> Option<u32> {
        self.by_name.get(name).copied()
    }

    /// Every name.
    pub(crate) fn all(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(String::as_str)
    }

    /// The index of a name; an unknown one is reported with the nearest.
    pub(crate) fn find(&self, name: Spot<&str>, out: &mut Diagnostics) -> Option<u32> {
        let found = self.get(name.value);
        if found.is_none() {
            self.unknown(name.value, name.place, out);
        }
        found
    }

    /// Reports an unknown name.
    pub(crate) fn unknown(&self, name: &str, place: SourceSpan, out: &mut Diagnostics) {
        let near = if out.full() { None } else { nearest(name, self.all()) };
        let few = match self.by_name.len() {
            1 => Some(format!("there is only {}", listed(self.all()))),
            2..=LISTED_MAX => Some(format!("there are {}", listed(self.all()))),
            _ => None,
        };
        let help = near.map(|near| format!("did you mean `{near}`?")).or(few);
        let message = format!("no {} is called `{}`", self.noun, shown(name));
        let found = Diagnostic::new(Code::UnknownName, place, message);
        out.report(found.maybe_help(help));
    }
}

/// An index in a list as 32 bits: the size of files is limited, so lists are too.
pub(crate) fn small(at: usize) -> u32 {
    u32::try_from(at).expect("a file has fewer than four billion tables")
}
