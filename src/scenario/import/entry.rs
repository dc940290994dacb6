//! Entries of an export, whatever its format: values by title. Must not know what a title means.

use std::borrow::Cow;

use super::{export_csv, export_json};
use crate::scenario::diagnostics::diagnostic::{Code, Diagnostic};
use crate::scenario::diagnostics::source::SourceSpan;

/// What an export lists, in the words of diagnostics.
#[derive(Debug)]
pub(crate) struct ExportNoun {
    /// One of them: "device".
    pub(crate) noun: &'static str,
    /// Whether an entry has to have a value of this title.
    pub(crate) is_needed: fn(&str) -> bool,
    /// What is said of CSV that has no such title, and the remedy.
    pub(crate) no_title: (&'static str, &'static str),
    /// How to get it as JSON.
    pub(crate) save: &'static str,
    /// How to get it at all.
    pub(crate) formats: &'static str,
    /// The member of a JSON entry that has entries of its own.
    pub(crate) nested: Option<&'static str>,
}

/// One entry: a device, a user, a group, or a member of one.
#[derive(Debug)]
pub(crate) struct ExportEntry<'t> {
    /// Its beginning.
    pub(crate) place: SourceSpan,
    /// Its values, in the order of the export.
    pub(crate) values: Vec<ExportValue<'t>>,
    /// The entries in it, if it has the member for them.
    pub(crate) nested: Option<Vec<ExportEntry<'t>>>,
    /// There are more entries in it than the export has.
    pub(crate) has_more_nested: bool,
}

/// A value of an entry.
#[derive(Debug)]
pub(crate) struct ExportValue<'t> {
    /// The title of its column, or the name of its member.
    pub(crate) title: Cow<'t, str>,
    /// The value as text.
    pub(crate) value: Cow<'t, str>,
    /// Its place.
    pub(crate) place: SourceSpan,
}

/// The text of an export.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ExportText<'t> {
    /// The path of its file, whose ending selects the format.
    pub(crate) name: &'t str,
    /// What the file contains.
    pub(crate) text: &'t str,
    /// Where the text is.
    pub(crate) at: ExportPlace,
    /// Where the scenario names the file.
    pub(crate) named: SourceSpan,
}

/// Where the text of an export is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ExportPlace {
    /// It is a source of its own, with this number.
    Source(usize),
    /// It is a value of a scenario.
    Value(SourceSpan),
}

impl ExportPlace {
    /// The place of a part of the text.
    pub(crate) fn place(self, start: usize, end: usize) -> SourceSpan {
        match self {
            Self::Source(source) => SourceSpan { source, start, end },
            Self::Value(place) => place,
        }
    }

    /// The place from `start` to the end of its line.
    pub(crate) fn line(self, text: &str, start: usize) -> SourceSpan {
        let start = start + text[start..].len() - text[start..].trim_start_matches(['\r', '\n']).len();
        let length = text[start..].find(['\r', '\n']).unwrap_or(text.len() - start);
        self.place(start, start + length)
    }
}

impl<'t> ExportText<'t> {
    /// The text of an export that is a value of a scenario, which is CSV.
    pub(crate) fn inline(text: &'t str, place: SourceSpan) -> Self {
        Self { name: "export.csv", text, at: ExportPlace::Value(place), named: place }
    }

    /// Reads every entry in order. Returns the place of a link to further pages, if there is one.
    pub(crate) fn each(
        self,
        noun: &ExportNoun,
        visit: &mut dyn FnMut(ExportEntry<'_>),
    ) -> Result<Option<SourceSpan>, Diagnostic> {
        let ending = self.name.rsplit_once('.').map_or(String::new(), |(_, ending)| ending.to_lowercase());
        let is_json = match ending.as_str() {
            "json" | "ndjson" | "jsonl" => true,
            "csv" | "tsv" => false,
            _ => {
                let found = Diagnostic::new(Code::Export, self.named, "an export ends in .json, .ndjson, .csv or .tsv");
                return Err(found.help(noun.formats));
            }
        };
        if self.text.trim_start_matches('\u{feff}').trim().is_empty() {
            let found = Diagnostic::new(Code::Export, self.named, "the export is empty");
            return Err(found.help(format!("export the list of {}s once more", noun.noun)));
        }
        if is_json { export_json::each(self, noun, visit) } else { export_csv::each(self, noun, visit).map(|()| None) }
    }
}
