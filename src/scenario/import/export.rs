//! Exports: a tenant's devices as listed by Graph (JSON) or the admin centre (CSV), as one kind of row. Must not judge
//! a value.

use super::columns::Column;
use super::{export_csv, export_json, forms};
use crate::scenario::diagnostics::diagnostic::{Code, Diagnostic};
use crate::scenario::diagnostics::source::SourceSpan;
use crate::scenario::text::view::Spot;

/// The fields of a device that the model uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum DeviceField {
    /// Its id, which is its name in the fleet.
    Id,
    /// The user principal name of its user.
    UserName,
    /// The id of its user.
    UserId,
    /// Its operating system.
    System,
    /// Its model; tells an iPad from an iPhone where the system does not.
    Model,
    /// How it was enrolled.
    Enrollment,
    /// The user that enrolled it.
    EnrolledBy,
    /// Its management agent.
    Agent,
    /// Its owner.
    Owner,
    /// Its kind, as Graph's `deviceType`; distinguishes iPad and iPhone too.
    Kind,
    /// Its product, such as `iPad13,8`; the same.
    Product,
}

impl DeviceField {
    /// Every field, in the order of columns.
    pub(crate) const ALL: [Self; 11] = [
        Self::Id,
        Self::UserName,
        Self::UserId,
        Self::System,
        Self::Model,
        Self::Enrollment,
        Self::EnrolledBy,
        Self::Agent,
        Self::Owner,
        Self::Kind,
        Self::Product,
    ];

    /// The title of its column in the admin centre's export.
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Id => "Device ID",
            Self::UserName => "Primary user UPN",
            Self::UserId => "UserId",
            Self::System => "OS",
            Self::Model => "Model",
            Self::Enrollment => "EnrollmentType",
            Self::EnrolledBy => "Enrolled by user UPN",
            Self::Agent => "Managed by",
            Self::Owner => "Ownership",
            Self::Kind => "DeviceType",
            Self::Product => "ProductName",
        }
    }
}

/// One device of an export.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ExportRow {
    /// Its beginning.
    pub(crate) place: SourceSpan,
    fields: [Option<(String, SourceSpan)>; DeviceField::ALL.len()],
    /// Its values for display, by property of Graph and in Graph's form.
    pub(crate) shown: Vec<(&'static str, String)>,
}

impl ExportRow {
    /// An empty row.
    pub(crate) fn at(place: SourceSpan) -> Self {
        Self { place, ..Self::default() }
    }

    /// Keeps a value unless it is empty or another column has given it. Columns with codes come before their localised
    /// twins.
    pub(crate) fn keep(&mut self, column: Column, value: &str, place: SourceSpan) {
        let Some(value) = forms::of_graph(column, value.trim()) else { return };
        if let Some(field) = column.field {
            let slot = &mut self.fields[field as usize];
            let says_more =
                slot.as_ref().is_none_or(|(base, _)| column.is_localised && forms::says_more(field, base, &value));
            if says_more {
                *slot = Some((value.clone(), place));
            }
        }
        if let Some(property) = column.property
            && self.shown.iter().all(|(known, _)| *known != property)
        {
            self.shown.push((property, value));
        }
    }

    /// The value of a field, if the export has it.
    pub(crate) fn get(&self, field: DeviceField) -> Option<Spot<&str>> {
        self.fields[field as usize].as_ref().map(|(value, place)| Spot { value: value.as_str(), place: *place })
    }
}

/// The contents of an export.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Export {
    /// Its devices, in its order.
    pub(crate) rows: Vec<ExportRow>,
    /// The place of a link to further pages, if there is one.
    pub(crate) more: Option<SourceSpan>,
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

/// Reads the export of a file; the extension of its name selects the format.
pub(crate) fn read(name: &str, text: &str, at: ExportPlace, named: SourceSpan) -> Result<Export, Diagnostic> {
    let ending = name.rsplit_once('.').map_or(String::new(), |(_, ending)| ending.to_lowercase());
    let read = match ending.as_str() {
        "json" | "ndjson" | "jsonl" => export_json::read,
        "csv" | "tsv" => export_csv::read,
        _ => {
            let found = Diagnostic::new(Code::Export, named, "an export ends in .json, .ndjson, .csv or .tsv");
            return Err(found.help("save managedDevices of Graph as .json, or the list of the admin centre as .csv"));
        }
    };
    if text.trim_start_matches('\u{feff}').trim().is_empty() {
        let found = Diagnostic::new(Code::Export, named, "the export is empty");
        return Err(found.help("export the list of devices once more"));
    }
    read(text, at)
}
